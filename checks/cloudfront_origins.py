"""Amazon CloudFront: where a distribution gets its answers from, and who else may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Severity, check
from checks.cloudfront import behaviors
from checks.doubt import any_of
from state import Inventory, Resource
from state.addresses import bucket_in


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="CloudFront.13",
    pci_4="10.3.4",
)
def cloudfront_origin_access_control(distribution: Resource, inventory: Inventory) -> str | None:
    """S3 origin can be read around the distribution.

    A bucket that lets CloudFront in without a signature lets anyone in, past the distribution's web ACL, its
    logs and its restrictions. Origin access identities, which came before, sign as well and are let
    pass, other than with CloudFront.13. Only origins that are a bucket's own address are asked.

    Fix: declare an `aws_cloudfront_origin_access_control`, name it in the origin, and let only the distribution
    in by the bucket's policy.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name = "acme-web.s3.eu-west-1.amazonaws.com"
            origin_id   = "web"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name              = "acme-web.s3.eu-west-1.amazonaws.com"
            origin_id                = "web"
            origin_access_control_id = "E0A1B"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name = "shop.example.com"
            origin_id   = "web"
          }
        }
    """

    def open_bucket(origin: Mapping[str, Any]) -> str | None:
        if origin.get("origin_access_control_id") or any(_signs(each) for each in origin.get("s3_origin_config") or ()):
            return None
        return bucket_in(origin["domain_name"])

    bucket = any_of(open_bucket, distribution["origin"] or ())
    return f"{distribution.id} reads {bucket} without a signature" if bucket else None


def _signs(config: Mapping[str, Any]) -> bool:
    return bool(config["origin_access_identity"])


@check(
    "aws_cloudfront_distribution",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    fsbp="CloudFront.12",
)
def cloudfront_origin_missing_bucket(distribution: Resource, inventory: Inventory) -> str | None:
    """Distribution points to a bucket that does not exist and could be taken over.

    Anyone may make a bucket of that name, and their content is then served under our name. S3 is asked for
    each bucket, whoever owns it: one that it refuses to tell of is there.

    Fix: take the origin out, or make the bucket again.

    Fails:

        live "aws_cloudfront_distribution" "web" {
          missing_buckets = ["acme-web"]
        }

    Passes:

        live "aws_cloudfront_distribution" "web" {
          missing_buckets = []
        }
    """
    missing = distribution.fact("missing_buckets")
    return f"{distribution.id} points to {', '.join(missing)}, which nobody has" if missing else None


@check(
    "aws_cloudfront_distribution",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="CloudFront.9",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
)
def cloudfront_origin_tls(distribution: Resource, inventory: Inventory) -> str | None:
    """Traffic to a custom origin is not encrypted.

    The padlock that viewers see then ends at the edge, and the rest of the way is open. Asking the origin as the
    viewer asked is plain HTTP where a behaviour lets viewers use that. A bucket's website answers in plain
    HTTP alone, and counts.

    Fix: set `origin_protocol_policy = "https-only"`; in place of a bucket's website use the bucket with an origin
    access control.

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name = "shop.example.com"
            origin_id   = "web"

            custom_origin_config {
              origin_protocol_policy = "http-only"
            }
          }
        }

    Fails:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name = "shop.example.com"
            origin_id   = "web"

            custom_origin_config {
              origin_protocol_policy = "match-viewer"
            }
          }

          default_cache_behavior {
            target_origin_id       = "web"
            viewer_protocol_policy = "allow-all"
          }
        }

    Passes:

        resource "aws_cloudfront_distribution" "web" {
          origin {
            domain_name = "shop.example.com"
            origin_id   = "web"

            custom_origin_config {
              origin_protocol_policy = "https-only"
            }
          }
        }
    """
    plain = any_of(lambda each: each if _is_plain(each, distribution) else None, distribution["origin"] or ())
    return f"{distribution.id} asks {plain['origin_id']} in plain HTTP" if plain else None


def _is_plain(origin: Mapping[str, Any], distribution: Resource) -> bool:
    policies = {each["origin_protocol_policy"] for each in origin.get("custom_origin_config") or ()}
    if "match-viewer" in policies and "http-only" not in policies:
        return bool(any_of(lambda each: _lets_plain(each, origin["origin_id"]), behaviors(distribution)))
    return "http-only" in policies


def _lets_plain(behavior: Mapping[str, Any], origin: str) -> bool:
    return (behavior["viewer_protocol_policy"], behavior["target_origin_id"]) == ("allow-all", origin)
