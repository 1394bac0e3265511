"""The bench's AWS is one that botocore can read, and that a scan sees whole; nothing here is timed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scanner.aws.allowed import ALLOWED
from scanner.collectors import collectors, schemas
from scanner.demo.company import READ
from state.drift import drift
from state.terraform import sources
from tests.bench import beside, figures, pairs, scanning
from tests.bench.__main__ import main
from tests.bench.account import CALLER, MIX, REGIONS, Account, counts
from tests.bench.answers import empty
from tests.bench.apart import SETTINGS, Endpoint, answering, endpoint
from tests.bench.counts import Counts, Row
from tests.bench.figures import Figure
from tests.bench.rates import DESCRIBE, LAMBDA, UNQUALIFIED, Bucket, Rate, rated
from tests.bench.replayed import Counts as Asked
from tests.bench.stock import LISTED
from tests.bench.told import ONE
from tests.bench.world import World, Wrong
from tests.conftest import on_this_machine
from tests.generate import operations

HERE = REGIONS[0]


@pytest.fixture(scope="module")
def shared() -> Iterator[Endpoint]:
    with endpoint(World(size=100, regions=2, accounts=2, latency=0)) as running:
        yield running


@pytest.fixture
def bench(shared: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """A small account as nobody has asked it yet, and the settings that lead there."""
    shared.reset()
    for name, value in (SETTINGS | {"AWS_ENDPOINT_URL": shared.url}).items():
        monkeypatch.setenv(name, value)
    return shared


def client(bench: Endpoint, service: str, region: str = HERE) -> Any:
    keys = {"aws_access_key_id": "AKIABENCH", "aws_secret_access_key": "bench"}
    once = Config(retries={"total_max_attempts": 1}, read_timeout=5)
    made = boto3.Session().client(service, region_name=region, endpoint_url=bench.url, config=once, **keys)
    made.meta.events.register_first("before-sign", on_this_machine)
    return made


# --- what it answers --------------------------------------------------------------------------------

FIRST = Account(CALLER, REGIONS[:2], counts(100, 2))
BUCKET, TABLE, GROUP = (FIRST.name(kind, 0) for kind in ("aws_s3_bucket", "aws_dynamodb_table", "aws_security_group"))
ARGUMENTS: dict[str, dict[str, Any]] = {
    "dynamodb:ListTagsOfResource": {"ResourceArn": f"arn:aws:dynamodb:{HERE}:{CALLER}:table/{TABLE}"},
    "ec2:DescribeInstanceAttribute": {
        "InstanceId": FIRST.name("aws_instance", 0),
        "Attribute": "disableApiTermination",
    },
    "ec2:DescribeSnapshotAttribute": {"SnapshotId": FIRST.name("aws_ebs_snapshot", 0), "Attribute": "productCodes"},
    "ec2:DescribeVpcAttribute": {"VpcId": FIRST.name("aws_vpc", 0), "Attribute": "enableDnsSupport"},
    "iam:GetInstanceProfile": {"InstanceProfileName": FIRST.name("aws_iam_instance_profile", 0)},
    "iam:GetPolicy": {"PolicyArn": f"arn:aws:iam::{CALLER}:policy/{FIRST.name('aws_iam_policy', 0)}"},
    "kms:DescribeKey": {"KeyId": "alias/aws/dynamodb"},
    "lambda:GetFunctionConcurrency": {"FunctionName": "thumbnailer-000000"},
    "lambda:ListTags": {"Resource": f"arn:aws:lambda:{HERE}:{CALLER}:function:thumbnailer-000000"},
    "rds:DescribeDBClusterSnapshotAttributes": {"DBClusterSnapshotIdentifier": "ledger-before-upgrade-000000"},
    "rds:DescribeDBSnapshotAttributes": {"DBSnapshotIdentifier": "before-upgrade-000000"},
    "resourcegroupstaggingapi:GetResources": {"ResourceTypeFilters": ["dynamodb"]},
    "s3:ListBuckets": {"MaxBuckets": 100},
    "s3control:GetPublicAccessBlock": {"AccountId": CALLER},
    "sts:AssumeRole": {"RoleArn": "arn:aws:iam::200000000001:role/driftline", "RoleSessionName": "bench"},
}
GIVEN = {"Bucket": BUCKET, "TableName": TABLE}
CALLED = {
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:ListTables",
    "lambda:ListFunctions",
    *ARGUMENTS,
    *(name for each in collectors() if each.type in READ for name in operations(each)),
}
"""What the bench has things for; the rest it answers with nothing."""


TOLD = LISTED.keys() | ONE.keys()
"""What there is something of; of all else an answer says that there is none."""
NOTHING: dict[str, Any] = {"string": "none-of-this-name", "list": ["none-of-this-name"]}


def given(asked: Any) -> dict[str, Any]:
    """The arguments that an operation cannot do without."""
    required = asked.required_members if asked else ()
    return {name: GIVEN.get(name, NOTHING[asked.members[name].type_name]) for name in required}


HOLD_NOTHING = {
    "ec2:DescribeInstanceCreditSpecifications",
    "lambda:GetFunctionConcurrency",
    "s3:GetBucketLogging",
    "s3:GetBucketVersioning",
}
"""Of the first thing, if at all."""


@pytest.mark.parametrize("api", sorted(CALLED & ALLOWED))
def test_botocore_reads_an_answer_of_every_operation(bench: Endpoint, api: str) -> None:
    service, _, operation = api.partition(":")
    of = client(bench, service)
    method = next(each for each, name in of.meta.method_to_api_mapping.items() if name == operation)
    model = of.meta.service_model.operation_model(operation)
    answer = getattr(of, method)(**ARGUMENTS.get(api) or given(model.input_shape))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert bench.counts().unknown == []
    if api not in TOLD:
        assert answer.keys() >= empty(model).keys()
    elif api not in HOLD_NOTHING:
        assert answer.keys() - {"ResponseMetadata", "IsTruncated"}, api


def test_an_instance_is_told_with_all_that_aws_tells(bench: Endpoint) -> None:
    found = client(bench, "ec2").describe_instances(MaxResults=1000)["Reservations"][0]["Instances"][0]
    assert (found["InstanceId"], found["State"]) == ("i-00000000000000000", {"Code": 16, "Name": "running"})
    assert isinstance(found["NetworkInterfaces"][0]["Attachment"]["AttachTime"], datetime)
    assert found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"] == "vol-00000000000000000"
    assert {each["Key"] for each in found["Tags"]} >= {"Name", "owner", "cost-center"}


def test_what_is_not_there_is_refused_as_aws_refuses_it(bench: Endpoint) -> None:
    asked = [
        (client(bench, "s3").get_bucket_policy, {"Bucket": "somebody-elses"}, "NoSuchBucket"),
        (client(bench, "dynamodb").describe_table, {"TableName": "no-such"}, "ResourceNotFoundException"),
        (client(bench, "ec2").describe_route_tables, {"MaxResults": 1000}, "InvalidParameterValue"),
    ]
    for call, arguments, code in asked:
        with pytest.raises(ClientError) as error:
            call(**arguments)
        assert error.value.response["Error"]["Code"] == code


def test_a_bucket_of_another_region_is_found_there(bench: Endpoint) -> None:
    elsewhere = FIRST.name("aws_s3_bucket", 1)
    assert client(bench, "s3").get_bucket_tagging(Bucket=elsewhere)["TagSet"]
    asked = [(row.region, row.calls, row.refused) for row in bench.counts().rows if row.api == "s3:GetBucketTagging"]
    assert asked == [(HERE, 1, 1), (REGIONS[1], 1, 0)]


def test_each_account_is_reached_through_its_role(bench: Endpoint) -> None:
    given = client(bench, "sts").assume_role(**ARGUMENTS["sts:AssumeRole"])["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    sts = boto3.client("sts", region_name=HERE, endpoint_url=bench.url, **keys)
    assert sts.get_caller_identity()["Account"] == "200000000001"
    listed = client(bench, "organizations", "us-east-1").list_accounts()["Accounts"]
    assert [each["Id"] for each in listed] == [CALLER, "200000000001"]


@pytest.mark.parametrize(("size", "pages"), [(5, 3), (1000, 1)])
def test_a_listing_comes_in_pages_of_the_size_asked(bench: Endpoint, size: int, pages: int) -> None:
    asked = client(bench, "ec2").get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": size})
    found = [each["Instances"][0]["InstanceId"] for page in asked for each in page["Reservations"]]
    count = FIRST.counts["aws_instance"]
    assert found == [f"i-0{n:016x}" for n in range(0, count, 2)]
    assert [(row.calls, row.chain, row.unpaged) for row in bench.counts().rows] == [(pages, pages, 0)]


# --- what a scan sees -------------------------------------------------------------------------------


def test_a_scan_sees_what_there_is_and_asks_nothing_twice(bench: Endpoint) -> None:
    scan = asyncio.run(scanning.collected(REGIONS[:2]))
    held = {(kind, region, name) for account, kind, region, name in bench.resources() if account == CALLER}
    named = {"aws_iam_policy": "name", "aws_db_instance": "identifier"}
    seen = {
        (each.type, each.region, str(each[named[each.type]]) if each.type in named else each.id)
        for each in scan.live.resources
        if each.type in MIX
    }
    said = bench.counts()
    assert seen == held
    assert len(held) == 100
    assert scan.gaps == []
    assert said.unknown == []
    assert (said.total("duplicates"), said.total("unpaged"), said.total("throttled")) == (0, 0, 0)


@pytest.mark.parametrize("size", [100, 700, 10_000])
@pytest.mark.parametrize("regions", [1, 4])
def test_an_account_holds_as_many_as_asked(size: int, regions: int) -> None:
    account = Account(CALLER, REGIONS[:regions], counts(size, regions))
    assert sum(account.counts.values()) == size
    assert len(set(account.resources())) == size


def test_what_belongs_together_lies_in_one_region() -> None:
    account = Account(CALLER, REGIONS[:3], counts(1000, 3))
    for n in range(account.counts["aws_instance"]):
        near = account.near("aws_subnet", n)
        assert account.region_of("aws_subnet", near) == account.region_of("aws_instance", n)


# --- what it holds back, spoils and counts ----------------------------------------------------------


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(Rate(3, 2), 0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.4), bucket.take(0.5), bucket.take(0.5)] == [False, True, False]
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]


def test_rates_are_those_that_aws_states() -> None:
    assert rated("ec2:DescribeVpcs") == ("ec2:DescribeVpcs", DESCRIBE)
    assert rated("ec2:DescribeVpcs", unqualified=True) == ("ec2:DescribeVpcs unqualified", UNQUALIFIED)
    assert rated("lambda:ListTags") == rated("lambda:ListFunctions") == ("lambda:*", LAMBDA)


def refused(call: Any, times: int) -> Counter[str]:
    codes: Counter[str] = Counter()
    for _ in range(times):
        try:
            call()
        except ClientError as error:
            codes[error.response["Error"]["Code"]] += 1
    return codes


def test_an_empty_bucket_throttles_in_the_words_of_its_service(bench: Endpoint) -> None:
    tags = client(bench, "lambda")
    addresses = client(bench, "ec2")
    assert refused(lambda: tags.list_functions(), 40).keys() == {"TooManyRequestsException"}
    assert refused(lambda: addresses.describe_addresses(), 100).keys() == {"RequestLimitExceeded"}
    assert refused(lambda: client(bench, "lambda", "us-east-1").list_functions(), 1) == {}
    by_api = {(row.api, row.region): row for row in bench.counts().rows}
    assert 0 < by_api["lambda:ListFunctions", HERE].throttled < 26
    assert 0 < by_api["ec2:DescribeAddresses", HERE].throttled < 51
    assert by_api["lambda:ListFunctions", HERE].calls == 40


def test_what_is_asked_twice_or_without_a_page_is_counted(bench: Endpoint) -> None:
    ec2, there = client(bench, "ec2"), client(bench, "ec2", REGIONS[1])
    ec2.describe_vpcs()
    ec2.describe_vpcs(MaxResults=1000)
    ec2.describe_vpcs(MaxResults=1000)
    there.describe_vpcs(MaxResults=1000)
    said = bench.counts()
    rows = {(row.region, row.bucket): (row.calls, row.duplicates, row.unpaged) for row in said.rows}
    assert rows == {
        (HERE, "ec2:DescribeVpcs unqualified"): (1, 0, 1),
        (HERE, "ec2:DescribeVpcs"): (2, 1, 0),
        (REGIONS[1], "ec2:DescribeVpcs"): (1, 0, 0),
    }
    assert said.peak == 1


@pytest.mark.parametrize(
    ("what", "error"), [("503", ClientError), ("reset", BotoCoreError), ("truncated", BotoCoreError)]
)
def test_a_call_goes_wrong_as_often_as_asked_and_is_no_duplicate_then(
    bench: Endpoint, what: str, error: type[Exception]
) -> None:
    bench.go_wrong(Wrong(what=what, api="iam:ListRoles", times=1))
    iam = client(bench, "iam")
    with pytest.raises(error):
        iam.list_roles()
    assert len(iam.list_roles()["Roles"]) == FIRST.counts["aws_iam_role"]
    assert [(row.calls, row.faults, row.duplicates) for row in bench.counts().rows] == [(2, 1, 0)]


# --- what is made of it -----------------------------------------------------------------------------


def test_the_bound_is_by_rates_pages_calls_and_cpu() -> None:
    rows = [
        Row("1", HERE, "lambda:ListTags", "lambda:*", 15, 15, calls=50, throttled=10, chain=0),
        Row("1", HERE, "lambda:ListFunctions", "lambda:*", 15, 15, calls=5, chain=5),
    ]
    found = figures.bounds(Counts(rows), latency=0.04, cpu=0.0, pace=0.5)
    assert found == {"rates": 5.0, "pages": 0.2, "calls": 45 * 0.04 / 64, "cpu": 0.0}
    assert figures.bounds(Counts(rows), latency=0.04, cpu=0.0, pace=1.0)["rates"] == 2.0


def test_a_figure_stands_beside_its_goal() -> None:
    shown = figures.table(
        [Figure("a", "wall", 1.25, "s", 1.0), Figure("a", "asked twice", 0, "", 0), Figure("b", "calls", 4321)]
    )
    assert shown.splitlines()[1:] == [
        "a: wall           1.25 s  ≤ 1 s  MISSED",
        "a: asked twice         0    ≤ 0  ok",
        "b: calls           4,321",
    ]


def test_a_check_is_steep_that_takes_longer_a_verdict_with_more_of_them() -> None:
    few = {"steep": (10, 0.01), "even": (10, 0.01), "little": (10, 0.0001)}
    many = {"steep": (100, 0.5), "even": (100, 0.15), "little": (100, 0.04)}
    assert list(figures.steeper(few, many)) == [("steep", pytest.approx(5.0))]


# --- things without AWS -----------------------------------------------------------------------------


def test_each_pair_is_found_and_only_every_twentieth_has_drifted() -> None:
    live, declared = pairs.inventories(1000, schemas())
    found = drift(live, declared, schemas())
    assert len({each.key for each in live.resources}) == len(found.pairs) == 1000
    drifted = {each.resource.id for each in found.drift if each.declared}
    assert drifted
    assert all(int(id.rpartition("-")[2]) % pairs.DRIFTED == 1 for id in drifted)
    assert len({each.type for each in live.resources}) == len(pairs.of_states(schemas()))


def test_a_plain_compare_tells_every_place_that_differs() -> None:
    one = {"a": 1, "b": [{"c": 1}, {"c": 2}], "d": None, "e": [1]}
    other = {"a": 1, "b": [{"c": 1}, {"c": 3}], "e": [1, 2]}
    assert sorted(pairs.differences(one, other)) == [".b[1].c", ".e"]


def test_the_state_that_is_read_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    count = pairs.write_state(path, 100_000, schemas())
    assert path.stat().st_size >= 100_000
    found = asyncio.run(sources.written([str(path)], schemas()))
    assert len(found.resources) == count


def test_terraform_is_given_as_many_as_asked() -> None:
    written = re.findall(r'^resource "(\w+)" "this" {\n  count += (.+)$', beside.MIXED.read_text(), re.M)
    assert sorted(written) == sorted((kind, f"var.many.{kind}") for kind in MIX)
    many = beside.declared(500)
    assert (sum(many.values()), many["aws_instance"], many["aws_vpc"]) == (500, 144, 1)


def test_what_terraform_sees_of_a_thing_is_asked_for_with_it(tmp_path: Path) -> None:
    told = {"aws_security_group": {"name": "web", "ingress": []}, "aws_s3_bucket": {"bucket": "shop", "logging": []}}
    resources = [{"type": type, "instances": [{"attributes": each}]} for type, each in told.items()]
    (tmp_path / "a.tfstate").write_bytes(msgspec.json.encode({"resources": resources}))
    parts = {"aws_s3_bucket_logging", "aws_vpc_security_group_ingress_rule"}
    assert set(beside.compared(tmp_path / "a.tfstate")) == told.keys() | parts


def test_without_terraform_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    main(["--only", "terraform", "--json"])
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert "not measured: no terraform on the path" in told.err


@pytest.fixture(scope="module")
def replayed() -> Iterator[Endpoint]:
    """A moto server that can answer again, late."""
    with answering("tests.bench.replayed", "--latency", 0.2) as url:
        yield Endpoint(url, World())


def asked(replayed: Endpoint) -> tuple[int, int]:
    """How many calls there were, and how many of them moto answered."""
    said = msgspec.json.decode(replayed.ask("counts"), type=Asked)
    return said.calls, len(said.unrecorded)


def test_what_was_read_is_answered_again_late_and_without_moto(replayed: Endpoint) -> None:
    queues = client(replayed, "sqs")
    queues.create_queue(QueueName="first")
    replayed.ask("record")
    recorded = queues.list_queues()["QueueUrls"]
    queues.create_queue(QueueName="second")
    assert queues.list_queues()["QueueUrls"] == recorded
    assert asked(replayed) == (3, 2)
    replayed.ask("replay")
    began = time.monotonic()
    assert queues.list_queues()["QueueUrls"] == recorded == [f"{replayed.url}/123456789012/first"]
    assert time.monotonic() - began >= 0.2
    assert asked(replayed) == (1, 0)


def test_what_was_not_recorded_and_every_write_is_asked_of_moto(replayed: Endpoint) -> None:
    queues = client(replayed, "sqs")
    replayed.ask("record")
    queues.create_queue(QueueName="third")
    replayed.ask("replay")
    queues.create_queue(QueueName="third")
    assert len(queues.list_queues(QueueNamePrefix="third")["QueueUrls"]) == 1
    assert asked(replayed) == (2, 2)


def test_a_read_that_is_posted_is_recorded_with_its_status(replayed: Endpoint) -> None:
    def contact() -> Counter[str]:
        return refused(lambda: client(replayed, "account").get_alternate_contact(AlternateContactType="BILLING"), 1)

    replayed.ask("record")
    recorded = contact()
    replayed.ask("replay")
    assert contact() == recorded == {"ResourceNotFoundException": 1}
    assert asked(replayed) == (1, 0)


def test_an_answer_that_is_only_a_head_is_as_long_as_it_was(replayed: Endpoint) -> None:
    s3 = client(replayed, "s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": HERE})
    s3.put_object(Bucket="shop", Key="a b", Body=b"hello")
    for how, answered in (("record", (1, 1)), ("replay", (1, 0))):
        replayed.ask(how)
        assert s3.head_object(Bucket="shop", Key="a b")["ContentLength"] == 5
        assert asked(replayed) == answered


def test_each_database_has_an_id_of_its_own(replayed: Endpoint) -> None:
    rds = client(replayed, "rds")
    for name in ("orders", "ledger"):
        rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres")
    ids = [each["DbiResourceId"] for each in rds.describe_db_instances()["DBInstances"]]
    for id in ids:
        only = [{"Name": "dbi-resource-id", "Values": [id]}]
        assert [each["DbiResourceId"] for each in rds.describe_db_instances(Filters=only)["DBInstances"]] == [id]
    assert len(ids) == 2


def test_the_memory_of_a_program_is_that_of_all_it_starts() -> None:
    held = "import time; held = bytearray(50_000_000); print(flush=True); time.sleep(60)"
    started = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    with subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE, start_new_session=True) as program:
        assert program.stdout
        program.stdout.readline()
        assert 50 < beside.memory(program.pid) < 200
        os.killpg(program.pid, signal.SIGKILL)


def test_only_what_is_asked_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "version", "--rounds", "1", "--json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["of"], found["unit"], found["goal"]) == ("driftline --version", "ms", 90)
    assert found["reached"] == (found["value"] <= 90)
