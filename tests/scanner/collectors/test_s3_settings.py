from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.collectors import s3, s3_replication, s3_settings
from state.drift import Kind
from tests.conftest import read
from tests.scanner.aws.wire import Answer, wire
from tests.scanner.collectors.test_s3 import bucket, compare, declared, old, only, told
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import ByOperation
from tests.scanner.whole import whole

ALL = [s3.BUCKET, *s3_settings.COLLECTORS, *s3_replication.COLLECTORS]
LOCKED = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}}
QUEUE, TOPIC, FUNCTION = (
    f"arn:aws:{each}" for each in ("sqs:eu-west-1:1:q", "sns:eu-west-1:1:t", "lambda:eu-west-1:1:function:f")
)


def about(**said: Any) -> dict[str, Any]:
    return {
        "its id": "orders",
        "its identity": "orders",
        "its arn": None,
        "its owner": None,
        "bucket": "orders",
        **said,
    }


CORS = {"AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://a"], "MaxAgeSeconds": 60}
RULE = {
    "allowed_headers": ["*"],
    "allowed_methods": ["GET", "PUT"],
    "allowed_origins": ["https://a"],
    "max_age_seconds": 60,
}


def cors(client: Any, **more: Any) -> None:
    client.put_bucket_cors(Bucket="orders", CORSConfiguration={"CORSRules": [CORS | more]})


def test_cors(aws):
    cors(client := bucket(aws))
    assert whole(only(s3_settings.CORS)) == about(cors_rule=[RULE])
    shuffled = RULE | {"allowed_methods": ["PUT", "GET"], "expose_headers": [], "id": ""}
    apart = declared("aws_s3_bucket_cors_configuration", bucket="orders", cors_rule=[shuffled])
    copied = old(cors_rule=[RULE])
    assert told(compare(old(), apart, collectors=ALL)) == []
    assert told(compare(copied, collectors=ALL)) == []
    cors(client, MaxAgeSeconds=5)
    [(kind, type, [(path, *_)])] = told(compare(old(cors_rule=[RULE]), collectors=ALL))
    assert (kind, type, path) == (Kind.CHANGED, "aws_s3_bucket", "cors_rule")
    client.delete_bucket_cors(Bucket="orders")
    assert [each[0] for each in told(compare(old(), apart, collectors=ALL))] == [Kind.MISSING]


SITE = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [{"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/"}}],
}


def test_website(aws):
    client = bucket(aws)
    client.put_bucket_website(Bucket="orders", WebsiteConfiguration=SITE)
    made = only(s3_settings.WEBSITE)
    assert json.loads(made["routing_rules"]) == SITE["RoutingRules"]
    assert whole(made) == about(
        index_document=[{"suffix": "index.html"}],
        error_document=[{"key": "error.html"}],
        routing_rule=[
            {"condition": [{"key_prefix_equals": "old/"}], "redirect": [{"replace_key_prefix_with": "new/"}]}
        ],
        routing_rules=made["routing_rules"],
    )
    copy = {
        "index_document": "index.html",
        "error_document": "error.html",
        "redirect_all_requests_to": "",
        "routing_rules": json.dumps(SITE["RoutingRules"], indent=1),
    }
    assert told(compare(old(website=[copy]), collectors=ALL)) == []
    changed = told(compare(old(website=[copy | {"error_document": "404.html"}]), collectors=ALL))
    path = "website[0].error_document[0].key"
    assert changed == [(Kind.CHANGED, "aws_s3_bucket", [(path, "404.html", "error.html")])]
    assert s3_settings.redirect("https://shop.example") == [{"host_name": "shop.example", "protocol": "https"}]
    assert s3_settings.redirect("shop.example") == [{"host_name": "shop.example", "protocol": None}]


def test_website_made_by_hand_is_a_change_of_its_bucket(aws):
    client = bucket(aws)
    assert told(compare(old(website=[]), collectors=ALL)) == []
    client.put_bucket_website(Bucket="orders", WebsiteConfiguration={"IndexDocument": {"Suffix": "i.html"}})
    [(kind, type, [(path, before, _)])] = told(compare(old(website=[]), collectors=ALL))
    assert (kind, type, path, before) == (Kind.CHANGED, "aws_s3_bucket", "website[0]", None)


