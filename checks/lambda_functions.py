"""AWS Lambda: what functions hold, run on and lie in."""

from __future__ import annotations

from datetime import date

from checks import secrets
from checks.check import Category, Fault, Severity, check
from checks.zones import in_one_zone
from state import Inventory, Resource, Unknown

# When AWS stops, or stopped, to mend a runtime: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html,
# taken from public lists of September 2026 that cite it. Later dates are AWS's plans, and have moved before.
DEPRECATED = {
    name: date.fromisoformat(day)
    for day, names in {
        "2016-10-31": "nodejs",
        "2019-05-30": "dotnetcore2.0",
        "2019-07-27": "dotnetcore1.0",
        "2019-08-12": "nodejs6.10",
        "2020-03-05": "nodejs4.3 nodejs4.3-edge",
        "2020-03-06": "nodejs8.10",
        "2021-07-15": "python2.7",
        "2021-07-30": "nodejs10.x ruby2.5",
        "2022-01-05": "dotnetcore2.1",
        "2022-05-10": "dotnet5.0",
        "2022-07-18": "python3.6",
        "2023-03-31": "nodejs12.x",
        "2023-04-03": "dotnetcore3.1",
        "2023-12-04": "nodejs14.x python3.7",
        "2023-12-07": "ruby2.7",
        "2024-01-08": "go1.x java8 provided",
        "2024-05-14": "dotnet7",
        "2024-06-12": "nodejs16.x",
        "2024-10-14": "python3.8",
        "2024-12-20": "dotnet6",
        "2025-09-01": "nodejs18.x",
        "2025-12-15": "python3.9",
        "2026-03-31": "ruby3.2",
        "2026-04-30": "nodejs20.x",
        "2026-07-31": "provided.al2",
        "2026-10-31": "python3.10",
        "2026-11-10": "dotnet8 dotnet9",
        "2027-03-31": "ruby3.3",
        "2027-04-30": "nodejs22.x",
        "2027-06-30": "java11 java17 java8.al2 python3.11",
        "2028-03-31": "ruby3.4",
        "2028-04-30": "nodejs24.x",
        "2028-10-31": "python3.12",
        "2028-11-14": "dotnet10",
        "2029-03-31": "ruby4.0",
        "2029-06-30": "java21 java25 provided.al2023 python3.13 python3.14",
    }.items()
    for name in names.split()
}


@check(
    "aws_lambda_function",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    well_architected_security="SEC02-BP03",
)
def lambda_env_secrets(function: Resource, inventory: Inventory) -> Fault | None:
    """Function environment holds what looks like a secret.

    Whoever may list functions reads the environment, and each published version keeps it. What is looked
    for is the form of known keys, and values under names like PASSWORD. Where AWS withholds the variables
    since their key may not be used, the verdict is unknown.

    Fix: keep the secret in Secrets Manager or Parameter Store and read it when the function starts;
    change the one that was shown.

    Fails:

        resource "aws_lambda_function" "shop" {
          environment {
            variables = { DB_PASSWORD = "hunter2" }
          }
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          environment {
            variables = { DB_PASSWORD_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" }
          }
        }
    """
    found = (
        each
        for number, block in enumerate(function["environment"] or ())
        for each in secrets.in_pairs(f"environment[{number}].variables", block.get("variables") or {})
    )
    return secrets.fault(function, found)


@check("aws_lambda_function", severity=Severity.MEDIUM, category=Category.GOVERNANCE, fsbp="Lambda.2")
def lambda_runtime_deprecated(function: Resource, inventory: Inventory) -> str | None:
    """Function's runtime is out of support.

    AWS no longer mends what is found in it, and some weeks later lets nobody change the function. The
    dates are AWS's; a runtime that this list does not have yet is unknown. Functions from images, which
    bring their own, are exempt.

    Fix: set `runtime` to a newer version of the language, and test the function on it.

    Fails:

        resource "aws_lambda_function" "shop" {
          package_type = "Zip"
          runtime      = "python3.8"
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          package_type = "Zip"
          runtime      = "python3.13"
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          package_type = "Image"
        }
    """
    if function["package_type"] == "Image":
        return None
    runtime = function["runtime"]
    if runtime not in DEPRECATED:
        raise Unknown(f"until when {runtime} is supported is not known here")
    end = DEPRECATED[runtime]
    return f"{function.name} runs on {runtime}, supported until {end}" if inventory.taken_at.date() >= end else None


@check("aws_lambda_function", severity=Severity.MEDIUM, category=Category.RESILIENCE, fsbp="Lambda.5")
def lambda_vpc_single_az(function: Resource, inventory: Inventory) -> Fault | None:
    """Function in a VPC uses subnets of one zone.

    Outside a network of yours a function runs in all zones; inside one it runs where its subnets are.

    Fix: give `vpc_config` a subnet in a second and a third zone.

    Fails:

        resource "aws_lambda_function" "shop" {
          vpc_config {
            subnet_ids         = [aws_subnet.a.id]
            security_group_ids = []
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          vpc_config {
            subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]
            security_group_ids = []
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    return in_one_zone(
        function, inventory, [id for each in function["vpc_config"] or () for id in each.get("subnet_ids") or ()]
    )
