"""Listings whose details AWS answers slowly are heard before all others, and keep nobody waiting."""

from threading import Event

import msgspec

from scanner.aws.collector import Detail
from tests.conftest import read
from tests.scanner.aws.test_collect import TABLE, gaps, names, vpc
from tests.scanner.aws.wire import SILENT, json, vpcs

TAGGED_TABLE = msgspec.structs.replace(
    TABLE,
    details=(Detail(operation="list_tags_of_resource", arguments={"ResourceArn": "Name"}, into="Tags"),),
    attributes={"name": "Name", "tags": "Tags.Tags"},
)


def test_what_has_details_that_aws_answers_slowly_is_heard_first(wire):
    wire.answers |= {
        "DescribeVpcs": vpcs("vpc-1"),
        "ListTables": json({"TableNames": ["orders"]}),
        "ListTagsOfResource": json({"Tags": []}),
    }
    seen = read(vpc(), TAGGED_TABLE)
    assert wire.asked[0] == "ListTables" and sorted(wire.asked[1:]) == ["DescribeVpcs", "ListTagsOfResource"]
    assert (names(seen), names(seen, "aws_dynamodb_table"), gaps(seen)) == (["vpc-1"], ["orders"], [])


def test_what_is_heard_first_and_does_not_answer_keeps_nobody_waiting(wire):
    others = Event()
    wire.answers |= {
        "DescribeVpcs": lambda asked: others.set() or vpcs("vpc-1"),
        "ListTables": lambda asked: json({"TableNames": []}) if others.wait(5) else SILENT,
    }
    seen = read(vpc(), TAGGED_TABLE)
    assert (wire.asked, names(seen), gaps(seen)) == (["ListTables", "DescribeVpcs"], ["vpc-1"], [])
