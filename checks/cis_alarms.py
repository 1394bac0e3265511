"""CIS AWS Foundations: alarms on what happens in an account, from the trail by its log group to a person.

The fifteen are one judgement: each event that a row names has to be heard. A trail has to record it, a metric
filter in the trail's log group has to match it, an alarm has to watch the filter's metric, and one of the
alarm's actions has to reach somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from checks.absence import anywhere
from checks.alarms import METRIC, is_heard, watches
from checks.check import Category, Fault, Severity, Skip, check
from checks.cloudtrail_events import records_management
from checks.doubt import any_of, both
from checks.filter_patterns import Event, parse
from checks.iam_account import CHINA, GOVCLOUD, lies_in
from state import Inventory, Resource, Unknown

LAST_OF_GDPR = 10
ROOT_USE = "root_use"
SHOWN = 6
"""How many of many events a message names."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One of the fifteen: what happens, which events tell of it, and what stands in the documentation."""

    name: str
    title: str
    why: str
    number: int
    events: tuple[Event, ...]
    pattern: str
    frameworks: Mapping[str, str] = {}


# --- the judgement --------------------------------------------------------------------------------


def fault(account: Resource, inventory: Inventory, events: Sequence[Event]) -> Fault | None:
    """Those of some events that nobody hears of."""
    silent = [each for each in events if not anywhere(_through(inventory, each), account, inventory, "aws_cloudtrail")]
    if not silent:
        return None
    names = list(dict.fromkeys(str(each.get("errorCode") or each["eventName"]) for each in silent))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return Fault(f"nobody hears of {', '.join(names[:SHOWN])}{more} in {account.id}", {"events": names})


def of_root(account: Resource, inventory: Inventory, events: Sequence[Event]) -> list[Event]:
    """What its root user can do: China has none, and that of GovCloud has keys but cannot sign in."""
    if lies_in(account, inventory, CHINA):
        raise Skip("there is no root user in this partition")
    signs_in = not lies_in(account, inventory, GOVCLOUD)
    return [each for each in events if signs_in or each["eventType"] != LOGIN["eventType"]]


def _through(inventory: Inventory, event: Event) -> Any:
    """Whether an event is heard of by way of a trail."""

    def heard(trail: Resource) -> bool:
        return both(
            lambda: records_management(trail),
            lambda: bool(trail["cloud_watch_logs_group_arn"]),
            lambda: any_of(lambda each: _is_alarmed(each, inventory, event), filters_of(trail, inventory)),
        )

    return heard


def _is_alarmed(filter: Resource, inventory: Inventory, event: Event) -> bool:
    return both(
        lambda: parse(filter["pattern"])(event),
        lambda: any_of(lambda each: _alarms(each, filter, inventory), inventory.near(filter, METRIC)),
    )


def _alarms(alarm: Resource, filter: Resource, inventory: Inventory) -> bool:
    metrics = [(each["namespace"], each["name"]) for each in filter["metric_transformation"] or ()]
    return both(
        lambda: any(watches(alarm, namespace, (name,)) for namespace, name in metrics),
        lambda: is_heard(alarm, inventory),
    )


def filters_of(trail: Resource, inventory: Inventory) -> Sequence[Resource]:
    """The metric filters of a trail's log group; raises Unknown where that is another account's."""
    group = trail["cloud_watch_logs_group_arn"].removesuffix(":*")
    account = group.split(":")[4] if group.startswith("arn:") else ""
    if account and trail.account and account != trail.account:
        raise Unknown(f"the log group of {trail.name} is in account {account}")
    found = inventory.near(trail, "aws_cloudwatch_log_group", arn=group)
    name = found[0]["name"] if found else group.rpartition(":log-group:")[2]
    return inventory.near(trail, "aws_cloudwatch_log_metric_filter", log_group_name=name)


# --- events -----------------------------------------------------------------------------------------

CALL = {"eventType": "AwsApiCall", "errorCode": None, "errorMessage": None, "sourceIPAddress": "192.0.2.1"}
LOGIN = {
    "eventType": "AwsConsoleSignIn",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "errorCode": None,
    "sourceIPAddress": "192.0.2.1",
    "userIdentity.type": "IAMUser",
}
ROOT = {"userIdentity.type": "Root", "userIdentity.invokedBy": None}


def calls(service: str, names: str) -> tuple[Event, ...]:
    return tuple({**CALL, "eventSource": f"{service}.amazonaws.com", "eventName": name} for name in names.split())


def refusals(*codes: str) -> tuple[Event, ...]:
    return tuple({**each, "errorCode": code} for code in codes for each in calls("ec2", "DescribeInstances"))


def login(**said: Any) -> Event:
    return {**LOGIN, **{name.replace("__", "."): value for name, value in said.items()}}


def named(*names: str) -> str:
    """A pattern for events by name, as people write it."""
    return "{ " + " || ".join(f"($.eventName = {name})" for name in names) + " }"


# --- the fifteen --------------------------------------------------------------------------------------

