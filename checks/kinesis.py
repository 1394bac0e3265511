"""Amazon Kinesis: data streams."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_kinesis_stream",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="Kinesis.1",
    pci_4="3.5.1;8.3.2",
    soc2="pi_1_4",
)
def kinesis_unencrypted(stream: Resource, inventory: Inventory) -> str | None:
    """Data stream is not encrypted with KMS.

    Its records then lie on AWS's disks as they came, and no key's policy stands between them and
    whoever gets at the stream.

    Fix: set `encryption_type = "KMS"` and a `kms_key_id` (`alias/aws/kinesis` costs nothing to keep);
    records that are already in the stream stay as they are until they expire.

    CLI: `aws kinesis start-stream-encryption --stream-name {name} --encryption-type KMS --key-id alias/aws/kinesis`

    Fails:

        resource "aws_kinesis_stream" "clicks" {
          encryption_type = "NONE"
        }

    Passes:

        resource "aws_kinesis_stream" "clicks" {
          encryption_type = "KMS"
          kms_key_id      = "alias/aws/kinesis"
        }
    """
    return None if stream["encryption_type"] == "KMS" else f"{stream.name} is not encrypted"
