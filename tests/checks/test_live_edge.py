"""Checks of what faces the world and of what is kept, over a live account: made wrong, and made right beside it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import GLOBAL, Gap, Inventory, Resource
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, inventory_for, pairs, verdicts
from tests.checks.test_live_services import make_table
from tests.checks.test_live_watch import everywhere, judged
from tests.checks.test_rules import judged as one_judged
from tests.checks.test_rules import live
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.collectors.test_cloudfront import BEHAVIOR, ORIGIN, distribution

Client = Callable[..., Any]

# --- CloudFront -----------------------------------------------------------------------------------

NO_LOGS = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
CERTIFICATE: dict[str, Any] = {
    "CloudFrontDefaultCertificate": False,
    "ACMCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/a",
    "SSLSupportMethod": "sni-only",
}
DISTRIBUTIONS = (
    "https",
    "waf",
    "logging",
    "tls-version",
    "origin-tls",
    "origin-access-control",
    "origin-missing-bucket",
)


def bucket_origin() -> dict[str, Any]:
    """Unsigned: moto tells of no other."""
    plain = {name: value for name, value in ORIGIN.items() if name != "CustomOriginConfig"}
    return plain | {
        "DomainName": "acme-web.s3.eu-west-1.amazonaws.com",
        "Id": "files",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }


def test_distributions(aws: Client) -> None:
    custom = {**ORIGIN["CustomOriginConfig"], "OriginProtocolPolicy": "match-viewer"}
    lax = distribution(
        aws,
        CallerReference="lax",
        DefaultCacheBehavior=BEHAVIOR | {"ViewerProtocolPolicy": "allow-all"},
        Logging=NO_LOGS,
        Origins={"Quantity": 2, "Items": [ORIGIN | {"CustomOriginConfig": custom}, bucket_origin()]},
        ViewerCertificate=CERTIFICATE | {"MinimumProtocolVersion": "TLSv1"},
    )
    checks = [f"cloudfront-{each}" for each in DISTRIBUTIONS]
    found = everywhere(aws, *checks)
    assert judged(found, *checks) == dict.fromkeys(checks, FAIL)
    bucket(aws, "acme-web")
    strict = distribution(
        aws,
        CallerReference="strict",
        Origins={"Quantity": 1, "Items": [ORIGIN]},
        ViewerCertificate=CERTIFICATE | {"MinimumProtocolVersion": "TLSv1.2_2021"},
        WebACLId="arn:aws:wafv2:us-east-1:1:global/webacl/a",
    )
    found = everywhere(aws, *checks)
    told = {(each.check.id, each.resource.id): each.status for each in run([REGISTRY[name] for name in checks], found)}
    assert [told[name, strict["Id"]] for name in checks] == [PASS] * len(checks)
    assert told["cloudfront-origin-missing-bucket", lax["Id"]] is PASS


def test_logs_that_the_distribution_does_not_tell(aws: Client) -> None:
    arn = distribution(aws, Logging=NO_LOGS)["ARN"]
    check = "cloudfront-logging"
    assert judged(inventory_for(check), check) == {check: UNKNOWN}  # they are in us-east-1
    assert judged(everywhere(aws, check), check) == {check: FAIL}
    aws("logs", "us-east-1").put_delivery_source(name="web", resourceArn=arn, logType="ACCESS_LOGS")
    assert judged(everywhere(aws, check), check) == {check: PASS}


# --- buckets --------------------------------------------------------------------------------------


def bucket(aws: Client, name: str, region: str = REGION) -> None:
    aws("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})


BUCKETS = ("s3-bucket-acl-in-use", "s3-bucket-mfa-delete", "s3-bucket-access-logging", "s3-bucket-lifecycle")


def test_buckets(aws: Client) -> None:
    s3 = aws("s3")
    for name in ("lax", "strict", "logs"):
        bucket(aws, name)
    s3.put_bucket_versioning(Bucket="lax", VersioningConfiguration={"Status": "Enabled"})
    s3.delete_bucket_ownership_controls(Bucket="lax")
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket="strict", OwnershipControls=owned)
    grants = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls=grants)
    s3.put_bucket_acl(Bucket="logs", ACL="log-delivery-write")
    log = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "strict/"}}
    s3.put_bucket_logging(Bucket="strict", BucketLoggingStatus=log)
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket="strict", LifecycleConfiguration={"Rules": [rule]})
    found = verdicts(*BUCKETS)
    assert pairs(found, "lax", "strict", *BUCKETS) == as_expected(*BUCKETS)
    assert (found["s3-bucket-acl-in-use", "logs"], found["s3-bucket-access-logging", "logs"]) == (FAIL, PASS)


def test_copies_of_buckets(aws: Client) -> None:
    check = "s3-bucket-replication"
    for name, region in (("bare", REGION), ("near", REGION), ("far", REGION), ("copy", "us-west-2")):
        bucket(aws, name, region)
        aws("s3", region).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for name, to in (("near", "bare"), ("far", "copy")):
        rule = {"ID": "a", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}}
        rule |= {"Destination": {"Bucket": f"arn:aws:s3:::{to}"}, "DeleteMarkerReplication": {"Status": "Disabled"}}
        aws("s3").put_bucket_replication(
            Bucket=name, ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/a", "Rules": [rule]}
        )
    wanted = {"bare": FAIL, "near": FAIL, "far": PASS}
    assert verdicts(check) == {(check, name): status for name, status in wanted.items()}


# --- secrets, topics, queues, certificates ----------------------------------------------------------


def test_secrets(aws: Client) -> None:
    made = aws("secretsmanager")
    plain = made.create_secret(Name="plain", SecretString="x")["ARN"]
    check = "secretsmanager-rotation"
    assert verdicts(check) == {(check, plain): FAIL}
    made.delete_secret(SecretId="plain")
    assert verdicts(check) == {(check, plain): PASS}


@pytest.mark.parametrize(("days", "wanted"), [(89, PASS), (91, FAIL)])
def test_secrets_that_nobody_reads(aws: Client, days: int, wanted: Status) -> None:
    aws("secretsmanager").create_secret(Name="plain", SecretString="x")
    check = "secretsmanager-unused"
    assert set(judged(later(inventory_for(check), days), check).values()) == {wanted}


def later(found: Inventory, days: int) -> Inventory:
    """A reading as if it had been taken days after."""
    when = datetime.now(UTC) + timedelta(days=days)
    return Inventory(found.resources, found.gaps, read=found.read, taken_at=when)


@pytest.mark.parametrize(
    ("due", "last", "wanted"),
    [
        (2, None, PASS),
        (-2, None, FAIL),
        (None, -40, FAIL),
        (None, -20, PASS),
        (None, None, UNKNOWN),
    ],
)
def test_rotations(due: int | None, last: int | None, wanted: Status) -> None:
    def moment(days: int | None) -> str | None:
        return None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()

    rules = [{"automatically_after_days": 30}]
    rotation = live("aws_secretsmanager_secret_rotation", "db", secret_id="db", rotation_rules=rules)
    facts = {"next_rotation_date": moment(due), "last_rotated_date": moment(last)}
    rotation = rotation.replace(facts=facts)
    assert one_judged("secretsmanager-rotation-overdue", rotation).status is wanted


def test_topics_and_queues(aws: Client) -> None:
    lax = aws("sns").create_topic(Name="lax")["TopicArn"]
    strict = aws("sns").create_topic(Name="strict", Attributes={"KmsMasterKeyId": "alias/topics"})["TopicArn"]
    check = "sns-topic-unencrypted"
    assert verdicts(check) == {(check, lax): FAIL, (check, strict): PASS}
    off = {"SqsManagedSseEnabled": "false"}
    lax = aws("sqs").create_queue(QueueName="lax", Attributes=off)["QueueUrl"]
    strict = aws("sqs").create_queue(QueueName="strict", Attributes={"SqsManagedSseEnabled": "true"})["QueueUrl"]
    check = "sqs-queue-unencrypted"
    assert verdicts(check) == {(check, lax): FAIL, (check, strict): PASS}


def test_certificates(aws: Client) -> None:
    arn = aws("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
    network = aws("ec2").describe_subnets()["Subnets"]
    balancer = aws("elbv2").create_load_balancer(Name="web", Subnets=[each["SubnetId"] for each in network[:2]])
    check = "acm-certificate-expiring"
    [certificate] = [each for each in inventory_for(check).resources if each.type == "aws_acm_certificate"]
    used = {"in_use_by": [balancer["LoadBalancers"][0]["LoadBalancerArn"]]}
    for days, facts, wanted in ((20, used, FAIL), (40, used, PASS), (-2, used, FAIL), (20, {"in_use_by": []}, PASS)):
        ends = {"not_after": (datetime.now(UTC) + timedelta(days=days)).isoformat()}
        about = certificate.replace(attributes={**certificate.attributes, **ends}, facts=facts)
        assert (about.id, one_judged(check, about).status) == (arn, wanted)


# --- web ACLs, names, gateways ----------------------------------------------------------------------

VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "a"}


def test_web_acls(aws: Client) -> None:
    ids = {}
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
    rule = {"Name": "a", "Priority": 1, "Statement": group, "OverrideAction": {"None": {}}, "VisibilityConfig": VISIBLE}
    for name, action, rules in (("lax", "Allow", []), ("strict", "Allow", [rule]), ("shut", "Block", [])):
        ids[name] = aws("wafv2").create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={action: {}}, Rules=rules, VisibilityConfig=VISIBLE
        )["Summary"]["Id"]
    check = "waf-acl-empty"
    wanted = {"lax": FAIL, "strict": PASS, "shut": PASS}
    assert verdicts(check) == {(check, ids[name]): status for name, status in wanted.items()}


def test_records(aws: Client) -> None:
    address = aws("ec2").allocate_address(Domain="vpc")["PublicIp"]
    zone = aws("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    aws("s3", "us-east-1").create_bucket(Bucket="there.example.com")
    dashed = address.replace(".", "-")
    website = "s3-website-us-east-1.amazonaws.com"
    records = {
        "ours": ("A", address, PASS),
        "inside": ("A", "10.0.0.7", PASS),
        "theirs": ("A", "8.8.8.8", UNKNOWN),
        "machine": ("CNAME", f"ec2-{dashed}.{REGION}.compute.amazonaws.com", PASS),
        "gone": ("CNAME", f"ec2-3-64-0-1.{REGION}.compute.amazonaws.com", FAIL),
        "there": ("CNAME", f"there.example.com.{website}", PASS),
        "nowhere": ("CNAME", f"nowhere.example.com.{website}", FAIL),
        "shop": ("CNAME", "shop.example.net", PASS),
    }
    for name, (type, value, _) in records.items():
        said = {"Name": f"{name}.example.com", "Type": type, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": said}]}
        aws("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    check = "route53-dangling-record"
    found = run([REGISTRY[check]], everywhere(aws, check), Terms())
    told = {each.resource["fqdn"].partition(".")[0]: each.status for each in found}
    assert {name: told[name] for name in records} == {name: status for name, (_, _, status) in records.items()}
    one_region = {each.resource["fqdn"]: each.status for each in run([REGISTRY[check]], inventory_for(check), Terms())}
    assert one_region["gone.example.com"] is UNKNOWN


def test_gateways(aws: Client) -> None:
    ec2 = aws("ec2")
    [subnet, *_] = ec2.describe_subnets()["Subnets"]
    used, idle = (
        ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
        for _ in range(2)
    )
    table = ec2.create_route_table(VpcId=subnet["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=used)
    check = "nat-gateway-idle"
    assert verdicts(check) == {(check, used): PASS, (check, idle): FAIL}


# --- the account ----------------------------------------------------------------------------------


def of_account(check: str) -> Status:
    [status] = judged(inventory_for(check), check).values()
    return status


def test_the_contact_for_security(aws: Client) -> None:
    check = "account-security-contact"
    assert of_account(check) is FAIL
    said = {"EmailAddress": "a@example.com", "Name": "Ann", "PhoneNumber": "1", "Title": "Lead"}
    for kind, wanted in (("BILLING", FAIL), ("SECURITY", PASS)):
        aws("account").put_alternate_contact(AlternateContactType=kind, **said)
        assert of_account(check) is wanted


def test_budgets(aws: Client) -> None:
    check = "budgets-missing"
    assert of_account(check) is FAIL
    budget = {"BudgetName": "month", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    budget |= {"BudgetLimit": {"Amount": "100", "Unit": "USD"}}
    aws("budgets").create_budget(AccountId=ACCOUNT, Budget=budget)
    assert of_account(check) is FAIL
    notice = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    aws("budgets").create_notification(
        AccountId=ACCOUNT,
        BudgetName="month",
        Notification=notice,
        Subscribers=[{"SubscriptionType": "EMAIL", "Address": "a@example.com"}],
    )
    assert of_account(check) is PASS


# --- tags -------------------------------------------------------------------------------------------


def tagged(aws: Client, name: str, **tags: str) -> None:
    make_table(aws, name)
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    said = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws("dynamodb").tag_resource(ResourceArn=arn, Tags=said)


def tables() -> Inventory:
    return read(*(each for each in collectors() if each.type in ("aws_dynamodb_table", "account")))


def test_values_of_tags(aws: Client) -> None:
    check = "tag-value-not-allowed"
    tagged(aws, "lax", Environment="Production")
    tagged(aws, "strict", environment="live", owner="shop")
    found = tables()
    terms = Terms(allowed_tag_values={"environment": "live|test"})
    told = {
        each.resource.id: each.status for each in run([REGISTRY[check]], found, terms) if each.resource.id != ACCOUNT
    }
    assert told == {"lax": FAIL, "strict": PASS}
    assert set(judged(found, check).values()) == {SKIPPED}


def test_spellings_of_keys(aws: Client) -> None:
    check = "tag-key-case-variants"
    tagged(aws, "carts", CostCenter="1")
    tagged(aws, "orders", CostCenter="2", owner="shop")
    assert judged(tables(), check) == {check: PASS}
    hidden = Gap(type="aws_sqs_queue", account=ACCOUNT, region=REGION, reason="denied")
    part = Gap(type="aws_sqs_queue_policy", account=ACCOUNT, region=REGION, reason="denied")
    for gap, wanted in ((hidden, UNKNOWN), (part, PASS)):
        assert judged(Inventory(tables().resources, [gap]), check) == {check: wanted}
    unseen = Resource(
        type="aws_sqs_queue",
        id="q",
        account=ACCOUNT,
        region=GLOBAL,
        attributes={"tags": None},
        unknown={"tags": "denied"},
    )
    assert judged(Inventory([*tables().resources, unseen]), check) == {check: UNKNOWN}
    tagged(aws, "items", **{"cost-center": "3"})
    found = tables()
    [finding] = run([REGISTRY[check]], Inventory([*found.resources, unseen], [hidden]), Terms())
    assert (finding.status, finding.message) == (FAIL, "1 keys are spelled in several ways: CostCenter, cost-center")


@pytest.mark.parametrize(
    "check",
    [
        "account-security-contact",
        "acm-certificate-expiring",
        "budgets-missing",
        "cloudfront-https",
        "cloudfront-origin-missing-bucket",
        "nat-gateway-idle",
        "route53-dangling-record",
        "s3-bucket-lifecycle",
        "secretsmanager-rotation",
        "secretsmanager-unused",
        "sns-topic-unencrypted",
        "sqs-queue-unencrypted",
        "waf-acl-empty",
    ],
)
def test_what_is_denied_is_unknown(aws: Client, allowed_only: Any, check: str) -> None:
    with allowed_only("organizations:ListAccounts"):
        found = read(*(each for each in collectors() if each.type in REGISTRY[check].reads))
    assert set(judged(found, check).values()) == {UNKNOWN}
