"""AWS Glue: the data catalog of a region."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Skip, check
from checks.doubt import any_of, said_in
from state import Inventory, Resource

USES = ("aws_glue_catalog_database", "aws_glue_connection")


@check(
    "aws_glue_data_catalog_encryption_settings",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    well_architected_security="SEC08-BP02",
)
def glue_catalog_encryption(settings: Resource, inventory: Inventory) -> Fault | None:
    """Data catalogue or its passwords are not encrypted.

    The catalogue tells what lies where, and its connections hold passwords of databases, which whoever may read a
    connection is told in the clear. A region whose catalogue is at AWS's default and has neither databases nor
    connections is skipped.

    Fix: set `catalog_encryption_mode = "SSE-KMS"` and `return_connection_password_encrypted = true` with keys.

    Fails:

        resource "aws_glue_data_catalog_encryption_settings" "main" {
          data_catalog_encryption_settings {
            encryption_at_rest {
              catalog_encryption_mode = "SSE-KMS"
            }

            connection_password_encryption {
              return_connection_password_encrypted = false
            }
          }
        }

    Fails:

        live "aws_glue_data_catalog_encryption_settings" "main" {
          data_catalog_encryption_settings = [{ encryption_at_rest = [{ catalog_encryption_mode = "DISABLED" }] }]
        }

        live "aws_glue_connection" "facts" {
          name = "facts"
        }

    Passes:

        resource "aws_glue_data_catalog_encryption_settings" "main" {
          data_catalog_encryption_settings {
            encryption_at_rest {
              catalog_encryption_mode = "SSE-KMS"
            }

            connection_password_encryption {
              return_connection_password_encrypted = true
              aws_kms_key_id                       = "arn:aws:kms:eu-west-1:123456789012:key/1"
            }
          }
        }
    """
    at = "data_catalog_encryption_settings"
    blocks = settings[at] or ()
    modes = [said_in(e, "catalog_encryption_mode") for each in blocks for e in each.get("encryption_at_rest") or ()]
    passwords = [
        said_in(e, "return_connection_password_encrypted")
        for each in blocks
        for e in each.get("connection_password_encryption") or ()
    ]
    bare = {}
    if not modes or modes[0] in (None, "", "DISABLED"):
        bare["the data catalogue"] = (f"{at}[0].encryption_at_rest[0].catalog_encryption_mode", *modes[:1])
    if not any(passwords):
        path = f"{at}[0].connection_password_encryption[0].return_connection_password_encrypted"
        bare["passwords of connections"] = (path, *passwords[:1])
    if not bare:
        return None
    if settings.declared is None and not any_of(lambda type: inventory.near(settings, type), USES):
        raise Skip(f"the catalogue of {settings.region} has no databases or connections")
    evidence = {path: value[0] if value else None for path, *value in bare.values()}
    return Fault(f"not encrypted: {' and '.join(bare)}", evidence)
