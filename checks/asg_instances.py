"""EC2 Auto Scaling: the launch templates and configurations that the instances of a group are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checks import secrets
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said, said_in
from checks.zones import subnet
from state import Inventory, Resource, Unknown


def made_of(group: Resource, inventory: Inventory) -> list[Resource]:
    """The launch configuration or the templates that a group makes its instances of.

    Raises Unknown where one was not read: of templates the latest version is.
    """
    if configuration := group["launch_configuration"]:
        found = inventory.near(group, "aws_launch_configuration", name=configuration)
        return _all(found, f"the launch configuration {configuration}")
    return [template(group, inventory, each) for each in templates_of(group)]


def templates_of(group: Resource) -> list[Any]:
    """Which launch templates a group makes its instances of, and which version of each."""
    return [*(group["launch_template"] or ()), *_mixed(group["mixed_instances_policy"] or ())]


def _mixed(policies: Any) -> Iterator[Any]:
    for policy in policies:
        for each in policy.get("launch_template") or ():
            yield from each.get("launch_template_specification") or ()
            for override in each.get("override") or ():
                yield from override.get("launch_template_specification") or ()


def template(group: Resource, inventory: Inventory, use: Mapping[str, Any]) -> Resource:
    """The launch template that is used, if it is the version that was read."""
    id, name = (said_in(use, each) or said_in(use, f"launch_template_{each}") for each in ("id", "name"))
    by = {"id": id} if id else {"name": name}
    found = _all(inventory.near(group, "aws_launch_template", **by), f"the launch template {id or name}")[0]
    if found.declared is None:
        version = str(use.get("version") or "$Default")
        runs = str(found["default_version"]) if version == "$Default" else version
        if runs not in ("$Latest", str(found["latest_version"])):
            raise Unknown(f"version {runs} of {found.id} was not read, but its latest")
    return found


def _all(found: Sequence[Resource], what: str) -> list[Resource]:
    if not found:
        raise Unknown(f"{what} was not read")
    return list(found)


def first_fault(group: Resource, inventory: Inventory, judge: Callable[[Resource], Fault | None]) -> Fault | None:
    return any_of(judge, made_of(group, inventory))


@check("aws_autoscaling_group", severity=Severity.HIGH, category=Category.IAM, fsbp="AutoScaling.3", pci_4="8.2.8")
def asg_imdsv2(group: Resource, inventory: Inventory) -> Fault | None:
    """Group's instances do not demand IMDSv2.

    Version 1 of the metadata endpoint hands the role's credentials to whoever can make an instance send
    one GET request. A template that says nothing leaves it to the region's default and to the image; an
    image that asks for version 2 by itself is not looked at here.

    Fix: set `http_tokens = "required"` in the template's `metadata_options`.

    Fails:

        resource "aws_autoscaling_group" "web" {
          launch_template {
            name = aws_launch_template.web.name
          }
        }

        resource "aws_launch_template" "web" {
          name = "web"

          metadata_options {
            http_tokens = "optional"
          }
        }

    Fails:

        resource "aws_autoscaling_group" "web" {
          launch_configuration = aws_launch_configuration.web.name
        }

        resource "aws_launch_configuration" "web" {
          name             = "web-1"
          metadata_options = []
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          launch_template {
            name = aws_launch_template.web.name
          }
        }

        resource "aws_launch_template" "web" {
          name = "web"

          metadata_options {
            http_tokens = "required"
          }
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          launch_template {
            name = aws_launch_template.web.name
          }
        }

        resource "aws_launch_template" "web" {
          name = "web"
        }

        resource "aws_ec2_instance_metadata_defaults" "all" {
          http_tokens = "required"
        }
    """

    def lax(source: Resource) -> Fault | None:
        options = said(source, "metadata_options") or ()
        if any(map(demands_token, options)):
            return None
        if not any(said_in(each, "http_tokens") for each in options) and defaults_demand_token(group, inventory):
            return None
        return Fault(f"{group.name} makes instances that need no token", evidence_of(source, "metadata_options"))

    return first_fault(group, inventory, lax)


def demands_token(options: Mapping[str, Any]) -> bool:
    wanted = {"http_tokens": "required", "http_endpoint": "disabled"}
    return any(said_in(options, name) == value for name, value in wanted.items())


def defaults_demand_token(near: Resource, inventory: Inventory) -> bool:
    """Whether the region asks for tokens wherever nothing else is said."""
    found = inventory.near(near, "aws_ec2_instance_metadata_defaults")
    return any(each["http_tokens"] == "required" for each in found)


@check("aws_autoscaling_group", severity=Severity.HIGH, category=Category.PUBLIC_EXPOSURE, fsbp="AutoScaling.5")
def asg_public_ip(group: Resource, inventory: Inventory) -> Fault | None:
    """Group gives its instances public addresses.

    Machines that come and go behind a load balancer need no address that the internet knows.

    Fix: set `associate_public_ip_address = false` in the template, and use private subnets.

    Fails:

        resource "aws_autoscaling_group" "web" {
          vpc_zone_identifier = [aws_subnet.a.id]

          launch_template {
            name = aws_launch_template.web.name
          }
        }

        resource "aws_launch_template" "web" {
          name = "web"

          network_interfaces {
            associate_public_ip_address = true
          }
        }

        resource "aws_subnet" "a" {
          map_public_ip_on_launch = false
        }

    Fails:

        resource "aws_autoscaling_group" "web" {
          launch_configuration = aws_launch_configuration.web.name
          vpc_zone_identifier  = []
        }

        resource "aws_launch_configuration" "web" {
          name                        = "web-1"
          associate_public_ip_address = true
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          vpc_zone_identifier = [aws_subnet.a.id]

          launch_template {
            name = aws_launch_template.web.name
          }
        }

        resource "aws_launch_template" "web" {
          name               = "web"
          network_interfaces = []
        }

        resource "aws_subnet" "a" {
          map_public_ip_on_launch = false
        }
    """

    def public(source: Resource) -> Fault | None:
        own = asks_for_address(source)
        if own is True:
            return Fault(f"{group.name} gives its instances public addresses", {source.id: "a public address"})
        return None if own is False else by_subnet()

    def by_subnet() -> Fault | None:
        return any_of(gives, said(group, "vpc_zone_identifier") or ())

    def gives(id: str) -> Fault | None:
        place = subnet(group, inventory, id)
        told = evidence_of(place, "map_public_ip_on_launch")
        return Fault(f"{place.id} gives instances public addresses", told) if place["map_public_ip_on_launch"] else None

    return first_fault(group, inventory, public)


def asks_for_address(source: Resource) -> bool | None:
    """What a template or a configuration says of public addresses; None where it leaves them to the subnet."""
    if source.type == "aws_launch_configuration":
        chosen: bool | None = said(source, "associate_public_ip_address")
        return chosen
    return asks_by_interface(source)


def asks_by_interface(template: Resource) -> bool | None:
    said_by = {said_in(each, "associate_public_ip_address") for each in template["network_interfaces"] or ()}
    return True if said_by & {True, "true"} else False if said_by & {False, "false"} else None


@check(
    "aws_launch_configuration",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    well_architected_security="SEC02-BP03",
)
def asg_user_data_secrets(configuration: Resource, inventory: Inventory) -> Fault | None:
    """Launch configuration user data holds what looks like a secret.

    Every process on the instances can read the user data, and so can whoever may describe launch
    configurations. What is looked for is the form of known keys, and values given to names like PASSWORD.

    Fix: let the instance read the secret from Secrets Manager or Parameter Store with its role; change
    the one that was shown.

    Fails:

        resource "aws_launch_configuration" "web" {
          user_data = "export DB_PASSWORD=hunter2"
        }

    Passes:

        resource "aws_launch_configuration" "web" {
          user_data = "export DB_PASSWORD=$(aws ssm get-parameter --name /web/password)"
        }
    """
    found = secrets.in_user_data(configuration, "user_data_base64", ("user_data", "user_data_base64"))
    return secrets.fault(configuration, found)
