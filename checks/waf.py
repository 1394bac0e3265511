"""AWS WAF: web ACLs that let everything through."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource


@check("aws_wafv2_web_acl", severity=Severity.HIGH, category=Category.NETWORK, fsbp="WAF.10", pci_4="6.4.1;6.4.2")
def waf_acl_empty(acl: Resource, inventory: Inventory) -> str | None:
    """Web ACL has no rules.

    It lets every request through, and whoever looks at the balancer believes it guarded. One that blocks
    whatever no rule lets through guards without rules, and what Firewall Manager hands out has its rules
    around the account's own: neither counts, other than with Prowler.

    Fix: add a managed group of rules, as `AWSManagedRulesCommonRuleSet`.

    Fails:

        resource "aws_wafv2_web_acl" "shop" {
          name  = "shop"
          scope = "REGIONAL"

          default_action {
            allow {}
          }
        }

    Passes:

        resource "aws_wafv2_web_acl" "shop" {
          name  = "shop"
          scope = "REGIONAL"

          default_action {
            allow {}
          }

          rule {
            name     = "common"
            priority = 1

            override_action {
              none {}
            }

            statement {
              managed_rule_group_statement {
                name        = "AWSManagedRulesCommonRuleSet"
                vendor_name = "AWS"
              }
            }

            visibility_config {
              cloudwatch_metrics_enabled = true
              metric_name                = "common"
              sampled_requests_enabled   = true
            }
          }
        }

    Passes:

        resource "aws_wafv2_web_acl" "shut" {
          name  = "shut"
          scope = "REGIONAL"

          default_action {
            block {}
          }
        }
    """
    if acl["rule"] or acl.owner or any(each.get("block") for each in acl["default_action"] or ()):
        return None
    return f"{acl.name} has no rules, and lets through whatever none blocks"


@check(
    "aws_wafv2_web_acl",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="WAF.11",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1;pi_1_2",
)
def waf_logging(acl: Resource, inventory: Inventory) -> Fault | None:
    """Web ACL keeps no logs.

    Nobody can then say what it stopped, or whom it stopped by mistake.

    Fix: add an `aws_wafv2_web_acl_logging_configuration` with a log group, bucket or delivery stream whose
    name begins with `aws-waf-logs-`.

    Fails:

        resource "aws_wafv2_web_acl" "shop" {
          name  = "shop"
          scope = "REGIONAL"
        }

    Passes:

        resource "aws_wafv2_web_acl" "shop" {
          name  = "shop"
          scope = "REGIONAL"
        }

        resource "aws_wafv2_web_acl_logging_configuration" "shop" {
          resource_arn            = aws_wafv2_web_acl.shop.arn
          log_destination_configs = ["arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-shop"]
        }
    """
    if inventory.near(acl, "aws_wafv2_web_acl_logging_configuration", resource_arn=acl["arn"]):
        return None
    return Fault(f"{acl.name} keeps no logs", {"aws_wafv2_web_acl_logging_configuration": None})
