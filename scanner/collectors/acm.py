"""AWS Certificate Manager: certificates. Never their private keys.

A listing that names no algorithms tells only of certificates with RSA keys of 2048 bits or fewer.
"""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    blocks,
    caseless,
    converted,
    volatile,
)
from scanner.aws.place import Item
from state import Resource
from state.forms import VOLATILE, Form, defaulting, without_order
from state.forms import caseless as without_case

GONE = ("ResourceNotFoundException",)
ALGORITHMS = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)
OF_ANY_KIND = (("Includes", {"keyTypes": list(ALGORITHMS)}),)
TOLD = "Described.Certificate"


def made_by(certificate: Item) -> str | None:
    """CloudFront asks for the certificates of its own tenants."""
    by = certificate.get("ManagedBy")
    return by.lower() if by else None


def algorithm(value: Any) -> Any:
    """RSA-2048 in one answer is RSA_2048 in another."""
    return value.replace("-", "_") if isinstance(value, str) else value


def method(found: Any) -> str:
    """How the domain was proven; nobody proves that of an imported certificate, or a private one."""
    return next((each["ValidationMethod"] for each in found or () if each.get("ValidationMethod")), "NONE")


def names(value: Any) -> Any:
    return without_order([without_case(each) for each in value or ()])


CERTIFICATE = Collector(
    type="aws_acm_certificate",
    service="acm",
    fetch=Listing("list_certificates", "CertificateSummaryList", OF_ANY_KIND),
    details=(
        Detail(
            operation="describe_certificate",
            arguments={"CertificateArn": "CertificateArn"},
            into="Described",
            gone=GONE,
            essential=True,
        ),
        Detail(
            operation="list_tags_for_certificate",
            arguments={"CertificateArn": "CertificateArn"},
            into="Tagging",
            gone=GONE,
        ),
    ),
    permissions=("acm:ListCertificates", "acm:DescribeCertificate", "acm:ListTagsForCertificate"),
    id="CertificateArn",
    identity=("arn",),
    owner=made_by,
    attributes={
        "arn": "CertificateArn",
        "certificate_authority_arn": f"{TOLD}.CertificateAuthorityArn",
        "domain_name": caseless(f"{TOLD}.DomainName"),
        "domain_validation_options": blocks(
            f"{TOLD}.DomainValidationOptions[?ResourceRecord].{{domain_name: DomainName, "
            "resource_record_name: ResourceRecord.Name, resource_record_type: ResourceRecord.Type, "
            "resource_record_value: ResourceRecord.Value}"
        ),
        "key_algorithm": converted(f"{TOLD}.KeyAlgorithm", algorithm, Form(canonical=algorithm)),
        "not_after": volatile(f"{TOLD}.NotAfter"),
        "not_before": volatile(f"{TOLD}.NotBefore"),
        "options": block(
            f"{TOLD}.Options.{{certificate_transparency_logging_preference: "
            "CertificateTransparencyLoggingPreference, export: Export}",
            certificate_transparency_logging_preference=defaulting("ENABLED"),
            export=defaulting("DISABLED"),
        ),
        "renewal_eligibility": volatile(f"{TOLD}.RenewalEligibility"),
        "renewal_summary": Attribute(
            path=f"{TOLD}.RenewalSummary.{{renewal_status: RenewalStatus, "
            "renewal_status_reason: RenewalStatusReason, updated_at: UpdatedAt}",
            form=VOLATILE,
            convert=as_block,
        ),
        "status": volatile(f"{TOLD}.Status"),
        "subject_alternative_names": Attribute(path=f"{TOLD}.SubjectAlternativeNames", form=Form(canonical=names)),
        "type": f"{TOLD}.Type",
        "validation_emails": Attribute(path=f"{TOLD}.DomainValidationOptions[].ValidationEmails[]", form=VOLATILE),
        "validation_method": converted(f"{TOLD}.DomainValidationOptions", method),
    },
    facts={
        "failure_reason": f"{TOLD}.FailureReason",
        "in_use_by": f"{TOLD}.InUseBy",
        "issued_at": f"{TOLD}.IssuedAt",
        "issuer": f"{TOLD}.Issuer",
        "renewal_status": f"{TOLD}.RenewalSummary.RenewalStatus",
    },
    tags="Tagging.Tags",
)


def undeclared(validation: Resource) -> bool:
    """That a certificate was issued is nobody's resource but Terraform's."""
    return validation.declared is None


VALIDATION = Collector(
    type="aws_acm_certificate_validation",
    service="acm",
    fetch=Listing("list_certificates", "CertificateSummaryList[?Status=='ISSUED']", OF_ANY_KIND),
    permissions=("acm:ListCertificates",),
    id="CertificateArn",
    identity=("certificate_arn",),
    at_default=undeclared,
    attributes={"certificate_arn": "CertificateArn"},
)

COLLECTORS = [CERTIFICATE, VALIDATION]
