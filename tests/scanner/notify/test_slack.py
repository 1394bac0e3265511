import asyncio
import json
import logging
import time

import pytest

from scanner.notify import NotDelivered
from scanner.notify.slack import post
from scanner.report import render
from tests.scanner.notify.standin import SECRET, channel
from tests.scanner.report import sample


@pytest.fixture
def slack():
    with channel() as it:
        yield it


def refusal(webhook, messages=('{"text":"hello"}',)):
    with pytest.raises(NotDelivered) as refused:
        asyncio.run(post(webhook, messages))
    assert "s3cr3t" not in str(refused.value)
    assert refused.value.__cause__ is None
    return str(refused.value)


@pytest.mark.parametrize("scan", [sample.scan, sample.hostile, sample.huge, sample.bare])
def test_a_digest_arrives_as_rendered(slack, scan):
    asyncio.run(post(slack.url, render("slack", scan())))
    assert slack.taken == [json.loads(each) for each in render("slack", scan())]


def test_slack_is_waited_for_as_long_as_it_asks(slack):
    slack.first = [(429, "rate_limited", {"Retry-After": "2"})]
    began = time.monotonic()
    asyncio.run(post(slack.url, ['{"text":"hello"}']))
    assert slack.taken == [{"text": "hello"}]
    assert 2 <= time.monotonic() - began < 5


def test_a_fault_of_slacks_own_is_tried_again(slack):
    slack.first = [(503, "<html>", {}), (500, "rollup_error", {})]
    asyncio.run(post(slack.url, ['{"text":"hello"}']))
    assert (slack.asked, slack.taken) == (3, [{"text": "hello"}])


def test_a_lasting_fault_ends(slack):
    slack.first = [(500, "rollup_error", {})] * 9
    assert refusal(slack.url) == "127.0.0.1 refused the digest: it has a fault of its own (500); try again later"
    assert slack.asked == 3


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, "no_service"), "no_service (404): the webhook was removed or its app is disabled; make a new one"),
        (
            (410, "channel_is_archived"),
            "channel_is_archived (410): its channel is archived; make a webhook for another",
        ),
        ((403, f"no {SECRET}"), "it answered 403 'no (URL)', and Slack answers 'ok'"),
        ((200, "<html>log in</html>"), "it answered 200 '<html>log in</html>', and Slack answers 'ok'"),
    ],
)
def test_a_refusal_says_what_to_do(slack, answer, told):
    slack.first = [(*answer, {})]
    assert refusal(slack.url) == f"127.0.0.1 refused the digest: {told}"
    assert slack.asked == 1


def test_a_removed_webhook_is_refused(slack):
    assert refusal(slack.url.replace("s3cr3t", "s3cr3t-old")).startswith(
        "127.0.0.1 refused the digest: no_service (404)"
    )


def test_a_digest_that_arrives_in_part_says_which_part(slack):
    too_many = json.dumps({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}] * 51})
    told = refusal(slack.url, ['{"text":"hello"}', too_many])
    assert told == ("127.0.0.1 refused message 2 of 2: invalid_blocks (400): the message breaks one of Slack's limits")
    assert slack.taken == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("webhook", "told"),
    [
        (f"http://hooks.slack.com{SECRET}", "the Slack webhook at hooks.slack.com is not https; its URL is a secret"),
        (f"ftp://127.0.0.1{SECRET}", "the Slack webhook at 127.0.0.1 is not https; its URL is a secret"),
        (SECRET, "the Slack webhook is not a URL; it looks like https://hooks.slack.com/services/…"),
        (f"https://[{SECRET}", "the Slack webhook is not a URL; it looks like https://hooks.slack.com/services/…"),
    ],
)
def test_a_webhook_that_would_give_its_secret_away_is_refused(webhook, told):
    assert refusal(webhook) == told


def test_no_log_tells_the_webhook(slack, caplog):
    caplog.set_level(logging.DEBUG)
    asyncio.run(post(slack.url, ['{"text":"hello"}']))
    slack.first = [(503, "", {})]
    asyncio.run(post(slack.url, ['{"text":"hello"}']))
    assert "s3cr3t" not in caplog.text


def test_a_host_that_does_not_answer_is_named():
    told = refusal(f"http://127.0.0.1:9{SECRET}")
    assert told == "127.0.0.1 could not be reached with the digest: <urlopen error [Errno 111] Connection refused>"
