import pytest

from scanner.collectors import docdb, neptune
from scanner.collectors.rds_groups import (
    CLUSTER_PARAMETER_GROUP,
    COLLECTORS,
    DB_EVENT_SUBSCRIPTION,
    DB_OPTION_GROUP,
    DB_PARAMETER_GROUP,
    DB_SUBNET_GROUP,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.collectors.test_rds import subnet_group
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.queries import said
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
SHOP = [{"Key": "team", "Value": "shop"}]
TEXT = {"DBParameterGroupFamily": "postgres15", "Description": "shop", "Tags": SHOP}


def test_subnet_group(aws):
    vpc, subnets, _ = subnet_group(aws)
    aws("rds").add_tags_to_resource(ResourceName=f"{ARN}:subgrp:main", Tags=SHOP)
    found = only(read(DB_SUBNET_GROUP), "aws_db_subnet_group")
    assert whole(found) == {
        "its id": "main",
        "its identity": "main",
        "its arn": f"{ARN}:subgrp:main",
        "its owner": None,
        "arn": f"{ARN}:subgrp:main",
        "description": "main",
        "name": "main",
        "subnet_ids": subnets,
        "vpc_id": vpc,
        "tags": {"team": "shop"},
    }
    live = read(DB_SUBNET_GROUP)
    older = declared("aws_docdb_subnet_group", "main", name="main", subnet_ids=subnets[::-1])
    assert told(live, COLLECTORS, older) == set()
    lost = declared("aws_neptune_subnet_group", "main", name="main", subnet_ids=subnets[:1])
    assert told(live, COLLECTORS, lost) == {("changed", "aws_db_subnet_group", "subnet_ids")}


def test_parameter_group(aws):
    aws("rds").create_db_parameter_group(DBParameterGroupName="pg", **TEXT)
    limit = {"ParameterName": "work_mem", "ParameterValue": "64", "ApplyMethod": "immediate"}
    aws("rds").modify_db_parameter_group(DBParameterGroupName="pg", Parameters=[limit])
    found = only(read(DB_PARAMETER_GROUP), "aws_db_parameter_group")
    assert whole(found) == {
        "its id": "pg",
        "its identity": "pg",
        "its arn": f"{ARN}:pg:pg",
        "its owner": None,
        "arn": f"{ARN}:pg:pg",
        "description": "shop",
        "family": "postgres15",
        "name": "pg",
        "parameter": [{"apply_method": "immediate", "name": "work_mem", "value": "64"}],
        "tags": {"team": "shop"},
    }
    live, reboot = read(DB_PARAMETER_GROUP), {"apply_method": "pending-reboot", "name": "WORK_MEM", "value": "64"}
    assert told(live, COLLECTORS, twin(found, parameter=[reboot])) == set()
    two = [{"name": "work_mem", "value": "32"}, {"name": "ssl", "value": "1"}]
    assert told(live, COLLECTORS, twin(found, parameter=two)) == {
        ("changed", "aws_db_parameter_group", "parameter[ssl]"),
        ("changed", "aws_db_parameter_group", "parameter[work_mem].value"),
    }


SSL = {"ParameterName": "RDS.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate", "Source": "engine-default"}
MEMORY = {"ParameterName": "work_mem", "ParameterValue": "64", "ApplyMethod": "immediate", "Source": "user"}
HIDDEN_ONE = {"ParameterName": "archive_lag", "Source": "system"}


def all_parameters(request):
    """Those of a source, or all."""
    found = [each for each in (SSL, MEMORY, HIDDEN_ONE) if request.form.get("Source", each["Source"]) == each["Source"]]
    return said("rds", **{request.action: {"Parameters": found}})[request.action]


@pytest.mark.parametrize(
    ("collector", "family"),
    [
        (DB_PARAMETER_GROUP, "postgres15"),
        (CLUSTER_PARAMETER_GROUP, "aurora-postgresql15"),
        (docdb.CLUSTER_PARAMETER_GROUP, "docdb5.0"),
        (neptune.CLUSTER_PARAMETER_GROUP, "neptune1.3"),
        (neptune.PARAMETER_GROUP, "neptune1.3"),
    ],
)
@pytest.mark.parametrize(
    ("names", "asked", "paths"),
    [
        ({"work_mem": "64"}, 1, set()),
        ({"work_mem": "64", "rds.force_ssl": "0"}, 2, set()),
        ({"work_mem": "64", "rds.force_ssl": "1"}, 2, {"parameter[rds.force_ssl].value"}),
        ({"WORK_MEM": "64", "RDS.Force_SSL": "1"}, 2, {"parameter[rds.force_ssl].value"}),
        ({"work_mem": "64", "archive_lag": ""}, 2, set()),
        ({"work_mem": "64", "archive_lag": "5"}, 2, {"parameter[archive_lag].value"}),
        ({"work_mem": "64", "gone": "5"}, 2, {"parameter[gone]"}),
        ({"rds.force_ssl": "0"}, 2, {"parameter[work_mem]"}),
        ({}, 1, {"parameter[work_mem]"}),
    ],
)
def test_a_parameter_declared_at_its_default_is_compared_with_it(collector, family, names, asked, paths):
    kind = collector.fetch.items.partition("s[")[0]
    group = {f"{kind}Name": "own", "DBParameterGroupFamily": family, "Description": "x", f"{kind}Arn": f"{ARN}:x:own"}
    answers = said("rds", ListTagsForResource={"TagList": []}, **{f"Describe{kind}s": {f"{kind}s": [group]}})
    answers[f"Describe{kind.removesuffix('Group')}s"] = all_parameters
    rows = [{"name": name, "value": value, "apply_method": "immediate"} for name, value in names.items()]
    wanted = declared(collector.type, "own", name="own", family=family, description="x", parameter=rows)
    with answering(answers) as it:
        live = read(collector, declared=[wanted])
    assert live.gaps == []
    assert sum(each.action.endswith("Parameters") for each in it.requests) == asked
    assert told(live, [collector], wanted) == {("changed", collector.type, path) for path in paths}


def test_parameters_of_another_place_are_not_those_declared():
    group = {
        "DBParameterGroupName": "own",
        "DBParameterGroupFamily": "mysql8.0",
        "DBParameterGroupArn": f"{ARN}:pg:own",
    }
    groups = {"DBParameterGroups": [group]}
    answers = said("rds", DescribeDBParameterGroups=groups, ListTagsForResource={"TagList": []})
    there = declared(DB_PARAMETER_GROUP.type, "own", name="own", parameter=[{"name": "rds.force_ssl", "value": "0"}])
    with answering(answers | {"DescribeDBParameters": all_parameters}) as it:
        live = read(DB_PARAMETER_GROUP, declared=[there.replace(region="us-east-1")])
    assert sum(each.action == "DescribeDBParameters" for each in it.requests) == 1
    assert [each["name"] for each in only(live, DB_PARAMETER_GROUP.type)["parameter"]] == ["work_mem"]


def test_what_parameters_are_set_to_may_be_refused(aws, allowed_only):
    aws("rds").create_db_parameter_group(DBParameterGroupName="pg", **TEXT)
    with allowed_only("rds:DescribeDBParameterGroups"):
        inventory = read(DB_PARAMETER_GROUP)
    assert set(only(inventory, "aws_db_parameter_group").unknown) == {"parameter", "tags"}
    assert {each.permission for each in inventory.gaps} == {"rds:DescribeDBParameters", "rds:ListTagsForResource"}


FAMILIES = {"aurora": "aurora-postgresql15", "docs": "docdb5.0", "graph": "neptune1.3", "default.docdb5.0": "docdb5.0"}
GROUPS = [
    {
        "DBClusterParameterGroupName": name,
        "DBParameterGroupFamily": family,
        "Description": "shop",
        "DBClusterParameterGroupArn": f"{ARN}:cluster-pg:{name}",
    }
    for name, family in FAMILIES.items()
]
AUDIT = {"ParameterName": "audit_logs", "ParameterValue": "enabled", "ApplyMethod": "pending-reboot", "Source": "user"}
CLUSTER_GROUPS = said(
    "rds",
    DescribeDBClusterParameterGroups={"DBClusterParameterGroups": GROUPS},
    DescribeDBClusterParameters={"Parameters": [AUDIT, {"ParameterName": "tls"}]},
    ListTagsForResource={"TagList": SHOP},
)


def test_cluster_parameter_group():
    with answering(CLUSTER_GROUPS) as it:
        found = only(read(CLUSTER_PARAMETER_GROUP), "aws_rds_cluster_parameter_group")
    assert whole(found) == {
        "its id": "aurora",
        "its identity": "aurora",
        "its arn": f"{ARN}:cluster-pg:aurora",
        "its owner": None,
        "arn": f"{ARN}:cluster-pg:aurora",
        "description": "shop",
        "family": "aurora-postgresql15",
        "name": "aurora",
        "parameter": [{"apply_method": "pending-reboot", "name": "audit_logs", "value": "enabled"}],
        "tags": {"team": "shop"},
    }
    assert {each.form["Source"] for each in it.requests if each.action.endswith("Parameters")} == {"user"}


SETTINGS = [
    {"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT"},
    {"Name": "SECRET", "Value": "****"},
    {"Name": "SERVER_AUDIT_LOGGING", "Value": "ON", "DefaultValue": "ON"},
]
OPTION = {"OptionName": "MARIADB_AUDIT_PLUGIN", "Port": 1158, "OptionVersion": "1", "OptionSettings": SETTINGS}
OPTION_GROUPS = [
    {
        "OptionGroupName": name,
        "OptionGroupArn": f"{ARN}:og:{name}",
        "OptionGroupDescription": "shop",
        "EngineName": "mysql",
        "MajorEngineVersion": "8.0",
        "Options": options,
    }
    for name, options in {"audited": [OPTION], "default:mysql-8-0": []}.items()
]


def declared_option(**more):
    events = {"name": "SERVER_AUDIT_EVENTS", "value": "CONNECT"}
    return {
        "option_name": "MARIADB_AUDIT_PLUGIN",
        "option_settings": [events, {"name": "SECRET", "value": "known"}],
        "port": None,
        "version": "",
        "vpc_security_group_memberships": [],
    } | more


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ([declared_option()], True),
        ([declared_option(port=1158, version="1")], True),
        ([declared_option(port=1)], False),
        ([declared_option(option_settings=[{"name": "SERVER_AUDIT_EVENTS", "value": "QUERY"}])], False),
        ([declared_option(vpc_security_group_memberships=["sg-1"])], False),
        ([], False),
    ],
)
def test_option_group(options, same):
    answers = said(
        "rds",
        DescribeOptionGroups={"OptionGroupsList": OPTION_GROUPS},
        ListTagsForResource={"TagList": SHOP},
    )
    with answering(answers):
        live = read(DB_OPTION_GROUP)
    found = only(live, "aws_db_option_group")
    assert only(live, "aws_db_option_group", "aws").id == "default:mysql-8-0"
    assert whole(found) == {
        "its id": "audited",
        "its identity": "audited",
        "its arn": f"{ARN}:og:audited",
        "its owner": None,
        "arn": f"{ARN}:og:audited",
        "engine_name": "mysql",
        "major_engine_version": "8.0",
        "name": "audited",
        "option": [
            {
                "option_name": "MARIADB_AUDIT_PLUGIN",
                "option_settings": [{"name": each["Name"], "value": each["Value"]} for each in SETTINGS],
                "port": 1158,
                "version": "1",
            }
        ],
        "option_group_description": "shop",
        "tags": {"team": "shop"},
    }
    changed = {("changed", "aws_db_option_group", "option")}
    assert told(live, COLLECTORS, twin(found, option=options)) == (set() if same else changed)


