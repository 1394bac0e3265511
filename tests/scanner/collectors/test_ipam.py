from __future__ import annotations

import pytest

from scanner.collectors.ipam import COLLECTORS
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import items
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:ec2::{ACCOUNT}"
IPAM = f"""<ipamId>ipam-1</ipamId><ipamArn>{ARN}:ipam/ipam-1</ipamArn><state>create-complete</state><tier>free</tier>
<description>plan</description><operatingRegionSet><item><regionName>{REGION}</regionName></item></operatingRegionSet>
<privateDefaultScopeId>ipam-scope-1</privateDefaultScopeId><publicDefaultScopeId>ipam-scope-2</publicDefaultScopeId>
<tagSet><item><key>Team</key><value>net</value></item></tagSet>"""


def scope(id: str, default: str) -> str:
    return (
        f"<ipamScopeId>{id}</ipamScopeId><ipamScopeArn>{ARN}:ipam-scope/{id}</ipamScopeArn><state>create-complete</state>"
        f"<ipamArn>{ARN}:ipam/ipam-1</ipamArn><ipamScopeType>private</ipamScopeType><isDefault>{default}</isDefault>"
    )


def pool(id: str, account: str = ACCOUNT) -> str:
    return f"""<ipamPoolId>{id}</ipamPoolId><ipamPoolArn>arn:aws:ec2::{account}:ipam-pool/{id}</ipamPoolArn>
<ipamScopeArn>{ARN}:ipam-scope/ipam-scope-1</ipamScopeArn><ipamScopeType>private</ipamScopeType><locale>None</locale>
<state>create-complete</state><addressFamily>ipv4</addressFamily><allocationMinNetmaskLength>16</allocationMinNetmaskLength>
<allocationResourceTagSet><item><key>Env</key><value>live</value></item></allocationResourceTagSet>"""


def cidr(value: str, state: str) -> str:
    return f"<cidr>{value}</cidr><state>{state}</state><ipamPoolCidrId>c-{state}</ipamPoolCidrId>"


ANSWERS = {
    "DescribeIpams": items("DescribeIpams", "ipamSet", IPAM),
    "DescribeIpamScopes": items(
        "DescribeIpamScopes", "ipamScopeSet", scope("ipam-scope-1", "true"), scope("ipam-scope-3", "false")
    ),
    "DescribeIpamPools": items(
        "DescribeIpamPools", "ipamPoolSet", pool("ipam-pool-1"), pool("ipam-pool-2", "210987654321")
    ),
    "GetIpamPoolCidrs": items(
        "GetIpamPoolCidrs",
        "ipamPoolCidrSet",
        cidr("10.0.0.0/8", "provisioned"),
        cidr("11.0.0.0/8", "deprovisioned"),
        cidr("12.0.0.0/8", "failed-provision"),
    ),
}


@pytest.fixture
def found():
    with answering(ANSWERS):
        yield read(*COLLECTORS)


def about(id, identity=None, arn=None, **said):
    told_of = {"arn": arn} if arn else {}
    return {"its id": id, "its identity": identity or id, "its arn": arn, "its owner": None, **told_of, **said}


def test_ipam(found):
    assert whole(only(found, "aws_vpc_ipam")) == about(
        "ipam-1",
        arn=f"{ARN}:ipam/ipam-1",
        description="plan",
        operating_regions=[{"region_name": REGION}],
        private_default_scope_id="ipam-scope-1",
        public_default_scope_id="ipam-scope-2",
        tags={"Team": "net"},
        tier="free",
    )
    assert whole(only(found, "aws_vpc_ipam_scope")) == about(
        "ipam-scope-3",
        arn=f"{ARN}:ipam-scope/ipam-scope-3",
        ipam_arn=f"{ARN}:ipam/ipam-1",
        ipam_id="ipam-1",
        ipam_scope_type="private",
        is_default=False,
    )
    assert only(found, "aws_vpc_ipam_scope", owner="aws: default").id == "ipam-scope-1"


def test_pools(found):
    made, range = only(found, "aws_vpc_ipam_pool"), only(found, "aws_vpc_ipam_pool_cidr")
    assert whole(made) == about(
        "ipam-pool-1",
        arn=f"{ARN}:ipam-pool/ipam-pool-1",
        address_family="ipv4",
        allocation_min_netmask_length=16,
        allocation_resource_tags={"Env": "live"},
        ipam_scope_id="ipam-scope-1",
        ipam_scope_type="private",
        locale="None",
        state="create-complete",
    )
    assert whole(range) == about(
        "10.0.0.0/8_ipam-pool-1",
        "ipam-pool-1/10.0.0.0/8",
        cidr="10.0.0.0/8",
        ipam_pool_cidr_id="c-provisioned",
        ipam_pool_id="ipam-pool-1",
    )
    others = [twin(only(found, each)) for each in ("aws_vpc_ipam", "aws_vpc_ipam_scope")]
    assert told(found, COLLECTORS, twin(made, locale=None), twin(range), *others) == set()
    assert told(found, COLLECTORS, twin(made), *others) == {("changed", made.type, "cidr[10.0.0.0/8]")}
    assert only(found, "aws_vpc_ipam_pool", owner="account: 210987654321").id == "ipam-pool-2"
