import pytest

from scanner.collectors.apigateway_domains import BASE_PATH_MAPPING, COLLECTORS, DOMAIN_NAME
from state import Declaration, Inventory, Resource
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import refusal, wire
from tests.scanner.compared import one
from tests.scanner.corpus import assert_corpus_equals_itself

SCHEMAS = {each.type: each.schema for each in COLLECTORS}
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/x"
ARN = f"arn:aws:apigateway:{REGION}::/domainnames/api.example.com"


@pytest.fixture
def domain(aws):
    aws("apigateway").create_domain_name(
        domainName="api.example.com",
        regionalCertificateArn=CERTIFICATE,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
        tags={"team": "shop"},
    )
    return "api.example.com"


@pytest.fixture
def mapped(aws, domain):
    """The domain name's root, mapped to the stage of an API."""
    gateway = aws("apigateway")
    api = gateway.create_rest_api(name="shop")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="live")
    gateway.create_base_path_mapping(domainName=domain, restApiId=api, stage="live")
    return api


def declared(type, **attributes):
    here = Declaration(address=f"{type}.here", source="terraform.tfstate")
    return Resource(type=type, id="x", account=ACCOUNT, region=REGION, attributes=attributes, declared=here)


def changes(*wanted):
    rows = drift(read(*COLLECTORS), Inventory(settle(wanted, SCHEMAS)), SCHEMAS).drift
    return {
        (str(each.kind), each.declared and each.declared.address, change and change.path)
        for each in rows
        for change in each.changes or [None]
    }


def test_domain_name(domain):
    found = one(DOMAIN_NAME)
    assert (found.id, found.identity, found.arn) == (domain, domain, ARN)
    assert found.tags == {"team": "shop"}
    said = {name: value for name, value in found.attributes.items() if value is not None}
    assert said == {
        "arn": ARN,
        "certificate_upload_date": found["certificate_upload_date"],
        "domain_name": domain,
        "cloudfront_domain_name": found["cloudfront_domain_name"],
        "cloudfront_zone_id": found["cloudfront_zone_id"],
        "endpoint_configuration": [{"ip_address_type": None, "types": ["REGIONAL"]}],
        "mutual_tls_authentication": [],
        "regional_certificate_arn": CERTIFICATE,
        "regional_domain_name": found["regional_domain_name"],
        "regional_zone_id": found["regional_zone_id"],
        "security_policy": "TLS_1_2",
        "tags": {"team": "shop"},
    }


def second(domain, **changed):
    """The same, declared through the second API."""
    settings = {
        "certificate_arn": CERTIFICATE,
        "endpoint_type": "REGIONAL",
        "hosted_zone_id": "Z1",
        "ip_address_type": "ipv4",
        "ownership_verification_certificate_arn": "",
        "security_policy": "TLS_1_2",
        "target_domain_name": "d-1.example.com",
    }
    return declared(
        "aws_apigatewayv2_domain_name",
        id=domain,
        arn=ARN,
        domain_name=domain,
        domain_name_configuration=[settings | changed],
        mutual_tls_authentication=[],
        tags=None,
        tags_all={"team": "shop"},
    )


def test_domain_name_is_the_same_through_either_api(domain):
    first = one(DOMAIN_NAME).replace(declared=second(domain).declared)
    assert changes(first) == changes(second(domain)) == set()
    assert changes(second(domain, certificate_arn="arn:other")) == {
        ("changed", "aws_apigatewayv2_domain_name.here", "regional_certificate_arn")
    }
    assert changes() == {("unmanaged", None, None)}


def test_mapping(domain, mapped):
    found = one(BASE_PATH_MAPPING)
    assert (found.id, found.identity) == ("api.example.com/", "api.example.com/")
    assert found.attributes == {
        "api_id": mapped,
        "base_path": "",
        "domain_name": domain,
        "domain_name_id": None,
        "stage_name": "live",
    }


def test_mapping_is_the_same_through_either_api(domain, mapped):
    home = second(domain)
    first = declared("aws_api_gateway_base_path_mapping", api_id=mapped, domain_name=domain, stage_name="live")
    other = declared(
        "aws_apigatewayv2_api_mapping", api_id=mapped, api_mapping_key="", domain_name=domain, stage="live"
    )
    assert changes(home, first) == changes(home, other) == set()
    assert changes(home) == {("changed", "aws_apigatewayv2_domain_name.here", "mapping[]")}
    moved = other.replace(attributes={**other.attributes, "stage": "test"})
    assert changes(home, moved) == {("changed", "aws_apigatewayv2_api_mapping.here", "stage_name")}
    elsewhere = other.replace(attributes={**other.attributes, "api_mapping_key": "v1"})
    assert changes(home, other, elsewhere) == {("missing", "aws_apigatewayv2_api_mapping.here", None)}


# --- what moto does not answer --------------------------------------------------------------------------

PUBLIC = {"domainName": "api.example.com"}
PRIVATE = {
    "domainName": "in.example.com",
    "domainNameId": "d1",
    "domainNameArn": f"arn:aws:apigateway:{REGION}:{ACCOUNT}:/domainnames/in.example.com+d1",
    "policy": '{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[]}',
}


@pytest.fixture
def answers(monkeypatch):
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["GET /domainnames?limit=500"] = answer({"item": [PUBLIC, PRIVATE]})
        yield it.answers


def test_private_domain_name_has_an_id(answers):
    found = {each.id: each for each in read(DOMAIN_NAME).of(DOMAIN_NAME.type)}
    assert set(found) == {"api.example.com", "in.example.com/d1"}
    private = found["in.example.com/d1"]
    assert (private.identity, private.arn) == ("in.example.com/d1", PRIVATE["domainNameArn"])
    assert private["policy"] == '{"Version":"2012-10-17","Statement":[]}'


def of_public(path):
    return f"GET /domainnames/api.example.com/{path}"


def test_mappings_of_both_apis_are_one_each(answers):
    root = {"basePath": "(none)", "restApiId": "a1", "stage": "live"}
    answers[of_public("basepathmappings?limit=500")] = answer({"item": [root]})
    rows = [{"apiMappingKey": key, "apiId": "a1", "stage": "live"} for key in ("", "a/b")]
    answers["GET /v2/domainnames/api.example.com/apimappings"] = answer({"items": rows[:1], "nextToken": "2"})
    answers["GET /v2/domainnames/api.example.com/apimappings?nextToken=2"] = answer({"items": rows[1:]})
    inside = {"basePath": "v1", "restApiId": "a2", "stage": "live"}
    answers["GET /domainnames/in.example.com/basepathmappings?domainNameId=d1&limit=500"] = answer({"item": [inside]})
    found = read(BASE_PATH_MAPPING)
    assert found.gaps == []
    assert {each.id: each.identity for each in found.of(BASE_PATH_MAPPING.type)} == {
        "api.example.com/": "api.example.com/",
        "api.example.com/a/b": "api.example.com/a/b",
        "in.example.com/v1/d1": "in.example.com/d1/v1",
    }


def test_mappings_refused_by_the_second_api_are_a_gap(answers):
    answers[of_public("basepathmappings?limit=500")] = answer({"item": []})
    answers["GET /v2/domainnames/api.example.com/apimappings"] = refusal("AccessDenied", 403)
    found = read(BASE_PATH_MAPPING)
    assert [gap.type for gap in found.gaps] == [BASE_PATH_MAPPING.type]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
