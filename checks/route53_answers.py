"""Amazon Route 53: what is known of questions, and of whether answers still work."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource


@check(
    "aws_route53_zone",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="Route53.2",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1",
    well_architected_security="SEC04-BP01",
)
def route53_query_logging(zone: Resource, inventory: Inventory) -> Fault | None:
    """Public zone logs no queries.

    Who looked for which names, and when that began, is then not known after the fact. Private zones cannot log
    queries (their networks' resolver does), and those that a service keeps are that service's.

    Fix: add an `aws_route53_query_log` with a log group in us-east-1 that Route 53 may write to.

    Fails:

        resource "aws_route53_zone" "shop" {
          name = "example.com"
        }

    Passes:

        resource "aws_route53_zone" "shop" {
          name = "example.com"
        }

        resource "aws_route53_query_log" "shop" {
          zone_id                  = aws_route53_zone.shop.id
          cloudwatch_log_group_arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com"
        }

    Passes:

        live "aws_route53_zone" "inside" {
          name         = "inside.example.com"
          private_zone = true
        }
    """
    if zone.owner or inventory.near(zone, "aws_route53_query_log", zone_id=zone.id) or _is_private(zone, inventory):
        return None
    return Fault(f"{zone.name} logs no queries", {"aws_route53_query_log": None})


def _is_private(zone: Resource, inventory: Inventory) -> bool:
    if zone.declared is None:
        return bool(zone.fact("private_zone"))
    return bool(inventory.near(zone, "aws_route53_zone_association", zone_id=zone.id))


@check(
    "aws_route53_record",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def route53_no_health_check(record: Resource, inventory: Inventory) -> str | None:
    """Failover or weighted record has no health check.

    Route 53 then goes on answering with it while what it points to is down: a failover without a health check
    never happens. An alias that evaluates its target's health needs none, nor does the secondary of a failover,
    which is what is left.

    Fix: set `health_check_id`, or `evaluate_target_health = true` in an alias.

    Fails:

        resource "aws_route53_record" "www" {
          zone_id         = "Z1"
          name            = "www.example.com"
          type            = "A"
          set_identifier  = "main"
          records         = ["203.0.113.1"]

          failover_routing_policy {
            type = "PRIMARY"
          }
        }

    Passes:

        resource "aws_route53_record" "www" {
          zone_id         = "Z1"
          name            = "www.example.com"
          type            = "A"
          set_identifier  = "main"
          records         = ["203.0.113.1"]
          health_check_id = "0a1b"

          failover_routing_policy {
            type = "PRIMARY"
          }
        }

    Passes:

        resource "aws_route53_record" "www" {
          zone_id        = "Z1"
          name           = "www.example.com"
          type           = "A"
          set_identifier = "blue"

          alias {
            name                   = "web.eu-west-1.elb.amazonaws.com"
            zone_id                = "Z2"
            evaluate_target_health = true
          }

          weighted_routing_policy {
            weight = 10
          }
        }
    """
    primary = any(each["type"] == "PRIMARY" for each in record["failover_routing_policy"] or ())
    if not primary and not record["weighted_routing_policy"]:
        return None
    if record["health_check_id"] or any_of(lambda each: each["evaluate_target_health"], record["alias"] or ()):
        return None
    return f"{record.name} is answered with however ill its target is"
