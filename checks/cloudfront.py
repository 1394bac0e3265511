"""Amazon CloudFront: how a distribution talks to whoever asks it, what stands before it, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Category, Severity, check
from checks.doubt import any_of, said, said_in
from state import Inventory, Resource, Unknown

NEW_LOGS, WHERE = "aws_cloudwatch_log_delivery_source", "us-east-1"
"""How logs are delivered since November 2024: the distribution does not tell."""
OLD_VIEWERS = frozenset({"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"})
OLD_ORIGINS = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})


def behaviors(distribution: Resource) -> Iterator[Mapping[str, Any]]:
    """How requests are answered, by path and by default."""
    yield from distribution["default_cache_behavior"] or ()
    yield from distribution["ordered_cache_behavior"] or ()


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="CloudFront.3",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    hipaa="164_308_a_4_ii_a;164_312_e_1",
    gdpr="article_32",
    well_architected_security="SEC09-BP02",
)
def cloudfront_https(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution serves plain HTTP.

    What goes over plain HTTP can be read and changed on the way. Each behaviour is judged, not the default alone.

    Fix: set `viewer_protocol_policy = "redirect-to-https"` in every behaviour.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          default_cache_behavior {
            target_origin_id       = "web"
            viewer_protocol_policy = "redirect-to-https"
          }

          ordered_cache_behavior {
            path_pattern           = "/old/*"
            target_origin_id       = "web"
            viewer_protocol_policy = "allow-all"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          default_cache_behavior {
            target_origin_id       = "web"
            viewer_protocol_policy = "https-only"
          }
        }
    """
    plain = any_of(lambda each: each["viewer_protocol_policy"] == "allow-all" and each, behaviors(distribution))
    return f"{distribution.id} serves {plain.get('path_pattern') or 'its default'} over plain HTTP" if plain else None


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="CloudFront.6",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;6.4.1;6.4.2;A1.1.3",
    well_architected_security="SEC05-BP01",
)
def cloudfront_waf(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution has no web ACL.

    Floods and known attacks then reach what is behind it. A distribution that is switched off is exempt.

    Fix: set `web_acl_id` to an `aws_wafv2_web_acl` of the scope `CLOUDFRONT`.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          enabled = true
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          enabled    = true
          web_acl_id = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/web/0a1b"
        }
    """
    if distribution["web_acl_id"] or distribution["enabled"] is False:
        return None
    return f"{distribution.id} has no web ACL"


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_7_0="4.10",
    fsbp="CloudFront.5",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1;pi_1_2",
    well_architected_security="SEC04-BP01",
)
def cloudfront_logging(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution keeps no access logs.

    Most requests are answered at the edge, and are in no other log. Logs count that go to a bucket, in real
    time from every behaviour, or by a delivery of CloudWatch Logs, which the distribution itself does not tell
    and Prowler does not look for.

    Fix: declare an `aws_cloudwatch_log_delivery_source` of type `ACCESS_LOGS` with its delivery, or a
    `logging_config`.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          default_cache_behavior {
            target_origin_id       = "web"
            viewer_protocol_policy = "https-only"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          logging_config {
            bucket = "acme-logs.s3.amazonaws.com"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          default_cache_behavior {
            target_origin_id       = "web"
            viewer_protocol_policy = "https-only"
          }
        }

        resource "aws_cloudwatch_log_delivery_source" "web" {
          name         = "web"
          log_type     = "ACCESS_LOGS"
          resource_arn = aws_cloudfront_distribution.web.arn
        }
    """
    if distribution["logging_config"]:
        return None
    told = [each.get("realtime_log_config_arn") for each in behaviors(distribution)]
    if told and all(told):
        return None
    if reason := inventory.unseen(NEW_LOGS, distribution.account, WHERE):
        raise Unknown(reason)
    delivered = inventory.near(distribution, NEW_LOGS, resource_arn=distribution["arn"])
    return None if delivered else f"{distribution.id} keeps no access logs"


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="CloudFront.10",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    well_architected_security="SEC09-BP02",
)
def cloudfront_tls_version(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution talks old TLS to viewers or origins.

    SSL 3, TLS 1.0 and 1.1 are broken. Under CloudFront's own certificate nothing can be chosen for viewers, so
    only its origins are judged then; an origin that is asked in plain HTTP is told by `cloudfront-origin-tls`.

    Fix: set `minimum_protocol_version = "TLSv1.2_2021"`, and `origin_ssl_protocols = ["TLSv1.2"]`.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          viewer_certificate {
            acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
            minimum_protocol_version = "TLSv1.1_2016"
          }
        }

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          viewer_certificate {
            cloudfront_default_certificate = true
          }

          origin {
            domain_name = "origin.example.com"
            origin_id   = "web"

            custom_origin_config {
              origin_protocol_policy = "https-only"
              origin_ssl_protocols   = ["TLSv1", "TLSv1.2"]
            }
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          viewer_certificate {
            acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
            minimum_protocol_version = "TLSv1.2_2021"
          }

          origin {
            domain_name = "origin.example.com"
            origin_id   = "web"

            custom_origin_config {
              origin_protocol_policy = "https-only"
              origin_ssl_protocols   = ["TLSv1.2"]
            }
          }
        }
    """
    found = any_of(lambda ask: ask(distribution), (_old_for_viewers, _old_for_origins))
    return f"{distribution.id} {found}" if found else None


def _old_for_viewers(distribution: Resource) -> str | None:
    for each in said(distribution, "viewer_certificate") or ():
        version = said_in(each, "minimum_protocol_version") or "TLSv1"
        if not each.get("cloudfront_default_certificate") and version in OLD_VIEWERS:
            return f"talks {version} to viewers"
    return None


def _old_for_origins(distribution: Resource) -> str | None:
    for origin in distribution["origin"] or ():
        for each in origin.get("custom_origin_config") or ():
            old = OLD_ORIGINS.intersection(each["origin_ssl_protocols"] or ())
            if old and each["origin_protocol_policy"] != "http-only":
                return f"talks {', '.join(sorted(old))} to the origin {origin['origin_id']}"
    return None
