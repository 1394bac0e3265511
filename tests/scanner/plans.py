"""Plans as `terraform show -json` prints them, made here."""

import json
from typing import Any

AWS = "registry.terraform.io/hashicorp/aws"


def change(address: str, before: Any, after: Any, unknown: Any = None) -> dict[str, Any]:
    """A row of a plan; nothing before is created, nothing after is deleted."""
    action = "create" if before is None else "delete" if after is None else "update" if before != after else "no-op"
    return {
        "address": address,
        "mode": "managed",
        "type": address.split(".")[0],
        "provider_name": AWS,
        "change": {"actions": [action], "before": before, "after": after, "after_unknown": unknown or {}},
    }


def plan(*changes: dict[str, Any], **about: Any) -> str:
    return json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": changes} | about)


def table(name: str, protected: bool | None) -> dict[str, Any]:
    """A DynamoDB table as the provider keeps it."""
    arn = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{name}"
    return {"id": name, "name": name, "arn": arn, "deletion_protection_enabled": protected, "tags_all": {}}
