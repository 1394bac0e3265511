import json as texts

import pytest

from scanner.collectors.ecr import (
    COLLECTORS,
    LIFECYCLE_POLICY,
    PUBLIC_REPOSITORY,
    PULL_THROUGH,
    REGISTRY_POLICY,
    REGISTRY_SCANNING,
    REPLICATION,
    REPOSITORY,
    REPOSITORY_POLICY,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json, wire
from tests.scanner.compared import one, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/web"
PULL = {"Effect": "Allow", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}
POLICY = texts.dumps({"Version": "2012-10-17", "Statement": [PULL]})
COUNT = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}
EXPIRY = texts.dumps({"rules": [{"rulePriority": 1, "selection": COUNT, "action": {"type": "expire"}}]})


@pytest.fixture
def ecr(aws):
    """A registry with a repository, web."""
    aws("ecr").create_repository(
        repositoryName="web",
        imageScanningConfiguration={"scanOnPush": True},
        imageTagMutability="IMMUTABLE",
        tags=[{"Key": "team", "Value": "shop"}],
    )
    return aws("ecr")


def test_repository(ecr):
    web = one(REPOSITORY)
    assert web.key == ("aws_ecr_repository", ACCOUNT, REGION, "web")
    assert (web.id, web.arn, web.tags) == ("web", ARN, {"team": "shop"})
    assert web.attributes == {
        "arn": ARN,
        "encryption_configuration": [{"encryption_type": "AES256", "kms_key": None}],
        "image_scanning_configuration": [{"scan_on_push": True}],
        "image_tag_mutability": "IMMUTABLE",
        "image_tag_mutability_exclusion_filter": [],
        "name": "web",
        "registry_id": ACCOUNT,
        "repository_url": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web",
        "tags": {"team": "shop"},
    }
    wanted = twin(web, encryption_configuration=[])
    assert told(read(REPOSITORY), [REPOSITORY], wanted) == set()
    ecr.put_image_tag_mutability(repositoryName="web", imageTagMutability="MUTABLE")
    assert told(read(REPOSITORY), [REPOSITORY], wanted) == {("changed", REPOSITORY.type, "image_tag_mutability")}


@pytest.mark.parametrize(
    ("collector", "text", "part"),
    [(REPOSITORY_POLICY, POLICY, "policy"), (LIFECYCLE_POLICY, EXPIRY, "lifecycle_policy")],
)
def test_policies_of_a_repository(ecr, collector, text, part):
    assert read(collector).of(collector.type) == ()
    repository = one(REPOSITORY)
    ecr.set_repository_policy(repositoryName="web", policyText=POLICY)
    ecr.put_lifecycle_policy(repositoryName="web", lifecyclePolicyText=EXPIRY)
    found = one(collector)
    assert (found.id, found.identity) == ("web", "web")
    assert dict(found.attributes.items()) | {"policy": texts.loads(found["policy"])} == {
        "policy": texts.loads(text),
        "registry_id": ACCOUNT,
        "repository": "web",
    }
    seen, known = read(REPOSITORY, collector), [REPOSITORY, collector]
    assert told(seen, known, twin(repository), twin(found, policy=texts.dumps(texts.loads(text), indent=2))) == set()
    assert told(seen, known, twin(repository)) == {("changed", REPOSITORY.type, part)}


def expiry(*rules):
    return texts.dumps({"rules": [{"rulePriority": n, **each, "action": {"type": "expire"}} for n, each in rules]})


LONG, SHORT = {"selection": COUNT | {"countNumber": 9}}, {"selection": COUNT | {"tagPrefixList": ["a", "b"]}}


@pytest.mark.parametrize(
    ("live", "same"),
    [
        (expiry((2, LONG), (1, SHORT)), True),
        (expiry((1, {"selection": {**SHORT["selection"], "tagPrefixList": ["b", "a"]}}), (2, LONG)), True),
        (expiry((1, SHORT), (2, {"selection": {**LONG["selection"], "tagPatternList": []}})), True),
        (expiry((1, LONG), (2, SHORT)), False),
        (expiry((1, {"selection": {**SHORT["selection"], "tagPrefixList": ["a"]}}), (2, LONG)), False),
        (expiry((1, SHORT)), False),
        ('{"rules": "none"}', False),
        ("not JSON", False),
    ],
)
def test_rules_of_a_lifecycle_say_their_own_order(live, same):
    wanted = expiry((1, SHORT), (2, LONG))
    form = LIFECYCLE_POLICY.schema.forms["policy"]
    assert (list(form.differences("policy", wanted, live)) == []) is same