def only_xml(body: str) -> Answer:
    return Answer(f'<?xml version="1.0"?><It xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{body}</It>')


RULES = "".join(
    f"<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>"
    for name, value in [("Prefix", "in/"), ("Suffix", ".csv")]
)
NOTICE = f"<Id>one</Id><Event>s3:ObjectCreated:*</Event><Filter><S3Key>{RULES}</S3Key></Filter>"
NOTICES = (
    f"<QueueConfiguration>{NOTICE}<Queue>{QUEUE}</Queue></QueueConfiguration>"
    f"<TopicConfiguration><Id>two</Id><Event>s3:ObjectRemoved:*</Event><Topic>{TOPIC}</Topic></TopicConfiguration>"
    f"<CloudFunctionConfiguration>{NOTICE}<CloudFunction>{FUNCTION}</CloudFunction></CloudFunctionConfiguration>"
    "<EventBridgeConfiguration/>"
)
BUCKETS = "<Buckets><Bucket><Name>orders</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>"


def asked_of(monkeypatch: Any, body: str, collector: Any) -> Any:
    """What is read of one bucket, where every question about it has one answer."""
    with wire() as it:
        listed, told = only_xml(BUCKETS), only_xml(body)
        it.answers = type(
            "All",
            (ByOperation,),
            {
                "get": lambda self, asked, default=None: (
                    dict.get(self, asked) or (told if asked.startswith("GET /orders") else listed)
                )
            },
        )(it.answers)
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        [made] = read(collector).of(collector.type)
        return made


def test_notification(monkeypatch):
    made = asked_of(monkeypatch, NOTICES, s3_settings.NOTIFICATION)
    one = {"id": "one", "events": ["s3:ObjectCreated:*"], "filter_prefix": "in/", "filter_suffix": ".csv"}
    assert whole(made) == about(
        eventbridge=True,
        queue=[one | {"queue_arn": QUEUE}],
        topic=[{"id": "two", "events": ["s3:ObjectRemoved:*"], "topic_arn": TOPIC}],
        lambda_function=[one | {"lambda_function_arn": FUNCTION}],
    )


