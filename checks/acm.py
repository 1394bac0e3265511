"""AWS Certificate Manager: certificates that end."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Category, Severity, Terms, check
from checks.clock import moment
from state import Inventory, Resource, Unknown

SHORTEST = 2048
"""Bits of an RSA key."""


@check(
    "aws_acm_certificate",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="ACM.1",
    pci_4="3.5.1.1;3.5.1.3;3.6.1;3.6.1.2;3.6.1.3;3.6.1.4;3.7.1;3.7.2;3.7.4;3.7.5;3.7.6;3.7.7;4.2.1.1",
    soc2="cc_6_7",
    nist_800_53_r5="sc_7_12;sc_7_16",
    hipaa="164_308_a_4_ii_a;164_312_e_1",
    gdpr="article_32",
    well_architected_security="SEC09-BP01",
)
def acm_certificate_expiring(certificate: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Certificate expires within 30 days.

    From that day on nobody gets through. AWS renews its own 60 days ahead, if they are in use and their
    domain is still proven: one that is this near its end was not renewed. Imported ones nobody renews. What
    nothing uses may end in peace, and what has ended already is told too.

    Fix: prove the domain again (see the certificate's validation records), or import a new one.

    Fails:

        live "aws_acm_certificate" "shop" {
          domain_name = "shop.example.com"
          not_after   = "+20 days"
          in_use_by   = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0a1b"]
        }

    Passes:

        live "aws_acm_certificate" "shop" {
          domain_name = "shop.example.com"
          not_after   = "+45 days"
          in_use_by   = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0a1b"]
        }

    Passes:

        live "aws_acm_certificate" "shop" {
          domain_name = "shop.example.com"
          not_after   = "+2 days"
          in_use_by   = []
        }
    """
    if not certificate.fact("in_use_by") or not certificate["not_after"]:
        return None
    left = moment(certificate["not_after"]) - inventory.taken_at
    if left > timedelta(days=terms.days(certificate, "certificate_days")):
        return None
    return f"{certificate['domain_name']} {'ends in' if left.days >= 0 else 'ended before'} {abs(left.days)} days"


@check(
    "aws_acm_certificate",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="ACM.2",
    pci_4="3.7.1",
)
def acm_weak_key(certificate: Resource, inventory: Inventory) -> str | None:
    """Certificate's key is too short.

    RSA keys of 1024 bits have been given up since 2013: who breaks one reads the traffic, or speaks in your name.
    Keys on elliptic curves are all long enough.

    Fix: request a certificate with `key_algorithm = "RSA_2048"` or `"EC_prime256v1"`, or import one of such a key.

    Fails:

        resource "aws_acm_certificate" "shop" {
          domain_name   = "shop.example.com"
          key_algorithm = "RSA_1024"
        }

    Passes:

        resource "aws_acm_certificate" "shop" {
          domain_name   = "shop.example.com"
          key_algorithm = "RSA_2048"
        }
    """
    algorithm = certificate["key_algorithm"]
    if not algorithm:
        raise Unknown(f"AWS does not say what key {certificate.name} has")
    kind, _, bits = str(algorithm).replace("-", "_").partition("_")
    return f"{certificate.name} has a key of {algorithm}" if kind == "RSA" and int(bits) < SHORTEST else None
