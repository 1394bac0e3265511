"""What AWS Backup takes, how often, and whether it is there: hand-worked cases."""

from datetime import timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms
from checks.protection import selects
from checks.schedule import longest_pause
from state import Declaration, Gap, Inventory, Resource, Unknown
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN
from tests.checks.test_examples import NOW
from tests.checks.test_live_databases import FAR, SELECTION, plan, selection
from tests.checks.test_rules import judged, live, unseen
from tests.conftest import ACCOUNT, REGION

# --- what a selection takes ---------------------------------------------------------------------

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts"
DAILY = [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]
NONE: list[str] = []


def table(name: str = "carts", **more: Any) -> Resource:
    """A table with the tags backup = daily and stage = live."""
    tags = {"backup": "daily", "stage": "live"}
    made = live("aws_dynamodb_table", name, arn=TABLE.replace("carts", name), name=name, tags=tags)
    return made.replace(facts={"creation_date_time": since(days=90), **more})


def since(**ago: int) -> str:
    return (NOW - timedelta(**ago)).isoformat()


def where(test: str, key: str, value: str) -> list[Any]:
    return [{test: [{"key": f"aws:ResourceTag/{key}", "value": value}]}]


@pytest.mark.parametrize(
    ("resources", "said", "taken"),
    [
        (["*"], {}, True),
        ([TABLE], {}, True),
        (["arn:aws:dynamodb:*:*:table/*"], {}, True),
        (["arn:aws:dynamodb:*:*:table/cart"], {}, False),
        (["arn:aws:rds:*:*:db:*"], {}, False),
        ([], {}, False),
        ([], {"selection_tag": DAILY}, True),
        ([], {"selection_tag": [{**DAILY[0], "key": "aws:ResourceTag/backup"}]}, True),
        ([], {"selection_tag": [{**DAILY[0], "value": "Daily"}]}, False),
        ([], {"selection_tag": [{**DAILY[0], "value": "weekly"}, *DAILY]}, True),
        (["arn:aws:rds:*:*:db:*"], {"selection_tag": DAILY}, True),
        (["*"], {"selection_tag": [{**DAILY[0], "value": "weekly"}]}, True),
        (["*"], {"condition": where("string_equals", "backup", "daily")}, True),
        (["*"], {"condition": where("string_equals", "backup", "weekly")}, False),
        (["*"], {"condition": where("string_like", "backup", "da*")}, True),
        (["*"], {"condition": where("string_like", "owner", "*")}, False),
        (["*"], {"condition": where("string_not_equals", "stage", "live")}, False),
        (["*"], {"condition": where("string_not_equals", "owner", "shop")}, True),
        (["*"], {"condition": where("string_not_like", "stage", "te*")}, True),
        (["*"], {"condition": where("string_not_like", "stage", "li*")}, False),
        ([], {"selection_tag": DAILY, "condition": where("string_equals", "stage", "test")}, False),
        (["*"], {"not_resources": ["arn:aws:dynamodb:*"]}, False),
        (["*"], {"not_resources": ["arn:aws:ec2:*:*:volume/*"]}, True),
        ([], {"selection_tag": DAILY, "not_resources": [TABLE]}, False),
    ],
)
def test_what_is_selected(resources: list[str], said: dict[str, Any], taken: bool) -> None:
    assert selects(selection(*resources, **said), table()) is taken


def test_tags_that_nobody_saw_spoil_only_what_hangs_on_them() -> None:
    blind = unseen(table(), "tags")
    assert selects(selection("*"), blind)
    assert not selects(selection("*", not_resources=["*"], selection_tag=DAILY), blind)
    with pytest.raises(Unknown):
        selects(selection(selection_tag=DAILY), blind)


def test_one_selection_is_enough_and_an_unread_one_leaves_doubt() -> None:
    check, hidden = "dynamodb-backup-plan", unseen(selection(), "resources")
    assert judged(check, table(), hidden, selection("*")).status is PASS
    assert judged(check, table(), hidden).status is UNKNOWN
    finding = judged(check, table(), selection("arn:aws:rds:*"))
    assert (finding.status, finding.evidence["arn"]) == (FAIL, TABLE)
    gap = Gap(type=SELECTION, account="", region="global", reason="denied")
    assert judged(check, table(), gaps=(gap,)).status is UNKNOWN


