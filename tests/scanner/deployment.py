"""An account as deploy/ and its own Terraform left it, and the settings that a scheduled scan has there."""

from __future__ import annotations

from typing import Any

from tests.conftest import REGION
from tests.state.terraform.states import block, state

DATABASE = "s3://acme-driftline/history.sqlite"
SETTINGS = (
    f'regions = ["{REGION}"]\ntypes = ["aws_s3_bucket", "aws_s3_bucket_versioning"]\nchecks = ["s3-bucket-vers*"]'
)
VERSIONED = {"id": "acme-logs", "bucket": "acme-logs", "versioning_configuration": [{"status": "Enabled"}]}
LOGS = {"id": "acme-logs", "bucket": "acme-logs", "arn": "arn:aws:s3:::acme-logs", "region": REGION}
DECLARED = state(
    block("aws_s3_bucket", "logs", [{"attributes": LOGS}]),
    block("aws_s3_bucket_versioning", "logs", [{"attributes": VERSIONED}]),
)


def make(aws: Any, webhook: str) -> dict[str, str]:
    """A bucket as declared, a state, a secret, and no database yet: the environment of the task."""
    for name in ("acme-logs", "acme-tf", "acme-driftline"):
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    versioning(aws, "Enabled")
    aws("s3").put_object(Bucket="acme-tf", Key="logs.tfstate", Body=DECLARED)
    return {
        "DRIFTLINE_FROM": "s3://acme-tf/logs.tfstate\n",
        "DRIFTLINE_SETTINGS": SETTINGS,
        "DRIFTLINE_DATABASE": DATABASE,
        "DRIFTLINE_SLACK_SECRET": aws("secretsmanager").create_secret(Name="slack", SecretString=f"{webhook}\n")["ARN"],
    }


def suspend_versioning(aws: Any) -> None:
    """What somebody changes by hand."""
    versioning(aws, "Suspended")


def versioning(aws: Any, status: str) -> None:
    aws("s3").put_bucket_versioning(Bucket="acme-logs", VersioningConfiguration={"Status": status})
