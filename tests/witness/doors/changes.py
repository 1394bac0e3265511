"""What people do to doors by hand."""

from __future__ import annotations

import json

from tests.conftest import ACCOUNT
from tests.witness.case import Clients, State


def _headers_set_otherwise(aws: Clients, state: State) -> None:
    """The function made again; moto cannot change one."""
    _function_deleted(aws, "headers")
    aws("cloudfront").create_function(
        Name="headers",
        FunctionConfig={"Comment": "By hand", "Runtime": "cloudfront-js-1.0"},
        FunctionCode=b"function handler(event) { return null }",
    )


def _function_deleted(aws: Clients, name: str) -> None:
    etag = aws("cloudfront").describe_function(Name=name)["ETag"]
    aws("cloudfront").delete_function(Name=name, IfMatch=etag)


def function_run_by_a_newer_one(aws: Clients, state: State) -> None:
    """The function made again; moto cannot change one."""
    _function_deleted(aws, "plain")
    aws("cloudfront").create_function(
        Name="plain",
        FunctionConfig={"Comment": "Plain", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request }",
    )


def told_otherwise(aws: Clients, state: State) -> None:
    _headers_set_otherwise(aws, state)
    etag = aws("cloudfront").describe_key_value_store(Name="redirects")["ETag"]
    aws("cloudfront").update_key_value_store(Name="redirects", IfMatch=etag, Comment="By hand")
    page = state['aws_s3_object.page["index.html"]']
    aws("s3").put_object(
        Bucket=page["bucket"],
        Key=page["key"],
        Body=b"<h1>By hand</h1>",
        ContentType=page["content_type"],
        Tagging="Team=edge",
    )
    vpc = state['aws_vpc.main["two"]']["id"]
    aws("route53resolver").update_resolver_dnssec_config(ResourceId=vpc, Validation="DISABLE")


def redirects_no_longer_described(aws: Clients, state: State) -> None:
    etag = aws("cloudfront").describe_key_value_store(Name="redirects")["ETag"]
    aws("cloudfront").update_key_value_store(Name="redirects", IfMatch=etag, Comment="")


def page_retagged(aws: Clients, state: State) -> None:
    tags = {"TagSet": [{"Key": "Team", "Value": "nobody"}]}
    aws("s3").put_object_tagging(Bucket="driftline-witness-doors", Key="about.html", Tagging=tags)


def page_told_as_text(aws: Clients, state: State) -> None:
    aws("s3").put_object(
        Bucket="driftline-witness-doors",
        Key="about.html",
        Body=b"<h1>Us</h1>",
        ContentType="text/plain",
        Tagging="Team=edge",
    )


def page_kept_where_it_is_seldom_read(aws: Clients, state: State) -> None:
    page = state['aws_s3_object.page["about.html"]']
    aws("s3").put_object(
        Bucket=page["bucket"],
        Key=page["key"],
        Body=b"<h1>Us</h1>",
        ContentType=page["content_type"],
        StorageClass="STANDARD_IA",
        Tagging="Team=edge",
    )


def names_no_longer_checked(aws: Clients, state: State) -> None:
    vpc = state['aws_vpc.main["one"]']["id"]
    aws("route53resolver").update_resolver_dnssec_config(ResourceId=vpc, Validation="DISABLE")


def names_checked_as_the_account_says(aws: Clients, state: State) -> None:
    vpc = state['aws_vpc.main["one"]']["id"]
    aws("route53resolver").update_resolver_dnssec_config(ResourceId=vpc, Validation="USE_LOCAL_RESOURCE_SETTING")


def network_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_vpc(VpcId=state['aws_vpc.main["one"]']["id"])


def things_deleted(aws: Clients, state: State) -> None:
    _function_deleted(aws, "plain")
    etag = aws("cloudfront").describe_key_value_store(Name="plain")["ETag"]
    aws("cloudfront").delete_key_value_store(Name="plain", IfMatch=etag)
    aws("logs").delete_delivery(id=state["aws_cloudwatch_log_delivery.visits"]["id"])
    aws("route53").delete_query_logging_config(Id=state["aws_route53_query_log.shop"]["id"])
    aws("s3").delete_object(Bucket="driftline-witness-doors", Key="about.html")
    aws("s3control").delete_access_point(AccountId=ACCOUNT, Name="readers")
    aws("s3control", "us-west-2").delete_multi_region_access_point(
        AccountId=ACCOUNT, ClientToken="by-hand", Details={"Name": "shop"}
    )


def source_deleted(aws: Clients, state: State) -> None:
    aws("logs").delete_delivery(id=state["aws_cloudwatch_log_delivery.visits"]["id"])
    aws("logs").delete_delivery_source(name="visits")


def source_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_cloudwatch_log_delivery_source.visits"]["arn"]
    aws("logs").tag_resource(resourceArn=arn, tags={"Team": "nobody"})


def delivery_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_cloudwatch_log_delivery.visits"]["arn"]
    aws("logs").tag_resource(resourceArn=arn, tags={"Team": "nobody"})


