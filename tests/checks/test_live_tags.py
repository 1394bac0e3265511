"""Checks of tags over a live account: things of several services, with all that are asked for, with some, with none."""

from collections.abc import Callable
from typing import Any

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from tests.checks.live import FAIL, PASS
from tests.conftest import read

Client = Callable[..., Any]
CHECKS = ("tag-required-keys", "tag-untagged")
TYPES = ("aws_dynamodb_table", "aws_ebs_volume", "aws_iam_role", "aws_secretsmanager_secret", "aws_sqs_queue")
WHOLE = {"Owner": "shop", "environment": "live", "cost-center": "4711", "SERVICE": "orders"}
TAGS = {"whole": WHOLE, "some": {"Owner": "shop"}, "empty": WHOLE | {"Owner": ""}, "none": {}}


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def make(aws: Client, name: str, tags: dict[str, str]) -> dict[str, str]:
    """One thing of each type, by id."""
    table = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    fields = [{"AttributeName": "id", "AttributeType": "S"}]
    aws("dynamodb").create_table(TableName=name, AttributeDefinitions=fields, **table, Tags=pairs(tags))
    volume = aws("ec2").create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    if tags:
        aws("ec2").create_tags(Resources=[volume], Tags=pairs(tags))
    aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}", Tags=pairs(tags))
    secret = aws("secretsmanager").create_secret(Name=name, Tags=pairs(tags))["ARN"]
    queue = aws("sqs").create_queue(QueueName=name, tags=tags)["QueueUrl"]
    return dict.fromkeys((name, volume, secret, queue), name)


def verdicts(terms: Terms) -> dict[tuple[str, str, str], Status]:
    found = read(*(each for each in collectors() if each.type in TYPES))
    assert found.gaps == []
    told = run([REGISTRY[check] for check in CHECKS], found, terms)
    return {(each.check.id, each.resource.type, each.resource.id): each.status for each in told}


def by_name(names: dict[str, str], terms: Terms) -> dict[tuple[str, str], dict[str, Status]]:
    told: dict[tuple[str, str], dict[str, Status]] = {}
    for (check, type, id), status in verdicts(terms).items():
        told.setdefault((check, type), {})[names[id]] = status
    return told


def test_tags(aws: Client) -> None:
    names: dict[str, str] = {}
    for name, tags in TAGS.items():
        names |= make(aws, name, tags)
    required = {"whole": PASS, "some": FAIL, "empty": FAIL, "none": FAIL}
    tagged = {"whole": PASS, "some": PASS, "empty": PASS, "none": FAIL}
    wanted = {(check, type): told for check, told in zip(CHECKS, (required, tagged), strict=True) for type in TYPES}
    assert by_name(names, Terms()) == wanted
    asked = Terms(required_tags=("owner",))
    assert by_name(names, asked)[CHECKS[0], "aws_sqs_queue"] == required | {"some": PASS}


def test_what_aws_made_is_not_asked_for_tags(aws: Client) -> None:
    aws("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    [role] = aws("iam").list_roles()["Roles"]
    assert verdicts(Terms()) == {(check, "aws_iam_role", role["RoleName"]): PASS for check in CHECKS}


def test_a_thing_is_called_by_its_name_and_not_by_a_number_or_a_url(aws: Client) -> None:
    aws("sqs").create_queue(QueueName="orders", tags={"owner": "shop"})
    found = read(*(each for each in collectors() if each.type == "aws_sqs_queue"))
    [told] = run([REGISTRY["tag-required-keys"]], found, Terms(required_tags=("environment",)))
    assert told.message == "orders lacks environment"
