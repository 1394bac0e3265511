from scanner.collectors import collectors
from tests.conftest import read


def of(type):
    return next(each for each in collectors() if each.type == type)


def test_rules(aws):
    group = aws("ec2").create_security_group(GroupName="web", Description="web")["GroupId"]
    aws("ec2").authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    found = read(
        of("aws_security_group"),
        of("aws_vpc_security_group_ingress_rule"),
        of("aws_s3_bucket_versioning"),
        of("aws_s3_bucket"),
        of("aws_db_instance"),
    )
    assert found.gaps == []
    [rule] = [r for r in found.of("aws_vpc_security_group_ingress_rule") if r["security_group_id"] == group]
    assert rule.identity == f"{group}/cidr=0.0.0.0/0,port=22"
