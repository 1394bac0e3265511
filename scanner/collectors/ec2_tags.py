"""Amazon EC2's tags that are resources of their own: of a network that another state declares, say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Collector, Listing


def tag_of(said: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The tag of a subnet, of which its own declaration then says nothing."""
    resource, key = said.get("resource_id"), said.get("key")
    return (resource, f"tags.{key}") if resource and key else None


TAG = Collector(
    type="aws_ec2_tag",
    service="ec2",
    fetch=Listing("describe_tags", "Tags"),
    permissions=("ec2:DescribeTags",),
    id="join(',', [ResourceId, Key])",
    identity=("resource_id", "key"),
    spot=tag_of,
    attributes={"key": "Key", "resource_id": "ResourceId", "value": "Value"},
    facts={"resource_type": "ResourceType"},
)

COLLECTORS = [TAG]
