from __future__ import annotations

import json

from scanner.collectors.iam_providers import (
    ACCOUNT_ALIAS,
    COLLECTORS,
    OPENID_CONNECT_PROVIDER,
    SAML_PROVIDER,
    SERVER_CERTIFICATE,
    SERVICE_LINKED_ROLE,
    made_by_sso,
)
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.whole import whole

IAM = f"arn:aws:iam::{ACCOUNT}"
TAGS = [{"Key": "Team", "Value": "shop"}]


def test_openid_connect_provider(aws):
    made = aws("iam").create_open_id_connect_provider(
        Url="https://token.example", ClientIDList=["one", "two"], ThumbprintList=["a" * 40], Tags=TAGS
    )
    found = read(OPENID_CONNECT_PROVIDER)
    provider = only(found, "aws_iam_openid_connect_provider")
    arn = f"{IAM}:oidc-provider/token.example"
    assert made["OpenIDConnectProviderArn"] == arn
    assert whole(provider) == {
        "its id": arn,
        "its identity": arn,
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "client_id_list": ["one", "two"],
        "thumbprint_list": ["a" * 40],
        "url": provider["url"],
        "tags": {"Team": "shop"},
    }
    for wanted in ({"url": "https://token.example"}, {"url": "token.example", "client_id_list": ["two", "one"]}):
        assert told(found, COLLECTORS, twin(provider, **wanted)) == set()
    assert told(found, COLLECTORS, twin(provider, client_id_list=["one"])) == {
        ("changed", provider.type, "client_id_list")
    }


def test_saml_provider(aws):
    document = "<EntityDescriptor>" + "x" * 1000 + "</EntityDescriptor>"
    arn = aws("iam").create_saml_provider(SAMLMetadataDocument=document, Name="staff")["SAMLProviderArn"]
    found = read(SAML_PROVIDER)
    provider = only(found, "aws_iam_saml_provider")
    assert whole(provider) == {
        "its id": arn,
        "its identity": arn,
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "name": "staff",
        "saml_metadata_document": document,
        "valid_until": provider["valid_until"],
    }
    assert made_by_sso({"Arn": f"{IAM}:saml-provider/AWSSSO_1_DO_NOT_DELETE"}) == "aws: sso"


BODY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def test_server_certificate(aws):
    aws("iam").upload_server_certificate(
        ServerCertificateName="shop", Path="/web/", CertificateBody=BODY, PrivateKey="hush", CertificateChain=BODY
    )
    found = read(SERVER_CERTIFICATE)
    made = only(found, "aws_iam_server_certificate")
    arn = f"{IAM}:server-certificate/web/shop"
    assert whole(made) == {
        "its id": made.id,
        "its identity": "shop",
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "certificate_body": BODY,
        "certificate_chain": BODY,
        "expiration": made["expiration"],
        "name": "shop",
        "path": "/web/",
        "upload_date": made["upload_date"],
    }
    assert "hush" not in repr(found.resources)
    assert told(found, COLLECTORS, twin(made, certificate_body=f"\n{BODY}\r\n")) == set()
    assert made["expiration"] == "2012-05-08T01:02:03.004000Z"
    assert told(found, COLLECTORS, twin(made, expiration="2012-05-08T01:02:03Z")) == set()


def test_account_alias(aws):
    assert list(read(ACCOUNT_ALIAS).of("aws_iam_account_alias")) == []
    aws("iam").create_account_alias(AccountAlias="shop")
    made = only(read(ACCOUNT_ALIAS), "aws_iam_account_alias")
    assert (made.id, made.identity, made.attributes) == ("shop", "shop", {"account_alias": "shop"})


def test_service_linked_role(aws):
    aws("iam").create_role(RoleName="plain", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    made = aws("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", Description="d")["Role"]
    found = read(SERVICE_LINKED_ROLE)
    role = only(found, "aws_iam_service_linked_role", owner="aws: service-linked role")
    assert whole(role) == {
        "its id": made["Arn"],
        "its identity": made["Arn"],
        "its arn": made["Arn"],
        "its owner": "aws: service-linked role",
        "arn": made["Arn"],
        "aws_service_name": "autoscaling.amazonaws.com",
        "create_date": role["create_date"],
        "description": "d",
        "name": made["RoleName"],
        "path": "/aws-service-role/autoscaling.amazonaws.com/",
        "unique_id": made["RoleId"],
    }
    assert told(found, COLLECTORS) == told(found, COLLECTORS, twin(role)) == set()
    assert told(found, COLLECTORS, twin(role, description="e")) == {("changed", role.type, "description")}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
