from scanner.collectors.ses import COLLECTORS, CONFIGURATION_SET, FEEDBACK, IDENTITY, MAIL_FROM
from tests.conftest import read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

AT = "GET /v2/email"
TAGS = [{"Key": "team", "Value": "shop"}]
SHOP = {
    "IdentityType": "DOMAIN",
    "FeedbackForwardingStatus": False,
    "VerifiedForSendingStatus": True,
    "VerificationStatus": "SUCCESS",
    "DkimAttributes": {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": ["t"],
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
        "LastKeyGenerationTimestamp": 1,
    },
    "MailFromAttributes": {"MailFromDomain": "mail.example.com", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
    "ConfigurationSetName": "strict",
    "Tags": TAGS,
}
STRICT = {
    "ConfigurationSetName": "strict",
    "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
    "ReputationOptions": {"ReputationMetricsEnabled": True, "LastFreshStart": 1},
    "SendingOptions": {"SendingEnabled": True},
    "SuppressionOptions": {"SuppressedReasons": ["COMPLAINT", "BOUNCE"]},
    "TrackingOptions": {"CustomRedirectDomain": "t.example.com", "HttpsPolicy": "OPTIONAL"},
    "Tags": TAGS,
}
ANSWERS = {
    f"{AT}/identities": {"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com"}]},
    f"{AT}/identities/example.com": SHOP,
    f"{AT}/configuration-sets": {"ConfigurationSets": ["strict"]},
    f"{AT}/configuration-sets/strict": STRICT,
}


def seen(*collectors, **changed):
    with answering(ANSWERS | {f"{AT}/{name}": each for name, each in changed.items()}):
        return read(*collectors)


def test_identity():
    found = only(seen(IDENTITY), IDENTITY.type)
    assert whole(found) == {
        "its id": "example.com",
        "its identity": "example.com",
        "its arn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
        "its owner": None,
        "configuration_set_name": "strict",
        "dkim_signing_attributes": [
            {
                "current_signing_key_length": "RSA_2048_BIT",
                "last_key_generation_timestamp": "1970-01-01T00:00:01Z",
                "next_signing_key_length": "RSA_2048_BIT",
                "signing_attributes_origin": "AWS_SES",
                "status": "SUCCESS",
                "tokens": ["t"],
            }
        ],
        "email_identity": "example.com",
        "identity_type": "DOMAIN",
        "verification_status": "SUCCESS",
        "verified_for_sending_status": True,
        "tags": {"team": "shop"},
        "arn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
    }
    assert told(seen(IDENTITY), COLLECTORS, twin(found, dkim_signing_attributes=[])) == set()
    assert told(seen(IDENTITY), COLLECTORS, twin(found, configuration_set_name="lax")) == {
        ("changed", IDENTITY.type, "configuration_set_name")
    }


def test_one_thing_of_two_versions():
    of_first = declared("aws_ses_domain_identity", "example.com", domain="example.com")
    assert told(seen(IDENTITY), COLLECTORS, of_first) == set()
    set_of_first = declared("aws_ses_configuration_set", "strict", name="strict")
    assert told(seen(CONFIGURATION_SET), COLLECTORS, set_of_first) == set()


def test_feedback_and_mail_from():
    found = seen(IDENTITY, FEEDBACK, MAIL_FROM)
    assert whole(only(found, FEEDBACK.type)) == {
        "its id": "example.com",
        "its identity": "example.com",
        "its arn": None,
        "its owner": None,
        "email_forwarding_enabled": False,
        "email_identity": "example.com",
    }
    assert whole(only(found, MAIL_FROM.type)) == {
        "its id": "example.com",
        "its identity": "example.com",
        "its arn": None,
        "its owner": None,
        "behavior_on_mx_failure": "USE_DEFAULT_VALUE",
        "email_identity": "example.com",
        "mail_from_domain": "mail.example.com",
    }
    identity, mail_from = (
        twin(only(found, IDENTITY.type)),
        twin(only(found, MAIL_FROM.type), behavior_on_mx_failure=None),
    )
    assert told(found, COLLECTORS, identity, mail_from, twin(only(found, FEEDBACK.type))) == set()
    plain = SHOP | {
        "FeedbackForwardingStatus": True,
        "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
    }
    assert told(seen(IDENTITY, FEEDBACK, MAIL_FROM, **{"identities/example.com": plain}), COLLECTORS, identity) == set()


def test_configuration_set():
    found = only(seen(CONFIGURATION_SET), CONFIGURATION_SET.type)
    assert whole(found) == {
        "its id": "strict",
        "its identity": "strict",
        "its arn": "arn:aws:ses:eu-west-1:123456789012:configuration-set/strict",
        "its owner": None,
        "configuration_set_name": "strict",
        "delivery_options": [{"tls_policy": "REQUIRE"}],
        "reputation_options": [{"last_fresh_start": "1970-01-01T00:00:01Z", "reputation_metrics_enabled": True}],
        "sending_options": [{"sending_enabled": True}],
        "suppression_options": [{"suppressed_reasons": ["COMPLAINT", "BOUNCE"]}],
        "tracking_options": [{"custom_redirect_domain": "t.example.com", "https_policy": "OPTIONAL"}],
        "tags": {"team": "shop"},
        "arn": "arn:aws:ses:eu-west-1:123456789012:configuration-set/strict",
    }
    turned = [{"suppressed_reasons": ["BOUNCE", "COMPLAINT"]}]
    assert (
        told(seen(CONFIGURATION_SET), COLLECTORS, twin(found, suppression_options=turned, sending_options=[])) == set()
    )
    lax = STRICT | {"DeliveryOptions": {"TlsPolicy": "OPTIONAL"}, "SendingOptions": {"SendingEnabled": False}}
    assert told(seen(CONFIGURATION_SET, **{"configuration-sets/strict": lax}), COLLECTORS, twin(found)) == {
        ("changed", CONFIGURATION_SET.type, "delivery_options[0].tls_policy"),
        ("changed", CONFIGURATION_SET.type, "sending_options[0].sending_enabled"),
    }


def test_denied():
    found = seen(IDENTITY, **{"identities/example.com": refused("AccessDeniedException", status=403)})
    assert [gap.permission for gap in found.gaps] == ["ses:GetEmailIdentity"]
