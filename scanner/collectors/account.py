"""AWS Account Management: whom AWS turns to, the account's owner and others besides."""

from __future__ import annotations

from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Listing, Scope, sensitive
from scanner.aws.errors import code
from scanner.aws.place import Item, Place

KINDS = ("BILLING", "OPERATIONS", "SECURITY")


async def alternate_contacts(place: Place) -> AsyncIterator[list[Item]]:
    """Each contact that there is: AWS has no list of them."""
    for kind in KINDS:
        try:
            answer = await place.call("account", "get_alternate_contact", AlternateContactType=kind)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise
        else:
            yield [answer["AlternateContact"]]


ALTERNATE_CONTACT = Collector(
    type="aws_account_alternate_contact",
    service="account",
    scope=Scope.GLOBAL,
    fetch=alternate_contacts,
    permissions=("account:GetAlternateContact",),
    id="AlternateContactType",
    identity=("alternate_contact_type",),
    attributes={
        "alternate_contact_type": "AlternateContactType",
        # These are about a person.
        "email_address": Attribute(path="EmailAddress", sensitive=True),
        "name": Attribute(path="Name", sensitive=True),
        "phone_number": Attribute(path="PhoneNumber", sensitive=True),
        "title": Attribute(path="Title", sensitive=True),
    },
)

PRIMARY_CONTACT = Collector(
    type="aws_account_primary_contact",
    service="account",
    scope=Scope.GLOBAL,
    fetch=Listing("get_contact_information", "ContactInformation"),
    permissions=("account:GetContactInformation",),
    id="'default'",
    attributes={
        "company_name": "CompanyName",
        "country_code": "CountryCode",
        # These are about a person.
        "address_line_1": sensitive("AddressLine1"),
        "address_line_2": sensitive("AddressLine2"),
        "address_line_3": sensitive("AddressLine3"),
        "city": sensitive("City"),
        "district_or_county": sensitive("DistrictOrCounty"),
        "full_name": sensitive("FullName"),
        "phone_number": sensitive("PhoneNumber"),
        "postal_code": sensitive("PostalCode"),
        "state_or_region": sensitive("StateOrRegion"),
        "website_url": "WebsiteUrl",
    },
)

COLLECTORS = [ALTERNATE_CONTACT, PRIMARY_CONTACT]
