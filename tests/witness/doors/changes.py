"""What people do to doors by hand."""

from __future__ import annotations

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


ALWAYS = {
    "ours: changed aws_s3_access_point.readers arn": "moto says of every access point that it is in us-east-1",
    "ours: changed aws_s3_access_point.readers bucket_account_id": "moto does not say whose bucket it opens",
}

TOKEN = "a token that moves with each change, and says nothing else"
OFF = "names that are no longer checked are gone to the provider; to us that is a change of what is declared"

EXPLAINED: dict[str, dict[str, str]] = {
    "none": ALWAYS,
    "source_deleted": ALWAYS,
    "things_deleted": {},
    "told_otherwise": ALWAYS
    | {
        "terraform: changed aws_cloudfront_function.headers code": "what a function does is not read",
        "terraform: changed aws_cloudfront_function.headers etag": TOKEN,
        "terraform: changed aws_cloudfront_function.headers live_stage_etag": TOKEN,
        "terraform: changed aws_cloudfront_key_value_store.redirects etag": TOKEN,
        'ours: changed aws_route53_resolver_dnssec_config.main["two"] validation_status': OFF,
        'terraform: missing aws_route53_resolver_dnssec_config.main["two"]': OFF,
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
