"""Classic load balancers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, said_in
from state import Inventory, Resource, Unknown

SECURE = ("HTTPS", "SSL")


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


@check(
    "aws_elb",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="ELB.3",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    nist_800_53_r5=(
        "ac_17_2;ac_24_1;ac_4;ac_4_22;au_9_3;ca_9_b;ia_5_1_c;pm_17_b;sc_13_a;sc_23;sc_23_5;sc_7_4_b;sc_7_4_g;"
        "sc_7_5;sc_8;sc_8_1;sc_8_2;sc_8_3;sc_8_4;sc_8_5;si_1_a_2"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_e_1;164_312_e_2_i;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC09-BP02",
)
def elb_classic_tls(balancer: Resource, inventory: Inventory) -> str | None:
    """Classic load balancer has a listener without TLS.

    What goes through it can be read and changed on the way. A classic load balancer cannot redirect, so that
    a listener for plain HTTP serves it; one for TCP counts too, as AWS's own control has it.

    Fix: let each listener be HTTPS or SSL with a certificate, or move to an application load balancer that redirects.

    Fails:

        resource "aws_elb" "web" {
          listener {
            lb_port           = 80
            lb_protocol       = "http"
            instance_port     = 8080
            instance_protocol = "http"
          }
        }

    Passes:

        resource "aws_elb" "web" {
          listener {
            lb_port            = 443
            lb_protocol        = "https"
            instance_port      = 8080
            instance_protocol  = "http"
            ssl_certificate_id = "arn:aws:acm:eu-west-1:123456789012:certificate/a"
          }
        }
    """
    plain = any_of(lambda each: str(each["lb_protocol"]).upper() not in SECURE and each, balancer["listener"] or ())
    return f"{balancer.name} has a listener without TLS on port {plain.get('lb_port')}" if plain else None


@check(
    "aws_elb",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="ELB.5",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_7_2;cc_7_3;cc_a_1_1;pi_1_2",
    nist_800_53_r5=(
        "ac_4_26;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;au_14_a;au_14_b;au_2_b;au_3_a;"
        "au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;ca_7_b;cm_5_1_b;ia_3_3_b;ma_4_1_a;"
        "pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_4_17;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b",
    gdpr="article_30",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01;SEC04-BP03",
)
def elb_classic_logging(balancer: Resource, inventory: Inventory) -> str | None:
    """Classic load balancer keeps no access logs.

    After an incident they are what tells who asked for what.

    Fix: add `access_logs` with a bucket that lets load balancers write.

    Fails:

        resource "aws_elb" "web" {
          name = "web"
        }

    Passes:

        resource "aws_elb" "web" {
          name = "web"

          access_logs {
            bucket = "logs"
          }
        }
    """
    kept = any(said_in(each, "enabled") is not False for each in balancer["access_logs"] or ())
    return None if kept else f"{balancer.name} keeps no access logs"


@check(
    "aws_elb",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
    fsbp="ELB.7",
)
def elb_classic_draining(balancer: Resource, inventory: Inventory) -> str | None:
    """Classic load balancer drops connections of removed instances.

    Each deployment, and each instance that an auto scaling group takes away, then breaks the requests under way.

    Fix: set `connection_draining = true`, with a `connection_draining_timeout` that the longest request fits in.

    Fails:

        resource "aws_elb" "web" {
          connection_draining = false
        }

    Passes:

        resource "aws_elb" "web" {
          connection_draining = true
        }
    """
    return None if balancer["connection_draining"] else f"{balancer.name} drops connections of removed instances"


# https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-security-policy-table.html
OLD = re.compile(r"ELBSecurityPolicy-(?:20\d\d-|TLS-1-[01]-)")
CURRENT = re.compile(r"ELBSecurityPolicy-TLS-1-2-")


@check(
    "aws_elb",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    well_architected_security="SEC09-BP02",
)
def elb_classic_weak_ciphers(balancer: Resource, inventory: Inventory) -> Fault | None:
    """Classic load balancer's TLS policy is old.

    TLS 1.0 and 1.1 can be broken, and whoever is between client and server can choose them. A listener for which
    nothing is said has the policy of 2016, which lets both in. The policy is told by the name that AWS gives its own;
    what is in one of another name is not read, and unknown, where Prowler fails it; listeners of SSL, which Prowler
    leaves out, count as well. Code does not say by which policy a listener speaks: what is live is judged.

    Fix: give each HTTPS and SSL listener `ELBSecurityPolicy-TLS-1-2-2017-01`, or move to an application load balancer.

    CLI: `aws elb set-load-balancer-policies-of-listener --load-balancer-name {name} --load-balancer-port 443
    --policy-names ELBSecurityPolicy-TLS-1-2-2017-01`

    Fails:

        live "aws_elb" "web" {
          cookie_policies   = []
          listener_policies = [{ lb_port = 443, lb_protocol = "HTTPS", policy_names = ["ELBSecurityPolicy-2016-08"] }]
        }

    Passes:

        live "aws_elb" "web" {
          cookie_policies = ["sticky"]
          listener_policies = [{
            lb_port      = 443
            lb_protocol  = "HTTPS"
            policy_names = ["sticky", "ELBSecurityPolicy-TLS-1-2-2017-01"]
          }]
        }

    Passes:

        live "aws_elb" "web" {
          cookie_policies   = []
          listener_policies = [{ lb_port = 80, lb_protocol = "HTTP", policy_names = [] }]
        }
    """
    listeners = [each for each in balancer.fact("listener_policies") or () if each.get("lb_protocol") in SECURE]
    old = any_of(lambda each: old_policy(balancer, each), listeners)
    return Fault(f"{balancer.name} accepts TLS 1.0 or 1.1 by {old}") if old else None


def old_policy(balancer: Resource, listener: Mapping[str, Any]) -> str | None:
    """The name of the policy by which a listener of TLS lets old protocols in."""
    names: set[str] = set(listener.get("policy_names") or ()) - set(balancer.fact("cookie_policies") or ())
    if not names:
        raise Unknown(f"AWS does not say by which policy {balancer.name} speaks TLS on port {listener.get('lb_port')}")
    for name in sorted(names):
        if OLD.match(name):
            return name
        if not CURRENT.match(name):
            raise Unknown(f"what the policy {name} of {balancer.name} accepts was not read")
    return None
