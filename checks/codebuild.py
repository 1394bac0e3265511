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


@check(
    "aws_codebuild_project",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    fsbp="CodeBuild.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
)
def codebuild_source_credentials(project: Resource, inventory: Inventory) -> Fault | None:
    """Build project's source address holds credentials.

    The address stands in the project, in each build and in its log, and with it whoever reads them can write the
    source. A user's name alone is no credential.

    Fix: take them out of `location`, connect the source with an `aws_codestarconnections_connection`, and revoke the
    password or token that was shown.

    Fails:

        resource "aws_codebuild_project" "shop" {
          name = "shop"
          secondary_sources = []

          source {
            type     = "BITBUCKET"
            location = "https://ci:hunter2@bitbucket.org/acme/shop.git"
          }
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          name = "shop"
          secondary_sources = []

          source {
            type     = "BITBUCKET"
            location = "https://ci@bitbucket.org/acme/shop.git"
          }
        }
    """
    found = (
        (f"{name}[{number}].location", kind)
        for name in ("source", "secondary_sources")
        for number, block in enumerate(project[name] or ())
        if (kind := secrets.formed(str(said_in(block, "location") or "")))
    )
    return secrets.fault(project, found, "source", "secondary_sources")


@check(
    "aws_codebuild_project",
    severity=Severity.MEDIUM,
    category=Category.CONTAINERS,
    fsbp="CodeBuild.5",
)
def codebuild_privileged(project: Resource, inventory: Inventory) -> Fault | None:
    """Build project runs privileged.

    A build then is root on the machine that runs it, Docker and all; whatever a dependency smuggles in is too. Only
    builds that make images need it.

    Fix: set `privileged_mode = false`, and keep the projects that make images apart.

    Fails:

        resource "aws_codebuild_project" "shop" {
          environment {
            privileged_mode = true
          }
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          environment {
            privileged_mode = false
          }
        }
    """
    if not any(said_in(each, "privileged_mode") for each in project["environment"] or ()):
        return None
    return Fault(f"{project.name} runs privileged", {"environment[0].privileged_mode": True})


@check("aws_codebuild_project", severity=Severity.HIGH, category=Category.PUBLIC_EXPOSURE)
def codebuild_public(project: Resource, inventory: Inventory) -> str | None:
    """Build project is visible to everyone.

    Anyone on the internet reads the logs and artifacts of its builds, those of the past too, and with them whatever
    a build once printed.

    Fix: set `project_visibility = "PRIVATE"`.

    CLI: `aws codebuild update-project-visibility --project-arn {arn} --project-visibility PRIVATE`

    Fails:

        resource "aws_codebuild_project" "shop" {
          project_visibility = "PUBLIC_READ"
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          project_visibility = "PRIVATE"
        }
    """
    return f"{project.name} is visible to everyone" if project["project_visibility"] == "PUBLIC_READ" else None


@check(
    "aws_codebuild_project",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="CodeBuild.4",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1",
)
def codebuild_logging(project: Resource, inventory: Inventory) -> Fault | None:
    """Build project keeps no logs.

    What a build ran, with the rights that it has, can then not be told afterwards. Logs go to CloudWatch
    where nothing is said; only a project that turned them off, and keeps none in S3 either, fails.

    Fix: set `status = "ENABLED"` in `cloudwatch_logs` or `s3_logs` of `logs_config`.

    Fails:

        resource "aws_codebuild_project" "shop" {
          logs_config {
            cloudwatch_logs {
              status = "DISABLED"
            }
          }
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          logs_config {
            cloudwatch_logs {
              status = "DISABLED"
            }

            s3_logs {
              status   = "ENABLED"
              location = "logs/builds"
            }
          }
        }

    Passes:

        resource "aws_codebuild_project" "shop" {
          logs_config {
            cloudwatch_logs {
              group_name = "builds"
            }
          }
        }
    """
    for each in project["logs_config"] or ():
        off = any(said_in(logs, "status") == "DISABLED" for logs in each.get("cloudwatch_logs") or ())
        if off and not any(said_in(logs, "status") == "ENABLED" for logs in each.get("s3_logs") or ()):
            evidence = {"logs_config[0].cloudwatch_logs[0].status": "DISABLED"}
            return Fault(f"the builds of {project.name} leave no logs", evidence)
    return None
