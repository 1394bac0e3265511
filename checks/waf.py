"""AWS WAF: web ACLs that let everything through."""

from __future__ import annotations

from checks.check import Category, Severity, check
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
