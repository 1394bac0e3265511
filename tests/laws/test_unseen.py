"""Nothing unseen, also where the reading has nothing and inside of blocks: whatever is set by hand is one drift."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collectors import schemas
from state import Resource
from state.drift import Kind
from state.terraform.provider import Attribute, attributes
from tests.laws.readings import readings
from tests.laws.test_drift import as_state, declared, every_type, is_empty, live, mutable, of, other, path

SET: Mapping[str, Any] = {"string": "by-hand", "number": 7, "bool": True, "map(string)": {"by": "hand"}}
TEXTS = "list(string)", "set(string)"

FILLED = "where the code says nothing, what AWS chose stands"
NOT_READ = "the provider reads it nowhere, and keeps what the code says"
EMPTY_STAYS: dict[tuple[str, str], str] = {
    ("aws_cloudformation_stack_set", "parameters"): "the template has its own values for those that are not given",
    ("aws_cognito_user_pool", "email_verification_message"): FILLED,
    ("aws_cognito_user_pool", "email_verification_subject"): FILLED,
    ("aws_cognito_user_pool", "sms_verification_message"): FILLED,
    ("aws_cognito_user_pool", "user_pool_tier"): FILLED,
    ("aws_dms_endpoint", "service_access_role"): FILLED,
    ("aws_dms_replication_task", "cdc_start_position"): FILLED,
    ("aws_elastic_beanstalk_environment", "template_name"): NOT_READ,
    ("aws_kms_key", "rotation_period_in_days"): FILLED,
    ("aws_lb_target_group", "load_balancing_anomaly_mitigation"): "only some kinds of groups have it",
    ("aws_lb_target_group", "preserve_client_ip"): "only some kinds of groups have it",
    ("aws_lb_target_group_attachment", "availability_zone"): NOT_READ,
    ("aws_redshift_cluster", "elastic_ip"): NOT_READ,
    ("aws_sns_topic", "beginning_archive_time"): FILLED,
    ("aws_sns_topic", "fifo_throughput_scope"): FILLED,
    ("aws_sns_topic", "signature_version"): FILLED,
    ("aws_vpc_ipam_pool", "allocation_default_netmask_length"): NOT_READ,
    ("aws_vpc_ipam_pool", "allocation_max_netmask_length"): NOT_READ,
    ("aws_vpc_ipam_pool", "public_ip_source"): FILLED,
    ("aws_vpc_ipam_pool", "publicly_advertisable"): FILLED,
}
"""Attributes that have nothing in the reading: why it is no drift where AWS has something."""

APPLIED = "how a value was applied is Terraform's to know"
OFF = "of what is switched off it says nothing"
LEAF_STAYS: dict[tuple[str, str], str] = {
    ("aws_cognito_user_pool", "schema.developer_only_attribute"): "one for developers is none of the pool's own",
    ("aws_db_parameter_group", "parameter.apply_method"): APPLIED,
    ("aws_docdb_cluster_parameter_group", "parameter.apply_method"): APPLIED,
    ("aws_dynamodb_table", "global_secondary_index.write_capacity"): "an index on demand has no capacity",
    ("aws_eks_node_group", "scaling_config.desired_size"): "it is scaled",
    ("aws_lb", "access_logs.bucket"): OFF,
    ("aws_lb", "access_logs.prefix"): OFF,
    ("aws_lb_target_group", "stickiness.type"): OFF,
    ("aws_mq_broker", "logs.audit"): OFF,
    ("aws_neptune_cluster_parameter_group", "parameter.apply_method"): APPLIED,
    ("aws_neptune_parameter_group", "parameter.apply_method"): APPLIED,
    ("aws_rds_cluster_parameter_group", "parameter.apply_method"): APPLIED,
    ("aws_s3_bucket_acl", "access_control_policy.owner.display_name"): "S3 tells no names any more",
    ("aws_s3_bucket_acl", "access_control_policy.owner.id"): "a bucket's owner is its account",
    ("aws_s3_bucket_logging", "target_grant.grantee.display_name"): "S3 tells no names any more",
}
"""What stands in a block and may be another: why that is no drift."""

Told = list[tuple[Kind, set[str]]]


def drifted(type: str, seen: Resource) -> Told:
    """What is said of a thing that was as declared, and is so no longer."""
    reading, parts = readings()[type], live(type)[1:]
    found = of(type, [seen, *parts], [declared(reading, as_state(reading))]).drift
    return [(each.kind, {path(change.path) for change in each.changes}) for each in found]


@every_type
def test_what_is_set_where_nothing_was_is_one_drift(type: str) -> None:
    own = live(type)[0]
    made = dict(unset(type, own))
    told = {name: drifted(type, own.replace(attributes=own.attributes | {name: value})) for name, value in made.items()}
    assert told == {name: [] if (type, name) in EMPTY_STAYS else [(Kind.CHANGED, {name})] for name in made}


def unset(type: str, own: Resource) -> Iterator[tuple[str, Any]]:
    """The attributes that are compared and have nothing, and what may be set there."""
    schema, known = schemas()[type], attributes(type)
    by = schema.identity if isinstance(schema.identity, tuple) else ()
    for name, form in schema.compared.items():
        if name in own.attributes and is_empty(own.attributes[name]) and not form.noise and name not in (*by, "tags"):
            value = something(known.get(name))
            if value is not None:
                yield name, value


def something(kind: Attribute | None) -> Any:
    if kind is None:
        return None
    return ["by-hand"] if kind.type in TEXTS else SET.get(kind.type)


@every_type
def test_each_value_in_a_block_changed_is_one_drift(type: str) -> None:
    own = live(type)[0]
    found = {}
    for name in mutable(type, own):
        for at, value in leaves(own.attributes[name]):
            if is_computed(attributes(type).get(name), at):
                continue
            changed = own.replace(attributes=own.attributes | {name: put(own.attributes[name], at, other(value))})
            found[name, at] = drifted(type, changed)
    stays = {(name, at) for name, at in found if (type, inside(name, at)) in LEAF_STAYS}
    assert found == {each: [] if each in stays else [(Kind.CHANGED, {each[0]})] for each in found}


At = tuple[str | int, ...]


def leaves(value: Any, at: At = ()) -> Iterator[tuple[At, Any]]:
    """The values inside of blocks, and where they stand."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from leaves(each, (*at, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*at, index))
    elif len(at) > 1 and value is not None:
        yield at, value


def is_computed(kind: Attribute | None, at: At) -> bool:
    """Whether AWS alone says it, so that nobody declares it."""
    for step in (each for each in at if isinstance(each, str)):
        kind = (kind.inner or {}).get(step) if kind else None
    return kind is not None and kind.flags == "c"


def put(value: Any, at: At, new: Any) -> Any:
    changed = found = copy.deepcopy(value)
    for step in at[:-1]:
        found = found[step]
    found[at[-1]] = new
    return changed


def inside(name: str, at: At) -> str:
    """``rule.expiration.date``: wherever in a list it stands."""
    return ".".join([name, *(each for each in at if isinstance(each, str))])
