"""Amazon CloudWatch Logs: how long log groups keep what they hold, and who may use them."""

from __future__ import annotations

from checks.check import Category, Severity, Terms, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource, Unknown

GIGABYTE = 1_000_000_000
LARGE = 10 * GIGABYTE
"""From how many bytes on a log group that only grows is worth a look."""


@check(
    "aws_cloudwatch_log_group",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;5.3.4;10.5.1",
    soc2="cc_7_2;cc_7_3;cc_c_1_2",
    nist_800_53_r5=(
        "ac_16_b;au_10;au_11;au_11_1;au_12_1;au_12_2;au_12_3;au_14_a;au_14_b;au_6_3;au_6_4;au_6_6;au_6_9;ca_7_b;"
        "pm_14_a_1;pm_14_b;pm_21_b;pm_31;sc_28_2;si_12;si_4_17"
    ),
    hipaa="164_312_b",
    well_architected_security="SEC03-BP06",
)
def logs_retention(group: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Log group keeps its events for ever or for too few days.

    Fewer than 365 days end before the question does: break-ins are found after months. For ever is paid
    for by each gigabyte, and personal data may not stay so long. Other than with Prowler, to which for ever
    is enough. A group of the class `DELIVERY` always keeps two days, and only passes on.

    Fix: set `retention_in_days` to 365 or more.

    Fails:

        resource "aws_cloudwatch_log_group" "shop" {
          name              = "shop"
          retention_in_days = 14
        }

    Fails:

        resource "aws_cloudwatch_log_group" "shop" {
          name = "shop"
        }

    Passes:

        resource "aws_cloudwatch_log_group" "shop" {
          name              = "shop"
          retention_in_days = 365
        }
    """
    days = group["retention_in_days"]
    if days and days >= terms.days(group, "log_retention_days"):
        return None
    if group.attributes.get("log_group_class") == "DELIVERY":
        return None
    return f"{group.name} keeps its events {f'{days} days' if days else 'for ever'}"


@check(
    "aws_cloudwatch_log_resource_policy",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    soc2="pi_1_4",
)
def logs_public(policy: Resource, inventory: Inventory) -> str | None:
    """Log resource policy admits anyone.

    Anyone with an AWS account can then write events of their own among yours, or send yours to themselves.

    Fix: name the service in the policy, with `aws:SourceArn` or `aws:SourceAccount`.

    Fails:

        resource "aws_cloudwatch_log_resource_policy" "it" {
          policy_name     = "it"
          policy_document = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "logs:PutLogEvents"
              Resource  = "*"
            }]
          })
        }

    Passes:

        resource "aws_cloudwatch_log_resource_policy" "it" {
          policy_name     = "it"
          policy_document = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "route53.amazonaws.com" }
              Action    = "logs:PutLogEvents"
              Resource  = "*"
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy_document"]), ("logs:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None


@check("aws_cloudwatch_log_group", severity=Severity.LOW, category=Category.COST)
def logs_never_expire_cost(group: Resource, inventory: Inventory) -> str | None:
    """Large log group never expires.

    Each gigabyte is paid for again every month, and there are more of them every day. It counts from 10 GB on,
    as AWS tells the size; that a smaller one never expires is told by `logs-retention`. A group of the class
    `DELIVERY` always keeps two days.

    Fix: set `retention_in_days`, and pass on to S3 what has to be kept for longer.

    CLI: `aws logs put-retention-policy --log-group-name {name} --retention-in-days 365`

    Fails:

        live "aws_cloudwatch_log_group" "shop" {
          name              = "shop"
          retention_in_days = 0
          stored_bytes      = 42000000000
        }

    Passes:

        live "aws_cloudwatch_log_group" "shop" {
          name              = "shop"
          retention_in_days = 0
          stored_bytes      = 42000
        }

    Passes:

        resource "aws_cloudwatch_log_group" "shop" {
          name              = "shop"
          retention_in_days = 365
        }
    """
    if group["retention_in_days"] or group.attributes.get("log_group_class") == "DELIVERY":
        return None
    size = group.fact("stored_bytes")
    if size is None:
        raise Unknown(f"AWS does not say how much {group.name} holds")
    return f"{group.name} holds {size / GIGABYTE:,.0f} GB and never expires" if size >= LARGE else None
