"""Elastic Load Balancing v2: who gets in, how requests are read, and where targets lie and how they leave."""

from __future__ import annotations

from fnmatch import fnmatchcase

from checks.check import Category, Fault, Severity, Skip, Terms, check
from checks.doubt import any_of, both, either
from checks.elbv2 import is_application
from checks.sg import opened
from checks.zones import alone
from state import Inventory, LiveOnly, Resource, Unknown


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


@check(
    "aws_lb",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC03-BP07",
)
def elbv2_internet_facing_open(balancer: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Internet-facing load balancer admits everyone and is not on the allowed list.

    A load balancer is the usual way by which something meant for colleagues ends up before everyone. Those that are
    meant for the world are listed in the settings, as `public_load_balancers`, by patterns of their names; without a
    list the check is skipped. One whose security groups admit no whole internet passes, and a network load balancer
    that has none admits everyone. Prowler knows no list, and passes one without groups.

    Fix: set `internal = true`, let its security groups admit only who needs it, or put its name on the list.

    Fails:

        resource "aws_lb" "wiki" {
          name            = "wiki"
          internal        = false
          security_groups = [aws_security_group.wiki.id]
        }

        resource "aws_security_group" "wiki" {}

        resource "aws_vpc_security_group_ingress_rule" "https" {
          security_group_id = aws_security_group.wiki.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_lb" "shop" {
          name            = "shop-web"
          internal        = false
          security_groups = [aws_security_group.shop.id]
        }

        resource "aws_security_group" "shop" {}

        resource "aws_vpc_security_group_ingress_rule" "https" {
          security_group_id = aws_security_group.shop.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_lb" "wiki" {
          name            = "wiki"
          internal        = false
          security_groups = [aws_security_group.wiki.id]
        }

        resource "aws_security_group" "wiki" {}

        resource "aws_vpc_security_group_ingress_rule" "office" {
          security_group_id = aws_security_group.wiki.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "203.0.113.0/24"
        }

    Passes:

        resource "aws_lb" "wiki" {
          name     = "wiki"
          internal = true
        }
    """
    if not terms.public_load_balancers:
        raise Skip("no list of public load balancers is set")

    def listed() -> bool:
        return any(fnmatchcase(str(balancer["name"]), each) for each in terms.public_load_balancers)

    def inside() -> bool:
        return bool(balancer["internal"]) or balancer["load_balancer_type"] == "gateway"

    told = both(lambda: not either(inside, listed), lambda: admits_everyone(balancer, inventory))
    return admits_everyone(balancer, inventory) if told else None


def admits_everyone(balancer: Resource, inventory: Inventory) -> Fault | None:
    """What lets the whole internet into a load balancer that faces it; only a network one can do without groups."""
    ids = balancer["security_groups"]
    if not ids and is_application(balancer):
        raise Unknown(f"the security groups of {balancer.name} are not said")
    if not ids:
        return Fault(f"{balancer.name} faces the internet without a security group", {"security_groups": ids})

    def lets_in(id: str) -> Fault | None:
        groups = inventory.near(balancer, "aws_security_group", id=id)
        if not groups:
            raise Unknown(f"the security group {id} was not read")
        return opened(groups[0], inventory, lambda rule: True, f"{balancer.name}")

    return any_of(lets_in, ids)


SAME_MACHINE, SAME_ADDRESS = "instance", "ip"
ANY_ZONE = "all"
"""What AWS says of an address outside of its networks."""


@check(
    "aws_lb_target_group",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def elbv2_target_single_az(group: Resource, inventory: Inventory) -> Fault | None:
    """Load balancer's healthy targets all lie in one zone.

    When that zone fails nobody answers, in however many zones the load balancer itself stands. A lone healthy target
    lies in one zone too. Groups without a healthy target are told by `elbv2-idle`, functions and load balancers as
    targets lie in no zone, and a group that no load balancer uses is skipped.

    Fix: run the targets in two or three zones, best by an Auto Scaling group or a service with a subnet of each.

    Fails:

        live "aws_lb_target_group" "web" {
          arn                = "web"
          target_type        = "instance"
          load_balancer_arns = ["web"]
        }

        live "aws_lb_target_group_attachment" "a" {
          target_group_arn  = "web"
          target_id         = "i-1"
          availability_zone = null
          health_state      = "healthy"
        }

        live "aws_lb_target_group_attachment" "b" {
          target_group_arn  = "web"
          target_id         = "i-2"
          availability_zone = null
          health_state      = "unhealthy"
        }

        live "aws_instance" "a" {
          id                = "i-1"
          availability_zone = "eu-west-1a"
        }

        live "aws_instance" "b" {
          id                = "i-2"
          availability_zone = "eu-west-1b"
        }

    Passes:

        live "aws_lb_target_group" "web" {
          arn                = "web"
          target_type        = "ip"
          load_balancer_arns = ["web"]
        }

        live "aws_lb_target_group_attachment" "a" {
          target_group_arn  = "web"
          target_id         = "10.0.0.4"
          availability_zone = "eu-west-1a"
          health_state      = "healthy"
        }

        live "aws_lb_target_group_attachment" "b" {
          target_group_arn  = "web"
          target_id         = "10.0.1.4"
          availability_zone = "eu-west-1b"
          health_state      = "healthy"
        }
    """
    if group.declared is not None:
        raise LiveOnly("which targets are healthy is not in what declares them")
    if group["target_type"] not in (SAME_MACHINE, SAME_ADDRESS):
        return None
    if not group["load_balancer_arns"]:
        raise Skip(f"no load balancer uses {group.name}")

    def placed(target: Resource) -> tuple[str, str] | None:
        if target.fact("health_state") != "healthy":
            return None
        return f"aws_lb_target_group_attachment.{target['target_id']}.availability_zone", zone_of(target, inventory)

    zones = alone(inventory.near(group, "aws_lb_target_group_attachment", target_group_arn=group["arn"]), placed)
    zone = next(iter(zones.values()), None)
    return Fault(f"the healthy targets of {group.name} lie in {zone} alone", zones) if zone else None


def zone_of(target: Resource, inventory: Inventory) -> str:
    """The zone of a target: its own where AWS says it, as of addresses, else its machine's."""
    if own := target["availability_zone"]:
        if own == ANY_ZONE:
            raise Unknown(f"AWS does not say in which zone {target['target_id']} lies")
        return str(own)
    for each in inventory.near(target, "aws_instance", id=target["target_id"]):
        return str(each["availability_zone"])
    raise Unknown(f"the target {target['target_id']} was not read")
