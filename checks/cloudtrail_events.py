"""AWS CloudTrail: which events of an account some trail records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from checks.absence import anywhere, evidence_among
from checks.check import Category, Fault, Severity, check
from checks.doubt import both, either, said
from checks.policy import PARTITION
from state import Inventory, Resource

TRAIL = "aws_cloudtrail"
DECIDE = ("is_multi_region_trail", "enable_logging", "event_selector", "advanced_event_selector")
OBJECTS = "AWS::S3::Object"
BUSY = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
"""Services of so many management events that AWS lets a trail leave them out."""
WRITES, READS = frozenset({"All", "WriteOnly"}), frozenset({"All", "ReadOnly"})


def covers_account(trail: Resource) -> bool:
    """Whether a trail is at work in every region."""
    return both(lambda: trail["is_multi_region_trail"], lambda: said(trail, "enable_logging") is not False)


def records_management(trail: Resource) -> bool:
    """Whether a trail records the account's management events, those that read and those that write."""
    return both(lambda: covers_account(trail), lambda: _of_management(trail))


def _of_management(trail: Resource) -> bool:
    if fine := said(trail, "advanced_event_selector"):
        return any(_is_management(terms_of(each)) for each in fine)
    chosen = said(trail, "event_selector") or [{}]  # where nothing is chosen, all of them are recorded
    return any(
        each.get("include_management_events") is not False and each.get("read_write_type") in (None, "", "All")
        for each in chosen
    )


Terms = Mapping[str, Mapping[str, Sequence[str]]]
"""What an advanced selector asks of each field: values by operator."""


def terms_of(selector: Mapping[str, Any]) -> Terms:
    return {
        term["field"]: {name: said for name, said in term.items() if name != "field" and said}
        for term in selector.get("field_selector") or ()
    }


def _is_management(terms: Terms) -> bool:
    rest = {field: asked for field, asked in terms.items() if field != "eventCategory"}
    busy = rest.pop("eventSource", {"not_equals": ()})
    return _only(terms, "eventCategory", "Management") and not rest and _left_out(busy) <= BUSY


def _only(terms: Terms, field: str, value: str) -> bool:
    return dict(terms.get(field) or {}) == {"equals": [value]}


