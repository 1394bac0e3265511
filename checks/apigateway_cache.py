"""Amazon API Gateway: what stages keep of answers."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import any_of, both, said_in
from state import Inventory, Resource


@check(
    "aws_api_gateway_method_settings",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="APIGateway.5",
    pci_4="3.5.1;8.3.2",
)
def apigateway_cache_encrypted(settings: Resource, inventory: Inventory) -> str | None:
    """API cache is not encrypted.

    Answers to one client, with what is personal in them, then lie in the cache as they are. Methods that are not
    cached are exempt.

    Fix: set `cache_data_encrypted = true` wherever `caching_enabled` is.

    Fails:

        resource "aws_api_gateway_method_settings" "all" {
          rest_api_id = "a1b2c3"
          stage_name  = "live"
          method_path = "*/*"

          settings {
            caching_enabled      = true
            cache_data_encrypted = false
          }
        }

    Passes:

        resource "aws_api_gateway_method_settings" "all" {
          rest_api_id = "a1b2c3"
          stage_name  = "live"
          method_path = "*/*"

          settings {
            caching_enabled      = true
            cache_data_encrypted = true
          }
        }

    Passes:

        resource "aws_api_gateway_method_settings" "all" {
          rest_api_id = "a1b2c3"
          stage_name  = "live"
          method_path = "*/*"

          settings {
            caching_enabled      = false
            cache_data_encrypted = false
          }
        }
    """
    open_cache = any_of(
        lambda each: both(lambda: said_in(each, "caching_enabled"), lambda: not said_in(each, "cache_data_encrypted")),
        settings["settings"] or (),
    )
    return f"{settings['method_path']} of {settings['stage_name']} is cached unencrypted" if open_cache else None