def other_visits_delivered(aws: Clients, state: State) -> None:
    aws("logs").delete_delivery(id=state["aws_cloudwatch_log_delivery.visits"]["id"])
    aws("logs").delete_delivery_source(name="visits")
    aws("logs").put_delivery_source(
        name="visits",
        logType="ACCESS_LOGS",
        resourceArn="arn:aws:cloudfront::123456789012:distribution/E9999999999XYZ",
        tags={"Team": "edge"},
    )


def questions_logged_elsewhere(aws: Clients, state: State) -> None:
    """Deleted and made again: AWS lets nobody change one."""
    log = state["aws_route53_query_log.shop"]
    aws("route53").delete_query_logging_config(Id=log["id"])
    aws("logs", "us-east-1").create_log_group(logGroupName="/aws/route53/by-hand")
    aws("route53").create_query_logging_config(
        HostedZoneId=log["zone_id"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/route53/by-hand:*",
    )


def zone_deleted(aws: Clients, state: State) -> None:
    aws("route53").delete_query_logging_config(Id=state["aws_route53_query_log.shop"]["id"])
    aws("route53").delete_hosted_zone(Id=state["aws_route53_zone.shop"]["zone_id"])


def readers_policy_opened(aws: Clients, state: State) -> None:
    arn = state["aws_s3_access_point.readers"]["arn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/object/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("s3control").put_access_point_policy(AccountId=ACCOUNT, Name="readers", Policy=policy)


def readers_let_in_otherwise(aws: Clients, state: State) -> None:
    """The point made again; AWS lets nobody change one."""
    aws("s3control").delete_access_point(AccountId=ACCOUNT, Name="readers")
    aws("s3control").create_access_point(
        AccountId=ACCOUNT,
        Name="readers",
        Bucket="driftline-witness-doors",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": False,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    )


def point_of_all_regions_made_anew(aws: Clients, state: State) -> None:
    """Deleted and made again: AWS lets nobody change one."""
    s3control = aws("s3control", "us-west-2")
    s3control.delete_multi_region_access_point(AccountId=ACCOUNT, ClientToken="by-hand", Details={"Name": "shop"})
    s3control.create_multi_region_access_point(
        AccountId=ACCOUNT,
        ClientToken="again",
        Details={
            "Name": "shop",
            "PublicAccessBlock": {"BlockPublicAcls": False, "BlockPublicPolicy": False},
            "Regions": [{"Bucket": "driftline-witness-doors"}],
        },
    )


ALWAYS = {
    "ours: changed aws_s3_access_point.readers arn": "moto says of every access point that it is in us-east-1",
    "ours: changed aws_s3_access_point.readers bucket_account_id": "moto does not say whose bucket it opens",
}

TOKEN = "a token that moves with each change, and says nothing else"
UNMANAGED = "Terraform never looks for what it does not manage"
OFF = "names that are no longer checked are gone to the provider; to us that is a change of what is declared"

TO_READERS = "HeadObject alone tells it, which takes leave to read the object itself"

AFTER: dict[str, dict[str, str]] = {
    "function_run_by_a_newer_one": {
        "terraform: changed aws_cloudfront_function.plain etag": TOKEN,
        "terraform: changed aws_cloudfront_function.plain live_stage_etag": TOKEN,
    },
    "names_no_longer_checked": {
        'ours: changed aws_route53_resolver_dnssec_config.main["one"] validation_status': OFF,
        'terraform: missing aws_route53_resolver_dnssec_config.main["one"]': OFF,
    },
    "page_told_as_text": {'terraform: changed aws_s3_object.page["about.html"] content_type': TO_READERS},
    "questions_logged_elsewhere": {
        "ours: unmanaged aws_route53_query_log 58bb65bb-e217-4811-83a6-b983972c3d70": UNMANAGED,
    },
    "readers_policy_opened": {
        "terraform: changed aws_s3_access_point.readers has_public_access_policy": (
            "what AWS makes of a policy, which is told itself"
        ),
    },
    "redirects_no_longer_described": {"terraform: changed aws_cloudfront_key_value_store.redirects etag": TOKEN},
    "told_otherwise": {
        "terraform: changed aws_cloudfront_function.headers code": "what a function does is not read",
        "terraform: changed aws_cloudfront_function.headers etag": TOKEN,
        "terraform: changed aws_cloudfront_function.headers live_stage_etag": TOKEN,
        "terraform: changed aws_cloudfront_key_value_store.redirects etag": TOKEN,
        'ours: changed aws_route53_resolver_dnssec_config.main["two"] validation_status': OFF,
        'terraform: missing aws_route53_resolver_dnssec_config.main["two"]': OFF,
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ({} if name == "things_deleted" else ALWAYS) | AFTER.get(name, {}) for name in [*globals(), "none"]
}
"""What only one of the two says after a change, and why that is as it should be."""

VALUES: dict[str, dict[str, str]] = {
    "point_of_all_regions_made_anew": {
        f"terraform: before aws_s3control_multi_region_access_point.shop details.public_access_block.{name}": (
            "moto leaves out what it was not told; where AWS says nothing it is true"
        )
        for name in ("ignore_public_acls", "restrict_public_buckets")
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
