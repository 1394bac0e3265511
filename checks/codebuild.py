"""AWS CodeBuild: build projects."""

from __future__ import annotations

from checks import secrets
from checks.check import Category, Fault, Severity, check
from checks.doubt import said_in
from state import Inventory, Resource

PLAIN = (None, "", "PLAINTEXT")


@check(
    "aws_codebuild_project",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    fsbp="CodeBuild.2",
    pci_4="3.5.1;7.2.1;7.2.2;7.2.3;8.2.2;8.3.2",
)
def codebuild_env_secrets(project: Resource, inventory: Inventory) -> Fault | None:
    """Build project environment holds what looks like a secret.

    Whoever may read the project reads it, and so does every build, with whatever it runs. What is looked
    for is the form of known keys, and values under names like PASSWORD.

    Fix: give the variable `type = "SECRETS_MANAGER"` or `"PARAMETER_STORE"`; change the secret that was
    shown.

    Fails:

        resource "aws_codebuild_project" "shop" {
          name = "shop"

          environment {
            environment_variable {
              name  = "NPM_TOKEN"
              value = "hunter2"
            }
          }
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          name = "shop"

          environment {
            environment_variable {
              name  = "NPM_TOKEN"
              type  = "SECRETS_MANAGER"
              value = "shop/npm"
            }
          }
        }
    """
    variables = [each for block in project["environment"] or () for each in block.get("environment_variable") or ()]
    plain = {str(each.get("name")): each.get("value") for each in variables if said_in(each, "type") in PLAIN}
    return secrets.fault(project, secrets.in_pairs("environment[0].environment_variable", plain))
