"""Amazon Route 53: records that point to what is no longer ours."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from checks.absence import every_account_read, read_everywhere
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource, Unknown
from state.addresses import bucket_in, machine_in, website_in

ADDRESS, MACHINE, INTERFACE = "aws_eip", "aws_instance", "aws_network_interface"


@check("aws_route53_record", severity=Severity.HIGH, category=Category.NETWORK)
def route53_dangling_record(record: Resource, inventory: Inventory) -> Fault | str | None:
    """Record points to an address that is no longer ours.

    Whoever gets the address next, or makes a bucket of the name, serves theirs under our name, with a
    certificate that any issuer gives them. A name of EC2's that is none of our machines', and a bucket that
    none of our accounts has, fail; while an account of our organization was not read nobody can say, since
    records often lie in an account of their own. Of a bare address that is not ours nobody can say here whether it
    is Amazon's, so that stays unknown, where Prowler asks a list of Amazon's networks.

    Fix: delete the record; from now on delete records before what they point to.

    Fails:

        resource "aws_route53_record" "old" {
          zone_id = "Z1"
          name    = "old.example.com"
          type    = "CNAME"
          records = ["ec2-3-64-0-1.eu-west-1.compute.amazonaws.com"]
        }

    Fails:

        live "aws_route53_record" "site" {
          zone_id = "Z1"
          fqdn    = "site.example.com"
          type    = "A"
          alias   = [{ name = "s3-website-eu-west-1.amazonaws.com", zone_id = "Z1BKCTXD74EZPE" }]
          records = null
        }

    Passes:

        resource "aws_route53_record" "web" {
          zone_id = "Z1"
          name    = "web.example.com"
          type    = "A"
          records = ["3.64.0.1"]
        }

        live "aws_eip" "web" {
          public_ip = "3.64.0.1"
        }

    Passes:

        resource "aws_route53_record" "inside" {
          zone_id = "Z1"
          name    = "db.example.com"
          type    = "A"
          records = ["10.0.0.7"]
        }
    """
    return any_of(lambda host: _dangles(host, record, inventory), targets(record))


def targets(record: Resource) -> Iterator[str]:
    """The names and addresses that a record leads to."""
    if record["type"] not in ("A", "CNAME"):
        return
    for each in record["alias"] or ():
        yield each["name"].removesuffix(".").lower()
    for each in record["records"] or ():
        yield each.removesuffix(".").lower()


def _dangles(host: str, record: Resource, inventory: Inventory) -> str | None:
    if (site := website_in(host)) is not None:
        return _without_bucket(site or record["fqdn"].removesuffix("."), record, inventory)
    if bucket := bucket_in(host):
        return _without_bucket(bucket, record, inventory)
    if machine := machine_in(host):
        if is_ours(machine, record, inventory):
            return None
        every_account_read(record, inventory)
        return f"{record.name} points to {host}, which is not ours"
    if record["type"] == "A" and not record["alias"] and _is_public(host) and not is_ours(host, record, inventory):
        raise Unknown(f"{host} is none of our addresses; whether it is Amazon's is not known here")
    return None


def _without_bucket(bucket: str, record: Resource, inventory: Inventory) -> str | None:
    own = inventory.near(record, "aws_s3_bucket", bucket=bucket)
    if own or any_of(lambda each: each["bucket"] == bucket, inventory.of("aws_s3_bucket")):
        return None
    every_account_read(record, inventory)
    return f"{record.name} points to the bucket {bucket}, which is not ours"


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError as error:
        raise Unknown(f"{address} is no address") from error


def is_ours(address: str, record: Resource, inventory: Inventory) -> bool:
    """Whether one of the accounts read has a public address; raises Unknown where it may have it unseen."""
    for type in (ADDRESS, MACHINE):
        if inventory.near(record, type, public_ip=address):
            return True
    if any_of(lambda each: each["public_ip"] == address, (*inventory.of(ADDRESS), *inventory.of(MACHINE))):
        return True
    if any_of(lambda each: _holds(each, address), inventory.of(INTERFACE)):
        return True
    for type in (ADDRESS, MACHINE, INTERFACE):
        read_everywhere(record, inventory, type)
    return False


def _holds(interface: Resource, address: str) -> bool:
    return bool((interface.fact("association") or {}).get("public_ip") == address)
