"""Amazon RDS: the groups of subnets, parameters and options that databases are made with, and who is told of events.

Aurora, DocumentDB and Neptune keep theirs in the same lists; of parameter groups the family tells them
apart, of subnet groups and subscriptions nothing does. AWS makes a ``default`` group of each kind by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, unordered
from scanner.aws.place import Item
from state import Resource
from state.forms import CASELESS, UNREAD, Form, Keyed, Pairwise, without_order
from state.schema import Projection

GONE = (
    "DBParameterGroupNotFound",
    "DBProxyNotFoundFault",
    "DBSubnetGroupNotFoundFault",
    "DBClusterEndpointNotFoundFault",
    "OptionGroupNotFoundFault",
    "SubscriptionNotFound",
)


def tagging(arn: str, unless: str | None = None) -> Detail:
    """The tags of a thing whose listing does not tell them."""
    return Detail(
        operation="list_tags_for_resource",
        arguments={"ResourceName": arn},
        into="Tagging",
        gone=GONE,
        unless=unless,
    )


def made_by_aws(name: str, *beginnings: str) -> Callable[[Item], str | None]:
    """Where no group is named AWS makes one, for subnets or of an engine's defaults."""
    return lambda item: "aws" if item[name].startswith(beginnings) or item[name] == "default" else None


def under_other_names(**names: str) -> Projection:
    """What another type declares, its attributes by our names for them."""

    def declared(other: Resource) -> Iterator[Resource]:
        said = {names.get(name, name): value for name, value in other.attributes.items()}
        if said.get("tags_all") is not None:
            said["tags"] = said["tags_all"]
        yield other.replace(attributes=said)

    return declared


PARAMETER = "name: ParameterName, value: ParameterValue"
BY_SOMEBODY = "ParameterValue!=`null` && (!Source || Source=='user')"


def parameters(
    told: str = f"Told.Parameters[?{BY_SOMEBODY}].{{{PARAMETER}}}",
    rest: str = "`null`",
    names: str = "`null`",
    **inner: Form,
) -> Attribute:
    """The parameters of a group, one by one: those that somebody set, and of the ``rest`` those of declared ``names``.

    A parameter that is declared at its default is nobody's setting to AWS, and in the state all the same.
    """
    return Attribute(
        path=f"[{told}, {rest}, {names}]",
        form=Keyed(by="name", canonical=without_order, inner={"name": CASELESS, **inner}),
        convert=with_declared,
    )


def with_declared(found: Any) -> list[Item]:
    """Named values that count by themselves, and of the rest those that are declared; the names in lower case."""
    told, rest, names = ([*(each or ())] for each in found)
    rows = [each | {"name": each["name"].lower()} for each in (*told, *rest)]
    wanted = {str(each).lower() for each in names} - {each["name"] for each in rows[: len(told)]}
    return [each for index, each in enumerate(rows) if index < len(told) or each["name"] in wanted]


# --- subnets --------------------------------------------------------------------------------------

