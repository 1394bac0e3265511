from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from scanner.aws.errors import Refused
from scanner.aws.guard import signature
from scanner.aws.session import Access
from scanner.delivery import Objects, objects
from state.terraform.errors import Forbidden, NotFound
from state.terraform.remote import AS_EVER, Blob, How
from tests.conftest import REGION, run
from tests.scanner.aws.wire import assumed, refusal, wire


def asked(what: Callable[[Objects], Any]) -> Any:
    async def asking() -> Any:
        async with objects(Access()) as store:
            return await what(store)

    return run(asking())


def bucket(aws: Any, **keys: bytes) -> dict[str, str]:
    """A bucket with these objects: their ETags by key."""
    aws("s3").create_bucket(Bucket="acme-tf", CreateBucketConfiguration={"LocationConstraint": REGION})
    return {key: aws("s3").put_object(Bucket="acme-tf", Key=key, Body=data)["ETag"] for key, data in keys.items()}


def test_an_object_is_read_with_its_etag(aws: Any) -> None:
    tags = bucket(aws, state=b"{}")
    assert asked(lambda store: store.read("acme-tf", "state")) == Blob(b"{}", tags["state"])


def test_an_object_of_a_versioned_bucket_is_read_with_its_version(aws: Any) -> None:
    bucket(aws)
    aws("s3").put_bucket_versioning(Bucket="acme-tf", VersioningConfiguration={"Status": "Enabled"})
    version = aws("s3").put_object(Bucket="acme-tf", Key="state", Body=b"{}")["VersionId"]
    assert asked(lambda store: store.read("acme-tf", "state")) == Blob(b"{}", version)


