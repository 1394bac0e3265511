"""AWS Glue: jobs."""

from __future__ import annotations

from checks import secrets
from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource

ARGUMENTS = ("default_arguments", "non_overridable_arguments")


@check("aws_glue_job", severity=Severity.CRITICAL, category=Category.SECRETS)
def glue_job_secrets(job: Resource, inventory: Inventory) -> Fault | None:
    """Job arguments hold what looks like a secret.

    Whoever may read the job reads them, and each run repeats them. What is looked for is the form of known keys, and
    values under names like PASSWORD.

    Fix: give the job the name of a secret in Secrets Manager, or a connection; change the one that was shown.

    Fails:

        resource "aws_glue_job" "facts" {
          default_arguments         = { "--db-password" = "hunter2" }
          non_overridable_arguments = {}
        }

    Passes:

        resource "aws_glue_job" "facts" {
          default_arguments         = { "--db-secret-arn" = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" }
          non_overridable_arguments = {}
        }
    """
    found = (each for name in ARGUMENTS for each in secrets.in_pairs(name, job[name] or {}))
    return secrets.fault(job, found, *ARGUMENTS)
