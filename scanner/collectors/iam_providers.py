"""Who else vouches for people in an account, what it is called, and the roles that AWS made for its own services."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, Scope, Shared, converted, unordered, volatile
from scanner.aws.place import Item
from scanner.collectors.iam import DETAILS, GONE, details, list_of_roles
from state.forms import TO_THE_SECOND, Form, last_segment, plain

# --- providers of identities ----------------------------------------------------------------------


def without_scheme(url: Any) -> Any:
    """AWS tells the address without ``https://``."""
    return url.removeprefix("https://") if isinstance(url, str) else plain(url)


OPENID_CONNECT_PROVIDER = Collector(
    type="aws_iam_openid_connect_provider",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_open_id_connect_providers", "OpenIDConnectProviderList"),
    details=(
        Detail(
            operation="get_open_id_connect_provider",
            arguments={"OpenIDConnectProviderArn": "Arn"},
            into="Whole",
            gone=GONE,
        ),
    ),
    permissions=("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"),
    id="Arn",
    identity=("arn",),
    attributes={
        "arn": "Arn",
        "client_id_list": unordered("Whole.ClientIDList"),
        "thumbprint_list": unordered("Whole.ThumbprintList"),
        "url": Attribute(path="Whole.Url", form=Form(canonical=without_scheme)),
    },
    facts={"create_date": "Whole.CreateDate"},
    tags="Whole.Tags",
)


def made_by_sso(provider: Item) -> str | None:
    """IAM Identity Center has a provider of its own in every account, ``AWSSSO_…_DO_NOT_DELETE``."""
    return "aws: sso" if "/AWSSSO_" in provider["Arn"] else None


SAML_PROVIDER = Collector(
    type="aws_iam_saml_provider",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_saml_providers", "SAMLProviderList"),
    details=(Detail(operation="get_saml_provider", arguments={"SAMLProviderArn": "Arn"}, into="Whole", gone=GONE),),
    permissions=("iam:ListSAMLProviders", "iam:GetSAMLProvider"),
    id="Arn",
    identity=("arn",),
    owner=made_by_sso,
    attributes={
        "arn": "Arn",
        "name": converted("Arn", last_segment),
        "saml_metadata_document": "Whole.SAMLMetadataDocument",
        "valid_until": "ValidUntil",
    },
    facts={"create_date": "CreateDate"},
    tags="Whole.Tags",
)

# --- certificates ---------------------------------------------------------------------------------


def without_ends(text: Any) -> Any:
    """A certificate, whatever blank lines it is written between and however its lines end."""
    return (
        [line.strip() for line in text.splitlines() if line.strip()] or None if isinstance(text, str) else plain(text)
    )


PEM = Form(canonical=without_ends)

SERVER_CERTIFICATE = Collector(
    type="aws_iam_server_certificate",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_server_certificates", "ServerCertificateMetadataList"),
    details=(
        Detail(
            operation="get_server_certificate",
            arguments={"ServerCertificateName": "ServerCertificateName"},
            into="Whole",
            gone=GONE,
        ),
    ),
    permissions=("iam:ListServerCertificates", "iam:GetServerCertificate"),
    id="ServerCertificateId",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "certificate_body": Attribute(path="Whole.ServerCertificate.CertificateBody", form=PEM),
        "certificate_chain": Attribute(path="Whole.ServerCertificate.CertificateChain", form=PEM),
        "expiration": Attribute(path="Expiration", form=TO_THE_SECOND),
        "name": "ServerCertificateName",
        "path": "Path",
        "upload_date": volatile("UploadDate"),
    },
    tags="Whole.ServerCertificate.Tags",
)

# --- the account's name ---------------------------------------------------------------------------

ACCOUNT_ALIAS = Collector(
    type="aws_iam_account_alias",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=Listing("list_account_aliases", "AccountAliases[].{Alias: @}"),
    permissions=("iam:ListAccountAliases",),
    id="Alias",
    identity=("account_alias",),
    attributes={"account_alias": "Alias"},
)

# --- roles of AWS's services ----------------------------------------------------------------------


def service_of(path: Any) -> str:
    """``/aws-service-role/ecs.amazonaws.com/`` is that of ecs.amazonaws.com."""
    return str(path).strip("/").rpartition("/")[2]


SERVICE_LINKED_ROLE = Collector(
    type="aws_iam_service_linked_role",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("RoleDetailList[?starts_with(Path, '/aws-service-role/')]"),
    details=(Shared(ask=list_of_roles, by="RoleName", into="Listed"),),
    permissions=(DETAILS, "iam:ListRoles"),
    id="Arn",
    identity=("arn",),
    owner=lambda role: "aws: service-linked role",
    attributes={
        "arn": "Arn",
        "aws_service_name": converted("Path", service_of),
        "create_date": volatile("CreateDate"),
        "description": "Listed.Description",
        "name": "RoleName",
        "path": "Path",
        "unique_id": "RoleId",
    },
    facts={"last_used_date": "RoleLastUsed.LastUsedDate", "last_used_region": "RoleLastUsed.Region"},
    tags="Tags",
)

COLLECTORS = [OPENID_CONNECT_PROVIDER, SAML_PROVIDER, SERVER_CERTIFICATE, ACCOUNT_ALIAS, SERVICE_LINKED_ROLE]