def test_all_pages_of_a_prefix_are_listed(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    wanted = sorted(f"prod/{n}" for n in range(5))
    bucket(aws, other=b"", **dict.fromkeys(wanted, b""))
    assert asked(lambda store: store.list("acme-tf", "prod/")) == wanted


def test_the_version_of_an_object_is_told_without_reading_it(aws: Any) -> None:
    tags = bucket(aws, state=b"{}")
    assert asked(lambda store: store.version("acme-tf", "state")) == tags["state"]


def test_an_older_version_of_an_object_is_read(aws: Any) -> None:
    bucket(aws)
    aws("s3").put_bucket_versioning(Bucket="acme-tf", VersioningConfiguration={"Status": "Enabled"})
    version = aws("s3").put_object(Bucket="acme-tf", Key="state", Body=b"old")["VersionId"]
    aws("s3").put_object(Bucket="acme-tf", Key="state", Body=b"new")
    assert asked(lambda store: store.read("acme-tf", "state", How(version=version))) == Blob(b"old", version)
    with pytest.raises(NotFound) as refused:
        asked(lambda store: store.read("acme-tf", "state", How(version="nope")))
    assert str(refused.value) == (
        "s3://acme-tf/state?version=nope: there is no such version of the object; "
        "`aws s3api list-object-versions` has them"
    )


ROLE = "arn:aws:iam::123456789012:role/states"


def test_a_bucket_is_read_by_the_role_of_its_source(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket(aws, state=b"{}")
    with wire() as sts:
        sts.answers |= {"AssumeRole": assumed("ASIASTATES")}
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        how = How(role_arn=ROLE, external_id="only-we-know")
        twice = [asked(lambda store: store.read("acme-tf", "state", how)).data for _ in "12"]
        asking = [each.form for each in sts.requests if each.action == "AssumeRole"]
    assert (twice, len(asking)) == ([b"{}"] * 2, 2)
    assert (asking[0]["RoleArn"], asking[0]["ExternalId"]) == (ROLE, "only-we-know")


def test_a_role_that_is_not_to_be_had_is_said(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire() as sts:
        sts.answers |= {"AssumeRole": refusal("AccessDenied", 403)}
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        with pytest.raises(Forbidden) as refused:
            asked(lambda store: store.read("acme-tf", "state", How(role_arn=ROLE)))
    assert str(refused.value) == (
        f"s3://acme-tf/state: role {ROLE} could not be assumed: AssumeRole: access denied (AccessDenied); "
        "check its trust policy and external id"
    )


def test_what_is_not_there_is_said(aws: Any) -> None:
    bucket(aws)
    with pytest.raises(NotFound) as no_key:
        asked(lambda store: store.read("acme-tf", "state"))
    with pytest.raises(NotFound) as no_bucket:
        asked(lambda store: store.list("other", ""))
    assert [str(no_key.value), str(no_bucket.value)] == [
        "s3://acme-tf/state: there is no such object; check the key given to --from",
        "s3://other/: there is no such bucket; check the name given to --from",
    ]


def test_nothing_but_states_and_the_database_is_within_reach(aws: Any) -> None:
    async def ask(store: Objects) -> None:
        place = (await store._aws(AS_EVER)).at(REGION)
        await place.call("s3", "get_bucket_acl", Bucket="acme-tf")

    bucket(aws)
    with pytest.raises(Refused) as refused:
        asked(ask)
    assert str(refused.value) == "s3:GetBucketAcl is not on the list of operations that a scan may call"


def test_files_alone_need_no_aws() -> None:
    async def opening() -> None:
        async with objects(Access(profile="nobody")) as store:
            await store.enter(["terraform.tfstate", "infra/"])

    run(opening())


def test_a_profile_that_is_not_there_is_said() -> None:
    async def opening() -> None:
        async with objects(Access(profile="nobody")) as store:
            await store.enter(["s3://acme-tf/state"])

    with pytest.raises(Forbidden) as refused:
        run(opening())
    assert str(refused.value) == "s3://acme-tf/state: there is no AWS profile 'nobody' in your AWS config"


# --- what S3 itself does and moto does not ----------------------------------------------------------


class Regional(BaseHTTPRequestHandler):
    """S3 as it answers for a bucket in eu-central-1, and STS beside it."""

    protocol_version = "HTTP/1.1"
    signed: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(
            200,
            b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/ci</Arn><Account>1</Account>"
            b"</GetCallerIdentityResult></GetCallerIdentityResponse>",
        )

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        signed = signature(self.headers["Authorization"])
        region = signed.region if signed else ""
        self.signed.append(region)
        if region == "eu-central-1":
            self.answer(200, b"{}", ETag='"1"')
        elif "secret" in self.path:
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        else:
            body = b"<Error><Code>PermanentRedirect</Code><Endpoint>s3.eu-central-1.amazonaws.com</Endpoint></Error>"
            self.answer(301, body, **{"x-amz-bucket-region": "eu-central-1"})

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def regional(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Regional)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    Regional.signed.clear()
    yield Regional.signed
    server.shutdown()


def test_a_bucket_in_another_region_is_asked_there_and_only_once_elsewhere(regional: list[str]) -> None:
    async def twice(store: Objects) -> list[Blob]:
        return [await store.read("acme-tf", "state"), await store.read("acme-tf", "state")]

    assert asked(twice) == [Blob(b"{}", '"1"')] * 2
    assert regional == [REGION, "eu-central-1", "eu-central-1"]


def test_the_version_of_an_object_in_another_region_is_asked_there(regional: list[str]) -> None:
    assert asked(lambda store: store.version("acme-tf", "state")) == '"1"'
    assert regional[-1] == "eu-central-1"


def test_a_region_that_is_said_is_asked_at_once(regional: list[str]) -> None:
    assert asked(lambda store: store.read("acme-tf", "state", How(region="eu-central-1"))) == Blob(b"{}", '"1"')
    assert regional == ["eu-central-1"]


def test_a_denied_object_says_what_to_allow(regional: list[str]) -> None:
    with pytest.raises(Forbidden) as refused:
        asked(lambda store: store.read("acme-tf", "secret"))
    assert str(refused.value) == (
        "s3://acme-tf/secret: access denied (AccessDenied); allow s3:GetObject on s3://acme-tf/secret, "
        "and kms:Decrypt if it is encrypted"
    )
