from scanner.collectors.acm import ALGORITHMS, CERTIFICATE, COLLECTORS, VALIDATION, algorithm, method
from tests.conftest import read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

MOVING = ("domain_validation_options", "not_after", "not_before", "renewal_eligibility", "status")


def test_certificate(aws):
    arn = aws("acm").request_certificate(
        DomainName="example.com",
        SubjectAlternativeNames=["www.example.com"],
        ValidationMethod="DNS",
        Tags=[{"Key": "team", "Value": "shop"}],
    )["CertificateArn"]
    found = only(read(CERTIFICATE), "aws_acm_certificate")
    said = whole(found)
    said["subject_alternative_names"].sort()
    assert {name for name in MOVING if said.pop(name)} == set(MOVING)
    assert said == {
        "its id": arn,
        "its identity": arn,
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "domain_name": "example.com",
        "key_algorithm": "RSA_2048",
        "options": [{"certificate_transparency_logging_preference": "ENABLED", "export": "DISABLED"}],
        "subject_alternative_names": ["example.com", "www.example.com"],
        "tags": {"team": "shop"},
        "type": "AMAZON_ISSUED",
        "validation_method": "DNS",
    }
    names = {"subject_alternative_names": ["WWW.example.com", "example.com"], "domain_name": "Example.com"}
    assert told(read(CERTIFICATE), [CERTIFICATE], twin(found, **names, options=[])) == set()
    wanted = twin(found, options=[{"certificate_transparency_logging_preference": "DISABLED"}])
    assert told(read(CERTIFICATE), [CERTIFICATE], wanted) == {
        ("changed", "aws_acm_certificate", "options[0].certificate_transparency_logging_preference")
    }


def test_certificates_of_every_algorithm_are_asked_for():
    with answering({"ListCertificates": {"CertificateSummaryList": []}}):
        assert read(*COLLECTORS).gaps == []
    assert {"RSA_4096", "EC_prime256v1"} <= set(ALGORITHMS)
    assert CERTIFICATE.fetch.arguments == VALIDATION.fetch.arguments


def test_validation():
    certificates = [{"CertificateArn": "arn:a", "Status": "ISSUED"}, {"CertificateArn": "arn:b", "Status": "EXPIRED"}]
    with answering({"ListCertificates": {"CertificateSummaryList": certificates}}):
        found = read(VALIDATION)
    wanted = [declared(VALIDATION.type, "2026-01-01", certificate_arn=arn) for arn in ("arn:a", "arn:b")]
    assert told(found, [VALIDATION]) == told(found, [VALIDATION], wanted[0]) == set()
    assert told(found, [VALIDATION], *wanted) == {("missing", "aws_acm_certificate_validation", "")}


def test_who_made_it_and_what_is_denied():
    listed = {"CertificateArn": "arn:aws:acm:eu-west-1:1:certificate/a", "ManagedBy": "CLOUDFRONT"}
    answers = {
        "ListCertificates": {"CertificateSummaryList": [listed]},
        "DescribeCertificate": {"Certificate": {"Type": "IMPORTED"}},
        "ListTagsForCertificate": refused("AccessDeniedException"),
    }
    with answering(answers):
        found = read(CERTIFICATE)
    one = only(found, "aws_acm_certificate", "cloudfront")
    assert (one["validation_method"], list(one.unknown)) == ("NONE", ["tags"])
    assert [gap.permission for gap in found.gaps] == ["acm:ListTagsForCertificate"]


def test_words():
    assert (algorithm("RSA-2048"), algorithm(None)) == ("RSA_2048", None)
    assert (method([{"ValidationMethod": "EMAIL"}]), method([])) == ("EMAIL", "NONE")


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
