"""Amazon API Gateway's own domain names and what each leads to, for REST, HTTP and WebSocket APIs alike.

AWS lists one domain name through two APIs, and Terraform has a type for each of the two. A mapping with
a path of several levels shows in the second alone, one of a private name in the first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, block, converted, volatile
from scanner.aws.inside import GONE, Once, inside, unless_gone
from scanner.aws.place import Item, Place
from scanner.collectors.apigateway import ALLOWED, unescaped
from state import Resource
from state.documents import POLICY
from state.forms import defaulting
from state.schema import Parent


async def _domain_names(place: Place) -> list[Item]:
    answer = await place.whole("apigateway", "get_domain_names")
    return [{**each, "Arn": arn(each, place)} for each in answer.get("items") or ()]


def arn(domain: Item, place: Place) -> str:
    spelled = f"arn:{place.partition}:apigateway:{place.region}::/domainnames/{domain['domainName']}"
    return str(domain.get("domainNameArn") or spelled)


async def _mappings(place: Place, domain: Item) -> Item:
    """What both APIs tell of a domain name; the second knows nothing of a private one."""
    name, id = domain["domainName"], domain.get("domainNameId")
    private = {"domainNameId": id} if id else {}
    first = await place.whole("apigateway", "get_base_path_mappings", domainName=name, **private)
    second = [] if id else await _second(place, name)
    return {"Base": first.get("items") or [], "Mappings": second}


async def _second(place: Place, name: str) -> list[Item]:
    answer = await unless_gone(place.whole("apigatewayv2", "get_api_mappings", DomainName=name), GONE)
    return list(answer.get("Items") or ())


DOMAIN_NAMES = Once(_domain_names)


async def domain_names(place: Place) -> AsyncIterator[list[Item]]:
    yield await DOMAIN_NAMES(domain_names, place)


DOMAIN_NAMES.readers.add(domain_names)


def mappings(answer: Item, domain: Item) -> Iterable[Item]:
    """Each path once, as the second API words it."""
    beside = {"DomainName": domain["domainName"], "DomainNameId": domain.get("domainNameId")}
    found = {
        without_none(each.get("basePath")): {"ApiId": each.get("restApiId"), "Stage": each.get("stage")}
        for each in answer["Base"]
    }
    found |= {each.get("ApiMappingKey") or "": each for each in answer["Mappings"]}
    return [{**each, **beside, "ApiMappingKey": path} for path, each in found.items()]


def without_none(path: Any) -> str:
    """The first API calls the root ``(none)``."""
    return "" if path in (None, "(none)") else str(path)


# --- domain names -------------------------------------------------------------------------------


def named(domain: Mapping[str, Any]) -> str | None:
    """A private domain name is one of possibly several of that name."""
    name, id = domain.get("domain_name"), domain.get("domain_name_id")
    return f"{name}/{id}" if name and id else name


FROM_SETTINGS = {
    "ownership_verification_certificate_arn": "ownership_verification_certificate_arn",
    "regional_certificate_arn": "certificate_arn",
    "security_policy": "security_policy",
}


def domain_of_second(domain: Resource) -> Iterator[Resource]:
    """aws_apigatewayv2_domain_name, in the words of the first."""
    declared = domain.attributes
    said = {name: declared.get(name) for name in ("arn", "domain_name", "mutual_tls_authentication")}
    said["tags"] = declared.get("tags_all") or declared.get("tags")
    for settings in declared.get("domain_name_configuration") or ():
        said |= {name: settings[other] for name, other in FROM_SETTINGS.items() if other in settings}
        kind = {"ip_address_type": settings.get("ip_address_type"), "types": [settings.get("endpoint_type")]}
        said["endpoint_configuration"] = [kind]
    yield domain.replace(attributes=known(said, domain))


def known(said: Mapping[str, Any], home: Resource) -> dict[str, Any]:
    """What a declaration says, without what it leaves open."""
    return {name: value for name, value in said.items() if name not in home.unknown}


DOMAIN_NAME = Collector(
    type="aws_api_gateway_domain_name",
    service="apigateway",
    fetch=domain_names,
    permissions=ALLOWED,
    id="join('/', [domainName, domainNameId][?@])",
    identity=named,
    homes={"aws_apigatewayv2_domain_name": domain_of_second},
    attributes={
        "arn": "Arn",
        "certificate_arn": "certificateArn",
        "certificate_name": "certificateName",
        "certificate_upload_date": volatile("certificateUploadDate"),
        "cloudfront_domain_name": volatile("distributionDomainName"),
        "cloudfront_zone_id": volatile("distributionHostedZoneId"),
        "domain_name": "domainName",
        "domain_name_id": "domainNameId",
        "endpoint_configuration": block(
            "endpointConfiguration.{ip_address_type: ipAddressType, types: types}",
            ip_address_type=defaulting("ipv4"),
        ),
        "mutual_tls_authentication": block(
            "mutualTlsAuthentication.{truststore_uri: truststoreUri, truststore_version: truststoreVersion}"
        ),
        "ownership_verification_certificate_arn": "ownershipVerificationCertificateArn",
        "policy": converted("policy", unescaped, POLICY),
        "regional_certificate_arn": "regionalCertificateArn",
        "regional_certificate_name": "regionalCertificateName",
        "regional_domain_name": volatile("regionalDomainName"),
        "regional_zone_id": volatile("regionalHostedZoneId"),
        "security_policy": "securityPolicy",
    },
    facts={"domain_name_status": "domainNameStatus"},
    tags="tags",
)


# --- mappings -----------------------------------------------------------------------------------


def mapping_identity(mapping: Mapping[str, Any]) -> str | None:
    """``api.example.com/orders``; the root is ``api.example.com/``."""
    domain = named(mapping)
    return f"{domain}/{without_none(mapping.get('base_path'))}" if domain else None


def mapping_of_second(mapping: Resource) -> Iterator[Resource]:
    """aws_apigatewayv2_api_mapping, in the words of the first."""
    declared = mapping.attributes
    said = {name: declared.get(name) for name in ("api_id", "domain_name")}
    said |= {"base_path": declared.get("api_mapping_key") or "", "stage_name": declared.get("stage")}
    yield mapping.replace(attributes=known(said, mapping))


BASE_PATH_MAPPING = Collector(
    type="aws_api_gateway_base_path_mapping",
    service="apigateway",
    fetch=inside("domain_mappings", DOMAIN_NAMES, Once(_mappings), mappings),
    permissions=ALLOWED,
    id="join('/', [DomainName, ApiMappingKey, DomainNameId][?@!=`null`])",
    identity=mapping_identity,
    parent=Parent(type="aws_api_gateway_domain_name", by="domain_name", part="mapping"),
    homes={"aws_apigatewayv2_api_mapping": mapping_of_second},
    attributes={
        "api_id": "ApiId",
        "base_path": Attribute(path="ApiMappingKey"),
        "domain_name": "DomainName",
        "domain_name_id": "DomainNameId",
        "stage_name": "Stage",
    },
)

COLLECTORS = [BASE_PATH_MAPPING, DOMAIN_NAME]
