"""Amazon SES: the addresses and domains that mail may be sent from, and sets of settings for sending.

The provider has types of both versions of the API for one thing: all are read by the second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, as_block, block, settled, volatile
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from state import Resource
from state.forms import UNORDERED, UNREAD, Form, defaulting
from state.schema import Parent, Projection

GONE = ("NotFoundException",)


async def email_identities(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("sesv2", "list_email_identities"):
        yield list(page.get("EmailIdentities") or ())


def got(holds: str | None = None) -> Detail:
    """All that an identity says of itself, in one call however many types read it."""
    return Detail(
        operation="get_email_identity",
        arguments={"EmailIdentity": "IdentityName"},
        into="Got",
        gone=GONE,
        holds=holds,
        essential=True,
    )


def under(name: str, ours: str) -> Projection:
    """The same thing, as the first version's type names it."""

    def same(found: Resource) -> Iterator[Resource]:
        if said := found.attributes.get(ours):
            yield found.replace(attributes={name: said})

    return same


def dated(found: Any) -> list[Any]:
    """The time of the last key as a text, as all times are."""
    return [{name: settled(each) for name, each in row.items()} for row in as_block(found)]


SIGNED = (
    "current_signing_key_length",
    "domain_signing_selector",
    "last_key_generation_timestamp",
    "signing_attributes_origin",
    "status",
    "tokens",
)

READ_IDENTITY = ("ses:ListEmailIdentities", "ses:GetEmailIdentity")

IDENTITY = Collector(
    type="aws_sesv2_email_identity",
    service="sesv2",
    fetch=email_identities,
    details=(got(),),
    permissions=READ_IDENTITY,
    id="IdentityName",
    identity=("email_identity",),
    homes={
        "aws_ses_domain_identity": under("email_identity", "domain"),
        "aws_ses_email_identity": under("email_identity", "email"),
    },
    arn="arn:{partition}:ses:{region}:{account}:identity/{IdentityName}",
    attributes={
        "configuration_set_name": "Got.ConfigurationSetName",
        "dkim_signing_attributes": Attribute(
            path="Got.DkimAttributes.{current_signing_key_length: CurrentSigningKeyLength, "
            "last_key_generation_timestamp: LastKeyGenerationTimestamp, "
            "next_signing_key_length: NextSigningKeyLength, signing_attributes_origin: SigningAttributesOrigin, "
            "status: Status, tokens: Tokens}",
            form=if_said(**dict.fromkeys(SIGNED, UNREAD)),
            convert=dated,
        ),
        "email_identity": "IdentityName",
        "identity_type": "Got.IdentityType",
        "verification_status": volatile("Got.VerificationStatus"),
        "verified_for_sending_status": volatile("Got.VerifiedForSendingStatus"),
    },
    tags="Got.Tags",
)


def of_identity(part: str) -> Parent:
    return Parent(type="aws_sesv2_email_identity", by="email_identity", part=part)


FEEDBACK = Collector(
    type="aws_sesv2_email_identity_feedback_attributes",
    service="sesv2",
    fetch=email_identities,
    details=(got(),),
    permissions=READ_IDENTITY,
    id="IdentityName",
    identity=("email_identity",),
    parent=of_identity("feedback_attributes"),
    at_default=lambda feedback: bool(feedback.attributes.get("email_forwarding_enabled")),
    attributes={"email_forwarding_enabled": "Got.FeedbackForwardingStatus", "email_identity": "IdentityName"},
)

MAIL_FROM = Collector(
    type="aws_sesv2_email_identity_mail_from_attributes",
    service="sesv2",
    fetch=email_identities,
    details=(got("MailFromAttributes.MailFromDomain"),),
    permissions=READ_IDENTITY,
    id="IdentityName",
    identity=("email_identity",),
    parent=of_identity("mail_from_attributes"),
    attributes={
        "behavior_on_mx_failure": Attribute(
            path="Got.MailFromAttributes.BehaviorOnMxFailure", form=defaulting("USE_DEFAULT_VALUE")
        ),
        "email_identity": "IdentityName",
        "mail_from_domain": "Got.MailFromAttributes.MailFromDomain",
    },
    facts={"mail_from_domain_status": "Got.MailFromAttributes.MailFromDomainStatus"},
)

# --- configuration sets ---------------------------------------------------------------------------


async def configuration_sets(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("sesv2", "list_configuration_sets", PageSize=1000):
        yield [{"Name": each} for each in page.get("ConfigurationSets") or ()]


CONFIGURATION_SET = Collector(
    type="aws_sesv2_configuration_set",
    service="sesv2",
    fetch=configuration_sets,
    details=(
        Detail(
            operation="get_configuration_set",
            arguments={"ConfigurationSetName": "Name"},
            into="Got",
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("ses:ListConfigurationSets", "ses:GetConfigurationSet"),
    id="Name",
    identity=("configuration_set_name",),
    homes={"aws_ses_configuration_set": under("configuration_set_name", "name")},
    arn="arn:{partition}:ses:{region}:{account}:configuration-set/{Name}",
    attributes={
        "configuration_set_name": "Name",
        "delivery_options": Attribute(
            path="Got.DeliveryOptions.{max_delivery_seconds: MaxDeliverySeconds, sending_pool_name: SendingPoolName, "
            "tls_policy: TlsPolicy}",
            form=Form(inner={"tls_policy": defaulting("OPTIONAL")}),
            convert=as_block,
        ),
        "reputation_options": Attribute(
            path="Got.ReputationOptions.{last_fresh_start: LastFreshStart, "
            "reputation_metrics_enabled: ReputationMetricsEnabled}",
            form=Form(inner={"last_fresh_start": UNREAD}),
            convert=dated,
        ),
        "sending_options": block(
            "Got.SendingOptions.{sending_enabled: SendingEnabled}", sending_enabled=defaulting(True)
        ),
        # Left out, the account's own stands; said and empty, nothing is suppressed.
        "suppression_options": Attribute(
            path="Got.SuppressionOptions && [Got.SuppressionOptions.{suppressed_reasons: SuppressedReasons}]",
            form=if_said(suppressed_reasons=UNORDERED),
        ),
        "tracking_options": block(
            "Got.TrackingOptions.{custom_redirect_domain: CustomRedirectDomain, https_policy: HttpsPolicy}",
            https_policy=defaulting("OPTIONAL"),
        ),
        "vdm_options": block(
            "Got.VdmOptions.{dashboard_options: DashboardOptions && [DashboardOptions.{"
            "engagement_metrics: EngagementMetrics}], guardian_options: GuardianOptions "
            "&& [GuardianOptions.{optimized_shared_delivery: OptimizedSharedDelivery}]}"
        ),
    },
    tags="Got.Tags",
)

COLLECTORS = [CONFIGURATION_SET, FEEDBACK, IDENTITY, MAIL_FROM]
