"""Amazon ElastiCache: how caches survive a failure, and how they are encrypted.

A replication group says what its nodes have in common; a cluster that is one of its nodes is judged by it.
"""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.databases import in_public_subnet
from checks.doubt import said
from state import Inventory, Resource, Unknown


def is_true(switch: object) -> bool:
    """Whether a switch is on; the provider writes some of them as texts."""
    return str(switch).lower() == "true"


@check(
    "aws_elasticache_replication_group",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def elasticache_single_az(group: Resource, inventory: Inventory) -> str | None:
    """Replication group has no Multi-AZ.

    Its nodes may then all lie in the zone that fails, and the data and sessions in it are gone.

    Fix: set `multi_az_enabled = true`, with `automatic_failover_enabled = true` and at least one replica.

    CLI: `aws elasticache modify-replication-group --replication-group-id {replication_group_id}
    --automatic-failover-enabled --multi-az-enabled`

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          multi_az_enabled = false
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          multi_az_enabled = true
        }
    """
    return None if group["multi_az_enabled"] else f"{group.name} is not spread over zones"


@check(
    "aws_elasticache_replication_group",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="ElastiCache.3",
)
def elasticache_auto_failover(group: Resource, inventory: Inventory) -> str | None:
    """Replication group does not fail over by itself.

    When the primary is lost nobody writes until somebody wakes up and promotes a replica.

    Fix: set `automatic_failover_enabled = true`, with at least one replica.

    CLI: `aws elasticache modify-replication-group --replication-group-id {replication_group_id}
    --automatic-failover-enabled`

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          automatic_failover_enabled = false
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          automatic_failover_enabled = true
        }
    """
    return None if group["automatic_failover_enabled"] else f"{group.name} does not fail over by itself"


@check(
    "aws_elasticache_replication_group",
    "aws_elasticache_cluster",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="ElastiCache.1",
    pci_4="10.3.3",
)
def elasticache_backup(cache: Resource, inventory: Inventory) -> str | None:
    """Redis or Valkey cache keeps no snapshots.

    What is lost, or flushed by mistake, cannot be brought back. One day is enough to pass, as AWS has it;
    Prowler asks for seven. Memcached has no snapshots and is exempt, and a replication group's node is
    judged by the group.

    Fix: set `snapshot_retention_limit` to 1 or more.

    CLI: `aws elasticache modify-replication-group --replication-group-id {replication_group_id}
    --snapshot-retention-limit 7`

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          snapshot_retention_limit = 0
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          snapshot_retention_limit = 3
        }

    Passes:

        resource "aws_elasticache_cluster" "pages" {
          engine                   = "memcached"
          replication_group_id     = null
          snapshot_retention_limit = 0
        }
    """
    if cache["snapshot_retention_limit"]:
        return None
    if cache.type == "aws_elasticache_cluster" and (is_memcached(cache) or said(cache, "replication_group_id")):
        return None
    return f"{cache.name} keeps no snapshots"


def is_memcached(cache: Resource) -> bool:
    return str(cache["engine"]).lower() == "memcached"


@check(
    "aws_elasticache_replication_group",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="ElastiCache.4",
    pci_4="3.5.1;8.3.2",
)
def elasticache_encryption_rest(group: Resource, inventory: Inventory) -> str | None:
    """Replication group is not encrypted at rest.

    What it swaps, syncs and snapshots then lies on AWS's disks as it is.

    Fix: restore a snapshot into a group with `at_rest_encryption_enabled = true` and switch over; it cannot
    be turned on in place.

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          at_rest_encryption_enabled = false
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          at_rest_encryption_enabled = true
        }
    """
    return None if is_true(group["at_rest_encryption_enabled"]) else f"{group.name} is not encrypted"


@check(
    "aws_elasticache_replication_group",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="ElastiCache.5",
    pci_4="2.2.7;4.2.1;4.2.1.1;8.3.2",
    soc2="cc_6_7",
)
def elasticache_encryption_transit(group: Resource, inventory: Inventory) -> str | None:
    """Replication group takes unencrypted connections.

    Sessions and tokens then pass through the network as they are, and without encryption there is no
    password either. The mode `preferred`, meant for moving clients over, takes both kinds and fails;
    AWS's own control lets it pass.

    Fix: set `transit_encryption_enabled = true` with `transit_encryption_mode = "preferred"`, move the
    clients, then set the mode to `required`.

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          transit_encryption_enabled = false
        }

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          transit_encryption_enabled = true
          transit_encryption_mode    = "preferred"
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          transit_encryption_enabled = true
          transit_encryption_mode    = "required"
        }
    """
    if not is_true(group["transit_encryption_enabled"]):
        return f"{group.name} takes connections without TLS"
    preferred = said(group, "transit_encryption_mode") == "preferred"
    return f"{group.name} takes connections without TLS as well" if preferred else None


@check(
    "aws_elasticache_replication_group",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    fsbp="ElastiCache.6",
)
def elasticache_auth(group: Resource, inventory: Inventory) -> str | None:
    """Replication group needs no password or user group.

    Whoever reaches its port then reads and writes everything in it. Terraform's own password is a secret and
    not read: without a user group, only AWS tells whether there is one.

    Fix: set `user_group_ids`, or an `auth_token` with TLS.

    Fails:

        live "aws_elasticache_replication_group" "sessions" {
          user_group_ids     = []
          auth_token_enabled = false
        }

    Passes:

        live "aws_elasticache_replication_group" "sessions" {
          user_group_ids = ["shop"]
        }

    Passes:

        live "aws_elasticache_replication_group" "sessions" {
          user_group_ids     = []
          auth_token_enabled = true
        }
    """
    if group["user_group_ids"]:
        return None
    guarded = group.fact("auth_token_enabled")
    if guarded is None:
        raise Unknown("AWS does not say whether it asks for a password")
    return None if guarded else f"{group.name} asks nobody for a password"


@check(
    "aws_elasticache_cluster",
    severity=Severity.LOW,
    category=Category.GOVERNANCE,
    fsbp="ElastiCache.2",
    pci_4="6.3.3",
)
def elasticache_minor_upgrades(cache: Resource, inventory: Inventory) -> str | None:
    """Cache takes no automatic minor upgrades.

    Flaws that the engine's makers have mended then stay open until somebody thinks of it. Memcached has no
    such upgrades and is exempt.

    Fix: set `auto_minor_version_upgrade = true`.

    CLI: `aws elasticache modify-cache-cluster --cache-cluster-id {cluster_id} --auto-minor-version-upgrade`

    Fails:

        resource "aws_elasticache_cluster" "sessions" {
          engine                     = "redis"
          auto_minor_version_upgrade = "false"
        }

    Passes:

        resource "aws_elasticache_cluster" "sessions" {
          engine                     = "redis"
          auto_minor_version_upgrade = "true"
        }

    Passes:

        resource "aws_elasticache_cluster" "sessions" {
          engine                     = "memcached"
          auto_minor_version_upgrade = "false"
        }
    """
    if is_true(cache["auto_minor_version_upgrade"]) or is_memcached(cache):
        return None
    return f"{cache.name} takes no minor upgrades"


@check(
    "aws_elasticache_replication_group",
    "aws_elasticache_cluster",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    pci_4="1.3.1;1.3.2;1.4.1;1.4.4",
)
def elasticache_public_subnet(cache: Resource, inventory: Inventory) -> Fault | None:
    """Cache lies in a subnet with a route to the internet.

    Its nodes have no public addresses, but their neighbours may: whoever breaks into one of these is next to the
    cache, which often asks for no password. A replication group's node is judged by the group.

    Fix: move the cache into a subnet group of private subnets alone, restored from a snapshot.

    Fails:

        resource "aws_elasticache_replication_group" "sessions" {
          subnet_group_name = aws_elasticache_subnet_group.web.name
        }

        resource "aws_elasticache_subnet_group" "web" {
          name       = "web"
          subnet_ids = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.public.id
        }

    Passes:

        resource "aws_elasticache_replication_group" "sessions" {
          subnet_group_name = aws_elasticache_subnet_group.web.name
        }

        resource "aws_elasticache_subnet_group" "web" {
          name       = "web"
          subnet_ids = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "private" {
          vpc_id = "vpc-1"
          route  = []
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.private.id
        }
    """
    if cache.type == "aws_elasticache_cluster" and said(cache, "replication_group_id"):
        return None
    return in_public_subnet(cache, inventory, "aws_elasticache_subnet_group", cache["subnet_group_name"])
