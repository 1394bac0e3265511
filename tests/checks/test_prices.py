"""What failures cost a month: what is multiplied, whose price it is, and where nothing is said at all."""

from typing import Any

import pytest

from checks import REGISTRY, Category, Finding, Status
from checks.prices import BUILT_IN, HOME, Estimate, Price, built_in, money, total, unit_price
from checks.verdicts import estimated
from scanner.price_list import PRODUCTS
from state import Resource

TYPES = {
    "ebs-volume-unattached": "aws_ebs_volume",
    "ebs-volume-gp2": "aws_ebs_volume",
    "ec2-instance-stopped-long": "aws_instance",
    "eip-unattached": "aws_eip",
    "elbv2-idle": "aws_lb",
    "nat-gateway-idle": "aws_nat_gateway",
    "secretsmanager-unused": "aws_secretsmanager_secret",
}
ZONE = {"availability_zone": f"{HOME}a", "outpost_arn": None}
GP2 = {**ZONE, "type": "gp2", "size": 40, "iops": 120, "throughput": None}
GP3 = {**ZONE, "type": "gp3", "size": 100, "iops": 4000, "throughput": 250}
IO2 = {**ZONE, "type": "io2", "size": 100, "iops": 4000, "throughput": None}
ROOT = {"volume_id": "vol-r", "volume_type": "gp3", "volume_size": 8, "iops": 3000, "throughput": 125}
DATA = {"volume_id": "vol-d", "volume_type": "gp3", "volume_size": 92, "iops": 3000, "throughput": 125}
INSTANCE = {**ZONE, "root_block_device": [ROOT], "ebs_block_device": [DATA]}
ADDRESS = {"public_ipv4_pool": "amazon", "customer_owned_ipv4_pool": None, "network_border_group": HOME}
BALANCER = {"load_balancer_type": "application", "customer_owned_ipv4_pool": None, "subnet_mapping": [{}]}
OUTPOST = "arn:aws:outposts:us-east-1:123456789012:outpost/op-1"


def of(check: str, attributes: Any, region: str = HOME, **more: Any) -> Resource:
    account = "123456789012"
    return Resource(type=TYPES[check], id="x-1", account=account, region=region, attributes=attributes, **more)


@pytest.mark.parametrize(
    ("check", "attributes", "kind", "amount", "basis"),
    [
        ("ebs-volume-unattached", GP2, "costs", 4.0, "40 GB of gp2 at $0.10"),
        (
            "ebs-volume-unattached",
            GP3,
            "costs",
            18.0,
            "100 GB of gp3 at $0.08 + 1,000 IOPS beyond 3,000 at $0.005 + 125 MiB/s beyond 125 at $0.04",
        ),
        ("ebs-volume-unattached", IO2, "costs", 272.5, "100 GB of io2 at $0.125 + 4,000 IOPS at $0.065"),
        ("ebs-volume-unattached", GP2 | {"type": "st1", "size": 500}, "costs", 22.5, "500 GB of st1 at $0.045"),
        ("ebs-volume-gp2", GP2, "saves", 0.8, "40 GB of gp2 at $0.10, less 40 GB of gp3 at $0.08"),
        (
            "ebs-volume-gp2",
            GP2 | {"size": 2000, "iops": 6000},
            "saves",
            25.0,
            "2,000 GB of gp2 at $0.10, less 2,000 GB of gp3 at $0.08, less 3,000 IOPS beyond 3,000 at $0.005",
        ),
        ("ec2-instance-stopped-long", INSTANCE, "costs", 8.0, "100 GB of gp3 at $0.08"),
        ("eip-unattached", ADDRESS, "costs", 3.65, "730 hours of an address at $0.005"),
        ("elbv2-idle", BALANCER, "costs", 16.43, "730 hours of a load balancer (application) at $0.0225"),
        ("nat-gateway-idle", {"subnet_id": "subnet-1"}, "costs", 32.85, "730 hours of a NAT gateway at $0.045"),
        ("secretsmanager-unused", {}, "costs", 0.4, "1 secret at $0.40"),
    ],
)
def test_what_a_failure_costs(check: str, attributes: Any, kind: Any, amount: float, basis: str) -> None:
    ids = ("vol-r", "vol-d") if check == "ec2-instance-stopped-long" else ("x-1",)
    source = "built in, us-east-1, read 2026-11-21"
    found = REGISTRY[check].estimate(of(check, attributes), built_in)
    assert found == Estimate(amount=amount, kind=kind, basis=basis, source=source, of=ids)


def test_each_check_that_tells_what_it_costs_is_tried() -> None:
    assert {each.id for each in REGISTRY.values() if each.monthly} == TYPES.keys()
    assert all(each.category is Category.COST for each in REGISTRY.values() if each.monthly)


