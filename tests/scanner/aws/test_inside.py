import asyncio

import pytest
from botocore.exceptions import ClientError

from scanner.aws.inside import AT_ONCE, Once, inside


class Account:
    """Stands for an Aws: only what it is."""


class Here:
    def __init__(self, region="eu-west-1"):
        self.aws, self.region = ACCOUNT, region


ACCOUNT = Account()


def refusal(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetStages")


def counted(answer):
    asked = []

    async def ask(place, *about):
        asked.append((place.region, *about))
        await asyncio.sleep(0)
        found = answer(*about)
        if isinstance(found, Exception):
            raise found
        return found

    return Once(ask), asked


async def everything(fetch, place):
    return [item async for page in fetch(place) for item in page]


def of(answer, thing):
    return [(thing["id"], each) for each in answer]


def apis(number=2):
    return counted(lambda: [{"id": f"api-{each}"} for each in range(number)])


def together(*work):
    async def run():
        return await asyncio.gather(*work)

    return asyncio.run(run())


def test_two_fetches_share_what_is_asked_of_each_thing():
    (outer, outer_asked), (stages, stages_asked) = apis(), counted(lambda api: ["live", "test"])
    one, two = inside("one", outer, stages, of), inside("two", outer, stages, lambda answer, thing: [thing["id"]])
    found = together(everything(one, Here()), everything(two, Here()))
    assert found == [
        [("api-0", "live"), ("api-0", "test"), ("api-1", "live"), ("api-1", "test")],
        ["api-0", "api-1"],
    ]
    assert outer_asked == [("eu-west-1",)]
    assert [about["id"] for _, about in stages_asked] == ["api-0", "api-1"]
    assert one.__name__ == "one"


def test_regions_do_not_share():
    outer, asked = apis()
    fetch = inside("one", outer, counted(lambda api: [])[0], of)
    together(everything(fetch, Here()), everything(fetch, Here("us-east-1")))
    assert sorted(asked) == [("eu-west-1",), ("us-east-1",)]


def test_whoever_reads_again_is_given_what_is_true_then():
    outer, asked = apis()
    one = inside("one", outer, counted(lambda api: [])[0], of)
    two = inside("two", outer, counted(lambda api: [])[0], of)
    together(everything(one, Here()))
    together(everything(one, Here()))
    assert len(asked) == 2
    together(everything(two, Here()))
    assert len(asked) == 2


def test_an_answer_is_kept_no_longer_than_somebody_needs_it():
    outer, _ = apis()
    fetch = inside("one", outer, counted(lambda api: [])[0], of)
    together(everything(fetch, Here()))
    assert list(outer._answers.values()) == [{}]
    outer.readers.add(of)
    together(everything(fetch, Here()))
    assert len(outer._answers[ACCOUNT]) == 1


@pytest.mark.parametrize("code", ["NotFoundException", "ResourceNotFoundException"])
def test_a_thing_that_went_since_it_was_listed_holds_nothing(code):
    stages, _ = counted(lambda api: refusal(code) if api["id"] == "api-0" else ["live"])
    assert together(everything(inside("one", apis()[0], stages, of), Here())) == [[("api-1", "live")]]


def test_what_is_refused_of_one_does_not_hide_the_others_and_is_told():
    stages, asked = counted(lambda api: refusal("AccessDeniedException") if api["id"] == "api-0" else ["live"])
    fetch, found = inside("one", apis(AT_ONCE + 2)[0], stages, of), []

    async def read():
        async for page in fetch(Here()):
            found.extend(page)

    with pytest.raises(ClientError, match="AccessDenied"):
        asyncio.run(read())
    assert (len(found), len(asked)) == (AT_ONCE + 1, AT_ONCE + 2)


def test_a_refusal_is_told_to_all_who_share_it_and_asked_for_once():
    outer, asked = counted(lambda: refusal("AccessDeniedException"))
    fetches = [inside(name, outer, counted(lambda api: [])[0], of) for name in ("one", "two")]

    async def told():
        return await asyncio.gather(*(everything(each, Here()) for each in fetches), return_exceptions=True)

    assert [type(each) for each in asyncio.run(told())] == [ClientError, ClientError]
    assert len(asked) == 1
