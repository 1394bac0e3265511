"""AWS Elastic Beanstalk: applications, and the environments they run in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, converted, volatile
from state.forms import IF_DECLARED, VOLATILE, Form, defaulting

GONE = ("ResourceNotFoundException",)


def tags_of(arn: str) -> Detail:
    return Detail(operation="list_tags_for_resource", arguments={"ResourceArn": arn}, into="Tagging", gone=GONE)


def lifecycle(config: Any) -> list[dict[str, Any]]:
    """How long versions are kept, as a block; none where neither their number nor their age counts."""
    rules = (config or {}).get("VersionLifecycleConfig") or {}
    count, age = rules.get("MaxCountRule") or {}, rules.get("MaxAgeRule") or {}
    if not count.get("Enabled") and not age.get("Enabled"):
        return []
    rule = count if count.get("Enabled") else age
    return [
        {
            "delete_source_from_s3": rule.get("DeleteSourceFromS3"),
            "max_age_in_days": age.get("MaxAgeInDays") if age.get("Enabled") else None,
            "max_count": count.get("MaxCount") if count.get("Enabled") else None,
            "service_role": config.get("ServiceRole"),
        }
    ]


APPLICATION = Collector(
    type="aws_elastic_beanstalk_application",
    service="elasticbeanstalk",
    fetch=Listing("describe_applications", "Applications"),
    details=(tags_of("ApplicationArn"),),
    permissions=("elasticbeanstalk:DescribeApplications", "elasticbeanstalk:ListTagsForResource"),
    id="ApplicationName",
    identity=("name",),
    attributes={
        "appversion_lifecycle": converted("ResourceLifecycleConfig", lifecycle),
        "arn": "ApplicationArn",
        "description": "Description",
        "name": "ApplicationName",
    },
    facts={"date_created": "DateCreated"},
    tags="Tagging.ResourceTags",
)

# --- environments ---------------------------------------------------------------------------------

OF_NAME = re.compile(r"([^.]+)(\.[a-z]{2}(-[a-z]+)+-\d)?\.(elasticbeanstalk\.com|eb\.amazonaws\.com\.cn)")


def prefix(cname: Any) -> str | None:
    """``shop`` of ``shop.eu-west-1.elasticbeanstalk.com``."""
    found = OF_NAME.fullmatch(str(cname or ""))
    return found[1] if found else None


Setting = tuple[str, str, str]
"""(namespace, name, resource)"""


def by_name(settings: Any) -> dict[Setting, str]:
    """Values by what they set: one that lists several names them in any order."""
    return {
        (each.get("namespace") or "", each.get("name") or "", each.get("resource") or ""): ",".join(
            sorted(str(each.get("value") or "").split(","))
        )
        for each in settings or ()
    }


class Settings(Form, frozen=True, kw_only=True):
    """Those that are declared: AWS has a value for hundreds more."""

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = by_name(declared), by_name(live)
        for key, value in wanted.items():
            if actual.get(key, "") != value:
                yield f"{path}[{':'.join(filter(None, key))}]", value, actual.get(key)


def named(settings: Any) -> list[Mapping[str, Any]]:
    return list(settings or ())


OPTIONS = (
    "Configured.ConfigurationSettings[0].OptionSettings[?Value].{name: OptionName, namespace: Namespace, "
    "resource: ResourceName || '', value: Value}"
)
PARTS = {
    "autoscaling_groups": "AutoScalingGroups[].Name",
    "instances": "Instances[].Id",
    "launch_configurations": "LaunchConfigurations[].Name",
    "load_balancers": "LoadBalancers[].Name",
    "queues": "Queues[].URL",
    "triggers": "Triggers[].Name",
}

ENVIRONMENT = Collector(
    type="aws_elastic_beanstalk_environment",
    service="elasticbeanstalk",
    fetch=Listing("describe_environments", "Environments[?Status!='Terminated']", (("IncludeDeleted", False),)),
    details=(
        Detail(
            operation="describe_configuration_settings",
            arguments={"ApplicationName": "ApplicationName", "EnvironmentName": "EnvironmentName"},
            into="Configured",
        ),
        Detail(
            operation="describe_environment_resources", arguments={"EnvironmentId": "EnvironmentId"}, into="Resources"
        ),
        tags_of("EnvironmentArn"),
    ),
    permissions=(
        "elasticbeanstalk:DescribeEnvironments",
        "elasticbeanstalk:DescribeConfigurationSettings",
        "elasticbeanstalk:DescribeEnvironmentResources",
        "elasticbeanstalk:ListTagsForResource",
    ),
    id="EnvironmentId",
    attributes={
        # Variables of the application stand among the settings, and passwords among these.
        "all_settings": Attribute(path=OPTIONS, form=VOLATILE, convert=named, sensitive=True),
        "application": "ApplicationName",
        "arn": "EnvironmentArn",
        "cname": "CNAME",
        "cname_prefix": converted("CNAME", prefix, IF_DECLARED),
        "description": "Description",
        "endpoint_url": volatile("EndpointURL"),
        "name": "EnvironmentName",
        "platform_arn": Attribute(path="PlatformArn", form=IF_DECLARED),
        "setting": Attribute(path=OPTIONS, form=Settings(), convert=named, sensitive=True),
        "solution_stack_name": Attribute(path="SolutionStackName", form=IF_DECLARED),
        "template_name": Attribute(path="TemplateName", form=IF_DECLARED),
        "tier": Attribute(path="Tier.Name", form=defaulting("WebServer")),
        "version_label": Attribute(path="VersionLabel", form=IF_DECLARED),
        **{name: volatile(f"Resources.EnvironmentResources.{path}") for name, path in PARTS.items()},
    },
    facts={
        "date_created": "DateCreated",
        "health": "Health",
        "pending_deletion": "Status=='Terminating'",
        "status": "Status",
    },
    tags="Tagging.ResourceTags",
)

COLLECTORS = [APPLICATION, ENVIRONMENT]
