"""Amazon OpenSearch: whether search domains are kept up to date."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource


@check(
    "aws_opensearch_domain",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    fsbp="OpenSearch.10",
    pci_4="6.3.3",
    well_architected_security="SEC06-BP01",
)
def opensearch_software_update(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain waits for a service software update.

    Such updates bring patches of what runs below the engine. One that is optional waits until somebody takes it, and
    what was put off for long is done at a time that AWS chooses. Only AWS can tell: code alone is skipped.

    Fix: take the update in a quiet hour, or set `auto_software_update_enabled` with an off-peak window.

    CLI: `aws opensearch start-service-software-update --domain-name {domain_name}`

    Fails:

        live "aws_opensearch_domain" "logs" {
          domain_name                            = "logs"
          service_software_update_available      = true
          service_software_automated_update_date = "2999-01-31T12:00:00Z"
        }

    Passes:

        live "aws_opensearch_domain" "logs" {
          domain_name                       = "logs"
          service_software_update_available = false
        }
    """
    if not domain.fact("service_software_update_available"):
        return None
    evidence = {"service_software_update_available": True}
    return Fault(f"{domain.name} waits for an update of its service software", evidence)
