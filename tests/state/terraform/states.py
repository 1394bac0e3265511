"""States and schemas for the tests of this folder, made here."""

from __future__ import annotations

import json
from typing import Any

from state.forms import PLAIN, TAGS
from state.schema import Schema

AWS = 'provider["registry.terraform.io/hashicorp/aws"]'
BUCKET = Schema(type="aws_s3_bucket", identity=("bucket",), forms={"bucket": PLAIN, "tags": TAGS})
VERSIONING = Schema(type="aws_s3_bucket_versioning", identity=("bucket",))
ROLE = Schema(type="aws_iam_role", identity=("name",), is_global=True)
SCHEMAS = {each.type: each for each in (BUCKET, VERSIONING, ROLE)}


def bucket(name: str, address: str = "it", **more: Any) -> dict[str, Any]:
    """A bucket's block in a state."""
    attributes = {"id": name, "bucket": name, "arn": f"arn:aws:s3:::{name}", "region": "eu-west-1"}
    return block("aws_s3_bucket", address, [{"attributes": attributes | more}])


def block(type: str, name: str, instances: list[dict[str, Any]], **about: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": type, "name": name, "provider": AWS, "instances": instances} | about


def state(*blocks: dict[str, Any], **about: Any) -> bytes:
    whole = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {}}
    return json.dumps(whole | {"resources": list(blocks)} | about).encode()
