import json

import pytest

from scanner.report import render
from state.history import Digest
from tests.scanner.notify.standin import fault
from tests.scanner.report import sample


def messages(scan):
    return [json.loads(each) for each in render("slack", scan)]


def texts(value):
    if isinstance(value, dict):
        return [value["text"]] if isinstance(value.get("type"), str) and isinstance(value.get("text"), str) else [
            each for inner in value.values() for each in texts(inner)
        ]  # fmt: skip
    return [each for inner in value for each in texts(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    "scan", [sample.scan, sample.hostile, sample.huge, sample.bare, sample.several, sample.stopped]
)
def test_every_message_keeps_the_limits(scan):
    assert [fault(each) for each in messages(scan())] == [None] * len(messages(scan()))


def test_hostile_text_mentions_nobody_and_links_nowhere():
    told = messages(sample.hostile())
    assert len(told) == 3
    assert [each for each in texts(told) if "<" in each or ">" in each] == []
    assert any("&lt;!channel&gt; &lt;@U012AB3CD&gt;" in each for each in texts(told))
    marked = [
        each for message in told for block in message["blocks"] for each in block.get("fields", [block.get("text")])
    ]
    assert all(each["verbatim"] for each in marked if each and each["type"] == "mrkdwn")


def test_text_made_of_characters_that_grow_keeps_the_limits():
    long = "&<>" * 4_000
    it = sample.resource("aws_s3_bucket", long)
    drift = [sample.Drift(kind=sample.Kind.MISSING, resource=it, declared=sample.declared(long), note=long)] * 60
    scan = sample.scan(drift=drift, regions=[long], version=long, account=long, digest=None)
    assert [fault(each) for each in messages(scan)] == [None]
    many = [sample.move(each, long) for each in sample.FINDINGS[:1]] * 20
    every = Digest(scan=long, since=long, regressed=many, reopened=many, new=many, now_visible=many, resolved=many)
    told = messages(sample.scan(drift=drift, regions=[long], digest=every))
    assert [fault(each) for each in told] == [None, None, None]
    assert sum("… and 10 more" in each for each in texts(told)) == 5


def test_a_quiet_digest_is_one_line_that_says_how_things_stand():
    [told] = messages(sample.scan(digest=Digest(scan="scan-2", since="scan-1")))
    assert told["text"] == "Driftline: account 123456789012: nothing moved"
    assert texts(told["blocks"]) == [
        "*Driftline* · account 123456789012 · nothing moved since scan scan-1 · 2 changed, 1 missing, 1 unmanaged"
        " · failing: 2 critical, 1 medium · 3 gaps"
    ]


def test_a_scan_without_history_does_not_say_that_nothing_moved():
    [told] = messages(sample.bare())
    assert "What moved is not known: this scan was not compared with an earlier one." in texts(told)
    assert "nothing moved" not in json.dumps(told)


def test_an_interrupted_scan_is_never_quiet():
    [told] = messages(sample.scan(digest=Digest(scan="scan-2", since="scan-1"), interrupted="the time was up"))
    assert "*The time was up*: what was not read by then is not known." in texts(told)


def test_each_kind_has_its_own_figure_and_long_lists_are_cut():
    [told] = messages(sample.huge())
    figures = [each["text"].split("\n") for each in told["blocks"][2]["fields"]]
    assert dict(figures) == {
        "*regressed*": "2,000",
        "*reopened*": "0",
        "*new*": "0",
        "*now visible*": "0",
        "*newly checked*": "0",
        "*resolved*": "0",
        "*drift*": "2,000 changed",
        "*failing*": "1,000 critical, 1,000 medium",
        "*gaps*": "2,000",
    }
    cut = [each.rpartition("\n")[2] for each in texts(told) if "more" in each]
    assert cut == ["… and 1,990 more", "… and 1,990 more", "… and 1,990 more"]