POLICIES = """
    DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy
    DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy
    DetachUserPolicy AttachGroupPolicy DetachGroupPolicy
"""
BUCKETS = """
    PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy
    DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication
"""
GROUPS = """
    AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress
    CreateSecurityGroup DeleteSecurityGroup
"""
ACLS = """
    CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry
    ReplaceNetworkAclAssociation
"""
GATEWAYS = """
    CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway
    DetachInternetGateway
"""
ROUTES = """
    CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute
    DisassociateRouteTable
"""
NETWORKS = """
    CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection
    DeleteVpcPeeringConnection RejectVpcPeeringConnection
"""
ORGANIZATION = """
    AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake
    DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType
    InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy
    UpdateOrganizationalUnit
"""
OF_NETWORKS = {
    "soc2": "cc_5_2;cc_7_2;cc_7_3;cc_7_4",
    "nist_800_53_r5": "au_12_3;au_14_a;au_14_b;au_6_1;au_6_5;ca_2_2;ca_7;ca_7_b;pm_14_a_1;pm_14_b;pm_31;sc_36_1_a;"
    "si_2_a;si_4_12;si_5_1;si_5_b",
    "hipaa": "164_308_a_6_i",
}
OF_NETWORKS = {
    "nist_800_53_r5": "au_12_3;au_14_a;au_14_b;au_6_1;au_6_5;ca_2_2;ca_7;ca_7_b;pm_14_a_1;pm_14_b;pm_31;sc_36_1_a;"
    "si_2_a;si_4_12;si_5_1;si_5_b",
    "soc2": "cc_5_2;cc_7_2;cc_7_3;cc_7_4",
    "hipaa": "164_308_a_6_i",
}
TRAILS = "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"
KEYS = "DisableKey ScheduleKeyDeletion"
RECORDERS = "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder"


def of_calls(number: int, name: str, title: str, why: str, service: str, events: str, **frameworks: str) -> Row:
    pattern = named(*events.split())
    happens = calls(service, events)
    return Row(name=name, title=title, why=why, number=number, events=happens, pattern=pattern, frameworks=frameworks)


