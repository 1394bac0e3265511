"""AWS Budgets: what may be spent, and when somebody is told.

Who is told is asked of one notice at a time, and not read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Scope, as_block
from scanner.aws.place import Item, Place
from state.forms import UNORDERED, UNREAD, Form, defaulting, plain


async def budgets(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("budgets", "describe_budgets", AccountId=place.account):
        yield [{**each, "AccountId": place.account} for each in page.get("Budgets") or ()]


def amount(value: Any) -> Any:
    """Money: 100, 100.0 and "100.0" are one. What is no number is what it says."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return plain(value)


BUDGET = Collector(
    type="aws_budgets_budget",
    service="budgets",
    scope=Scope.GLOBAL,
    fetch=budgets,
    details=(
        Detail(
            operation="describe_notifications_for_budget",
            arguments={"AccountId": "AccountId", "BudgetName": "BudgetName"},
            into="Notices",
            gone=("NotFoundException",),
        ),
    ),
    permissions=("budgets:ViewBudget",),
    id="join(':', [AccountId, BudgetName])",
    identity=("name",),
    arn="arn:{partition}:budgets::{account}:budget/{BudgetName}",
    attributes={
        "account_id": "AccountId",
        "budget_type": "BudgetType",
        "limit_amount": Attribute(path="BudgetLimit.Amount", form=Form(canonical=amount)),
        "limit_unit": "BudgetLimit.Unit",
        "name": "BudgetName",
        "notification": Attribute(
            path="Notices.Notifications[].{comparison_operator: ComparisonOperator, "
            "notification_type: NotificationType, threshold: Threshold, threshold_type: ThresholdType}",
            form=Form(
                canonical=UNORDERED.canonical,
                inner={
                    "subscriber_email_addresses": UNREAD,
                    "subscriber_sns_topic_arns": UNREAD,
                    "threshold_type": defaulting("PERCENTAGE"),
                },
            ),
            convert=as_block,
        ),
        "time_unit": "TimeUnit",
    },
)

COLLECTORS = [BUDGET]
