import pytest

from scanner.collectors import apigateway_account
from scanner.collectors.apigateway_account import COLLECTORS
from state import Declaration, Inventory
from state.drift import drift
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as answer
from tests.scanner.aws.wire import wire
from tests.scanner.compared import one
from tests.scanner.corpus import assert_corpus_equals_itself

SCHEMAS = {each.type: each.schema for each in COLLECTORS}
ARN = f"arn:aws:apigateway:{REGION}::"
VOLATILE = ("created_date", "last_updated_date")


@pytest.fixture
def gateway(aws):
    return aws("apigateway")


def values(resource):
    return {name: value for name, value in resource.attributes.items() if name not in VOLATILE}


def changes(collector, wanted, **more):
    """What has drifted from this, paths only."""
    here = Declaration(address=f"{wanted.type}.here", source="terraform.tfstate")
    declared = wanted.replace(attributes={**wanted.attributes, **more}, declared=here)
    found = drift(read(collector), Inventory([declared]), SCHEMAS).drift
    return [change.path for each in found for change in each.changes]


def test_account_is_emitted_and_at_its_default_nobodys(gateway):
    found = one(apigateway_account.ACCOUNT)
    assert (found.id, found.identity) == ("api-gateway-account", "api-gateway-account")
    assert found["cloudwatch_role_arn"] is None
    assert drift(read(apigateway_account.ACCOUNT), Inventory(), SCHEMAS).drift == []
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{ACCOUNT}:role/logs"}
    gateway.update_account(patchOperations=[patch])
    assert one(apigateway_account.ACCOUNT)["cloudwatch_role_arn"] == f"arn:aws:iam::{ACCOUNT}:role/logs"
    assert changes(apigateway_account.ACCOUNT, found) == ["cloudwatch_role_arn"]


def test_api_key_without_its_value(gateway):
    id = gateway.create_api_key(name="partner", value="1234567890123456789012", enabled=True, tags={"a": "b"})["id"]
    found = one(apigateway_account.API_KEY)
    assert (found.id, found.arn) == (id, f"{ARN}/apikeys/{id}")
    assert values(found) == {
        "arn": f"{ARN}/apikeys/{id}",
        "customer_id": None,
        "description": None,
        "enabled": True,
        "name": "partner",
        "tags": {"a": "b"},
    }
    assert "1234567890" not in repr([found.attributes, found.facts])
    gateway.update_api_key(apiKey=id, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert changes(apigateway_account.API_KEY, found, value="1234567890123456789012") == ["enabled"]


def test_usage_plan(gateway):
    api = gateway.create_rest_api(name="shop")["id"]
    about = {"restApiId": api, "resourceId": gateway.get_resources(restApiId=api)["items"][0]["id"]}
    gateway.put_method(**about, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(**about, httpMethod="GET", type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="live")
    limits = {"/orders/GET": {"burstLimit": 1, "rateLimit": 0.5}}
    id = gateway.create_usage_plan(
        name="partner",
        apiStages=[{"apiId": api, "stage": "live", "throttle": limits}],
        quota={"limit": 20, "period": "DAY"},
        throttle={"burstLimit": 5, "rateLimit": 10},
    )["id"]
    found = one(apigateway_account.USAGE_PLAN)
    assert values(found) == {
        "api_stages": [
            {
                "api_id": api,
                "stage": "live",
                "throttle": [{"burst_limit": 1, "path": "/orders/GET", "rate_limit": 0.5}],
            }
        ],
        "arn": f"{ARN}/usageplans/{id}",
        "description": None,
        "name": "partner",
        "product_code": None,
        "quota_settings": [{"limit": 20, "offset": None, "period": "DAY"}],
        "tags": {},
        "throttle_settings": [{"burst_limit": 5, "rate_limit": 10}],
    }


def test_vpc_link(gateway):
    target = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/a/1"
    id = gateway.create_vpc_link(name="link", description="Link", targetArns=[target], tags={"a": "b"})["id"]
    found = one(apigateway_account.VPC_LINK)
    assert found.fact("pending_deletion") is False
    assert values(found) == {
        "arn": f"{ARN}/vpclinks/{id}",
        "description": "Link",
        "name": "link",
        "tags": {"a": "b"},
        "target_arns": [target],
    }


def test_client_certificate(monkeypatch):
    row = {
        "clientCertificateId": "c1",
        "description": "for the shop",
        "pemEncodedCertificate": "-----BEGIN",
        "tags": {},
    }
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["GET /clientcertificates?limit=500"] = answer({"item": [row]})
        found = one(apigateway_account.CLIENT_CERTIFICATE)
    assert (found.id, found.arn) == ("c1", f"{ARN}/clientcertificates/c1")
    assert values(found) == {
        "arn": f"{ARN}/clientcertificates/c1",
        "description": "for the shop",
        "expiration_date": None,
        "pem_encoded_certificate": "-----BEGIN",
        "tags": {},
    }


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
