"""AWS IAM: TLS certificates that are kept in it."""

from __future__ import annotations

from datetime import datetime

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_iam_server_certificate",
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="1.19",
    cis_5_0="1.18",
    cis_6_0="2.18",
    cis_7_0="2.17",
    fsbp="IAM.26",
)
def iam_server_certificate_expired(certificate: Resource, inventory: Inventory) -> str | None:
    """Expired TLS certificate is still stored in IAM.

    A load balancer can still be given it, by mistake or by an old template, and then every client turns
    away.

    Fix: delete it, and keep certificates in ACM, which renews them.

    Fails:

        live "aws_iam_server_certificate" "old" {
          name       = "old"
          expiration = "-1 days"
        }

    Passes:

        live "aws_iam_server_certificate" "new" {
          name       = "new"
          expiration = "+90 days"
        }
    """
    ends = datetime.fromisoformat(certificate["expiration"])
    return f"{certificate.name} expired on {ends:%Y-%m-%d}" if ends <= inventory.taken_at else None
