"""AWS Security Hub: whether the region has it, and the standards that it follows."""

from __future__ import annotations

from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from state.forms import IF_DECLARED, defaulting

NOT_ON = ("InvalidAccessException", "ResourceNotFoundException")
"""What AWS says to whoever has not subscribed to Security Hub; who may not ask is denied otherwise."""


async def security_hubs(place: Place) -> AsyncIterator[list[Item]]:
    try:
        hub = await place.call("securityhub", "describe_hub")
    except ClientError as error:
        if code(error) not in NOT_ON:
            raise
        return
    yield [hub | {"Account": place.account}]


async def standards(place: Place) -> AsyncIterator[list[Item]]:
    try:
        async for page in place.pages("securityhub", "get_enabled_standards"):
            yield page.get("StandardsSubscriptions") or []
    except ClientError as error:
        if code(error) not in NOT_ON:
            raise


ACCOUNT = Collector(
    type="aws_securityhub_account",
    service="securityhub",
    fetch=security_hubs,
    permissions=("securityhub:DescribeHub",),
    id="Account",
    attributes={
        "arn": "HubArn",
        "auto_enable_controls": Attribute(path="AutoEnableControls", form=defaulting(True)),
        "control_finding_generator": Attribute(path="ControlFindingGenerator", form=IF_DECLARED),
    },
    facts={"subscribed_at": "SubscribedAt"},
)

STANDARD = Collector(
    type="aws_securityhub_standards_subscription",
    service="securityhub",
    fetch=standards,
    permissions=("securityhub:GetEnabledStandards",),
    id="StandardsSubscriptionArn",
    identity=("standards_arn",),
    arn="StandardsSubscriptionArn",
    attributes={"standards_arn": "StandardsArn"},
    facts={"pending_deletion": "StandardsStatus=='DELETING'", "standards_status": "StandardsStatus"},
)

COLLECTORS = [ACCOUNT, STANDARD]
