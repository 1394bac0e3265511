"""Amazon MSK: who reaches Kafka clusters, how, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.backup import made_by_aws
from checks.check import Category, Fault, Severity, check
from checks.doubt import said, said_in
from checks.zones import in_one_zone
from state import Inventory, Resource

PUBLIC = "SERVICE_PROVIDED_EIPS"
ENCRYPTED = "TLS"


def inner(blocks: Any, *names: str) -> Iterator[Mapping[str, Any]]:
    """The blocks that lie inside others, down some names."""
    for each in blocks or ():
        yield from inner(said_in(each, names[0]), *names[1:]) if names else (each,)


@check(
    "aws_msk_cluster",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
)
def msk_public(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Kafka cluster has public access.

    Its brokers have public addresses, and whoever has credentials, or finds a flaw, can read and write
    the topics from anywhere.

    Fix: set the `type` of `public_access` to DISABLED, and reach the brokers through the VPC, a peering
    connection or MSK's multi-VPC connectivity.

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          broker_node_group_info {
            client_subnets = []
            connectivity_info {
              public_access {
                type = "SERVICE_PROVIDED_EIPS"
              }
            }
          }
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          broker_node_group_info {
            client_subnets = []
            connectivity_info {
              public_access {
                type = "DISABLED"
              }
            }
          }
        }
    """
    ways = inner(cluster["broker_node_group_info"], "connectivity_info", "public_access")
    if not any(said_in(each, "type") == PUBLIC for each in ways):
        return None
    path = "broker_node_group_info[0].connectivity_info[0].public_access[0].type"
    return Fault(f"the brokers of {cluster['cluster_name']} have public addresses", {path: PUBLIC})


@check(
    "aws_msk_cluster",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
)
def msk_unauthenticated(cluster: Resource, inventory: Inventory) -> str | None:
    """Kafka cluster admits clients without authentication.

    Whoever reaches a broker then reads and writes every topic, and nobody can say who it was. A cluster
    that names no way to authenticate admits everyone too.

    Fix: enable `sasl { iam = true }` (or SCRAM, or TLS certificates) in `client_authentication`, move the
    clients over, and set `unauthenticated = false`.

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          client_authentication {
            unauthenticated = true
            sasl {
              iam = true
            }
          }
        }

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          client_authentication {
            unauthenticated = false
            sasl {
              iam = true
            }
          }
        }
    """
    found = list(cluster["client_authentication"] or ())
    if any(each.get("unauthenticated") for each in found):
        return f"{cluster['cluster_name']} admits clients that do not say who they are"
    if any(each.get("iam") or each.get("scram") for each in inner(found, "sasl")):
        return None
    if any(each.get("certificate_authority_arns") for each in inner(found, "tls")):
        return None
    return f"{cluster['cluster_name']} asks no client who it is"


@check(
    "aws_msk_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def msk_single_az(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Kafka brokers cover fewer than two Availability Zones.

    When their one zone fails all copies of every topic are away at once.

    Fix: make the cluster anew with `client_subnets` in three zones; they cannot be changed in place.

    Fails:

        resource "aws_msk_cluster" "events" {
          broker_node_group_info {
            client_subnets = [aws_subnet.a.id, aws_subnet.b.id]
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          broker_node_group_info {
            client_subnets = [aws_subnet.a.id, aws_subnet.b.id]
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    groups = cluster["broker_node_group_info"] or ()
    return in_one_zone(cluster, inventory, [id for each in groups for id in each.get("client_subnets") or ()])


@check(
    "aws_msk_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="MSK.1",
    pci_4="2.2.7;4.2.1;4.2.1.1;8.3.2",
    soc2="cc_6_7",
)
def msk_in_transit(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Kafka cluster allows plaintext between clients or brokers.

    What passes through the network, credentials as well, can be read by whoever listens. Where nothing
    is said MSK encrypts both.

    Fix: set `client_broker = "TLS"` once all clients speak it; `in_cluster` can only be set when a cluster
    is made.

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          encryption_info {
            encryption_in_transit {
              client_broker = "TLS_PLAINTEXT"
              in_cluster    = true
            }
          }
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          encryption_info {
            encryption_in_transit {
              client_broker = "TLS"
              in_cluster    = true
            }
          }
        }
    """
    path = "encryption_info[0].encryption_in_transit[0]"
    for each in inner(said(cluster, "encryption_info"), "encryption_in_transit"):
        if (spoken := said_in(each, "client_broker")) not in (None, ENCRYPTED):
            message = f"{cluster['cluster_name']} lets clients speak in plaintext"
            return Fault(message, {f"{path}.client_broker": spoken})
        if said_in(each, "in_cluster") is False:
            message = f"the brokers of {cluster['cluster_name']} speak to each other in plaintext"
            return Fault(message, {f"{path}.in_cluster": False})
    return None


@check(
    "aws_msk_cluster",
    severity=Severity.LOW,
    category=Category.ENCRYPTION,
)
def msk_cmk(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Kafka cluster is not encrypted with a customer key.

    AWS's own key has a policy that nobody can change, so that nobody can shut it off from a part of the
    account.

    Fix: make the cluster anew with an `encryption_at_rest_kms_key_arn` of your own; it cannot be changed in
    place.

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          cluster_name = "events"
          encryption_info {
            encryption_at_rest_kms_key_arn = aws_kms_key.events.arn
          }
        }

        resource "aws_kms_key" "events" {
          description = "events"
        }
    """
    blocks = said(cluster, "encryption_info") or ()
    key = next((said_in(each, "encryption_at_rest_kms_key_arn") for each in blocks), None)
    if key and not made_by_aws(key, cluster, inventory):
        return None
    message = f"{cluster['cluster_name']} is encrypted with AWS's key"
    return Fault(message, {"encryption_info[0].encryption_at_rest_kms_key_arn": key})


@check(
    "aws_msk_cluster",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="MSK.2",
)
def msk_monitoring(cluster: Resource, inventory: Inventory) -> str | None:
    """Kafka cluster reports default metrics only.

    They tell of the cluster as a whole and leave out much of a broker and all of a topic, so that what fills
    up or falls behind is not to be found out. PER_BROKER is enough to pass; AWS's own control wants
    PER_TOPIC_PER_BROKER.

    Fix: set `enhanced_monitoring = "PER_TOPIC_PER_BROKER"`.

    Fails:

        resource "aws_msk_cluster" "events" {
          cluster_name        = "events"
          enhanced_monitoring = "DEFAULT"
        }

    Passes:

        resource "aws_msk_cluster" "events" {
          cluster_name        = "events"
          enhanced_monitoring = "PER_TOPIC_PER_BROKER"
        }
    """
    if said(cluster, "enhanced_monitoring") not in (None, "DEFAULT"):
        return None
    return f"{cluster['cluster_name']} reports default metrics only"
