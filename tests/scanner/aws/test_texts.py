import asyncio

import pytest

from scanner.aws.session import Access, Aws
from scanner.aws.texts import last, number, pages, truth
from tests.scanner.aws.wire import json
from tests.scanner.standin import answering


@pytest.mark.parametrize(
    ("convert", "text", "meant"),
    [
        (number, "30", 30),
        (number, "0", 0),
        (number, "1795236857.8", 1795236857),
        (number, "", None),
        (number, None, None),
        (truth, "true", True),
        (truth, "False", False),
        (truth, None, None),
        (last, "https://sqs/1/jobs", "jobs"),
        (last, "jobs", "jobs"),
        (last, None, None),
    ],
)
def test_texts(convert, text, meant):
    assert convert(text) == meant
    assert type(convert(text)) is type(meant)


def test_pages():
    answers = iter([{"EventBuses": [], "NextToken": "2"}, {"EventBuses": [{"Name": "b"}], "NextToken": ""}])

    async def reading():
        async with Aws(Access()) as session:
            place = session.at("eu-west-1")
            return [page["EventBuses"] async for page in pages(place, "events", "list_event_buses")]

    with answering({}) as aws:
        aws.answers["ListEventBuses"] = lambda asked: json(next(answers))
        assert asyncio.run(reading()) == [[], [{"Name": "b"}]]
    assert aws.asked == ["ListEventBuses"] * 2