NOTHING_KNOWN: list[tuple[str, Any]] = [
    ("ebs-volume-unattached", GP2 | {"type": "sc1"}),
    ("ebs-volume-unattached", GP2 | {"type": "gp9"}),
    ("ebs-volume-unattached", GP2 | {"size": None}),
    ("ebs-volume-unattached", GP2 | {"outpost_arn": OUTPOST}),
    ("ebs-volume-unattached", GP2 | {"availability_zone": "us-east-1-bos-1a"}),
    ("ebs-volume-unattached", GP2 | {"availability_zone": None}),
    ("ebs-volume-unattached", IO2 | {"iops": 40_000}),
    ("ebs-volume-unattached", IO2 | {"iops": None}),
    ("ebs-volume-gp2", GP2 | {"outpost_arn": OUTPOST}),
    ("ec2-instance-stopped-long", INSTANCE | {"root_block_device": [], "ebs_block_device": None}),
    ("ec2-instance-stopped-long", INSTANCE | {"ebs_block_device": [{"volume_id": "vol-d"}]}),
    ("ec2-instance-stopped-long", INSTANCE | {"outpost_arn": OUTPOST}),
    ("eip-unattached", ADDRESS | {"public_ipv4_pool": "ipv4pool-ec2-0123"}),
    ("eip-unattached", ADDRESS | {"customer_owned_ipv4_pool": "ipv4pool-coip-1"}),
    ("eip-unattached", ADDRESS | {"network_border_group": "us-east-1-bos-1"}),
    ("elbv2-idle", BALANCER | {"load_balancer_type": "gateway"}),
    ("elbv2-idle", BALANCER | {"customer_owned_ipv4_pool": "ipv4pool-coip-1"}),
    ("elbv2-idle", BALANCER | {"subnet_mapping": [{"outpost_id": "op-1"}]}),
    ("nat-gateway-idle", {"subnet_id": None}),
]


@pytest.mark.parametrize(("check", "attributes"), NOTHING_KNOWN)
def test_what_has_no_price_that_is_known_has_no_estimate(check: str, attributes: Any) -> None:
    assert REGISTRY[check].estimate(of(check, attributes), built_in) is None


PRICED = {
    "ebs-volume-unattached": GP3,
    "ebs-volume-gp2": GP2,
    "ec2-instance-stopped-long": INSTANCE,
    "eip-unattached": ADDRESS,
    "elbv2-idle": BALANCER,
    "nat-gateway-idle": {"subnet_id": "subnet-1"},
    "secretsmanager-unused": {},
}


@pytest.mark.parametrize("region", ["", "global", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"])
@pytest.mark.parametrize("check", PRICED)
def test_other_partitions_have_other_prices(check: str, region: str) -> None:
    zone = {name: f"{region}a" for name in PRICED[check] if name == "availability_zone"}
    border = {name: region for name in PRICED[check] if name == "network_border_group"}
    assert REGISTRY[check].estimate(of(check, {**PRICED[check], **zone, **border}, region), built_in) is None


READ_OF = [
    (check, name)
    for check, attributes in PRICED.items()
    for name in attributes
    if not (check == "ebs-volume-gp2" and name in ("type", "throughput"))
]


@pytest.mark.parametrize(("check", "name"), READ_OF)
def test_what_could_not_be_seen_is_not_guessed(check: str, name: str) -> None:
    unseen = of(check, PRICED[check], unknown={name: "nobody may look"})
    assert REGISTRY[check].estimate(unseen, built_in) is None


def test_a_price_of_another_region_says_so() -> None:
    said = "built in, us-east-1, read 2026-11-21; eu-west-1 may differ"
    assert built_in("nat", "eu-west-1") == Price(0.045, said)


def test_an_estimate_of_two_sources_names_both() -> None:
    def prices(name: str, region: str) -> Price:
        return Price(1, f"list of {name}")

    found = REGISTRY["ebs-volume-gp2"].estimate(of("ebs-volume-gp2", GP2), prices)
    assert found is not None
    assert (found.amount, found.source) == (0, "list of ebs:gp2; list of ebs:gp3")


def test_what_goes_wrong_costs_the_estimate_alone(caplog: pytest.LogCaptureFixture) -> None:
    gp2, disk = REGISTRY["ebs-volume-gp2"], of("ebs-volume-gp2", GP2 | {"size": ["40"]})
    [found] = estimated([Finding(check=gp2, resource=disk, status=Status.FAIL)], built_in)
    assert (found.status, found.estimate) == (Status.FAIL, None)
    assert "ebs-volume-gp2: what <aws_ebs_volume x-1" in caplog.text


def test_only_failures_cost() -> None:
    gp2, disk = REGISTRY["ebs-volume-gp2"], of("ebs-volume-gp2", GP2)
    findings = [Finding(check=gp2, resource=disk, status=status) for status in Status]
    assert {each.status for each in estimated(findings, built_in) if each.estimate} == {Status.FAIL}
    assert [each.id for each in estimated(findings, built_in)] == [each.id for each in findings]


def priced(amount: float, *of: str) -> Estimate:
    return Estimate(amount=amount, kind="costs", basis="", source="", of=of)


def test_nothing_is_paid_for_twice() -> None:
    unused, cheaper = priced(4, "vol-1"), priced(0.8, "vol-1")
    stopped, inside = priced(10, "vol-2", "vol-3"), priced(1.6, "vol-3")
    assert total([cheaper, unused, inside, stopped, priced(3.65, "eipalloc-1")]) == 17.65
    assert total([]) == 0


@pytest.mark.parametrize(
    ("amount", "said"), [(0.8, "$0.80"), (8.0, "$8"), (9.99, "$9.99"), (12.5, "$12"), (1240.4, "$1,240"), (0, "$0")]
)
def test_an_estimate_has_no_more_cents_than_it_needs(amount: float, said: str) -> None:
    assert money(amount) == said


@pytest.mark.parametrize(("usd", "said"), [(0.1, "$0.10"), (0.0225, "$0.0225"), (0.005, "$0.005"), (2, "$2.00")])
def test_a_price_is_said_whole(usd: float, said: str) -> None:
    assert unit_price(usd) == said


def test_prices_are_known_by_the_names_that_the_list_has() -> None:
    assert BUILT_IN.keys() - PRODUCTS.keys() == set()
    assert all(usd > 0 and page.startswith("https://aws.amazon.com/") for usd, page in BUILT_IN.values())