def _left_out(asked: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """What a term leaves out; a term that picks leaves out more than anybody can name."""
    return frozenset(asked["not_equals"]) if set(asked) == {"not_equals"} else frozenset({"the rest"})


def records_objects(trail: Resource, kinds: frozenset[str]) -> bool:
    """Whether a trail records writes (or reads) of the objects of all buckets."""

    def plain(selector: Mapping[str, Any]) -> bool:
        data = selector.get("data_resource") or ()
        every = any(each.get("type") == OBJECTS and any(map(_is_all, each.get("values") or ())) for each in data)
        return every and (selector.get("read_write_type") or "All") in kinds

    def fine(selector: Mapping[str, Any]) -> bool:
        return _is_objects(terms_of(selector), "true" if "ReadOnly" in kinds else "false")

    def chosen() -> bool:
        return any(map(plain, said(trail, "event_selector") or ()))

    def advanced() -> bool:
        return any(map(fine, said(trail, "advanced_event_selector") or ()))

    return both(lambda: covers_account(trail), lambda: either(chosen, advanced))


def records_reads_of(trail: Resource, name: str) -> bool:
    """Whether a trail, where it is at work, records reads of one object: ``bucket/key``."""
    at = f"s3:::{name}"

    def plain(selector: Mapping[str, Any]) -> bool:
        data = [each for each in selector.get("data_resource") or () if each.get("type") == OBJECTS]
        begins = tuple(PARTITION.sub("", value).rstrip(":") for each in data for value in each.get("values") or ())
        return at.startswith(begins) and (selector.get("read_write_type") or "All") in READS

    def fine(selector: Mapping[str, Any]) -> bool:
        terms = dict(terms_of(selector))
        arns = {name: [PARTITION.sub("", each) for each in of] for name, of in terms.pop("resources.ARN", {}).items()}
        return _is_objects(terms, "true") and all(_holds(name, of, at) for name, of in arns.items())

    def chosen() -> bool:
        return any(map(plain, said(trail, "event_selector") or ()))

    def advanced() -> bool:
        return any(map(fine, said(trail, "advanced_event_selector") or ()))

    return both(lambda: said(trail, "enable_logging") is not False, lambda: either(chosen, advanced))


def _holds(operator: str, values: Iterable[str], text: str) -> bool:
    """Whether an operator of an advanced selector holds of a text."""
    kind = operator.removeprefix("not_")
    tests: Mapping[str, Callable[[str], bool]] = {
        "equals": lambda value: text == value,
        "starts_with": text.startswith,
        "ends_with": text.endswith,
    }
    return any(map(tests[kind], values)) is (kind == operator)


def _is_all(value: str) -> bool:
    """``arn:aws:s3`` and ``arn:aws:s3:::`` stand for every bucket."""
    return PARTITION.sub("", value).rstrip(":") == "s3"


def _is_objects(terms: Terms, read_only: str) -> bool:
    """Some buckets may be left out: that of the logs has to be."""
    known = {"eventCategory", "resources.type", "resources.ARN", "readOnly"}
    named = set(terms.get("resources.ARN") or ()) - {"not_equals", "not_starts_with", "not_ends_with"}
    half = "readOnly" in terms and not _only(terms, "readOnly", read_only)
    return (
        _only(terms, "eventCategory", "Data")
        and _only(terms, "resources.type", OBJECTS)
        and set(terms) <= known
        and not named
        and not half
    )


@check(
    "account",
    severity=Severity.HIGH,
    category=Category.LOGGING,
    cis_3_0="3.1",
    cis_5_0="3.1",
    cis_6_0="4.1",
    cis_7_0="4.1",
    fsbp="CloudTrail.1;CloudTrail.3",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_2_1;cc_7_2;cc_a_1_1;pi_1_3",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_1;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;"
        "au_8_b;ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_10_1_c;"
        "si_1_1_c;si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b;164_312_e_2_i",
    gdpr="article_25;article_30",
    well_architected_security="SEC04-BP02;SEC04-BP03",
)
def cloudtrail_multi_region(account: Resource, inventory: Inventory) -> Fault | None:
    """No multi-region trail records management events.

    Without one nobody can say afterwards who did what, and whoever breaks in works in the region that is
    not watched. A trail counts that is switched on, reaches every region and records the events that
    read as well as those that write; those of KMS and of the RDS data API may be left out. A trail of the
    organization counts for each of its accounts. Other than with Prowler, trails of single regions do not do:
    a region that is opened later has none.

    Fix: declare one `aws_cloudtrail` with `is_multi_region_trail = true`, best for the whole organization.

    Fails:

        account {}

    Fails:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true

          event_selector {
            include_management_events = true
            read_write_type           = "WriteOnly"
          }
        }

    Passes:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true
        }
    """
    return _unrecorded(account, inventory, records_management, "all management events of {} in every region")


@check(
    "account",
    severity=Severity.LOW,
    category=Category.LOGGING,
    cis_3_0="3.8",
    cis_5_0="3.8",
    cis_6_0="4.8",
    cis_7_0="4.8",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_2_1;cc_7_2;pi_1_2",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;"
        "ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_10_1_c;si_1_1_c;"
        "si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_a_2_i;164_312_b;164_312_e_2_i",
    gdpr="article_30",
    well_architected_security="SEC04-BP01",
)
def cloudtrail_s3_write_events(account: Resource, inventory: Inventory) -> Fault | None:
    """No trail records writes to S3 objects.

    That an object was replaced or deleted, and by whom, is in no log otherwise. As CIS asks, and other
    than Prowler, one trail has to do it in every region; of the buckets it may leave some out, as
    that of its own files.

    Fix: add a selector of data events for `AWS::S3::Object`; they are paid for by number.

    Fails:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true

          event_selector {
            include_management_events = true
            read_write_type           = "All"

            data_resource {
              type   = "AWS::S3::Object"
              values = ["arn:aws:s3:::acme-orders/"]
            }
          }
        }

    Passes:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true

          event_selector {
            include_management_events = true
            read_write_type           = "WriteOnly"

            data_resource {
              type   = "AWS::S3::Object"
              values = ["arn:aws:s3"]
            }
          }
        }
    """
    writes = partial(records_objects, kinds=WRITES)
    return _unrecorded(account, inventory, writes, "writes to the objects of all buckets of {}")


@check(
    "account",
    severity=Severity.LOW,
    category=Category.LOGGING,
    cis_3_0="3.9",
    cis_5_0="3.9",
    cis_6_0="4.9",
    cis_7_0="4.9",
    soc2="cc_2_1;cc_7_2",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;"
        "ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_10_1_c;si_1_1_c;"
        "si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_a_2_i;164_312_b;164_312_e_2_i",
    gdpr="article_30",
    well_architected_security="SEC04-BP01",
)
def cloudtrail_s3_read_events(account: Resource, inventory: Inventory) -> Fault | None:
    """No trail records reads of S3 objects.

    Data that is stolen is read, not changed: without these events nobody can say what was taken. Judged as
    writes are.

    Fix: add a selector of data events for `AWS::S3::Object`; they are paid for by number.

    Fails:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true

          event_selector {
            include_management_events = true
            read_write_type           = "WriteOnly"

            data_resource {
              type   = "AWS::S3::Object"
              values = ["arn:aws:s3"]
            }
          }
        }

    Passes:

        account {}

        resource "aws_cloudtrail" "all" {
          name                  = "all"
          s3_bucket_name        = "acme-trail"
          is_multi_region_trail = true

          advanced_event_selector {
            field_selector {
              field  = "eventCategory"
              equals = ["Data"]
            }

            field_selector {
              field  = "resources.type"
              equals = ["AWS::S3::Object"]
            }

            field_selector {
              field           = "resources.ARN"
              not_starts_with = ["arn:aws:s3:::acme-trail/"]
            }
          }
        }
    """
    reads = partial(records_objects, kinds=READS)
    return _unrecorded(account, inventory, reads, "reads of the objects of all buckets of {}")


def _unrecorded(
    account: Resource, inventory: Inventory, records: Callable[[Resource], bool], what: str
) -> Fault | None:
    if anywhere(records, account, inventory, TRAIL):
        return None
    own = (each for each in inventory.of(TRAIL) if each.account == account.account)
    return Fault(f"no trail records {what.format(account.id)}", evidence_among(TRAIL, own, *DECIDE))
