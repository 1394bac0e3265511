"""An embedded AWS account: one moto server a test worker, emptied before each test."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import urllib.request
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import moto.backends
import moto.core.utils
import pytest
from botocore.hooks import EventAliaser
from hypothesis import HealthCheck, settings
from moto.server import ThreadedMotoServer

from scanner.aws.allowed import ALLOWED
from scanner.aws.asked import Want, Wanted
from scanner.aws.collect import collect
from scanner.aws.collector import Collector
from scanner.aws.guard import without_account_host
from scanner.aws.operations import PAID
from scanner.aws.pacing import Pacing
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from state import Inventory, Resource
from tests.scanner.aws.tls import Papers

REGION = "eu-west-1"
ACCOUNT = "123456789012"

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "2",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 500 images, each with a snapshot that costs a call
}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """A moto server's URL, for the whole session."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}" if host == "0.0.0.0" else f"http://{host}:{port}"
    server.stop()


def hasten() -> None:
    """What moto works out for each request, or each service, is worked out once: a third of the tests' time went there.

    It goes through its own folders to tell which services it has, and through botocore's for each that is asked. And
    each session of botocore's reads the services anew, and looks for other names of three hundred events.
    """
    modules, loader = tuple(moto.backends.list_of_moto_modules()), botocore.loaders.create_loader()
    moto.backends.list_of_moto_modules = lambda: modules
    moto.core.utils.create_loader = botocore.session.create_loader = lambda *_: loader
    named = cache(EventAliaser(None)._alias_event_name)
    EventAliaser._alias_event_name = lambda self, name: named(name)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Credentials that open nothing, no settings of whoever runs the tests, and a moto that is not slower than need be.

    One authority is believed: to read all that the machine believes takes longer than most scans here.
    """
    hasten()
    for name in [name for name in os.environ if name.startswith(("AWS_", "DRIFTLINE_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT, AWS_CA_BUNDLE=Papers(tmp_path_factory.mktemp("papers")).authority)


_clients: dict[tuple[str, str, str], Any] = {}


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """An empty AWS account: ``aws("rds")`` is a boto3 client of it. Ours find it as they find any endpoint."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    reset(endpoint)

    def client(service: str, region: str = REGION) -> Any:
        key = endpoint, service, region
        if key not in _clients:
            _clients[key] = boto3.Session().client(service, region_name=region, endpoint_url=endpoint)
            _clients[key].meta.events.register_first("before-sign", on_this_machine)
        return _clients[key]

    return client


def on_this_machine(request: Any, **_: Any) -> None:
    """S3 Control puts the account's number before the host, which an address cannot have."""
    request.url = without_account_host(request.url)


def reset(endpoint: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()


@pytest.fixture
def allowed_only(
    aws: Callable[..., Any], endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractContextManager[None]]:
    """``with allowed_only("iam:ListRoles"):`` asks as a user, auditor, who may do nothing else; moto enforces it."""

    @contextmanager
    def only(*actions: str) -> Iterator[None]:
        key = auditor(aws("iam"), ["sts:GetCallerIdentity", *actions])
        with monkeypatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
            patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
            enforce(endpoint, "0")
            try:
                yield
            finally:
                enforce(endpoint, "inf")

    return only


def auditor(iam: Any, actions: list[str]) -> Any:
    iam.create_user(UserName="auditor")
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="auditor", PolicyName="audit", PolicyDocument=document)
    return iam.create_access_key(UserName="auditor")["AccessKey"]


def enforce(endpoint: str, after: str) -> None:
    """From how many calls on moto asks IAM; ``inf`` is never, its default."""
    headers = {"Content-Type": "text/plain"}
    url = f"{endpoint}/moto-api/reset-auth"
    urllib.request.urlopen(urllib.request.Request(url, data=after.encode(), headers=headers)).close()


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def read(
    *collectors: Collector,
    regions: tuple[str, ...] = (REGION,),
    pace: float = 100,
    declared: Iterable[Resource] = (),
    wanted: Wanted = lambda collector, detail: Want.EACH,
    paid: bool = False,
) -> Inventory:
    """What these collectors see of the account, as a scan would, but for its patience: moto has no rates."""
    allowed = ALLOWED.union(PAID) if paid else ALLOWED

    async def reading() -> Inventory:
        async with (
            Wire(pacing=Pacing(pace), known=allowed) as wire,
            Aws(Access(), wire=wire, allowed=allowed) as session,
        ):
            return await collect({session: regions}, collectors, declared=Inventory(declared), wanted=wanted, paid=paid)

    return run(reading())
