"""Classic load balancers."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_elb", severity=Severity.MEDIUM, category=Category.RESILIENCE, fsbp="ELB.9;ELB.10")
def elb_classic_single_az(balancer: Resource, inventory: Inventory) -> str | None:
    """Classic load balancer covers one zone or does not cross zones.

    In one zone it goes down with it. In several that it does not cross, the one with fewer machines is
    overloaded, and one whose machines are all ill still gets its share of the clients.

    Fix: give it subnets of a second zone and set `cross_zone_load_balancing = true`, or move to an
    application or network load balancer.

    Fails:

        resource "aws_elb" "web" {
          availability_zones        = ["eu-west-1a"]
          cross_zone_load_balancing = true
        }

    Fails:

        resource "aws_elb" "web" {
          availability_zones        = ["eu-west-1a", "eu-west-1b"]
          cross_zone_load_balancing = false
        }

    Passes:

        resource "aws_elb" "web" {
          availability_zones        = ["eu-west-1a", "eu-west-1b"]
          cross_zone_load_balancing = true
        }
    """
    if balancer["cross_zone_load_balancing"] is False:
        return f"{balancer.name} does not cross zones"
    zones = set(balancer["availability_zones"] or ())
    return f"{balancer.name} lies in {zones.pop()} alone" if len(zones) == 1 else None
