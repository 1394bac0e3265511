"""What a bucket does besides keeping objects: a site, notices, cross-origin requests, locks, faster ways, who pays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.aws.collector import Attribute, as_block, block, blocks, document
from scanner.collectors.s3 import answer, copies, in_bucket, part, setting
from state import Resource
from state.forms import UNORDERED, Form, Pairwise, defaulting

# --- cross-origin requests ------------------------------------------------------------------------

SETS = dict.fromkeys(("allowed_headers", "allowed_methods", "allowed_origins", "expose_headers"), UNORDERED)
RULES = Form(canonical=UNORDERED.canonical, inner=SETS)


def same_rules(declared: Any, live: Any) -> bool:
    """The bucket's copy of the rules leaves their ids out."""
    if any("id" in each for each in declared or ()):
        return bool(RULES.settle(declared) == RULES.settle(live))
    return bool(RULES.settle(declared) == RULES.settle([each | {"id": None} for each in live or ()]))


def cors_in_bucket(bucket: Resource) -> Iterator[Resource]:
    if rules := copies(bucket, "cors_rule"):
        yield in_bucket(bucket, cors_rule=rules)


CORS = setting(
    "aws_s3_bucket_cors_configuration",
    part("cors_rule", cors_rule="cors_rule"),
    answer("get_bucket_cors", "Cors", "NoSuchCORSConfiguration"),
    "s3:GetBucketCORS",
    {
        "cors_rule": Attribute(
            path="Cors.CORSRules[].{allowed_headers: AllowedHeaders, allowed_methods: AllowedMethods, "
            "allowed_origins: AllowedOrigins, expose_headers: ExposeHeaders, id: ID, max_age_seconds: MaxAgeSeconds}",
            form=Pairwise(agree=same_rules, canonical=UNORDERED.canonical, inner=SETS),
            convert=as_block,
        )
    },
    homes={"aws_s3_bucket": cors_in_bucket},
)

# --- websites -------------------------------------------------------------------------------------


def redirect(to: str | None) -> list[dict[str, str | None]]:
    """``https://shop.example`` as a block."""
    protocol, _, host = str(to or "").rpartition("://")
    return [{"host_name": host, "protocol": protocol or None}] if host else []


def website_in_bucket(bucket: Resource) -> Iterator[Resource]:
    for each in copies(bucket, "website"):
        index, error = each.get("index_document"), each.get("error_document")
        yield in_bucket(
            bucket,
            error_document=[{"key": error}] if error else [],
            index_document=[{"suffix": index}] if index else [],
            redirect_all_requests_to=redirect(each.get("redirect_all_requests_to")),
            routing_rules=each.get("routing_rules"),
        )


WEBSITE = setting(
    "aws_s3_bucket_website_configuration",
    part("website[0]"),
    answer("get_bucket_website", "Website", "NoSuchWebsiteConfiguration"),
    "s3:GetBucketWebsite",
    {
        "error_document": block("Website.ErrorDocument.{key: Key}"),
        "index_document": block("Website.IndexDocument.{suffix: Suffix}"),
        "redirect_all_requests_to": block("Website.RedirectAllRequestsTo.{host_name: HostName, protocol: Protocol}"),
        "routing_rule": block(
            "Website.RoutingRules[].{condition: Condition && [Condition.{"
            "http_error_code_returned_equals: HttpErrorCodeReturnedEquals, key_prefix_equals: KeyPrefixEquals}], "
            "redirect: Redirect && [Redirect.{host_name: HostName, http_redirect_code: HttpRedirectCode, "
            "protocol: Protocol, replace_key_prefix_with: ReplaceKeyPrefixWith, replace_key_with: ReplaceKeyWith}]}"
        ),
        "routing_rules": document("Website.RoutingRules"),
    },
    homes={"aws_s3_bucket": website_in_bucket},
)

# --- notices --------------------------------------------------------------------------------------

