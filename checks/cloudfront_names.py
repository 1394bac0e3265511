"""Amazon CloudFront: what a distribution is called by, begins with and falls back on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Severity, check
from checks.doubt import any_of, either, said_in
from state import Inventory, Resource
from state.addresses import bucket_in


@check(
    "aws_cloudfront_distribution",
    severity=Severity.LOW,
    category=Category.ENCRYPTION,
    fsbp="CloudFront.7;CloudFront.8",
    pci_4=(
        "1.2.5;1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;2.2.5;3.5.1.1;3.5.1.3;3.6.1;3.6.1.2;3.6.1.3;3.6.1.4;3.7.1;3.7.2;"
        "3.7.4;3.7.6;3.7.7;4.2.1.1;A1.1.3"
    ),
)
def cloudfront_custom_certificate(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution with an alias lacks its own certificate or SNI.

    CloudFront's certificate is for `cloudfront.net` alone, so that browsers warn whoever comes by the alias. Without
    SNI the certificate needs addresses of its own, which cost 600 dollars a month and help no client of today.

    Fix: set `viewer_certificate` with `acm_certificate_arn` and `ssl_support_method = "sni-only"`.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          aliases = ["www.example.com"]

          viewer_certificate {
            cloudfront_default_certificate = true
          }
        }

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          aliases = ["www.example.com"]

          viewer_certificate {
            acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a"
            ssl_support_method  = "vip"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          aliases = ["www.example.com"]

          viewer_certificate {
            acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a"
            ssl_support_method  = "sni-only"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          viewer_certificate {
            cloudfront_default_certificate = true
          }
        }
    """
    if not distribution["aliases"]:
        return None
    for each in distribution["viewer_certificate"] or ():
        if said_in(each, "cloudfront_default_certificate"):
            break
        by = each.get("ssl_support_method")
        return (
            None if by == "sni-only" else f"{distribution.id} serves its certificate by {by or 'nothing'}, not by SNI"
        )
    return f"{distribution.id} has aliases and no certificate for them"


@check(
    "aws_cloudfront_distribution",
    severity=Severity.LOW,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="CloudFront.1",
)
def cloudfront_default_root(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution has no default root object.

    Who asks for the bare domain then gets what the bucket answers to that, which may be the list of all that is in
    it. Distributions without a bucket behind them are exempt.

    Fix: set `default_root_object = "index.html"`.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            origin_id                = "files"
            domain_name              = "acme-web.s3.eu-west-1.amazonaws.com"
            origin_access_control_id = "E1"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          default_root_object = "index.html"

          origin {
            origin_id                = "files"
            domain_name              = "acme-web.s3.eu-west-1.amazonaws.com"
            origin_access_control_id = "E1"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "api" {
          origin {
            origin_id   = "api"
            domain_name = "api.example.com"
          }
        }
    """
    if distribution["default_root_object"] or not any_of(_is_bucket, distribution["origin"] or ()):
        return None
    return f"{distribution.id} has no default root object"


def _is_bucket(origin: Mapping[str, Any]) -> bool:
    return either(lambda: said_in(origin, "s3_origin_config"), lambda: bucket_in(origin["domain_name"]))


@check(
    "aws_cloudfront_distribution",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
    fsbp="CloudFront.4",
)
def cloudfront_origin_failover(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution has one origin only.

    When that fails nothing is served but what caches still hold. Several origins that none stands in for fail too;
    an origin group is what makes one stand in for the other.

    Fix: add a second origin and an `origin_group` of both, and let the behaviours lead to the group.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            origin_id   = "web"
            domain_name = "web.example.com"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          origin_group {
            origin_id = "both"

            failover_criteria {
              status_codes = [500, 502]
            }

            member {
              origin_id = "web"
            }

            member {
              origin_id = "spare"
            }
          }
        }
    """
    spared = any(len(each.get("member") or ()) > 1 for each in distribution["origin_group"] or ())
    return None if spared else f"{distribution.id} has no origin that another stands in for"