@pytest.mark.parametrize(
    ("check", "type", "arn"),
    [
        ("efs-backup", "aws_efs_file_system", f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/it"),
        ("rds-instance-backup-plan", "aws_db_instance", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:it"),
        ("rds-cluster-backup-plan", "aws_rds_cluster", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:it"),
    ],
)
def test_each_kind(check: str, type: str, arn: str) -> None:
    it = live(type, arn=arn, tags={}, replicate_source_db=None)
    assert [judged(check, it, selection(each)).status for each in (arn, "arn:aws:s3:::it")] == [PASS, FAIL]


# --- volumes ------------------------------------------------------------------------------------

VOLUME, INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"


@pytest.mark.parametrize(
    ("users", "resources", "owner", "snapshot", "status"),
    [
        (["i-1"], [VOLUME], None, {}, PASS),
        (["i-1"], [INSTANCE], None, {}, PASS),
        (["i-1"], [], None, {"aws:dlm:lifecycle-policy-id": "policy-1"}, PASS),
        (["i-1"], [], None, {"Name": "by hand"}, FAIL),
        (["i-1"], [], "autoscaling: web", {}, PASS),
        ([], [], None, {}, PASS),
    ],
)
def test_volumes(
    users: list[str], resources: list[str], owner: str | None, snapshot: dict[str, str], status: Status
) -> None:
    facts = {"attachments": [{"instance_id": each} for each in users]}
    volume = live("aws_ebs_volume", "vol-1", arn=VOLUME, tags={}).replace(facts=facts)
    machine = live("aws_instance", "i-1", arn=INSTANCE, tags={}).replace(owner=owner)
    made = live("aws_ebs_snapshot", "snap-1", volume_id="vol-1", tags=snapshot)
    assert judged("ebs-volume-backup-plan", volume, machine, selection(*resources), made).status is status


# --- schedules ----------------------------------------------------------------------------------

DAY, WEEK, ODD = "cron(0 5 ? * * *)", "cron(0 5 ? * SUN *)", "cron(0 5 ? * 2#1 *)"


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("cron(0 5 ? * * *)", 1),
        ("cron(0 5 * * ? *)", 1),
        ("cron(0 0/1 ? * * *)", 1),
        ("cron(0 5 ? * SUN *)", 7),
        ("cron(0 5 ? * 1 *)", 7),
        ("cron(0 5 ? * MON-FRI *)", 3),
        ("cron(0 5 ? * MON,THU *)", 4),
        ("cron(0 5 1 * ? *)", 31),
        ("cron(0 5 L * ? *)", 31),
        ("cron(0 5 1,15 * ? *)", 17),
        ("cron(0 5 */2 * ? *)", 2),
        ("cron(0 5 1 JAN,JUL ? *)", 184),
        ("cron(0 5 1 1 ? *)", 365),
    ],
)
def test_how_long_a_schedule_pauses(schedule: str, days: int) -> None:
    assert longest_pause(schedule) == days


@pytest.mark.parametrize(
    "schedule", ["rate(1 day)", "cron(0 5 ? * 2#1 *)", "cron(0 5 15W * ? *)", "cron(0 5 31 2 ? *)"]
)
def test_what_is_no_schedule_that_is_read(schedule: str) -> None:
    with pytest.raises(Unknown):
        longest_pause(schedule)


def rule(schedule: str | None, kept: int | None) -> dict[str, Any]:
    return {"schedule": schedule, "lifecycle": [{"delete_after": kept}]}


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ([rule(DAY, 7)], PASS),
        ([rule(None, None)], PASS),
        ([rule(DAY, 6)], FAIL),
        ([rule(WEEK, 90)], FAIL),
        ([rule(DAY, 3), rule(WEEK, 90)], FAIL),
        ([rule(ODD, 90)], UNKNOWN),
        ([rule(ODD, 3)], FAIL),
        ([rule(ODD, 90), rule(DAY, 35)], PASS),
        ([], FAIL),
    ],
)
def test_how_long_a_plan_keeps(rules: list[Any], status: Status) -> None:
    assert judged("backup-plan-retention", live("aws_backup_plan", name="it", rule=rules)).status is status


# --- copies -------------------------------------------------------------------------------------

NEAR = FAR.replace("eu-central-1", REGION)
OTHER = NEAR.replace(ACCOUNT, "999999999999")


