"""A furnished account whose auditor may do just what is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from scanner.demo import changes, company
from tests.conftest import ACCOUNT, REGION
from tests.scanner.between import Answer, Between, between

Only = Callable[..., AbstractContextManager[None]]

MOTO_ASKS = {
    "s3:GetAccountPublicAccessBlock": "s3:GetPublicAccessBlock",
    "s3:GetBucketOwnershipControls": "s3:ListBucket",
    "s3:GetBucketPublicAccessBlock": "s3:ListBucket",
    "s3:GetEncryptionConfiguration": "s3:ListBucket",
    "tag:GetResources": "tagging:GetResources",
}
"""The action that moto asks for, where IAM asks for another."""

NAMED = {"FunctionName": "checkout", "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"}
FUNCTION = NAMED | {"Version": "$LATEST"}


def lambdas(allowed: list[str]) -> Callable[[Between], Answer | None]:
    """Lambda held to a policy. moto drops the path's last slash, and then refuses every signature as wrong."""
    answers = {
        "functions": ("lambda:ListFunctions", {"Functions": [FUNCTION]}),
        "tags": ("lambda:ListTags", {}),
        "concurrency": ("lambda:GetFunctionConcurrency", {}),
    }

    def hook(request: Between) -> Answer | None:
        if "/lambda/" not in request.headers["Authorization"]:
            return None
        _, _, thing, *rest = request.path.partition("?")[0].rstrip("/").split("/")
        needed, answer = answers["concurrency" if "concurrency" in rest else thing]
        if needed in allowed:
            return 200, {}, json.dumps(answer).encode()
        return 403, {}, b'{"__type": "AccessDeniedException"}'

    return hook


@pytest.fixture
def as_auditor(
    aws: Any, endpoint: str, allowed_only: Only, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[str]], AbstractContextManager[None]]:
    """``with as_auditor(actions):`` is a user of a furnished account who may do these."""
    company.build(aws)
    changes.make(aws)
    more(aws)

    @contextmanager
    def auditor(actions: list[str]) -> Iterator[None]:
        with between(endpoint, lambdas(actions)) as front, monkeypatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", front)
            with allowed_only(*(MOTO_ASKS.get(each, each) for each in actions)):
                yield

    return auditor


def more(aws: Any) -> None:
    """What the demo's company does not have, so that no listing is empty."""
    volume = aws("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
    aws("ec2").create_snapshot(VolumeId=volume)
    aws("ec2").allocate_address()
    aws("iam").create_instance_profile(InstanceProfileName="web")
    admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    aws("iam").create_policy(PolicyName="storage", PolicyDocument=json.dumps(admin))
    login = {"MasterUsername": "admin", "MasterUserPassword": "hunter2hunter2"}
    aws("rds").create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-postgresql", **login)
    aws("rds").create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="monday")
