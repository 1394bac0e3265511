from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors import schemas
from state.inventory import Inventory
from state.resource import Declaration, Resource, Unknown
from state.terraform.plan import LATER, resources
from state.terraform.settle import settle

AWS = "registry.terraform.io/hashicorp/aws"


def change(address: str, after: Any, *actions: str, **about: Any) -> dict[str, Any]:
    row = {"address": address, "mode": "managed", "type": address.split(".")[-2], "provider_name": AWS}
    unknown, marks = about.pop("after_unknown", {}), about.pop("after_sensitive", {})
    changes = {"actions": actions or ("create",), "after": after, "after_unknown": unknown, "after_sensitive": marks}
    return row | about | {"change": changes}


def read(*changes: dict[str, Any], **configuration: Any) -> list[Resource]:
    document = {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    return list(resources(document, "plan.json", schemas()))


def test_a_planned_resource_is_as_it_will_be() -> None:
    after = {"bucket": "logs", "tags": None, "tags_all": {"A": "b"}}
    unknown = {"id": True, "arn": True, "region": True, "tags_all": {}}
    [found] = read(
        change("aws_s3_bucket.logs", after, after_unknown=unknown, after_sensitive={"bucket": True, "tags": {}})
    )
    assert found == Resource(
        type="aws_s3_bucket",
        id="logs",
        attributes=after | {"id": "logs", "arn": "${aws_s3_bucket.logs}"},
        tags={"A": "b"},
        unknown={"region": LATER},
        sensitive=frozenset({"bucket"}),
        declared=Declaration(address="aws_s3_bucket.logs", source="plan.json", witness="plan", new=True),
    )


def test_what_is_marked_nowhere_is_no_secret() -> None:
    """The provider's plan has a mark for each block, and `false` for what is none."""
    after = {"name": "web", "ingress": [{"from_port": 22}], "tags": {"a": "b"}, "egress": []}
    marks = {"ingress": [{"cidr_blocks": [False], "from_port": False}], "tags": {}, "name": [{"x": [True]}]}
    [found] = read(change("aws_security_group.web", after, after_sensitive=marks))
    assert found.sensitive == {"name"}


def test_what_goes_and_what_is_not_ours_is_left_out() -> None:
    after = {"id": "1", "bucket": "logs"}
    found = read(
        change("aws_s3_bucket.kept", after, "no-op"),
        change("aws_s3_bucket.changed", after, "update"),
        change("aws_s3_bucket.replaced", after, "delete", "create"),
        change("aws_s3_bucket.gone", None, "delete"),
        change("aws_s3_bucket.forgotten", None, "forget"),
        change("data.aws_s3_bucket.read", after, "read", mode="data"),
        change("random_id.other", after, provider_name="registry.terraform.io/hashicorp/random"),
    )
    assert [each.declared.address.rpartition(".")[2] for each in found if each.declared] == [
        "kept",
        "changed",
        "replaced",
    ]


def test_before_the_apply_only_what_stands_is_declared() -> None:
    before = {"id": "1", "bucket": "old"}
    rows = [
        change("aws_s3_bucket.new", {"bucket": "new"}, "create"),
        change("aws_s3_bucket.changed", {"id": "2", "bucket": "after"}, "update"),
        change("aws_s3_bucket.replaced", {"bucket": "after"}, "delete", "create"),
        change("aws_s3_bucket.gone", None, "delete"),
    ]
    for row in rows:
        row["change"]["before"] = None if row["change"]["actions"] == ("create",) else before
    document = {"format_version": "1.2", "resource_changes": rows}
    found = resources(document, "plan.json", schemas(), applied=False)
    assert {each.declared.address: each["bucket"] for each in found if each.declared} == {
        "aws_s3_bucket.changed": "after",
        "aws_s3_bucket.replaced": "old",
        "aws_s3_bucket.gone": "old",
    }
    found = resources(document, "plan.json", schemas(), before=True)
    assert {each.declared.address: each["bucket"] for each in found if each.declared} == {
        f"aws_s3_bucket.{name}": "old" for name in ("changed", "replaced", "gone")
    }


def test_what_is_known_later_is_unknown_at_every_depth() -> None:
    after = {"id": "1", "cidr_blocks": ["10.0.0.0/8", None], "block": [{"status": "on"}]}
    unknown = {"cidr_blocks": [False, True], "block": [{"size": True}], "other": True}
    [found] = read(change("aws_x.it", after, after_unknown=unknown))
    assert found.unknown == {"cidr_blocks": LATER, "other": LATER}
    assert found["block"] == [{"status": "on"}]
    with pytest.raises(Unknown, match=LATER):
        found["block"][0].get("size")


def versioning(address: str, **about: Any) -> dict[str, Any]:
    return change(address, {}, after_unknown={"bucket": True, "id": True}, **about)


def said(*references: str) -> dict[str, Any]:
    return {"bucket": {"references": references}}


@pytest.mark.parametrize(("bucket", "wanted"), [("logs", "logs"), (None, "${aws_s3_bucket.logs}")])
def test_a_reference_is_the_name_of_what_it_refers_to(bucket: str | None, wanted: str) -> None:
    unknown = {"id": True, "arn": True} | ({} if bucket else {"bucket": True})
    found = read(
        change("aws_s3_bucket.logs", {"bucket": bucket} if bucket else {}, after_unknown=unknown),
        versioning("aws_s3_bucket_versioning.it"),
        root_module={
            "resources": [
                {
                    "address": "aws_s3_bucket_versioning.it",
                    "expressions": said("aws_s3_bucket.logs.id", "aws_s3_bucket.logs"),
                }
            ]
        },
    )
    inventory = Inventory(settle(found, schemas()))
    [one], [other] = inventory.of("aws_s3_bucket"), inventory.of("aws_s3_bucket_versioning")
    assert (one["bucket"], other["bucket"], other.identity) == (wanted, wanted, wanted)


def test_references_within_a_module_stay_within_its_instance() -> None:
    resource = {
        "address": "aws_s3_bucket_versioning.it",
        "expressions": said("aws_s3_bucket.it.id", "aws_s3_bucket.it"),
    }
    found = read(
        *(change(f'module.m["{key}"].aws_s3_bucket.it', {"bucket": key}) for key in "ab"),
        *(versioning(f'module.m["{key}"].aws_s3_bucket_versioning.it[0]') for key in "ab"),
        root_module={"module_calls": {"m": {"module": {"resources": [resource]}}}},
    )
    assert [each["bucket"] for each in found] == ["a", "b", "a", "b"]


def test_a_document_with_a_reference_in_it_is_not_a_reference() -> None:
    expressions = {"policy": {"references": ["aws_s3_bucket.logs.arn", "aws_s3_bucket.logs"]}}
    found = read(
        change("aws_s3_bucket.logs", {"bucket": "logs"}, after_unknown={"arn": True}),
        change("aws_s3_bucket_policy.it", {"bucket": "logs"}, after_unknown={"policy": True}),
        root_module={"resources": [{"address": "aws_s3_bucket_policy.it", "expressions": expressions}]},
    )
    assert found[1].unknown == {"policy": LATER}


def test_a_state_that_was_shown_is_a_state() -> None:
    row = {"mode": "managed", "type": "aws_s3_bucket", "provider_name": AWS}
    bucket = row | {"address": "aws_s3_bucket.it", "values": {"id": "a", "bucket": "a", "arn": "arn:aws:s3:::a"}}
    queue = row | {"address": "module.m.aws_sqs_queue.it", "values": {"arn": "arn:aws:sqs:eu-west-1:123456789012:q"}}
    root = {"resources": [bucket], "child_modules": [{"resources": [queue | {"sensitive_values": {"url": True}}]}]}
    found = list(resources({"format_version": "1.0", "values": {"root_module": root}}, "shown.json", schemas()))
    assert [(each.id, each.account, each.region, set(each.sensitive)) for each in found] == [
        ("a", "123456789012", "eu-west-1", set()),
        ("", "123456789012", "eu-west-1", {"url"}),
    ]
    assert {each.declared.witness for each in found if each.declared} == {"state"}