ROWS = (
    Row(
        number=1,
        name="unauthorized_api_calls",
        title="No alarm on refused API calls",
        why="Whoever tries stolen keys is refused often before they are let in once.",
        events=refusals("Client.UnauthorizedOperation", "AccessDenied", "AccessDeniedException"),
        pattern='{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
        frameworks={"soc2": "pi_1_3"},
    ),
    Row(
        number=2,
        name="console_no_mfa",
        title="No alarm on console sign-in without MFA",
        why="A password alone got somebody in, perhaps not the one whom it belongs to.",
        events=(login(additionalEventData__MFAUsed="No", responseElements__ConsoleLogin="Success", errorMessage=None),),
        pattern='{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    ),
    Row(
        number=3,
        name=ROOT_USE,
        title="No alarm on use of the root user",
        why="Root may do everything and has to do next to nothing: each use is worth a question. China has no root "
        "user, where the check is skipped; of GovCloud's only the use of its keys is asked, as it cannot sign in.",
        events=(
            {**calls("iam", "CreateUser")[0], **ROOT},
            {**login(errorMessage=None, responseElements__ConsoleLogin="Success"), **ROOT},
        ),
        pattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && '
        '$.eventType != "AwsServiceEvent" }',
        frameworks={"soc2": "pi_1_3", "hipaa": "164_308_a_6_i;164_308_a_6_ii"},
    ),
    of_calls(
        4,
        "iam_changes",
        "No alarm on changes of IAM policies",
        "Whoever got in gives themselves more rights next.",
        "iam",
        POLICIES,
        soc2="cc_5_2;pi_1_3",
    ),
    of_calls(
        5,
        "cloudtrail_changes",
        "No alarm on changes of CloudTrail",
        "A trail that is stopped is the last thing that it records.",
        "cloudtrail",
        TRAILS,
        soc2="cc_5_2",
    ),
    Row(
        number=6,
        name="console_failures",
        title="No alarm on failed console sign-ins",
        why="Many in a short time are somebody who guesses.",
        events=(login(errorMessage="Failed authentication", responseElements__ConsoleLogin="Failure"),),
        pattern='{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
        frameworks={"soc2": "pi_1_3", "hipaa": "164_308_a_5_ii_c;164_308_a_6_i;164_308_a_6_ii"},
    ),
    of_calls(
        7,
        "kms_deletion",
        "No alarm when a customer key is disabled or set for deletion",
        "All that is encrypted with the key is lost with it; there are days to stop that, for who knows of it.",
        "kms",
        KEYS,
    ),
    of_calls(
        8,
        "bucket_policy",
        "No alarm on changes of bucket policies",
        "One policy or ACL is enough to publish a bucket.",
        "s3",
        BUCKETS,
        soc2="cc_5_2",
    ),
    of_calls(
        9,
        "config_changes",
        "No alarm on changes of AWS Config",
        "A recorder that is stopped sees nothing of what comes next.",
        "config",
        RECORDERS,
        soc2="cc_5_2",
    ),
    of_calls(
        10,
        "security_groups",
        "No alarm on changes of security groups",
        "One rule opens a database to the world.",
        "ec2",
        GROUPS,
        soc2="cc_5_2",
    ),
    of_calls(
        11,
        "network_acls",
        "No alarm on changes of network ACLs",
        "They are changed seldom, and each change opens or shuts whole subnets.",
        "ec2",
        ACLS,
        **OF_NETWORKS,
    ),
    of_calls(
        12,
        "gateways",
        "No alarm on changes of network gateways",
        "A gateway makes a private network a public one.",
        "ec2",
        GATEWAYS,
        **OF_NETWORKS,
    ),
    of_calls(
        13,
        "route_tables",
        "No alarm on changes of route tables",
        "A route can lead traffic past whatever inspects it.",
        "ec2",
        ROUTES,
        **OF_NETWORKS,
    ),
    of_calls(
        14,
        "vpcs",
        "No alarm on changes of VPCs",
        "A peering lets another network in. ClassicLink, which CIS names too, is no more.",
        "ec2",
        NETWORKS,
        **OF_NETWORKS,
    ),
    of_calls(
        15,
        "organizations",
        "No alarm on changes of the organization",
        "A policy taken off, or an account moved, lifts the limits of many accounts at once.",
        "organizations",
        ORGANIZATION,
        soc2="cc_5_2",
    ),
)

TEXT = """{title}.

{why} Events are compared, not texts: a filter counts for each event that its pattern matches, whatever its
form, several filters may share the events, and, other than with Prowler, the alarm has to reach a
subscriber who confirmed, a function or an incident, by itself or through a composite alarm. A pattern
that asks for more than the kind of event leaves the verdict open.

Fix: give the log group of a trail that is at work in every region a metric filter for `{short}`, and its metric
an alarm that notifies a topic with a subscriber.

Fails:

    account {{}}

{chain}
    resource "aws_sns_topic_subscription" "people" {{
      topic_arn = "arn:aws:sns:eu-west-1:123456789012:others"
      protocol  = "email"
      endpoint  = "security@example.com"
    }}

Passes:

    account {{}}

{chain}
    resource "aws_sns_topic_subscription" "people" {{
      topic_arn = aws_sns_topic.people.arn
      protocol  = "email"
      endpoint  = "security@example.com"
    }}
"""
CHAIN = """    resource "aws_cloudtrail" "all" {{
      name                       = "all"
      is_multi_region_trail      = true
      cloud_watch_logs_group_arn = "${{aws_cloudwatch_log_group.trail.arn}}:*"
    }}

    resource "aws_cloudwatch_log_group" "trail" {{
      name = "trail"
    }}

    resource "aws_cloudwatch_log_metric_filter" "it" {{
      name           = "it"
      log_group_name = aws_cloudwatch_log_group.trail.name
      pattern        = {pattern}

      metric_transformation {{
        name      = "it"
        namespace = "cis"
        value     = "1"
      }}
    }}

    resource "aws_cloudwatch_metric_alarm" "it" {{
      alarm_name    = "it"
      metric_name   = "it"
      namespace     = "cis"
      alarm_actions = [aws_sns_topic.people.arn]
    }}

    resource "aws_sns_topic" "people" {{
      name = "people"
    }}
"""


def register(row: Row) -> None:
    """The check of a row: the one judgement under its own name."""

    def rule(account: Resource, inventory: Inventory) -> Fault | None:
        return fault(account, inventory, row.events)

    def rule_of_root(account: Resource, inventory: Inventory) -> Fault | None:
        return fault(account, inventory, of_root(account, inventory, row.events))

    chain = CHAIN.format(pattern=msgspec.json.encode(row.pattern).decode())
    first = row.pattern if len(row.pattern) < 100 else f"{row.pattern.partition(' ||')[0]} || … }}"
    rule = rule_of_root if row.name == ROOT_USE else rule
    rule.__name__ = f"cis_alarm_{row.name}"
    rule.__doc__ = TEXT.format(title=row.title, why=row.why, short=first, chain=chain)
    cis = {"cis_3_0": f"4.{row.number}", "cis_5_0": f"4.{row.number}"}
    cis |= {"cis_6_0": f"5.{row.number}", "cis_7_0": f"5.{row.number}", "well_architected_security": "SEC04-BP04"}
    cis |= {"gdpr": "article_25"} if row.number <= LAST_OF_GDPR else {}
    common = {"well_architected_security": "SEC04-BP04"} | ({"gdpr": "article_25"} if row.number <= 10 else {})
    frameworks: dict[str, Any] = {**cis, **row.frameworks, **common}
    check("account", severity=Severity.MEDIUM, category=Category.LOGGING, **frameworks)(rule)


for _row in ROWS:
    register(_row)
