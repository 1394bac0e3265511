from scanner.collectors import collectors
from tests.conftest import read
from checks.region import is_ours
def test_x(aws):
    types = ("aws_vpc", "aws_subnet", "aws_security_group", "aws_network_acl", "aws_route_table", "aws_dynamodb_table","region")
    inv=read(*(c for c in collectors() if c.type in types))
    for r in inv.resources:
        if is_ours(r) or r.type=="region": print("OURS",r.type,r.id,r.owner,dict(r.facts), r.region)