def test_notification_of_nobody_is_none(aws):
    client = bucket(aws)
    empty = declared("aws_s3_bucket_notification", bucket="orders", eventbridge=False, queue=[], topic=[])
    assert told(compare(old(), empty, collectors=ALL)) == []
    notices = {"QueueConfigurations": [{"Id": "q", "QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}]}
    client.put_bucket_notification_configuration(Bucket="orders", NotificationConfiguration=notices)
    [(kind, type, [(path, before, after)])] = told(compare(old(), collectors=ALL))
    assert (kind, type, path, before) == (Kind.CHANGED, "aws_s3_bucket", "notification", None)
    assert after["queue"][0]["queue_arn"] == QUEUE


def test_acceleration(aws):
    client = bucket(aws)
    for status, wanted, drifted in [
        ("Enabled", "Enabled", []),
        ("Suspended", "", []),
        ("Suspended", "Enabled", [("acceleration_status", "Enabled", "Suspended")]),
        ("Enabled", "", [("acceleration_status", None, "Enabled")]),
    ]:
        client.put_bucket_accelerate_configuration(Bucket="orders", AccelerateConfiguration={"Status": status})
        assert whole(only(s3_settings.ACCELERATION)) == about(status=status)
        changes = [(Kind.CHANGED, "aws_s3_bucket", drifted)] if drifted else []
        assert told(compare(old(acceleration_status=wanted), collectors=ALL)) == changes


def test_request_payment(monkeypatch):
    made = asked_of(monkeypatch, "<Payer>Requester</Payer>", s3_settings.REQUEST_PAYMENT)
    assert whole(made) == about(payer="Requester")
    assert not s3_settings.REQUEST_PAYMENT.at_default(made)
    [copy] = s3_settings.payer_in_bucket(old(request_payer="BucketOwner"))
    assert s3_settings.REQUEST_PAYMENT.at_default(copy)


def test_object_lock(aws):
    aws("s3").create_bucket(
        Bucket="orders",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    assert told(compare(old(object_lock_enabled=True), collectors=ALL)) == []
    aws("s3").put_object_lock_configuration(Bucket="orders", ObjectLockConfiguration=LOCKED)
    rule = [{"default_retention": [{"mode": "GOVERNANCE", "days": 7, "years": 0}]}]  # AWS leaves the years out
    assert whole(only(s3_settings.OBJECT_LOCK)) == about(object_lock_enabled="Enabled", rule=rule)
    copy = [{"object_lock_enabled": "Enabled", "rule": rule}]
    assert told(compare(old(object_lock_configuration=copy), collectors=ALL)) == []
    apart = declared("aws_s3_bucket_object_lock_configuration", bucket="orders", rule=rule)
    assert told(compare(old(object_lock_enabled=True), apart, collectors=ALL)) == []
    [(kind, type, changes)] = told(compare(old(object_lock_enabled=True), collectors=ALL))
    assert (kind, type) == (Kind.CHANGED, "aws_s3_bucket")
    assert [path for path, *_ in changes] == ["object_lock_configuration[0].rule"]


REPLICATED = """<Role>arn:aws:iam::1:role/copier</Role><Rule><ID>all</ID><Priority>1</Priority><Status>Enabled</Status>
<Filter><And><Prefix>in/</Prefix><Tag><Key>Keep</Key><Value></Value></Tag></And></Filter>
<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>
<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
<Destination><Bucket>arn:aws:s3:::copy</Bucket><Account>2</Account><StorageClass>STANDARD_IA</StorageClass>
<AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>
<EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration>
<ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime>
<Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination></Rule>"""

BLOCK = {
    "id": "all",
    "priority": 1,
    "status": "Enabled",
    "filter": [{"and": [{"prefix": "in/"}]}],
    "source_selection_criteria": [{"sse_kms_encrypted_objects": [{"status": "Enabled"}]}],
    "delete_marker_replication": [{"status": "Disabled"}],
    "destination": [
        {
            "bucket": "arn:aws:s3:::copy",
            "account": "2",
            "storage_class": "STANDARD_IA",
            "access_control_translation": [{"owner": "Destination"}],
            "encryption_configuration": [{"replica_kms_key_id": "k"}],
            "replication_time": [{"status": "Enabled", "time": [{"minutes": 15}]}],
            "metrics": [{"status": "Enabled", "event_threshold": [{"minutes": 15}]}],
        }
    ],
}
COPY = {
    "id": "all",
    "priority": 1,
    "status": "Enabled",
    "filter": [{"prefix": "in/", "tags": {"Keep": ""}}],
    "source_selection_criteria": [{"sse_kms_encrypted_objects": [{"enabled": True}]}],
    "destination": [
        {
            "bucket": "arn:aws:s3:::copy",
            "account_id": "2",
            "storage_class": "STANDARD_IA",
            "access_control_translation": [{"owner": "Destination"}],
            "replica_kms_key_id": "k",
            "replication_time": [{"status": "Enabled", "minutes": 15}],
            "metrics": [{"status": "Enabled", "minutes": 15}],
        }
    ],
}


def test_replication(monkeypatch):
    made = asked_of(monkeypatch, REPLICATED, s3_replication.REPLICATION)
    assert made["rule"][0]["filter"][0]["and"] == [{"prefix": "in/", "tags": {"Keep": ""}}]
    assert whole(made) == about(role="arn:aws:iam::1:role/copier", rule=[BLOCK])
    form = s3_replication.REPLICATION.schema.forms["rule"]
    [copy] = s3_replication.replication_in_bucket(old(replication_configuration=[{"role": "r", "rules": [COPY]}]))
    assert list(form.differences("rule", copy.attributes["rule"], made["rule"])) == []
    off = [copy.attributes["rule"][0] | {"status": "Disabled"}]
    assert [path for path, *_ in form.differences("rule", off, made["rule"])] == ["rule[0].status"]


@pytest.mark.parametrize("wanted", [{}, {"cors_rule": [], "website": [], "request_payer": "BucketOwner"}])
def test_bucket_without_settings_has_not_drifted(aws, wanted):
    bucket(aws)
    assert told(compare(old(**wanted), collectors=ALL)) == []


def test_corpus():
    assert_corpus_equals_itself(ALL)
