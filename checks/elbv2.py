"""Elastic Load Balancing v2: application, network and gateway load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks import estimates
from checks.check import Category, Fault, Severity, check
from checks.doubt import all_of, any_of
from checks.zones import in_one_zone
from state import Inventory, Resource

APPLICATION = (None, "", "application")
"""The kind of a load balancer for which code names none."""


def is_application(balancer: Resource) -> bool:
    return balancer["load_balancer_type"] in APPLICATION


@check(
    "aws_lb",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_7_0="4.10",
    fsbp="ELB.5",
    soc2="cc_7_2;cc_7_3;cc_a_1_1;pi_1_2",
    nist_800_53_r5=(
        "ac_4_26;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;au_14_a;au_14_b;au_2_b;au_3_a;"
        "au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;ca_7_b;cm_5_1_b;ia_3_3_b;ma_4_1_a;"
        "pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_4_17;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b",
    gdpr="article_30",
    well_architected_security="SEC04-BP01",
)
def elbv2_access_logs(balancer: Resource, inventory: Inventory) -> str | None:
    """Load balancer keeps no access logs.

    After an incident they are what tells who asked for what. Gateway load balancers, which have none,
    are exempt, and so are network load balancers without a TLS listener: they write them of no other.

    Fix: set `access_logs` with `enabled = true` and a bucket that lets load balancers write.

    Fails:

        resource "aws_lb" "web" {
          load_balancer_type = "application"
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type = "application"

          access_logs {
            bucket  = "logs"
            enabled = true
          }
        }

    Passes:

        resource "aws_lb" "mail" {
          load_balancer_type = "network"
        }

        resource "aws_lb_listener" "smtp" {
          load_balancer_arn = aws_lb.mail.arn
          protocol          = "TCP"
        }
    """
    kept = any(each.get("enabled") for each in balancer["access_logs"] or ())
    return None if kept or has_none(balancer, inventory) else f"{balancer.name} keeps no access logs"


def has_none(balancer: Resource, inventory: Inventory) -> bool:
    """Whether a load balancer writes no access logs, switched on or not."""
    if balancer["load_balancer_type"] == "network":
        return not any_of(lambda each: each["protocol"] == "TLS", listeners(balancer, inventory))
    return bool(balancer["load_balancer_type"] == "gateway")


@check(
    "aws_lb",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="ELB.6",
    nist_800_53_r5=(
        "ca_7_4_c;cm_2_2;cm_2_a;cm_3_a;cm_8_6;cp_1_a_1_b;cp_1_a_2;cp_2_5;cp_2_a;cp_2_a_6;cp_2_a_7;cp_2_d;cp_2_e;"
        "sa_15_a_4;sc_22;sc_5_2"
    ),
    hipaa="164_308_a_1_ii_b",
)
def elbv2_deletion_protection(balancer: Resource, inventory: Inventory) -> str | None:
    """Load balancer can be deleted by one call.

    With it go its address and everything that is behind it.

    Fix: set `enable_deletion_protection = true`.

    CLI: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes
    Key=deletion_protection.enabled,Value=true`

    Fails:

        resource "aws_lb" "web" {
          enable_deletion_protection = false
        }

    Passes:

        resource "aws_lb" "web" {
          enable_deletion_protection = true
        }
    """
    return None if balancer["enable_deletion_protection"] else f"{balancer.name} can be deleted by one call"


@check("aws_lb", severity=Severity.MEDIUM, category=Category.RESILIENCE, fsbp="ELB.13")
def elbv2_single_az(balancer: Resource, inventory: Inventory) -> Fault | None:
    """Load balancer covers one Availability Zone.

    When that zone fails nothing reaches what is behind it, wherever that runs.

    Fix: give it a subnet in a second and a third zone.

    Fails:

        resource "aws_lb" "web" {
          subnets = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_lb" "web" {
          subnets = [aws_subnet.a.id, aws_subnet.b.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    mapped = [each.get("subnet_id") for each in balancer["subnet_mapping"] or ()]
    return in_one_zone(balancer, inventory, [*mapped, *(() if mapped else balancer["subnets"] or ())])


@check("aws_lb", severity=Severity.LOW, category=Category.RESILIENCE)
def elbv2_cross_zone(balancer: Resource, inventory: Inventory) -> str | None:
    """Network or gateway load balancer does not balance across zones.

    Each zone then serves the clients that come to it with its own targets alone, however few or ill
    they are. A target group may say otherwise for itself; if all of them do, the load balancer passes.

    Fix: set `enable_cross_zone_load_balancing = true`.

    CLI: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes
    Key=load_balancing.cross_zone.enabled,Value=true`

    Fails:

        resource "aws_lb" "tcp" {
          load_balancer_type               = "network"
          enable_cross_zone_load_balancing = false
        }

    Passes:

        resource "aws_lb" "tcp" {
          load_balancer_type               = "network"
          enable_cross_zone_load_balancing = true
        }

    Passes:

        resource "aws_lb" "tcp" {
          load_balancer_type               = "network"
          enable_cross_zone_load_balancing = false
        }

        resource "aws_lb_listener" "tcp" {
          load_balancer_arn = aws_lb.tcp.arn

          default_action {
            type             = "forward"
            target_group_arn = aws_lb_target_group.tcp.arn
          }
        }

        resource "aws_lb_target_group" "tcp" {
          load_balancing_cross_zone_enabled = "true"
        }
    """
    if is_application(balancer) or balancer["enable_cross_zone_load_balancing"]:
        return None
    arns = [arn for each in listeners(balancer, inventory) for arn in targets(each["default_action"])]

    def crosses(arn: str) -> bool:
        groups = inventory.near(balancer, "aws_lb_target_group", arn=arn)
        return bool(any_of(lambda group: group["load_balancing_cross_zone_enabled"] == "true", groups))

    return None if arns and all_of(crosses, arns) else f"{balancer.name} does not balance across zones"


def listeners(balancer: Resource, inventory: Inventory) -> list[Resource]:
    return list(inventory.near(balancer, "aws_lb_listener", load_balancer_arn=balancer["arn"]))


def targets(actions: Any) -> Iterator[str]:
    """The target groups that actions forward to."""
    for action in actions or ():
        if arn := action.get("target_group_arn"):
            yield arn
        for forward in action.get("forward") or ():
            yield from (each["arn"] for each in forward.get("target_group") or ())


@check(
    "aws_lb",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="ELB.16",
    pci_4="6.4.1;6.4.2",
    nist_800_53_r5="ac_4_21",
    well_architected_security="SEC05-BP03",
)
def elbv2_waf(balancer: Resource, inventory: Inventory) -> str | None:
    """Internet-facing application load balancer has no web ACL.

    Nothing then stops known attacks, or one client's flood, before the application does.

    Fix: associate an `aws_wafv2_web_acl` by an `aws_wafv2_web_acl_association`.

    Fails:

        resource "aws_lb" "web" {
          load_balancer_type = "application"
          internal           = false
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type = "application"
          internal           = false
        }

        resource "aws_wafv2_web_acl_association" "web" {
          resource_arn = aws_lb.web.arn
          web_acl_arn  = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/web/1"
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type = "application"
          internal           = true
        }
    """
    if not is_application(balancer) or balancer["internal"]:
        return None
    guarded = inventory.near(balancer, "aws_wafv2_web_acl_association", resource_arn=balancer["arn"])
    return None if guarded else f"{balancer.name} faces the internet without a web ACL"


@check("aws_lb", severity=Severity.MEDIUM, category=Category.NETWORK, fsbp="ELB.4")
def elbv2_invalid_headers(balancer: Resource, inventory: Inventory) -> str | None:
    """Application load balancer passes malformed headers on.

    A header that two programs read differently is how one request is smuggled inside another.

    Fix: set `drop_invalid_header_fields = true`.

    CLI: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes
    Key=routing.http.drop_invalid_header_fields.enabled,Value=true`

    Fails:

        resource "aws_lb" "web" {
          load_balancer_type         = "application"
          drop_invalid_header_fields = false
        }

    Passes:

        resource "aws_lb" "web" {
          load_balancer_type         = "application"
          drop_invalid_header_fields = true
        }
    """
    if not is_application(balancer) or balancer["drop_invalid_header_fields"]:
        return None
    return f"{balancer.name} passes malformed headers on"


SERVING = ("healthy", "initial", "unavailable", "draining")
"""Health of a target that is used, or that nobody asks for its health."""


@check(
    "aws_lb",
    severity=Severity.LOW,
    category=Category.COST,
    monthly=estimates.balancer,
    well_architected_security="SEC03-BP06",
)
def elbv2_idle(balancer: Resource, inventory: Inventory) -> str | None:
    """Load balancer has no listeners, targets or healthy targets.

    It is paid for by the hour, and serves nobody. One whose listeners answer by themselves, with a
    redirect or a fixed text, is in use. What it carries is not measured here.

    Fix: delete it, or register targets.

    Fails:

        live "aws_lb" "old" {
          arn   = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/old/1"
          state = "active"
        }

        live "aws_lb_listener" "old" {
          load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/old/1"
          arn               = "listener"
          default_action    = [{ type = "forward", target_group_arn = "old" }]
        }

        live "aws_lb_listener_rule" "old" {
          listener_arn = "listener"
          action       = [{ type = "forward", target_group_arn = "old" }]
        }

        live "aws_lb_target_group_attachment" "old" {
          target_group_arn = "old"
          health_state     = "unhealthy"
        }

    Passes:

        live "aws_lb" "web" {
          arn   = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"
          state = "active"
        }

        live "aws_lb_listener" "web" {
          load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"
          arn               = "listener"
          default_action    = [{ type = "forward", target_group_arn = "web" }]
        }

        live "aws_lb_target_group_attachment" "web" {
          target_group_arn = "web"
          health_state     = "healthy"
        }
    """
    if balancer.fact("state") not in ("active", "active_impaired"):
        return None
    found = listeners(balancer, inventory)
    if not found:
        return f"{balancer.name} has no listener"
    return None if any_of(lambda each: serves(each, inventory), found) else f"{balancer.name} has no healthy target"


def serves(listener: Resource, inventory: Inventory) -> bool:
    """Whether a listener answers by itself, or one of its target groups has a target that does."""
    rules = inventory.near(listener, "aws_lb_listener_rule", listener_arn=listener["arn"])
    actions: list[Mapping[str, Any]] = [
        *(listener["default_action"] or ()),
        *(each for rule in rules for each in rule["action"] or ()),
    ]
    if any(each.get("type") in ("redirect", "fixed-response") for each in actions):
        return True
    return bool(any_of(lambda arn: has_target(listener, inventory, arn), dict.fromkeys(targets(actions))))


def has_target(near: Resource, inventory: Inventory, group: str) -> bool:
    registered = inventory.near(near, "aws_lb_target_group_attachment", target_group_arn=group)
    return bool(any_of(lambda each: each.fact("health_state") in SERVING, registered))
