"""Where S3 refuses: moto behind a server that answers some requests itself, as S3 does."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from scanner.collectors import s3, s3_grants, s3_lifecycle, s3control
from state import GLOBAL, Gap, Inventory
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, read
from tests.scanner.collectors.test_s3 import OPEN, bucket, declared

ALL = [*s3.COLLECTORS, *s3_grants.COLLECTORS, *s3_lifecycle.COLLECTORS]
TYPES = {each.type for each in ALL}
Refuse = Callable[..., None]


@pytest.fixture
def refuse(aws: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refuse]:
    """``refuse("/orders?policy")`` answers that request with AccessDenied, or with another error."""
    refused: dict[str, tuple[int, str, dict[str, str]]] = {}

    class Front(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = self.path
            if asked in refused:
                status, code, headers = refused[asked]
                self._send(status, headers, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())
                return
            behind = http.client.HTTPConnection(urlsplit(endpoint).netloc)
            behind.request(self.command, asked, body, dict(self.headers))
            answer = behind.getresponse()
            self._send(answer.status, {"Content-Type": answer.headers["Content-Type"] or "text/xml"}, answer.read())

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    for method in ("GET", "POST"):
        setattr(Front, f"do_{method}", Front.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    Thread(target=server.serve_forever, daemon=True).start()
    front = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", front)

    def add(path: str, status: int = 403, code: str = "AccessDenied", **headers: str) -> None:
        refused[path] = status, code, {name.replace("_", "-"): value for name, value in headers.items()}

    yield add
    server.shutdown()
    server.server_close()


def two(aws: Any) -> None:
    for name in ("orders", "other"):
        bucket(aws, name).put_bucket_policy(Bucket=name, Policy=OPEN)


def ids(inventory: Inventory, type: str) -> set[str]:
    return {each.id for each in inventory.of(type)}


@pytest.mark.parametrize(
    ("query", "type"),
    [
        ("acl", "aws_s3_bucket_acl"),
        ("encryption", "aws_s3_bucket_server_side_encryption_configuration"),
        ("lifecycle", "aws_s3_bucket_lifecycle_configuration"),
        ("logging", "aws_s3_bucket_logging"),
        ("ownershipControls", "aws_s3_bucket_ownership_controls"),
        ("policy", "aws_s3_bucket_policy"),
        ("publicAccessBlock", "aws_s3_bucket_public_access_block"),
        ("versioning", "aws_s3_bucket_versioning"),
    ],
)
def test_a_setting_that_may_not_be_read_is_a_gap_of_that_bucket_only(aws, refuse, query, type):
    two(aws)
    everything = read(*ALL)
    refuse(f"/orders?{query}")
    found = read(*ALL)
    [gap] = found.gaps
    assert (gap.type, gap.account, gap.region, gap.id, gap.kind) == (type, ACCOUNT, "eu-west-1", "orders", "denied")
    assert ids(found, type) == ids(everything, type) - {"orders"}
    assert all(ids(found, each) == ids(everything, each) for each in TYPES - {type})


def test_what_may_not_be_read_is_neither_missing_nor_changed(aws, refuse):
    two(aws)
    refuse("/orders?policy")
    schemas = {each.type: each.schema for each in ALL}
    by_itself = declared("aws_s3_bucket_policy", bucket="orders", policy=OPEN)
    inside = declared("aws_s3_bucket", bucket="orders", policy=OPEN)
    other = declared("aws_s3_bucket", bucket="other", policy=OPEN)
    live = read(*ALL)
    for wanted in ([by_itself, inside, other], [inside, other]):
        assert drift(live, Inventory(settle(wanted, schemas)), schemas).drift == []


def test_tags_that_may_not_be_read_are_unknown(aws, refuse):
    two(aws)
    refuse("/orders?tagging")
    found = read(s3.BUCKET)
    assert {each.id: set(each.unknown) for each in found.of("aws_s3_bucket")} == {"orders": {"tags"}, "other": set()}
    [gap] = found.gaps
    assert (gap.id, gap.attribute, gap.permission) == ("orders", "tags", "s3:GetBucketTagging")


def test_a_bucket_whose_region_may_not_be_read_is_a_gap_of_it_alone(aws, refuse):
    two(aws)
    refuse("/orders?location")
    found = read(*ALL)
    assert {(each.type, each.region, each.id) for each in found.gaps} == {(type, GLOBAL, "orders") for type in TYPES}
    assert {(each.kind, each.operation, each.permission) for each in found.gaps} == {
        ("denied", "s3:GetBucketLocation", "s3:GetBucketLocation")
    }
    assert ids(found, "aws_s3_bucket") == ids(found, "aws_s3_bucket_policy") == {"other"}
    assert found.unseen("aws_s3_bucket", ACCOUNT, "eu-west-1", "orders") is not None
    assert found.unseen("aws_s3_bucket", ACCOUNT, "eu-west-1", "nowhere") is None


@pytest.mark.parametrize("query", ["location", "tagging", "policy"])
def test_a_bucket_that_went_since_it_was_listed_is_no_gap(aws, refuse, query):
    two(aws)
    refuse(f"/orders?{query}", 404, "NoSuchBucket")
    found = read(s3.BUCKET, s3.POLICY)
    assert found.gaps == []
    assert ids(found, "aws_s3_bucket_policy" if query != "tagging" else "aws_s3_bucket") == {"other"}


def test_a_bucket_that_is_suddenly_elsewhere_is_a_gap(aws, refuse):
    two(aws)
    refuse("/orders?policy", 301, "PermanentRedirect", x_amz_bucket_region="ap-south-1")
    found = read(s3.BUCKET, s3.POLICY)
    assert [(each.type, each.id) for each in found.gaps] == [("aws_s3_bucket_policy", "orders")]
    assert ids(found, "aws_s3_bucket_policy") == {"other"}


def test_a_bucket_that_only_its_own_region_answers_for_is_there(aws, refuse):
    two(aws)
    refuse("/orders?location", 301, "PermanentRedirect", x_amz_bucket_region="eu-west-1")
    refuse("/other?location", 301, "PermanentRedirect", x_amz_bucket_region="ap-south-1")
    found = read(*ALL)
    assert found.gaps == []
    assert {(each.id, each.region) for each in found.of("aws_s3_bucket")} == {("orders", "eu-west-1")}


def test_an_account_whose_block_may_not_be_read(aws, refuse):
    refuse("/v20180820/configuration/publicAccessBlock")
    found = read(s3control.ACCOUNT_PUBLIC_ACCESS_BLOCK)
    assert found.gaps == [
        Gap(
            type="aws_s3_account_public_access_block",
            account=ACCOUNT,
            region=GLOBAL,
            reason="GetPublicAccessBlock: access denied (AccessDenied)",
            kind="denied",
            operation="s3control:GetPublicAccessBlock",
            permission="s3:GetAccountPublicAccessBlock",
        )
    ]
    assert ids(found, "aws_s3_account_public_access_block") == set()
