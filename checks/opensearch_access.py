"""Amazon OpenSearch: who gets to a search domain."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import both
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_opensearch_domain",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="ES.2;OpenSearch.2",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
    well_architected_security="SEC03-BP07;SEC03-BP08;SEC05-BP01",
)
def opensearch_public(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain's endpoint and policy let anyone in.

    A domain outside a VPC has an endpoint on the internet, and a policy for `*` asks its callers for
    nothing. Such domains are found by scanners and emptied for ransom. A domain in a VPC is exempt, as
    its network guards it, and so is one whose fine-grained access control asks everybody who they are;
    AWS's own control asks for the VPC even then.

    Fix: put the domain into a VPC, or name the principals (or narrow addresses) in its policy.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          access_policies = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "es:*", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          access_policies = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "es:*", Resource = "*" }]
          })
          vpc_options {
            subnet_ids = ["subnet-0123456789abcdef0"]
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"
          access_policies = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "*" }
              Action    = "es:*"
              Resource  = "*"
              Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }
            }]
          })
        }
    """

    def found() -> Fault | None:
        for each in inventory.near(domain, "aws_opensearch_domain_policy", domain_name=domain["domain_name"]):
            if statement := opens_to_anyone(parse(each["access_policies"]), ("es:*",)):
                return Fault(f"{statement.label} lets anyone into {domain.name}", evidence_of(each, "access_policies"))
        return None

    return found() if both(lambda: not _guarded(domain), found) else None


def _guarded(domain: Resource) -> bool:
    """Whether a network or the domain itself keeps strangers out."""
    if domain["vpc_options"]:
        return True
    return any(
        block.get("enabled") and not block.get("anonymous_auth_enabled")
        for block in domain["advanced_security_options"] or ()
    )
