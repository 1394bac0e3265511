"""AWS Systems Manager: parameters, by their names and types alone. Their values are never read."""

from __future__ import annotations

from checks import secrets
from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_ssm_parameter", severity=Severity.HIGH, category=Category.SECRETS)
def ssm_parameter_plain_secret(parameter: Resource, inventory: Inventory) -> str | None:
    """Parameter that looks like a secret is stored as plain String.

    A plain parameter is encrypted with no key, so that whoever may read parameters may read this one,
    and each value it ever had. It is judged by its name: the value is not read.

    Fix: make it anew as a `SecureString`, change the secret, and delete the plain one.

    Fails:

        resource "aws_ssm_parameter" "db" {
          name = "/shop/db-password"
          type = "String"
        }

    Passes:

        resource "aws_ssm_parameter" "db" {
          name = "/shop/db-password"
          type = "SecureString"
        }

    Passes:

        resource "aws_ssm_parameter" "size" {
          name = "/shop/password-length"
          type = "String"
        }
    """
    if parameter["type"] == "SecureString" or not secrets.is_named(str(parameter["name"])):
        return None
    return f"{parameter.name} sounds like a secret and is stored as plain {parameter['type']}"
