from scanner.collectors.account import ALTERNATE_CONTACT, COLLECTORS, PRIMARY_CONTACT
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import assert_one
from tests.scanner.whole import whole


def contact(aws, kind="SECURITY"):
    said = {"EmailAddress": "ann@example.com", "Name": "Ann", "PhoneNumber": "1", "Title": "Lead"}
    aws("account").put_alternate_contact(AlternateContactType=kind, **said)


def test_contact(aws):
    contact(aws)
    found = read(ALTERNATE_CONTACT)
    one = only(found, "aws_account_alternate_contact")
    assert whole(one) == {
        "its id": "SECURITY",
        "its identity": "SECURITY",
        "its arn": None,
        "its owner": None,
        "alternate_contact_type": "SECURITY",
        "email_address": "ann@example.com",
        "name": "Ann",
        "phone_number": "1",
        "title": "Lead",
    }
    assert one.account == ACCOUNT
    assert one.sensitive == {"email_address", "name", "phone_number", "title"}
    assert {path for _, _, path in told(found, COLLECTORS, twin(one, name="Bob"))} == {"name"}


def test_none_is_no_gap(aws):
    found = read(ALTERNATE_CONTACT)
    assert (found.resources, found.gaps) == (
        [each for each in found.resources if each.type in ("account", "region")],
        [],
    )


def test_denied_is_a_gap(aws, allowed_only):
    with allowed_only():
        found = read(ALTERNATE_CONTACT)
    assert [gap.permission for gap in found.gaps] == ["account:GetAlternateContact"]


def test_main_contact():
    said = {"CompanyName": "Acme", "CountryCode": "IE", "FullName": "Ann", "PhoneNumber": "+3531", "City": "Cork"}
    said |= {"AddressLine1": "Quay 1", "PostalCode": "T12", "WebsiteUrl": "https://acme.example"}
    names = ("company_name", "country_code", "full_name", "phone_number", "city", "address_line_1", "postal_code")
    wanted = dict(zip((*names, "website_url"), said.values(), strict=True))
    wanted |= {"its id": "default", "its identity": "default", "its arn": None, "its owner": None}
    answers = {"POST /getContactInformation": {"ContactInformation": said}}
    assert_one(PRIMARY_CONTACT, answers, wanted, {"full_name": "Bob"})
