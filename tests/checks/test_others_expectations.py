"""What other public tools publish as wrong and as right, and that we say the same, or say why not.

Beside this file lies a text for each tool: a first line that says where it publishes, then scenarios in our own
words. The line above each is ``## check | their verdict | page or path``. Where ours differs it is
``fail, here pass``, and a last part quotes what the check's docstring says of that; an unknown gives its own
reason. What a tool does not judge at all it skips.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from checks import REGISTRY, Status, Terms
from tests.cases import every
from tests.checks.live import FAIL, PASS, verdicts
from tests.checks.test_examples import first, read
from tests.conftest import REGION

Client = Callable[..., Any]
OTHERS = Path(__file__).with_name("others")
HERE = {"LocationConstraint": REGION}


class Scenario(msgspec.Struct, frozen=True):
    """What one tool says of one declaration, and what we say."""

    check: str
    theirs: Status
    ours: Status
    source: str
    because: str
    text: str


def scenarios(file: Path) -> Iterator[Scenario]:
    published, *parts = file.read_text().split("\n## ")
    for part in parts:
        head, text = part.split("\n", 1)
        check, said, source, *because = head.split(" | ")
        theirs, _, ours = said.partition(", here ")
        yield Scenario(
            check=check,
            theirs=Status(theirs),
            ours=Status(ours or theirs),
            source=f"{published.removeprefix('# ').strip()}{source}",
            because=" ".join(because),
            text=text,
        )


EVERY = [each for file in sorted(OTHERS.iterdir()) for each in scenarios(file)]
every_scenario = every({f"{n}-{each.check}": each for n, each in enumerate(EVERY)})


@every_scenario
def test_we_say_what_they_say_or_why_not(it: Scenario) -> None:
    check, inventory = REGISTRY[it.check], read(it.text)
    found = check.judge(first(check, inventory), inventory, Terms())
    assert found.status is it.ours, found.message
    if it.ours is Status.UNKNOWN:
        assert found.message


@every_scenario
def test_the_docstring_says_where_we_differ(it: Scenario) -> None:
    differs = it.ours not in (it.theirs, Status.UNKNOWN)
    assert bool(it.because) is differs
    assert it.because in " ".join(REGISTRY[it.check].rationale.split())


@every_scenario
def test_a_source_is_given(it: Scenario) -> None:
    host, owner, repository, *path = it.source.split("/")
    assert (host, bool(owner), bool(repository)) == ("github.com", True, True)
    assert "." in path[-1]


def test_enough_is_tried_and_nothing_twice() -> None:
    assert len(EVERY) >= 300
    assert len({each.check for each in EVERY}) >= 130
    assert len({(each.check, each.text) for each in EVERY}) == len(EVERY)


# --- what Prowler makes in moto, made in moto ----------------------------------------------------


def test_a_bucket_with_a_grant_to_all_users(aws: Client) -> None:
    """tests/providers/aws/services/s3/s3_bucket_public_access/s3_bucket_public_access_test.py"""
    s3 = aws("s3")
    for name in ("acme", "quiet"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=HERE)
    grant = {
        "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
        "Permission": "READ",
    }
    owner = s3.get_bucket_acl(Bucket="acme")["Owner"]
    s3.put_bucket_acl(Bucket="acme", AccessControlPolicy={"Grants": [grant], "Owner": owner})
    found = verdicts("s3-bucket-public-access")
    assert {id: status for (_, id), status in found.items()} == {"acme": FAIL, "quiet": PASS}


def test_a_public_database_that_no_group_opens(aws: Client) -> None:
    """tests/providers/aws/services/rds/rds_instance_no_public_access/rds_instance_no_public_access_test.py"""
    named = {"DBInstanceIdentifier": "orders"}
    aws("rds").create_db_instance(
        **named, Engine="postgres", DBInstanceClass="db.m1.small", AllocatedStorage=10, PubliclyAccessible=True
    )
    assert set(verdicts("rds-instance-public").values()) == {FAIL}
    aws("rds").modify_db_instance(**named, PubliclyAccessible=False)
    assert set(verdicts("rds-instance-public").values()) == {PASS}


def test_plain_http_refused_for_uploads_alone(aws: Client) -> None:
    """tests/providers/aws/services/s3/s3_bucket_secure_transport_policy/s3_bucket_secure_transport_policy_test.py"""
    s3 = aws("s3")
    for name, action in (("some", "s3:PutObject"), ("all", "s3:*")):
        s3.create_bucket(Bucket=f"acme-{name}", CreateBucketConfiguration=HERE)
        arn = f"arn:aws:s3:::acme-{name}"
        refusal = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": [arn, f"{arn}/*"]}
        refusal["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
        s3.put_bucket_policy(Bucket=f"acme-{name}", Policy=json.dumps({"Statement": [refusal]}))
    found = verdicts("s3-bucket-tls-only")
    assert {id: status for (_, id), status in found.items()} == {"acme-some": FAIL, "acme-all": PASS}
