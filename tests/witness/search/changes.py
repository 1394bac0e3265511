"""What people do to a search by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def anybody_asks(aws: Clients, state: State) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}
    policies = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("opensearch").update_domain_config(DomainName="search", AccessPolicies=policies)


def search_asked_from_elsewhere(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_opensearch_domain_policy.search"]["access_policies"])
    document["Statement"][0]["Principal"] = {"AWS": "210987654321"}
    aws("opensearch").update_domain_config(DomainName="search", AccessPolicies=json.dumps(document))


def search_only_read(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_opensearch_domain_policy.search"]["access_policies"])
    document["Statement"][0]["Action"] = "es:ESHttpGet"
    aws("opensearch").update_domain_config(DomainName="search", AccessPolicies=json.dumps(document))


def search_made_smaller(aws: Clients, state: State) -> None:
    config = state["aws_opensearch_domain.search"]["cluster_config"][0]
    aws("opensearch").update_domain_config(
        DomainName="search",
        ClusterConfig={"InstanceType": config["instance_type"], "InstanceCount": 1, "ZoneAwarenessEnabled": False},
        DomainEndpointOptions={"EnforceHTTPS": False, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"},
    )
    arn = state["aws_opensearch_domain.search"]["arn"]
    aws("opensearch").remove_tags(ARN=arn, TagKeys=["Name"])


def search_deleted(aws: Clients, state: State) -> None:
    aws("opensearch").delete_domain(DomainName="plain")


COPY = "the domain's own copy of what is declared by itself: told once, where it is declared"

EXPLAINED: dict[str, dict[str, str]] = {
    "anybody_asks": {"terraform: changed aws_opensearch_domain.search access_policies": COPY},
    "search_asked_from_elsewhere": {"terraform: changed aws_opensearch_domain.search access_policies": COPY},
    "search_only_read": {"terraform: changed aws_opensearch_domain.search access_policies": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""
