from __future__ import annotations

import pytest

from scanner.collectors.elasticbeanstalk import APPLICATION, COLLECTORS, ENVIRONMENT, lifecycle, prefix
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import refusal, xml
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:elasticbeanstalk:{REGION}:{ACCOUNT}"
TAGS = xml("ListTagsForResource", "<ResourceTags><member><Key>Team</Key><Value>shop</Value></member></ResourceTags>")
APPLICATIONS = xml(
    "DescribeApplications",
    f"""<Applications><member><ApplicationName>shop</ApplicationName><Description>d</Description>
    <ApplicationArn>{ARN}:application/shop</ApplicationArn><ResourceLifecycleConfig><ServiceRole>role</ServiceRole>
    <VersionLifecycleConfig><MaxCountRule><Enabled>true</Enabled><MaxCount>9</MaxCount>
    <DeleteSourceFromS3>true</DeleteSourceFromS3></MaxCountRule><MaxAgeRule><Enabled>false</Enabled>
    <MaxAgeInDays>180</MaxAgeInDays></MaxAgeRule></VersionLifecycleConfig></ResourceLifecycleConfig>
    </member></Applications>""",
)
ENVIRONMENTS = xml(
    "DescribeEnvironments",
    f"""<Environments><member><EnvironmentName>live</EnvironmentName><EnvironmentId>e-1</EnvironmentId>
    <ApplicationName>shop</ApplicationName><EnvironmentArn>{ARN}:environment/shop/live</EnvironmentArn>
    <VersionLabel>v1</VersionLabel><SolutionStackName>64bit Node</SolutionStackName><Status>Ready</Status>
    <PlatformArn>{ARN}::platform/Node/1</PlatformArn><EndpointURL>lb.example</EndpointURL>
    <CNAME>shop.{REGION}.elasticbeanstalk.com</CNAME><Tier><Name>WebServer</Name></Tier></member></Environments>""",
)


def option(namespace: str, name: str, value: str) -> str:
    inner = f"<Namespace>{namespace}</Namespace><OptionName>{name}</OptionName>"
    return f"<member>{inner}<Value>{value}</Value></member>"


SETTINGS = xml(
    "DescribeConfigurationSettings",
    "<ConfigurationSettings><member><OptionSettings>"
    + option("aws:ec2:vpc", "Subnets", "subnet-2,subnet-1")
    + option("aws:elasticbeanstalk:application:environment", "PASSWORD", "hush")
    + option("aws:autoscaling:asg", "MaxSize", "4")
    + "</OptionSettings></member></ConfigurationSettings>",
)
RESOURCES = xml(
    "DescribeEnvironmentResources",
    "<EnvironmentResources><AutoScalingGroups><member><Name>asg-1</Name></member></AutoScalingGroups>"
    "<Instances><member><Id>i-1</Id></member></Instances></EnvironmentResources>",
)
ANSWERS = {
    "DescribeApplications": APPLICATIONS,
    "DescribeEnvironments": ENVIRONMENTS,
    "DescribeConfigurationSettings": SETTINGS,
    "DescribeEnvironmentResources": RESOURCES,
    "ListTagsForResource": TAGS,
}


def test_application():
    with answering(ANSWERS):
        made = only(found := read(APPLICATION), "aws_elastic_beanstalk_application")
    arn = f"{ARN}:application/shop"
    assert whole(made) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": arn,
        "its owner": None,
        "appversion_lifecycle": [{"delete_source_from_s3": True, "max_count": 9, "service_role": "role"}],
        "arn": arn,
        "description": "d",
        "name": "shop",
        "tags": {"Team": "shop"},
    }
    assert told(found, COLLECTORS, twin(made, description="e")) == {("changed", made.type, "description")}
    assert lifecycle({"VersionLifecycleConfig": {"MaxCountRule": {"Enabled": False, "MaxCount": 200}}}) == []


def setting(namespace: str, name: str, value: str) -> dict[str, str]:
    return {"namespace": namespace, "name": name, "resource": "", "value": value}


def test_environment():
    with answering(ANSWERS):
        made = only(found := read(ENVIRONMENT), "aws_elastic_beanstalk_environment")
    options = [
        setting("aws:ec2:vpc", "Subnets", "subnet-2,subnet-1"),
        setting("aws:elasticbeanstalk:application:environment", "PASSWORD", "hush"),
        setting("aws:autoscaling:asg", "MaxSize", "4"),
    ]
    shown = [{name: value for name, value in each.items() if value} for each in options]
    arn = f"{ARN}:environment/shop/live"
    assert whole(made) == {
        "its id": "e-1",
        "its identity": "e-1",
        "its arn": arn,
        "its owner": None,
        "all_settings": shown,
        "application": "shop",
        "arn": arn,
        "autoscaling_groups": ["asg-1"],
        "cname": f"shop.{REGION}.elasticbeanstalk.com",
        "cname_prefix": "shop",
        "endpoint_url": "lb.example",
        "instances": ["i-1"],
        "name": "live",
        "platform_arn": f"{ARN}::platform/Node/1",
        "setting": shown,
        "solution_stack_name": "64bit Node",
        "tags": {"Team": "shop"},
        "tier": "WebServer",
        "version_label": "v1",
    }
    some = [setting("aws:ec2:vpc", "Subnets", "subnet-1,subnet-2")]
    assert told(found, COLLECTORS, twin(made, setting=some, version_label=None)) == set()
    more = [*some, setting("aws:autoscaling:asg", "MaxSize", "8")]
    assert told(found, COLLECTORS, twin(made, setting=more)) == {
        ("changed", made.type, "setting[aws:autoscaling:asg:MaxSize]")
    }
    assert {"all_settings", "setting"} <= made.sensitive


def test_settings_that_may_not_be_read_are_unknown():
    with answering(ANSWERS | {"DescribeConfigurationSettings": refusal("AccessDenied", 403)}):
        found = read(ENVIRONMENT)
    assert set(only(found, "aws_elastic_beanstalk_environment").unknown) == {"all_settings", "setting"}
    assert [gap.kind for gap in found.gaps] == ["denied"]


@pytest.mark.parametrize(
    ("cname", "said"),
    [
        ("shop.elasticbeanstalk.com", "shop"),
        ("shop.cn-north-1.eb.amazonaws.com.cn", "shop"),
        ("shop.us-gov-west-1.elasticbeanstalk.com", "shop"),
        ("lb.example", None),
        (None, None),
    ],
)
def test_prefix(cname, said):
    assert prefix(cname) == said