ABOUT = (
    "events: Events, id: Id, "
    "filter_prefix: (Filter.Key.FilterRules[?Name=='prefix' || Name=='Prefix'].Value)[0], "
    "filter_suffix: (Filter.Key.FilterRules[?Name=='suffix' || Name=='Suffix'].Value)[0]"
)
TOLD = ("eventbridge", "lambda_function", "queue", "topic")


def tells_nobody(notification: Resource) -> bool:
    return not any(notification.attributes.get(name) for name in TOLD)


NOTIFICATION = setting(
    "aws_s3_bucket_notification",
    part("notification"),
    answer(
        "get_bucket_notification_configuration",
        "Notices",
        holds="LambdaFunctionConfigurations || QueueConfigurations || TopicConfigurations "
        "|| EventBridgeConfiguration != `null`",
    ),
    "s3:GetBucketNotification",
    {
        "eventbridge": "Notices.EventBridgeConfiguration != `null`",
        "lambda_function": blocks(
            f"Notices.LambdaFunctionConfigurations[].{{lambda_function_arn: LambdaFunctionArn, {ABOUT}}}",
            events=UNORDERED,
        ),
        "queue": blocks(f"Notices.QueueConfigurations[].{{queue_arn: QueueArn, {ABOUT}}}", events=UNORDERED),
        "topic": blocks(f"Notices.TopicConfigurations[].{{topic_arn: TopicArn, {ABOUT}}}", events=UNORDERED),
    },
    at_default=tells_nobody,
)

# --- faster ways, and who pays --------------------------------------------------------------------


def accelerated_in_bucket(bucket: Resource) -> Iterator[Resource]:
    if status := bucket.attributes.get("acceleration_status"):
        yield in_bucket(bucket, status=status)


ACCELERATION = setting(
    "aws_s3_bucket_accelerate_configuration",
    part("acceleration_status", status="acceleration_status"),
    answer("get_bucket_accelerate_configuration", "Acceleration", holds="Status"),
    "s3:GetAccelerateConfiguration",
    {"status": "Acceleration.Status"},
    homes={"aws_s3_bucket": accelerated_in_bucket},
    at_default=lambda acceleration: acceleration.attributes.get("status") == "Suspended",  # as never turned on
)


def payer_in_bucket(bucket: Resource) -> Iterator[Resource]:
    if payer := bucket.attributes.get("request_payer"):
        yield in_bucket(bucket, payer=payer)


REQUEST_PAYMENT = setting(
    "aws_s3_bucket_request_payment_configuration",
    part("request_payer", payer="request_payer"),
    answer("get_bucket_request_payment", "Payment", holds="Payer"),
    "s3:GetBucketRequestPayment",
    {"payer": "Payment.Payer"},
    homes={"aws_s3_bucket": payer_in_bucket},
    at_default=lambda payment: payment.attributes.get("payer") == "BucketOwner",
)

# --- locks ----------------------------------------------------------------------------------------


def lock_in_bucket(bucket: Resource) -> Iterator[Resource]:
    """The block; since version 4 of the provider also a yes or no of its own."""
    blocks = copies(bucket, "object_lock_configuration")
    if blocks or bucket.attributes.get("object_lock_enabled"):
        yield in_bucket(bucket, object_lock_enabled="Enabled", rule=blocks[0].get("rule") if blocks else [])


OBJECT_LOCK = setting(
    "aws_s3_bucket_object_lock_configuration",
    part("object_lock_configuration[0]"),
    answer("get_object_lock_configuration", "Lock", "ObjectLockConfigurationNotFoundError"),
    "s3:GetBucketObjectLockConfiguration",
    {
        "object_lock_enabled": Attribute(
            path="Lock.ObjectLockConfiguration.ObjectLockEnabled", form=defaulting("Enabled")
        ),
        "rule": block(
            "Lock.ObjectLockConfiguration.Rule.{default_retention: DefaultRetention && "
            "[DefaultRetention.{days: Days, mode: Mode, years: Years}]}"
        ),
    },
    homes={"aws_s3_bucket": lock_in_bucket},
)

COLLECTORS = [CORS, WEBSITE, NOTIFICATION, ACCELERATION, REQUEST_PAYMENT, OBJECT_LOCK]
