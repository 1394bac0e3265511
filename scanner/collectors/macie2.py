"""Amazon Macie: whether the region has it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, volatile
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from state.forms import defaulting


async def macie_sessions(place: Place) -> AsyncIterator[list[Item]]:
    """Whoever has no Macie is told that there is none, or denied in other words than whoever may not ask."""
    try:
        session = await place.call("macie2", "get_macie_session")
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message", "")
        if code(error) != "ResourceNotFoundException" and "not enabled" not in message:
            raise
        return
    yield [session | {"Account": place.account}]


ACCOUNT = Collector(
    type="aws_macie2_account",
    service="macie2",
    fetch=macie_sessions,
    permissions=("macie2:GetMacieSession",),
    id="Account",
    attributes={
        "created_at": volatile("createdAt"),
        "finding_publishing_frequency": Attribute(
            path="findingPublishingFrequency", form=defaulting("FIFTEEN_MINUTES")
        ),
        "service_role": volatile("serviceRole"),
        "status": Attribute(path="status", form=defaulting("ENABLED")),
        "updated_at": volatile("updatedAt"),
    },
)

COLLECTORS = [ACCOUNT]
