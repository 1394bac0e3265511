"""Amazon OpenSearch: how search domains are encrypted, and of how many nodes they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, said_in
from state import Inventory, Resource, Unknown

LEAST_NODES = 3
OLD_TLS = "Policy-Min-TLS-1-0"
GOOD_TLS = "Policy-Min-TLS-1-2"


def only(blocks: Any) -> Mapping[str, Any]:
    """A block that there is at most one of."""
    return next(iter(blocks or ()), {})


def is_on(domain: Resource, name: str) -> bool:
    """Whether a block of a domain is there and enabled."""
    return bool(any_of(lambda block: block.get("enabled"), domain[name] or ()))


@check(
    "aws_opensearch_domain",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="ES.1;OpenSearch.1",
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def opensearch_encryption_rest(domain: Resource, inventory: Inventory) -> str | None:
    """Search domain is not encrypted at rest.

    Its indices, logs and swap files then lie on AWS's disks as they are, and so do its snapshots.

    Fix: set `enabled = true` in `encrypt_at_rest`. Domains of Elasticsearch before 6.7 have to be made anew.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          encrypt_at_rest {
            enabled = false
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          encrypt_at_rest {
            enabled = true
          }
        }
    """
    return None if is_on(domain, "encrypt_at_rest") else f"{domain.name} is not encrypted"


@check(
    "aws_opensearch_domain",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="ES.3;OpenSearch.3",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    nist_800_53_r5=(
        "ac_24_1;ac_4;ac_4_22;au_9_3;ca_9_b;pm_17_b;sc_13_a;sc_23;sc_7_4_b;sc_7_4_g;sc_8;sc_8_1;sc_8_2;sc_8_3;"
        "sc_8_4;sc_8_5;si_1_a_2"
    ),
    hipaa="164_308_a_4_ii_a;164_312_e_1",
    gdpr="article_32",
    well_architected_security="SEC09-BP02",
)
def opensearch_node_to_node(domain: Resource, inventory: Inventory) -> str | None:
    """Search domain's nodes talk without encryption.

    What a search finds passes from node to node, where it can be read, or changed, on its way.

    Fix: set `enabled = true` in `node_to_node_encryption`. Domains of Elasticsearch before 6.7 have to be
    made anew.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          node_to_node_encryption {
            enabled = false
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          node_to_node_encryption {
            enabled = true
          }
        }
    """
    return None if is_on(domain, "node_to_node_encryption") else f"the nodes of {domain.name} talk in plaintext"


@check(
    "aws_opensearch_domain",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="ES.8;OpenSearch.8",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    well_architected_security="SEC09-BP02",
)
def opensearch_https(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain accepts plain HTTP or an old TLS version.

    Over HTTP queries and passwords pass as they are, and TLS 1.0 has been broken for years. Every policy
    that begins with TLS 1.2 passes; AWS's own control wants the newest of them.

    Fix: set `enforce_https = true` and `tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"` in
    `domain_endpoint_options`.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          domain_endpoint_options {
            enforce_https       = false
            tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
          }
        }

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          domain_endpoint_options {
            enforce_https       = true
            tls_security_policy = "Policy-Min-TLS-1-0-2019-07"
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          domain_endpoint_options {
            enforce_https       = true
            tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
          }
        }
    """
    options = only(domain["domain_endpoint_options"])
    path = "domain_endpoint_options[0]"
    if not options or options.get("enforce_https") is False:  # a block that does not say so enforces it
        return Fault(f"{domain.name} accepts plain HTTP", {f"{path}.enforce_https": False})
    policy = str(options.get("tls_security_policy"))
    if policy.startswith(OLD_TLS):
        return Fault(f"{domain.name} accepts TLS 1.0", {f"{path}.tls_security_policy": policy})
    if not policy.startswith(GOOD_TLS):
        raise Unknown(f"what the TLS policy {policy} of {domain.name} accepts is not known here")
    return None


@check(
    "aws_opensearch_domain",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="ES.6;OpenSearch.6",
)
def opensearch_data_nodes_az(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain has under three data nodes or no zone awareness.

    With two nodes the loss of one leaves nothing to elect by, and without zone awareness all copies of an
    index may lie in the zone that fails.

    Fix: set `instance_count` to 3 or more and `zone_awareness_enabled = true` in `cluster_config`.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          cluster_config {
            instance_count         = 3
            zone_awareness_enabled = false
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          cluster_config {
            instance_count         = 3
            zone_awareness_enabled = true
          }
        }
    """
    cluster = only(domain["cluster_config"])
    count = said_in(cluster, "instance_count") or 1
    if count < LEAST_NODES:
        return Fault(f"{domain.name} has {count} data nodes", {"cluster_config[0].instance_count": count})
    if cluster.get("zone_awareness_enabled"):
        return None
    return Fault(f"{domain.name} is not spread over zones", {"cluster_config[0].zone_awareness_enabled": False})


@check(
    "aws_opensearch_domain",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="ES.7",
)
def opensearch_master_nodes(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain has under three dedicated master nodes.

    Nodes that both hold data and lead the cluster drop out of leading it just when there is much to do,
    and of two masters neither can outvote the other.

    Fix: set `dedicated_master_enabled = true` and `dedicated_master_count = 3` in `cluster_config`.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          cluster_config {
            dedicated_master_enabled = false
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          cluster_config {
            dedicated_master_enabled = true
            dedicated_master_count   = 3
          }
        }
    """
    cluster = only(domain["cluster_config"])
    if not cluster.get("dedicated_master_enabled"):
        evidence = {"cluster_config[0].dedicated_master_enabled": False}
        return Fault(f"{domain.name} has no dedicated master nodes", evidence)
    count = cluster.get("dedicated_master_count") or 0
    if count >= LEAST_NODES:
        return None
    return Fault(f"{domain.name} has {count} master nodes", {"cluster_config[0].dedicated_master_count": count})


@check(
    "aws_opensearch_domain",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    fsbp="OpenSearch.7",
    pci_4="7.2.1;7.2.2;7.2.5;7.2.6;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4;10.6.3",
)
def opensearch_fine_grained_access(domain: Resource, inventory: Inventory) -> str | None:
    """Search domain has no fine-grained access control.

    Whoever gets into the domain at all then reads and deletes each of its indices.

    Fix: set `enabled = true` in `advanced_security_options`, with a role as master user.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          advanced_security_options {
            enabled = false
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          advanced_security_options {
            enabled = true
          }
        }
    """
    return None if is_on(domain, "advanced_security_options") else f"{domain.name} has no fine-grained access control"


@check(
    "aws_opensearch_domain",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="ES.5;OpenSearch.5",
    pci_4="5.3.4;10.5.1",
    soc2="cc_a_1_1",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def opensearch_audit_logs(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain writes no audit log.

    Nobody can then say who searched for what, or who tried to get in.

    Fix: add `log_publishing_options` with `log_type = "AUDIT_LOGS"`; they need fine-grained access control.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"

          log_publishing_options {
            log_type                 = "INDEX_SLOW_LOGS"
            cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:slow"
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"

          log_publishing_options {
            log_type                 = "AUDIT_LOGS"
            cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:audit"
          }
        }
    """
    logs = domain["log_publishing_options"] or ()
    if any(each["log_type"] == "AUDIT_LOGS" and said_in(each, "enabled") is not False for each in logs):
        return None
    return Fault(f"{domain.name} writes no audit log", {"log_publishing_options": [each["log_type"] for each in logs]})
