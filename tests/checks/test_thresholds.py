"""What a team holds for long enough: each threshold moves the verdicts of its checks, and of no others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from checks import REGISTRY, Status, Terms, Thresholds
from scanner.agreed import conventions, thresholds
from scanner.settings import TagsOf, ThresholdOf
from state import Inventory, Resource

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def key(**facts: Any) -> dict[str, Any]:
    return {"facts": {"access_key_1_active": True, "access_key_2_active": False, **facts}}


KEPT = {"attributes": {"backup_retention_period": 20, "replicate_source_db": None, "engine": "postgres"}}
CASES = {
    "rds-instance-backup-retention": ("aws_db_instance", KEPT, "backup_days", 20, 21),
    "rds-cluster-backup-retention": ("aws_rds_cluster", KEPT, "backup_days", 20, 21),
    "docdb-backup-retention": ("aws_docdb_cluster", KEPT, "backup_days", 20, 21),
    "neptune-backup-retention": ("aws_neptune_cluster", KEPT, "backup_days", 20, 21),
    "redshift-snapshots": (
        "aws_redshift_cluster", {"attributes": {"automated_snapshot_retention_period": 20}}, "backup_days", 20, 21
    ),
    "backup-plan-retention": (
        "aws_backup_plan",
        {"attributes": {"name": "p", "rule": [{"schedule": "cron(0 5 ? * * *)", "lifecycle": [{"delete_after": 20}]}]}},
        "backup_days", 20, 21,
    ),
    "logs-retention": (
        "aws_cloudwatch_log_group", {"attributes": {"retention_in_days": 90}}, "log_retention_days", 90, 91
    ),
    "iam-access-key-rotation": (
        "aws_iam_user", key(access_key_1_last_rotated=ago(60)), "access_key_days", 60, 59
    ),
    "iam-access-key-unused": ("aws_iam_user", key(access_key_1_last_used_date=ago(60)), "unused_days", 60, 59),
    "iam-user-console-unused": (
        "aws_iam_user", {"facts": {"password_enabled": True, "password_last_used": ago(60)}}, "unused_days", 60, 59
    ),
    "acm-certificate-expiring": (
        "aws_acm_certificate",
        {"attributes": {"domain_name": "a.example", "not_after": ago(-60)}, "facts": {"in_use_by": ["x"]}},
        "certificate_days", 59, 60,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("check", "case"), CASES.items(), ids=CASES)
def test_a_threshold_moves_the_verdict(check: str, case: tuple[str, dict[str, Any], str, int, int]) -> None:
    type, about, name, enough, too_far = case
    resource = Resource(type=type, id="it", **about)
    inventory = Inventory([resource], taken_at=NOW)

    def judged(**agreed: Any) -> Status:
        return REGISTRY[check].judge(resource, inventory, Terms(**agreed)).status

    for days, status in ((enough, Status.PASS), (too_far, Status.FAIL)):
        assert judged(thresholds=Thresholds(**{name: days})) is status
        assert judged(narrowed=lambda _, asked, days=days: days if asked == name else None) is status


def test_every_threshold_is_some_check_s() -> None:
    assert {case[2] for case in CASES.values()} == set(Thresholds.__struct_fields__)


RULES = (
    ThresholdOf(name="backup_days", days=5, tag="env=dev*"),
    ThresholdOf(name="backup_days", days=30, account="1*", type="aws_db_*"),
    ThresholdOf(name="unused_days", days=9, tag="env"),
)


@pytest.mark.parametrize(
    ("about", "days"),
    [
        ({"type": "aws_rds_cluster", "tags": {"env": "dev-2"}}, 5),
        ({"type": "aws_rds_cluster", "tags": {"env": "live"}}, None),
        ({"type": "aws_db_instance", "tags": {"env": "dev"}, "account": "123456789012"}, 30),
        ({"type": "aws_db_instance", "unknown": {"tags": "denied"}, "account": "123456789012"}, 30),
    ],
)
def test_a_threshold_of_some(about: dict[str, Any], days: int | None) -> None:
    own = thresholds(RULES)
    assert own is not None
    assert own(Resource(id="it", **about), "backup_days") == days


def test_a_threshold_that_hangs_on_a_tag_nobody_saw() -> None:
    group = Resource(
        type="aws_cloudwatch_log_group",
        id="it",
        attributes={"retention_in_days": 90},
        unknown={"tags": "could not be read"},
    )
    rules = (ThresholdOf(name="log_retention_days", days=30, tag="env=dev"),)
    finding = REGISTRY["logs-retention"].judge(group, Inventory([group]), Terms(narrowed=thresholds(rules)))
    assert finding.status is Status.UNKNOWN
    assert finding.message == "log_retention_days hangs on the tag env=dev: could not be read"
    assert thresholds(()) is None


def test_a_name_that_hangs_on_a_tag_nobody_saw() -> None:
    queue = Resource(type="aws_sqs_queue", id="it", unknown={"tags": "could not be read"})
    asked = conventions((TagsOf(name_pattern="pay-.+", tag="owner=payments"),))
    finding = REGISTRY["name-convention"].judge(queue, Inventory([queue]), Terms(conventions=asked))
    assert finding.status is Status.UNKNOWN
    assert finding.message == "name_pattern hangs on the tag owner=payments: could not be read"
    assert conventions(()) is None


@pytest.mark.parametrize("text", [{"backup_days": 0}, {"backup_days": "many"}, {"days": 3}])
def test_what_is_no_threshold(text: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Thresholds)
