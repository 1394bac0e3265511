"""AWS Lambda: the concurrency that is kept ready for a version or an alias, of the functions for which it is declared.

AWS lists it function by function; where none is declared that is a call for each of them, and nothing to compare.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from scanner.aws.collector import Attribute, Collector
from scanner.aws.inside import GONE, unless_gone
from scanner.aws.place import Item, Place
from scanner.collectors.appautoscaling import scaled
from scanner.collectors.lambda_extras import FUNCTION_NAME, in_function, of_function, target, told
from state import Resource
from state.noise import Difference


async def provisioned(place: Place, declared: Iterable[Resource]) -> AsyncIterator[list[Item]]:
    """What is kept ready of the functions that are named; of one that is gone, nothing."""
    here = (each for each in declared if each.account in ("", place.account) and each.region in ("", place.region))
    for function in sorted({target(each.attributes.get("function_name"))[0] for each in here} - {""}):
        asking = place.whole("lambda", "list_provisioned_concurrency_configs", FunctionName=function)
        answer = await unless_gone(asking, GONE)
        yield list(told("ProvisionedConcurrencyConfigs")(answer, {"FunctionArn": ""}))


def as_resource(found: Difference) -> str:
    """An alias or version as a scalable target names it."""
    return f"function:{found.actual['function_name']}:{found.actual['qualifier']}"


CONFIG = Collector(
    type="aws_lambda_provisioned_concurrency_config",
    service="lambda",
    fetch=provisioned,
    sought=True,
    permissions=("lambda:ListProvisionedConcurrencyConfigs",),
    id="join(',', [FunctionName, Qualifier])",
    identity=of_function(),
    parent=in_function("provisioned_concurrency_config"),
    attributes={
        "function_name": FUNCTION_NAME,
        "provisioned_concurrent_executions": Attribute(path="RequestedProvisionedConcurrentExecutions"),
        "qualifier": "Qualifier",
    },
    excuses={
        "provisioned_concurrent_executions": scaled("lambda", "lambda:function:ProvisionedConcurrency", as_resource)
    },
    facts={
        "allocated_provisioned_concurrent_executions": "AllocatedProvisionedConcurrentExecutions",
        "available_provisioned_concurrent_executions": "AvailableProvisionedConcurrentExecutions",
        "last_modified": "LastModified",
        "status": "Status",
        "status_reason": "StatusReason",
    },
)

COLLECTORS = [CONFIG]
