"""AWS WAF: what a web ACL stands before, and where it tells what it saw.

AWS lists what an ACL stands before one kind at a time. A distribution names its ACL itself, and is none of these.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from botocore.exceptions import ClientError

from scanner.aws.collector import Collector, unordered
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.wafv2 import GONE, WEB_ACLS, _all, said

KINDS = (
    "AMPLIFY",
    "API_GATEWAY",
    "APPLICATION_LOAD_BALANCER",
    "APPSYNC",
    "APP_RUNNER_SERVICE",
    "COGNITO_USER_POOL",
    "VERIFIED_ACCESS_INSTANCE",
)
NO_SUCH_KIND = "WAFInvalidParameterException"
"""What a region says of a kind that it does not have."""


async def _protected(place: Place, acl: Item) -> list[str]:
    found: list[str] = []
    for kind in KINDS if acl["Scope"] == "REGIONAL" else ():
        try:
            asked = {"WebACLArn": acl["ARN"], "ResourceType": kind}
            found += (await place.call("wafv2", "list_resources_for_web_acl", **asked)).get("ResourceArns") or ()
        except ClientError as error:
            if code(error) not in (*GONE, NO_SUCH_KIND):
                raise
    return list(dict.fromkeys(found))


def protected(arns: list[str], acl: Item) -> Iterable[Item]:
    return [{"ResourceArn": arn, "WebACLArn": acl["ARN"]} for arn in arns]


WEB_ACL_ASSOCIATION = Collector(
    type="aws_wafv2_web_acl_association",
    service="wafv2",
    fetch=inside("protected_resources", WEB_ACLS, Once(_protected), protected),
    permissions=("wafv2:ListWebACLs", "wafv2:ListResourcesForWebACL"),
    id="join(',', [WebACLArn, ResourceArn])",
    identity=("resource_arn",),
    attributes={"resource_arn": "ResourceArn", "web_acl_arn": "WebACLArn"},
)


async def logging_configurations(place: Place) -> AsyncIterator[list[Item]]:
    yield await _all(
        lambda **said: place.pages("wafv2", "list_logging_configurations", **said), "LoggingConfigurations", place
    )


WEB_ACL_LOGGING_CONFIGURATION = Collector(
    type="aws_wafv2_web_acl_logging_configuration",
    service="wafv2",
    fetch=logging_configurations,
    permissions=("wafv2:ListLoggingConfigurations",),
    id="ResourceArn",
    identity=("resource_arn",),
    owner=lambda item: "aws: firewall manager" if item.get("ManagedByFirewallManager") else None,
    attributes={
        "log_destination_configs": unordered("LogDestinationConfigs"),
        "logging_filter": said("LoggingFilter"),
        "redacted_fields": said("RedactedFields"),
        "resource_arn": "ResourceArn",
    },
)

COLLECTORS = [WEB_ACL_ASSOCIATION, WEB_ACL_LOGGING_CONFIGURATION]