def test_registry_policy(ecr):
    assert read(REGISTRY_POLICY).of(REGISTRY_POLICY.type) == ()
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": ["ecr:ReplicateImage"]}
    text = texts.dumps({"Version": "2012-10-17", "Statement": [allow | {"Sid": "a", "Resource": [ARN]}]})
    ecr.put_registry_policy(policyText=text)
    found = one(REGISTRY_POLICY)
    assert (found.id, found.identity) == (ACCOUNT, ACCOUNT)
    assert found.attributes == {"policy": text, "registry_id": ACCOUNT}
    assert told(read(REGISTRY_POLICY), [REGISTRY_POLICY], twin(found, policy=POLICY)) == {
        ("changed", REGISTRY_POLICY.type, "policy.Statement[0]"),
        ("changed", REGISTRY_POLICY.type, "policy.Statement[Sid=a]"),
    }


def test_registry_scanning_is_nobodys_until_it_is_set(ecr):
    assert REGISTRY_SCANNING.at_default(one(REGISTRY_SCANNING))
    every = [{"filter": "*", "filterType": "WILDCARD"}]
    ecr.put_registry_scanning_configuration(
        scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": every}]
    )
    found = one(REGISTRY_SCANNING)
    assert not REGISTRY_SCANNING.at_default(found)
    rule = {"repository_filter": [{"filter": "*", "filter_type": "WILDCARD"}], "scan_frequency": "SCAN_ON_PUSH"}
    assert found.id == ACCOUNT
    assert found.attributes == {"registry_id": ACCOUNT, "rule": [rule], "scan_type": "BASIC"}
    wanted = twin(found, scan_type="ENHANCED")
    changed = {("changed", REGISTRY_SCANNING.type, "scan_type")}
    assert told(read(REGISTRY_SCANNING), [REGISTRY_SCANNING], wanted) == changed


def test_replication_is_nobodys_until_it_is_set(ecr):
    assert REPLICATION.at_default(one(REPLICATION))
    there = [{"region": "us-east-1", "registryId": ACCOUNT}]
    ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": there}]})
    found = one(REPLICATION)
    rule = {"destination": [{"region": "us-east-1", "registry_id": ACCOUNT}], "repository_filter": None}
    assert found.attributes == {"registry_id": ACCOUNT, "replication_configuration": [{"rule": [rule]}]}
    assert (found.id, REPLICATION.at_default(found)) == (ACCOUNT, False)
    assert told(read(REPLICATION), [REPLICATION], twin(found)) == set()
    assert told(read(REPLICATION), [REPLICATION], twin(found, replication_configuration=[])) == {
        ("changed", REPLICATION.type, "replication_configuration")
    }


def test_pull_through_cache_rule(monkeypatch):
    """moto does not know them."""
    rule = {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io", "registryId": ACCOUNT}
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["DescribePullThroughCacheRules"] = json({"pullThroughCacheRules": [rule]})
        found = one(PULL_THROUGH)
    assert (found.id, found.identity) == ("hub", "hub")
    assert found.attributes == dict.fromkeys(PULL_THROUGH.attributes) | {
        "ecr_repository_prefix": "hub",
        "registry_id": ACCOUNT,
        "upstream_registry_url": "registry-1.docker.io",
    }


def test_public_repository(monkeypatch):
    """moto does not know them. They are in one region only."""
    arn = f"arn:aws:ecr-public::{ACCOUNT}:repository/web"
    repository = {
        "repositoryArn": arn,
        "registryId": ACCOUNT,
        "repositoryName": "web",
        "repositoryUri": "public.ecr.aws/a/web",
    }
    catalog = {"description": "The shop", "architectures": ["ARM"]}
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["DescribeRepositories"] = json({"repositories": [repository]})
        it.answers["GetRepositoryCatalogData"] = json({"catalogData": catalog})
        it.answers["ListTagsForResource"] = json({"tags": [{"Key": "team", "Value": "shop"}]})
        inventory = read(PUBLIC_REPOSITORY, regions=(REGION, "us-east-1"))
    assert inventory.gaps == []
    [web] = inventory.of(PUBLIC_REPOSITORY.type)
    assert_value_types(web)
    assert (web.id, web.identity, web.arn, web.region, web.tags) == ("web", "web", arn, "us-east-1", {"team": "shop"})
    told = {"about_text": None, "operating_systems": None, "usage_text": None}
    assert web.attributes == {
        "arn": arn,
        "catalog_data": [told | {"architectures": ["ARM"], "description": "The shop"}],
        "registry_id": ACCOUNT,
        "repository_name": "web",
        "repository_uri": "public.ecr.aws/a/web",
        "tags": {"team": "shop"},
    }


def test_what_is_denied_is_unknown_or_a_gap(ecr, allowed_only):
    with allowed_only("ecr:DescribeRepositories"):
        inventory = read(REPOSITORY, REPOSITORY_POLICY)
    [web] = inventory.of(REPOSITORY.type)
    assert set(web.unknown) == {"tags"}
    assert inventory.of(REPOSITORY_POLICY.type) == ()
    assert {each.permission for each in inventory.gaps} == {"ecr:GetRepositoryPolicy", "ecr:ListTagsForResource"}


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)
