"""Versions that AWS upgrades by itself, and storage that grows: noise, where that is what was allowed."""

from typing import Any

import pytest

from scanner.collectors import collectors
from state import Inventory, Resource
from state.drift import drift
from state.noise import BY_STORAGE, UPGRADED
from state.resource import Gap
from tests.conftest import ACCOUNT, REGION
from tests.scanner.compared import noise, told, twin

KNOWN = {each.type: each for each in collectors()}


def live(type: str, id: str = "orders", **attributes: Any) -> Resource:
    return Resource(type=type, id=id, account=ACCOUNT, region=REGION, attributes=attributes)


def rules(seen: Resource, wanted: Resource, *near: Resource) -> dict[str, str]:
    """Of each difference the rule that makes it noise; none where it is drift."""
    known, among = [KNOWN[seen.type]], Inventory([seen, *near])
    found = noise(among, known, wanted)
    return found | {path: "" for _, _, path in told(among, known, wanted)}


ON, OFF = {"auto_minor_version_upgrade": True}, {"auto_minor_version_upgrade": False}
IN_WORDS = {"auto_minor_version_upgrade": "true"}


@pytest.mark.parametrize(
    ("type", "about", "declared", "runs", "rule"),
    [
        ("aws_db_instance", {"engine": "mysql", **ON}, "8.0.32", "8.0.35", UPGRADED),
        ("aws_db_instance", {"engine": "mysql", **OFF}, "8.0.32", "8.0.35", ""),
        ("aws_db_instance", {"engine": "mysql", **ON}, "8.0.35", "8.0.32", ""),
        ("aws_db_instance", {"engine": "mysql", **ON}, "8.0.35", "8.4.3", ""),
        ("aws_db_instance", {"engine": "mysql", **ON}, "8.0", "8.4.3", ""),
        ("aws_db_instance", {"engine": "mariadb", **ON}, "10.6.9", "10.6.10", UPGRADED),
        ("aws_db_instance", {"engine": "postgres", **ON}, "16.1", "16.10", UPGRADED),
        ("aws_db_instance", {"engine": "postgres", **ON}, "16.4", "17.1", ""),
        ("aws_db_instance", {"engine": "postgres", **ON}, "9.5.1", "9.6.2", ""),
        ("aws_db_instance", {"engine": "postgres", **ON}, "9.6.1", "9.6.2", UPGRADED),
        (
            "aws_db_instance",
            {"engine": "oracle-ee", **ON},
            "19.0.0.0.ru-2023-04.rur-2023-04.r1",
            "19.0.0.0.ru-2023-07.rur-2023-07.r1",
            UPGRADED,
        ),
        ("aws_db_instance", {"engine": "sqlserver-se", **ON}, "15.00.4073.23.v1", "15.00.4198.2.v1", UPGRADED),
        ("aws_elasticache_cluster", {"engine": "redis", **IN_WORDS}, "7.0", "7.1.0", UPGRADED),
        ("aws_elasticache_cluster", {"engine": "redis", **IN_WORDS}, "5.0.4", "5.0.6", ""),
        ("aws_elasticache_cluster", {"engine": "memcached", **IN_WORDS}, "1.6.17", "1.6.22", ""),
        ("aws_elasticache_replication_group", {"engine": "valkey", **IN_WORDS}, "8.0", "8.1.0", UPGRADED),
        ("aws_elasticache_replication_group", {"engine": "valkey", **IN_WORDS}, "7.2", "8.0.1", ""),
        ("aws_memorydb_cluster", {"engine": "redis", **ON}, "7.0", "7.1", UPGRADED),
        ("aws_memorydb_cluster", {"engine": "redis", **OFF}, "7.0", "7.1", ""),
        ("aws_mq_broker", {"engine_type": "ActiveMQ", **ON}, "5.17.1", "5.17.6", UPGRADED),
        ("aws_mq_broker", {"engine_type": "ActiveMQ", **ON}, "5.17.6", "5.18.4", ""),
        ("aws_docdb_cluster", {"engine": "docdb"}, "4.0.0", "5.0.0", ""),
    ],
)
def test_a_later_minor_version_is_no_drift_where_aws_upgrades(
    type: str, about: dict[str, Any], declared: str, runs: str, rule: str
) -> None:
    seen = live(type, engine_version=runs, **about)
    assert rules(seen, twin(seen, engine_version=declared)) == {"engine_version": rule}


AURORA = "8.0.mysql_aurora"
CLUSTERS = [
    (
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aurora-mysql",
        "8.0.mysql_aurora.3.04.0",
        "8.0.mysql_aurora.3.05.2",
    ),
    ("aws_rds_cluster", "aws_rds_cluster_instance", "aurora-postgresql", "15.4", "15.10"),
    ("aws_neptune_cluster", "aws_neptune_cluster_instance", "neptune", "1.3.0.0", "1.3.1.0"),
]


@pytest.mark.parametrize(("type", "member", "engine", "declared", "runs"), CLUSTERS)
@pytest.mark.parametrize(
    ("members", "more", "rule"),
    [
        ([ON, ON], {}, UPGRADED),
        ([ON, OFF], {}, ""),
        ([], {}, ""),
        ([ON], {"global_cluster_identifier": "world"}, ""),
    ],
)
def test_a_cluster_is_upgraded_where_each_instance_allows_it(
    type: str,
    member: str,
    engine: str,
    declared: str,
    runs: str,
    members: list[dict[str, Any]],
    more: dict[str, Any],
    rule: str,
) -> None:
    of = {"cluster_identifier": "orders", "engine": engine, "engine_version": runs}
    seen = live(type, **of, **more)
    near = [live(member, f"orders-{number}", **of, **each) for number, each in enumerate(members)]
    near.append(live(member, "other-1", **of | {"cluster_identifier": "other"}, **OFF))
    assert rules(seen, twin(seen, engine_version=declared), *near)["engine_version"] == rule
    if near[:-1] and not more:
        assert rules(near[0], twin(near[0], engine_version=declared), *near[1:], seen)["engine_version"] == rule


def test_a_cluster_whose_instances_were_not_read_is_not_seen_in_whole() -> None:
    seen = live("aws_rds_cluster", cluster_identifier="orders", engine="aurora-mysql", engine_version="5.7.12")
    gap = Gap(type="aws_rds_cluster_instance", account=ACCOUNT, region=REGION, reason="access denied", kind="denied")
    wanted = Inventory([twin(seen, engine_version="5.7.11")])
    result = drift(Inventory([seen], [gap]), wanted, {seen.type: KNOWN[seen.type].schema}, everything=True)
    assert (result.drift, result.unseen) == ([], {seen.key})
    ((change,),) = (each.changes for each in result.noise)
    assert change.noise == "may be noise: could not read aws_rds_cluster_instance: access denied"


@pytest.mark.parametrize(
    ("declared", "has", "most", "rule"),
    [(20, 40, 100, BY_STORAGE), (20, 100, 100, BY_STORAGE), (20, 120, 100, ""), (40, 20, 100, ""), (20, 40, None, "")],
)
def test_storage_that_scales_grows_up_to_its_most(declared: int, has: int, most: int | None, rule: str) -> None:
    seen = live("aws_db_instance", allocated_storage=has, max_allocated_storage=most)
    assert rules(seen, twin(seen, allocated_storage=declared)) == {"allocated_storage": rule}
