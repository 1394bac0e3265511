from scanner.collectors.budgets import BUDGET
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.whole import whole

NOTICE = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}


def budget(aws):
    said = {"BudgetName": "month", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    said |= {"BudgetLimit": {"Amount": "100", "Unit": "USD"}}
    to = [{"SubscriptionType": "EMAIL", "Address": "ann@example.com"}]
    notices = [{"Notification": NOTICE | {"ThresholdType": "PERCENTAGE"}, "Subscribers": to}]
    aws("budgets").create_budget(AccountId=ACCOUNT, Budget=said, NotificationsWithSubscribers=notices)


def test_budget(aws):
    budget(aws)
    found = read(BUDGET)
    one = only(found, "aws_budgets_budget")
    notice = {"comparison_operator": "GREATER_THAN", "notification_type": "ACTUAL", "threshold": 80.0}
    assert whole(one) == {
        "its id": f"{ACCOUNT}:month",
        "its identity": "month",
        "its arn": f"arn:aws:budgets::{ACCOUNT}:budget/month",
        "its owner": None,
        "account_id": ACCOUNT,
        "arn": f"arn:aws:budgets::{ACCOUNT}:budget/month",
        "budget_type": "COST",
        "limit_amount": "100",
        "limit_unit": "USD",
        "name": "month",
        "notification": [notice | {"threshold_type": "PERCENTAGE"}],
        "time_unit": "MONTHLY",
    }
    declared = [notice | {"threshold_type": "PERCENTAGE", "subscriber_email_addresses": ["ann@example.com"]}]
    assert told(found, [BUDGET], twin(one, limit_amount="100.0", notification=declared)) == set()
    assert {path for _, _, path in told(found, [BUDGET], twin(one, limit_amount="200"))} == {"limit_amount"}
    assert told(found, [BUDGET], twin(one, notification=[notice | {"threshold": 90.0}])) != set()


def test_denied_is_a_gap(aws, allowed_only):
    with allowed_only():
        found = read(BUDGET)
    assert [gap.permission for gap in found.gaps] == ["budgets:ViewBudget"]