@pytest.mark.parametrize(
    ("destinations", "status"),
    [([], FAIL), ([NEAR], FAIL), ([FAR], PASS), ([OTHER], PASS), ([NEAR, FAR], PASS), (["${x}"], UNKNOWN)],
)
def test_copies(destinations: list[str], status: Status) -> None:
    assert judged("backup-plan-cross-region-copy", plan(*destinations)).status is status
    copied = live("aws_redshift_cluster", cluster_identifier="it", arn="arn:it", tags={})
    assert judged("redshift-snapshot-copy", copied, selection("*"), plan(*destinations)).status is status


# --- what a plan takes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resources", "tag", "status"),
    [
        (["*"], NONE, PASS),
        ([], DAILY, PASS),
        ([], [{**DAILY[0], "value": "weekly"}], FAIL),
        (["arn:aws:rds:*"], NONE, FAIL),
        (["arn:aws:fsx:eu-west-1:123456789012:file-system/fs-1"], NONE, UNKNOWN),
    ],
)
def test_an_empty_plan(resources: list[str], tag: list[Any], status: Status) -> None:
    taken = selection(*resources, selection_tag=tag)
    assert judged("backup-plan-selection-empty", plan(), taken, table()).status is status


def test_a_plan_without_a_selection() -> None:
    assert judged("backup-plan-selection-empty", plan(), table()).status is FAIL
    of_efs = plan().replace(owner="efs")
    assert judged("backup-plan-selection-empty", of_efs, table()).status is PASS
    denied = Gap(type=SELECTION, account="", region="global", reason="denied")
    assert judged("backup-plan-selection-empty", plan(), table(), gaps=(denied,)).status is UNKNOWN


# --- what was backed up -------------------------------------------------------------------------


def stale(*resources: Resource, selected: int = 90, **last: int | None) -> Status:
    """The verdict on a daily plan's selection of all tables; ``last`` are the hours since each one's backup."""
    kept = [
        {"resource_arn": TABLE.replace("carts", name), "last_backup_time": since(hours=hours)}
        for name, hours in last.items()
        if hours is not None
    ]
    taken = selection("*").replace(facts={"creation_date": since(days=selected)})
    vault = live("aws_backup_vault", "main").replace(facts={"protected_resources": kept})
    found = Inventory([taken, plan(), vault, *resources], taken_at=NOW)
    return REGISTRY["backup-recovery-point-stale"].judge(taken, found, Terms()).status


def test_stale() -> None:
    assert stale(table(), carts=20) is PASS
    assert stale(table(), carts=47) is PASS
    assert stale(table(), carts=49) is FAIL
    assert stale(table()) is FAIL
    assert stale(table(), selected=1) is PASS
    assert stale(table(creation_date_time=since(hours=3))) is PASS
    assert stale(table(), table("orders"), carts=1) is FAIL
    assert stale(table(), table("orders"), carts=1, orders=400) is FAIL
    assert stale(carts=400) is PASS  # it is gone
    assert stale(live("aws_instance", "i-1", arn=INSTANCE, tags={})) is UNKNOWN
    assert stale(unseen(table(), "creation_date_time")) is UNKNOWN


@pytest.mark.parametrize(("hours", "status"), [(20, PASS), (400, UNKNOWN)])
def test_a_backup_without_end_is_as_old_as_its_beginning(hours: int, status: Status) -> None:
    rules = live("aws_backup_plan", "plan-1", rule=[{"schedule": DAY, "enable_continuous_backup": True}])
    kept = [{"resource_arn": "arn:db", "last_backup_time": since(hours=hours)}]
    vault = live("aws_backup_vault", "main").replace(facts={"protected_resources": kept})
    taken, db = selection("*"), live("aws_db_instance", arn="arn:db")
    found = Inventory([taken, rules, vault, db], taken_at=NOW)
    assert REGISTRY["backup-recovery-point-stale"].judge(taken, found, Terms()).status is status


def test_code_tells_of_no_backups() -> None:
    check = REGISTRY["backup-recovery-point-stale"]
    taken, vault = selection("*"), live("aws_backup_vault", "main")
    vault = vault.replace(declared=Declaration(address="aws_backup_vault.main", source="main.tf"))
    assert check.judge(taken, Inventory([taken, plan(), vault, table()]), Terms()).status is SKIPPED
