"""Amazon EC2: what launch templates make of instances, whoever starts them."""

from __future__ import annotations

from checks.asg_instances import asks_by_interface, defaults_demand_token, demands_token
from checks.check import Category, Severity, check
from checks.doubt import said, said_in
from state import Inventory, Resource


@check("aws_launch_template", severity=Severity.HIGH, category=Category.IAM)
def ec2_launch_template_imdsv2(template: Resource, inventory: Inventory) -> str | None:
    """Launch template does not demand IMDSv2.

    Whatever makes a machine of it fetch an address (a flaw in the application is enough) then reads the credentials
    of its role. A template that leaves the choice to the region is judged by the region's default.

    Fix: set `http_tokens = "required"` in `metadata_options`.

    Fails:

        resource "aws_launch_template" "web" {
          name = "web"

          metadata_options {
            http_tokens = "optional"
          }
        }

    Fails:

        live "aws_launch_template" "web" {
          name             = "web"
          metadata_options = []
        }

        live "aws_ec2_instance_metadata_defaults" "all" {
          http_tokens = "no-preference"
        }

    Passes:

        resource "aws_launch_template" "web" {
          name = "web"

          metadata_options {
            http_tokens = "required"
          }
        }

    Passes:

        live "aws_launch_template" "web" {
          name             = "web"
          metadata_options = []
        }

        live "aws_ec2_instance_metadata_defaults" "all" {
          http_tokens = "required"
        }
    """
    options = said(template, "metadata_options") or ()
    if any(map(demands_token, options)):
        return None
    if not any(said_in(each, "http_tokens") for each in options) and defaults_demand_token(template, inventory):
        return None
    return f"{template.name} makes instances that need no token"


@check(
    "aws_launch_template",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="EC2.25",
    pci_4="1.4.5",
    soc2="cc_6_6",
)
def ec2_launch_template_public_ip(template: Resource, inventory: Inventory) -> str | None:
    """Launch template gives new instances a public address.

    Each machine made of it stands on the internet, also where its subnet would give it no such address. What a
    template leaves to the subnet is told by the subnet.

    Fix: set `associate_public_ip_address = false` in `network_interfaces`, and put a load balancer before them.

    Fails:

        resource "aws_launch_template" "web" {
          name = "web"

          network_interfaces {
            associate_public_ip_address = true
          }
        }

    Passes:

        resource "aws_launch_template" "web" {
          name = "web"

          network_interfaces {
            associate_public_ip_address = false
          }
        }
    """
    return f"{template.name} gives instances public addresses" if asks_by_interface(template) else None