def test_event_subscription():
    subscription = {
        "CustSubscriptionId": "alarms",
        "EventSubscriptionArn": f"{ARN}:es:alarms",
        "SnsTopicArn": "arn:topic",
        "CustomerAwsId": ACCOUNT,
        "Status": "active",
        "SourceType": "db-cluster",
        "SourceIdsList": ["docs"],
        "EventCategoriesList": ["failover", "failure"],
        "Enabled": True,
    }
    answers = said(
        "rds",
        DescribeEventSubscriptions={"EventSubscriptionsList": [subscription]},
        ListTagsForResource={"TagList": SHOP},
    )
    with answering(answers):
        live = read(DB_EVENT_SUBSCRIPTION)
    assert whole(only(live, "aws_db_event_subscription")) == {
        "its id": "alarms",
        "its identity": "alarms",
        "its arn": f"{ARN}:es:alarms",
        "its owner": None,
        "arn": f"{ARN}:es:alarms",
        "customer_aws_id": ACCOUNT,
        "enabled": True,
        "event_categories": ["failover", "failure"],
        "name": "alarms",
        "sns_topic": "arn:topic",
        "source_ids": ["docs"],
        "source_type": "db-cluster",
        "tags": {"team": "shop"},
    }
    asked = {"name": "alarms", "sns_topic_arn": "arn:topic", "enabled": True, "tags_all": {"team": "shop"}}
    for type in ("aws_docdb_event_subscription", "aws_neptune_event_subscription"):
        assert told(live, COLLECTORS, declared(type, "alarms", **asked)) == set()
        elsewhere = declared(type, "alarms", **asked | {"sns_topic_arn": "arn:other", "tags_all": {}})
        changed = {("changed", "aws_db_event_subscription", path) for path in ("sns_topic", "tags.team")}
        assert told(live, COLLECTORS, elsewhere) == changed


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)
