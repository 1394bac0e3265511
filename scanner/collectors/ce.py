"""AWS Cost Explorer: which tags the bill is split by.

Only the management account of an organization, or an account outside of any, is told; each request costs money.
"""

from __future__ import annotations

from scanner.aws.collector import Collector, Listing, Scope

COST_ALLOCATION_TAG = Collector(
    type="aws_ce_cost_allocation_tag",
    service="ce",
    scope=Scope.GLOBAL,
    fetch=Listing("list_cost_allocation_tags", "CostAllocationTags"),
    permissions=("ce:ListCostAllocationTags",),
    id="TagKey",
    identity=("tag_key",),
    attributes={
        "status": "Status",
        "tag_key": "TagKey",
        "type": "Type",
    },
)

COLLECTORS = [COST_ALLOCATION_TAG]