DB_SUBNET_GROUP = Collector(
    type="aws_db_subnet_group",
    aliases=("aws_docdb_subnet_group", "aws_neptune_subnet_group"),
    service="rds",
    fetch=Listing("describe_db_subnet_groups", "DBSubnetGroups"),
    details=(tagging("DBSubnetGroupArn"),),
    permissions=("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
    id="DBSubnetGroupName",
    identity=("name",),
    owner=made_by_aws("DBSubnetGroupName", "default."),
    attributes={
        "arn": "DBSubnetGroupArn",
        "description": "DBSubnetGroupDescription",
        "name": "DBSubnetGroupName",
        "subnet_ids": unordered("Subnets[].SubnetIdentifier"),
        "supported_network_types": unordered("SupportedNetworkTypes"),
        "vpc_id": "VpcId",
    },
    facts={"subnet_group_status": "SubnetGroupStatus"},
    tags="Tagging.TagList",
)

# --- parameters -----------------------------------------------------------------------------------

# How a parameter was to be applied says nothing of what it is.
APPLIED = f"apply_method: ApplyMethod, {PARAMETER}"
PARAMETERS = parameters(
    f"Told.Parameters[?{BY_SOMEBODY}].{{{APPLIED}}}",
    f"Rest.Parameters[].{{{APPLIED}}}",
    "Declared.parameter[].name",
    apply_method=UNREAD,
)


def of_families(*beginnings: str) -> str:
    """The condition that a group is for an engine whose families begin so."""
    return " || ".join(f"starts_with(DBParameterGroupFamily, '{each}')" for each in beginnings)


OTHERS = f"!({of_families('docdb', 'neptune')})"


def parameter_group(type: str, families: str) -> Collector:
    """A group of an instance's parameters, those that somebody set."""
    return _parameters(type, "DBParameterGroup", "db_parameter", families)


def cluster_parameter_group(type: str, families: str) -> Collector:
    """A group of a cluster's parameters, those that somebody set."""
    return _parameters(type, "DBClusterParameterGroup", "db_cluster_parameter", families)


def _parameters(type: str, thing: str, call: str, families: str) -> Collector:
    default = f"starts_with({thing}Name, 'default.')"
    return Collector(
        type=type,
        service="rds",
        fetch=Listing(f"describe_{call}_groups", f"{thing}s[?{families}]"),
        details=(
            Detail(
                operation=f"describe_{call}s",
                arguments={f"{thing}Name": f"{thing}Name", "Source": "'user'"},
                into="Told",
                gone=GONE,
                unless=default,
            ),
            Detail(
                operation=f"describe_{call}s",
                arguments={f"{thing}Name": f"{thing}Name"},
                into="Rest",
                gone=GONE,
                lacking=("Declared.parameter[].name", "Told.Parameters[].ParameterName"),
            ),
            tagging(f"{thing}Arn", unless=default),
        ),
        permissions=(
            f"rds:Describe{thing}s",
            f"rds:Describe{thing.removesuffix('Group')}s",
            "rds:ListTagsForResource",
        ),
        id=f"{thing}Name",
        identity=("name",),
        owner=made_by_aws(f"{thing}Name", "default."),
        attributes={
            "arn": f"{thing}Arn",
            "description": "Description",
            "family": "DBParameterGroupFamily",
            "name": f"{thing}Name",
            "parameter": PARAMETERS,
        },
        minds=("parameter",),
        tags="Tagging.TagList",
    )


DB_PARAMETER_GROUP = parameter_group("aws_db_parameter_group", OTHERS)
CLUSTER_PARAMETER_GROUP = cluster_parameter_group("aws_rds_cluster_parameter_group", OTHERS)

# --- options --------------------------------------------------------------------------------------

HIDDEN = "****"


def same_options(declared: Any, live: Any) -> bool:
    """AWS tells every setting of an option, a secret one as stars; those that are not declared are its defaults."""
    ours = {each.get("option_name"): each for each in declared or ()}
    theirs = {each.get("option_name"): each for each in live or ()}
    return ours.keys() == theirs.keys() and all(_same_option(each, theirs[name]) for name, each in ours.items())


def _same_option(declared: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    groups = ("db_security_group_memberships", "vpc_security_group_memberships")
    alike = all(without_order(declared.get(name)) == without_order(live.get(name)) for name in groups)
    said = all(declared.get(name) in (None, "", 0, live.get(name)) for name in ("port", "version"))
    return alike and said and _same_settings(_settings(declared), _settings(live))


def _same_settings(declared: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    return all(live.get(name) in (value, HIDDEN) for name, value in declared.items())


def _settings(option: Mapping[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in option.get("option_settings") or ()}


OPTION = """{
    db_security_group_memberships: DBSecurityGroupMemberships[].DBSecurityGroupName,
    option_name: OptionName,
    option_settings: OptionSettings[?Value!=`null`].{name: Name, value: Value},
    port: Port,
    version: OptionVersion,
    vpc_security_group_memberships: VpcSecurityGroupMemberships[].VpcSecurityGroupId
}"""

DB_OPTION_GROUP = Collector(
    type="aws_db_option_group",
    service="rds",
    fetch=Listing("describe_option_groups", "OptionGroupsList"),
    details=(tagging("OptionGroupArn", unless="starts_with(OptionGroupName, 'default:')"),),
    permissions=("rds:DescribeOptionGroups", "rds:ListTagsForResource"),
    id="OptionGroupName",
    identity=("name",),
    owner=made_by_aws("OptionGroupName", "default:"),
    attributes={
        "arn": "OptionGroupArn",
        "engine_name": "EngineName",
        "major_engine_version": "MajorEngineVersion",
        "name": "OptionGroupName",
        "option": Attribute(
            path=f"Options[].{OPTION}",
            form=Pairwise(agree=same_options, canonical=without_order),
            convert=as_block,
        ),
        "option_group_description": "OptionGroupDescription",
    },
    tags="Tagging.TagList",
)

# --- events ---------------------------------------------------------------------------------------

OF_OTHERS = under_other_names(sns_topic_arn="sns_topic")

DB_EVENT_SUBSCRIPTION = Collector(
    type="aws_db_event_subscription",
    homes={"aws_docdb_event_subscription": OF_OTHERS, "aws_neptune_event_subscription": OF_OTHERS},
    service="rds",
    fetch=Listing("describe_event_subscriptions", "EventSubscriptionsList"),
    details=(tagging("EventSubscriptionArn"),),
    permissions=("rds:DescribeEventSubscriptions", "rds:ListTagsForResource"),
    id="CustSubscriptionId",
    identity=("name",),
    attributes={
        "arn": "EventSubscriptionArn",
        "customer_aws_id": "CustomerAwsId",
        "enabled": "Enabled",
        "event_categories": unordered("EventCategoriesList"),
        "name": "CustSubscriptionId",
        "sns_topic": "SnsTopicArn",
        "source_ids": unordered("SourceIdsList"),
        "source_type": "SourceType",
    },
    facts={"status": "Status"},
    tags="Tagging.TagList",
)

COLLECTORS = [
    DB_SUBNET_GROUP,
    DB_PARAMETER_GROUP,
    CLUSTER_PARAMETER_GROUP,
    DB_OPTION_GROUP,
    DB_EVENT_SUBSCRIPTION,
]
