"""Elastic Load Balancing v2: how requests are read, and how targets leave."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.elbv2 import is_application
from state import Inventory, Resource, Unknown


@check(
    "aws_lb",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="ELB.12",
    well_architected_security="SEC05-BP03",
)
def elbv2_desync(balancer: Resource, inventory: Inventory) -> str | None:
    """Application load balancer lets ambiguous requests through.

    A request that the load balancer and the application read differently is how one client's request gets
    into another's answer. Both `defensive`, which AWS chooses where nothing is said, and `strictest` stop that.

    Fix: set `desync_mitigation_mode = "defensive"`.

    CLI: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes
    Key=routing.http.desync_mitigation_mode,Value=defensive`

    Fails:

        resource "aws_lb" "web" {
          load_balancer_type     = "application"
          desync_mitigation_mode = "monitor"
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type = "application"
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type     = "application"
          desync_mitigation_mode = "strictest"
        }
    """
    if not is_application(balancer):
        return None
    mode = balancer["desync_mitigation_mode"]
    if mode is None and balancer.declared is None:
        raise Unknown(f"AWS does not say how {balancer.name} takes ambiguous requests")
    return f"{balancer.name} only watches ambiguous requests" if mode == "monitor" else None


@check(
    "aws_lb_target_group",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
)
def elbv2_deregistration_delay(group: Resource, inventory: Inventory) -> str | None:
    """Targets are cut off at once when removed.

    Each deployment then breaks the requests that are under way. AWS waits five minutes where nothing is said;
    functions have no such delay and are exempt.

    Fix: set `deregistration_delay` to what the longest request takes.

    CLI: `aws elbv2 modify-target-group-attributes --target-group-arn {arn} --attributes
    Key=deregistration_delay.timeout_seconds,Value=60`

    Fails:

        resource "aws_lb_target_group" "web" {
          target_type          = "ip"
          deregistration_delay = 0
        }

    Passes:

        resource "aws_lb_target_group" "web" {
          target_type          = "ip"
          deregistration_delay = 60
        }

    Passes:

        resource "aws_lb_target_group" "web" {
          target_type = "ip"
        }
    """
    at_once = str(group["deregistration_delay"]) == "0" and group["target_type"] != "lambda"
    return f"{group.name} cuts targets off at once" if at_once else None
