"""The tags of all things of a service at once, where the service itself tells of one thing at a time, and slowly.

The Resource Groups Tagging API tells of a hundred things in an answer. It returns all that is tagged or ever was, so
that what it leaves out has no tags. But it is an index, which follows the services a little later: where code declares
a thing that it leaves out, or other tags than it lists, the service is asked, and so it is where there is no index.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from scanner.aws.place import Item, Place

log = logging.getLogger("driftline")

INDEX = "tag:GetResources"
"""The action that allows it."""

OF_ALL = ":*"
"""How the ARN of a log group ends that means all of its streams."""

Tags = Mapping[str, str]


class Listed(msgspec.Struct, frozen=True):
    """Where the tags of an item stand in the index: the ``service`` as ARNs name it, and the JMESPath of its ARN.

    What is found there takes the place of the service's own answer, in which tags stand under ``name``.
    """

    service: str
    arn: str
    name: str = "Tags"

    async def ask(self, place: Place) -> Mapping[str, Tags] | None:
        """The tags by ARN; None where the index cannot be read, which costs no gap: the service is asked instead."""
        try:
            answer = await place.whole("resourcegroupstaggingapi", "get_resources", ResourceTypeFilters=[self.service])
            found = answer.get("ResourceTagMappingList") or ()
            return {each["ResourceARN"].removesuffix(OF_ALL): _tags(each) for each in found}
        except Exception as error:
            log.debug("the tags of %s in %s are asked for one by one: %s", self.service, place.region, error)
            return None


def _tags(thing: Item) -> Tags:
    return {each["Key"]: each.get("Value", "") for each in thing.get("Tags") or ()}
