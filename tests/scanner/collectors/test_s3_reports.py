from __future__ import annotations

from typing import Any

import pytest

from scanner.collectors import s3, s3_reports
from state import GLOBAL
from state.drift import Kind
from tests.conftest import read
from tests.scanner.aws.wire import Answer, wire
from tests.scanner.collectors.test_s3 import bucket, compare, declared, old, only, told
from tests.scanner.whole import whole

ALL = [s3.BUCKET, *s3_reports.COLLECTORS]
BUCKETS = (
    "<Buckets><Bucket><Name>orders</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>"
    "<Bucket><Name>shut</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>"
)
FILTER = "<Filter><And><Prefix>in/</Prefix><Tag><Key>Team</Key><Value></Value></Tag></And></Filter>"


def test_inventory(aws):
    client = bucket(aws)
    wanted = {
        "Id": "all",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV", "Prefix": "x"}},
    }
    client.put_bucket_inventory_configuration(Bucket="orders", Id="all", InventoryConfiguration=wanted)
    made = only(s3_reports.INVENTORY)
    assert whole(made) == {
        "its id": "orders:all",
        "its identity": "orders/all",
        "its arn": None,
        "its owner": None,
        "bucket": "orders",
        "name": "all",
        "destination": [{"bucket": [{"bucket_arn": "arn:aws:s3:::reports", "format": "CSV", "prefix": "x"}]}],
        "enabled": True,
        "included_object_versions": "All",
        "schedule": [{"frequency": "Weekly"}],
    }
    same = dict(made.attributes)
    apart = declared("aws_s3_bucket_inventory", id="orders:all", **same)
    assert told(compare(old(), apart, collectors=[s3.BUCKET, s3_reports.INVENTORY])) == []
    off = declared("aws_s3_bucket_inventory", id="orders:all", **(same | {"enabled": False}))
    [(kind, type, [change])] = told(compare(old(), off, collectors=[s3.BUCKET, s3_reports.INVENTORY]))
    assert (kind, type, change) == (Kind.CHANGED, "aws_s3_bucket_inventory", ("enabled", False, True))
    [(kind, type, [(path, *_)])] = told(compare(old(), collectors=[s3.BUCKET, s3_reports.INVENTORY]))
    assert (kind, type, path) == (Kind.CHANGED, "aws_s3_bucket", "inventory[all]")


def answered(monkeypatch: Any, collector: Any, question: str, first: str, second: str = "") -> Any:
    """What is read where one bucket answers in two pages, and another not at all."""

    def answer(asked: Any) -> Answer:
        if asked.path.startswith("/shut"):
            return Answer("<Error><Code>AccessDenied</Code><Message>no</Message></Error>", 403)
        if not asked.path.startswith("/orders"):
            return Answer(f"<It>{BUCKETS}</It>")
        assert question in asked.path
        more = "<IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>"
        return Answer(f"<It>{second}</It>" if "continuation-token=2" in asked.path else f"<It>{first}{more}</It>")

    class All(dict[str, Any]):
        def get(self, asked: str, default: Any = None) -> Any:
            return super().get(asked) or answer

    with wire() as it:
        it.answers = All(it.answers)
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        return read(collector)


METRIC = f"<MetricsConfiguration><Id>all</Id>{FILTER}</MetricsConfiguration>"
ANALYSIS = f"""<AnalyticsConfiguration><Id>all</Id>{FILTER}<StorageClassAnalysis><DataExport>
<OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination><Format>CSV</Format>
<BucketAccountId>1</BucketAccountId><Bucket>arn:aws:s3:::r</Bucket><Prefix>p</Prefix></S3BucketDestination>
</Destination></DataExport></StorageClassAnalysis></AnalyticsConfiguration>"""
TIERING = f"""<IntelligentTieringConfiguration><Id>all</Id>{FILTER}<Status>Enabled</Status>
<Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>"""
EXPORT = {"bucket_account_id": "1", "bucket_arn": "arn:aws:s3:::r", "format": "CSV", "prefix": "p"}


@pytest.mark.parametrize(
    ("collector", "question", "text", "said"),
    [
        (s3_reports.METRIC, "?metrics", METRIC, {}),
        (
            s3_reports.ANALYTICS,
            "?analytics",
            ANALYSIS,
            {
                "storage_class_analysis": [
                    {
                        "data_export": [
                            {"destination": [{"s3_bucket_destination": [EXPORT]}], "output_schema_version": "V_1"}
                        ]
                    }
                ]
            },
        ),
        (
            s3_reports.INTELLIGENT_TIERING,
            "?intelligent-tiering",
            TIERING,
            {"status": "Enabled", "tiering": [{"access_tier": "ARCHIVE_ACCESS", "days": 90}]},
        ),
    ],
)
def test_reports(monkeypatch, collector, question, text, said):
    found = answered(monkeypatch, collector, question, text, text.replace("<Id>all</Id>", "<Id>more</Id>"))
    made, more = sorted(found.of(collector.type), key=lambda each: each.id)
    assert more.identity == "orders/more"
    assert made["filter"] == [{"prefix": "in/", "tags": {"Team": ""}}]
    assert whole(made) == {
        "its id": "orders:all",
        "its identity": "orders/all",
        "its arn": None,
        "its owner": None,
        "bucket": "orders",
        "name": "all",
        "filter": [{"prefix": "in/"}],
        **said,
    }
    assert [(gap.type, gap.region, gap.id, gap.kind) for gap in found.gaps] == [
        (collector.type, GLOBAL, None, "denied")
    ]


@pytest.mark.parametrize(
    ("said", "block"),
    [
        (None, []),
        ({"Prefix": "a"}, [{"prefix": "a", "tags": None}]),
        ({"Tag": {"Key": "k", "Value": "v"}}, [{"prefix": None, "tags": {"k": "v"}}]),
        ({"AccessPointArn": "arn"}, [{"prefix": None, "tags": None, "access_point": "arn"}]),
    ],
)
def test_filters(said, block):
    assert s3_reports.scope(said) == block
