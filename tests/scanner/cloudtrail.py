"""A stand-in for CloudTrail's event history, which moto does not have; all else is moto's to answer.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from scanner.aws.guard import signature
from tests.scanner.between import Answer, Between, between

ANN = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann", "userName": "ann"}
SECRET = "hunter2-of-the-request"


def event(name: str, time: datetime, *things: str, source: str = "s3", by: Any = ANN, **more: Any) -> dict[str, Any]:
    """A write; ``things`` are what CloudTrail says that it was done to. Its request holds a secret."""
    told = {"userIdentity": by, "sourceIPAddress": "192.0.2.7", "requestParameters": {"password": SECRET}}
    return {
        "EventId": f"{name}-{time:%H%M%S%f}",
        "EventName": name,
        "ReadOnly": "false",
        "EventTime": time.timestamp(),
        "EventSource": f"{source}.amazonaws.com",
        "Username": "ann",
        "Resources": [{"ResourceType": "AWS::Any::Thing", "ResourceName": each} for each in things],
        "CloudTrailEvent": json.dumps(told | more),
    }


class CloudTrail:
    """What happened, what was asked, from which region, and an error to answer with, where it is to fail."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.regions: set[str] = set()
        self.error = ""

    def __call__(self, request: Between) -> Answer | None:
        if not (request.headers["X-Amz-Target"] or "").endswith(".LookupEvents"):
            return None
        signed = signature(request.headers["Authorization"])
        assert signed
        self.regions.add(signed.region)
        asked = json.loads(request.body)
        self.asked.append(asked)
        error = self.error or ("InvalidTimeRangeException" if asked["StartTime"] > asked["EndTime"] else "")
        if error:
            return 400, {}, json.dumps({"__type": error, "message": "said the stand-in"}).encode()
        return 200, {}, json.dumps(self.answer(asked)).encode()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A page of at most fifty, the last first."""
        [by] = asked["LookupAttributes"]
        assert by["AttributeKey"] == "ResourceName"
        found = [each for each in self.events if by["AttributeValue"] in named(each)]
        found = [each for each in found if asked["StartTime"] <= each["EventTime"] <= asked["EndTime"]]
        found.sort(key=lambda each: -each["EventTime"])
        start = int(asked.get("NextToken", 0))
        end = start + asked.get("MaxResults", 50)
        more = {"NextToken": str(end)} if end < len(found) else {}
        return {"Events": found[start:end]} | more

    @property
    def names(self) -> list[str]:
        """What was asked about, in turn."""
        return [each["LookupAttributes"][0]["AttributeValue"] for each in self.asked]


def named(event: dict[str, Any]) -> list[str]:
    return [each["ResourceName"] for each in event["Resources"]]


@contextmanager
def cloudtrail(endpoint: str) -> Iterator[CloudTrail]:
    it = CloudTrail()
    with between(endpoint, it) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        yield it
