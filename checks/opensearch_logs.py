"""Amazon OpenSearch: what search domains log."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, said_in
from state import Inventory, Resource

TELLING = frozenset({"ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"})


@check(
    "aws_opensearch_domain",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="ES.4;OpenSearch.4",
    pci_4="5.3.4;10.5.1",
    nist_800_53_r5="au_10",
    soc2="cc_a_1_1",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def opensearch_error_logs(domain: Resource, inventory: Inventory) -> Fault | None:
    """Search domain publishes neither slow nor error logs.

    Why a search was slow, or failed, is then not to be found out. Any of these logs is enough to pass; AWS's
    own control wants that of errors.

    Fix: add `log_publishing_options` with `log_type = "ES_APPLICATION_LOGS"`.

    Fails:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"

          log_publishing_options {
            log_type                 = "AUDIT_LOGS"
            cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:search"
          }
        }

    Passes:

        resource "aws_opensearch_domain" "logs" {
          domain_name = "logs"

          log_publishing_options {
            log_type                 = "ES_APPLICATION_LOGS"
            cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:search"
          }
        }
    """
    logs = domain["log_publishing_options"] or ()
    if any_of(lambda each: each["log_type"] in TELLING and said_in(each, "enabled") is not False, logs):
        return None
    message = f"{domain.name} publishes neither slow nor error logs"
    return Fault(message, {"log_publishing_options": [each["log_type"] for each in logs]})
