"""Elastic Load Balancing v2: listeners, and how target groups ask for health."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.check import Category, Fault, Severity, check
from checks.doubt import said_in, unless
from state import Inventory, Resource, Unknown


@check(
    "aws_lb_listener",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="ELB.1",
    well_architected_security="SEC09-BP02",
)
def elbv2_http_no_redirect(listener: Resource, inventory: Inventory) -> Fault | None:
    """HTTP listener neither redirects to HTTPS nor is internal.

    What is sent over it can be read and changed on the way. The default action is judged: one that
    redirects to HTTPS passes, and so does one that answers a fixed text and forwards nothing. Listeners
    of internal load balancers are exempt.

    Fix: give the listener a default action of type `redirect` with `protocol = "HTTPS"`.

    Fails:

        resource "aws_lb_listener" "web" {
          load_balancer_arn = aws_lb.web.arn
          protocol          = "HTTP"

          default_action {
            type             = "forward"
            target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
          }
        }

        resource "aws_lb" "web" {
          internal = false
        }

    Passes:

        resource "aws_lb_listener" "web" {
          load_balancer_arn = aws_lb.web.arn
          protocol          = "HTTP"

          default_action {
            type = "redirect"

            redirect {
              protocol    = "HTTPS"
              status_code = "HTTP_301"
            }
          }
        }

        resource "aws_lb" "web" {
          internal = false
        }

    Passes:

        resource "aws_lb_listener" "web" {
          load_balancer_arn = aws_lb.web.arn
          protocol          = "HTTP"

          default_action {
            type             = "forward"
            target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
          }
        }

        resource "aws_lb" "web" {
          internal = true
        }
    """

    def open_way() -> Fault | None:
        passed_on = [str(each.get("type")) for each in listener["default_action"] or () if not is_safe(each)]
        evidence = {f"default_action[{number}].type": type for number, type in enumerate(passed_on)}
        return Fault(f"{listener.id} serves HTTP to the internet", evidence) if passed_on else None

    if listener["protocol"] != "HTTP":
        return None
    return unless(lambda: balancer_of(listener, inventory)["internal"], open_way)


def is_safe(action: Mapping[str, Any]) -> bool:
    if action.get("type") == "redirect":
        return any(each.get("protocol") == "HTTPS" for each in action.get("redirect") or ())
    return action.get("type") == "fixed-response"


def balancer_of(listener: Resource, inventory: Inventory) -> Resource:
    for found in inventory.near(listener, "aws_lb", arn=listener["load_balancer_arn"]):
        return found
    raise Unknown(f"the load balancer of {listener.id} was not read")


# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
WEAK = re.compile(r"ELBSecurityPolicy-(?:2015|2016|TLS-1-[01]-|FS-2018|FS-1-1-|TLS13-1-[01]-)")
STRONG = re.compile(r"ELBSecurityPolicy-(?:TLS-1-2-|FS-1-2-|TLS13-1-[23]-)")
"""Policies by what their names say of the oldest protocol: those from before names did let TLS 1.0 in."""


@check(
    "aws_lb_listener",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    nist_800_53_r5="sc_23_5;sc_8_1",
    well_architected_security="SEC09-BP02",
)
def elbv2_tls_policy_weak(listener: Resource, inventory: Inventory) -> str | None:
    """HTTPS or TLS listener accepts old protocols.

    TLS 1.0 and 1.1 can be broken, and whoever is between client and server can choose them. A policy
    that AWS made later than this list is unknown here.

    Fix: set `ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"` or a newer one.

    Fails:

        resource "aws_lb_listener" "web" {
          protocol   = "HTTPS"
          ssl_policy = "ELBSecurityPolicy-2016-08"
        }

    Passes:

        resource "aws_lb_listener" "web" {
          protocol   = "HTTPS"
          ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
        }

    Passes:

        resource "aws_lb_listener" "web" {
          protocol = "TCP"
        }
    """
    if listener["protocol"] not in ("HTTPS", "TLS"):
        return None
    policy = str(listener["ssl_policy"])
    if WEAK.match(policy):
        return f"{listener.id} accepts TLS 1.0 or 1.1"
    if STRONG.match(policy):
        return None
    raise Unknown(f"nobody can say which protocols {policy} accepts")


# --- target groups ------------------------------------------------------------------------------

PLAIN_TEXT = ("HTTP", "HTTPS")
CODES = re.compile(r"(\d+)-(\d+)")


@check("aws_lb_target_group", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def elbv2_target_group_health_check(group: Resource, inventory: Inventory) -> Fault | None:
    """Target group checks no HTTP path, or accepts any answer as healthy.

    A target that answers errors then still gets its share of the clients. Groups of HTTP and HTTPS are
    judged; functions, which nobody needs to ask, are exempt. A range of codes that holds errors is any
    answer; one single code beyond 399 is taken for meant.

    Fix: set `health_check` with the path of a page that says whether the application works, and
    `matcher = "200"`.

    Fails:

        resource "aws_lb_target_group" "web" {
          protocol = "HTTP"

          health_check {
            path    = "/"
            matcher = "200-499"
          }
        }

    Fails:

        resource "aws_lb_target_group" "web" {
          protocol = "HTTP"

          health_check {
            protocol = "TCP"
          }
        }

    Passes:

        resource "aws_lb_target_group" "web" {
          protocol = "HTTP"

          health_check {
            path    = "/healthy"
            matcher = "200,204"
          }
        }

    Passes:

        resource "aws_lb_target_group" "tcp" {
          protocol = "TCP"
        }
    """
    if group["target_type"] == "lambda" or group["protocol"] not in PLAIN_TEXT:
        return None
    for each in group["health_check"] or ():
        for name, wrong in (("enabled", is_off), ("protocol", is_blind), ("matcher", takes_anything)):
            if wrong(said_in(each, name)):
                evidence = {f"health_check.{name}": said_in(each, name)}
                return Fault(f"{group.name} takes a target for healthy that may not be", evidence)
    return None


def is_off(enabled: Any) -> bool:
    return enabled is False


def is_blind(protocol: Any) -> bool:
    return protocol not in (None, *PLAIN_TEXT)


def takes_anything(matcher: Any) -> bool:
    """Whether a range of codes holds errors; for gRPC 0 is success and all others are."""
    spans = [(int(first), int(last)) for first, last in CODES.findall(str(matcher or ""))]
    return any(last >= 400 or (first == 0 and last > 0) for first, last in spans)
