"""An endpoint is worked out once, and once more for whatever it may hang on."""

from types import SimpleNamespace

from scanner.aws.endpoints import Known
from tests.conftest import run


def test_rules_are_gone_through_once_for_what_they_look_at():
    gone_through = []

    async def resolve(model, arguments, context):
        gone_through.append((context["client_region"], model.name, arguments.get("StreamName")))
        return f"https://{context['client_region']}.{arguments.get('StreamName', 'all')}.test"

    looking = SimpleNamespace(name="DescribeStream", context_parameters=[SimpleNamespace(member_name="StreamName")])
    listing = SimpleNamespace(name="ListStreams", context_parameters=[])
    asked = [
        (listing, {"Limit": 1}, "eu-west-1"),
        (listing, {"Limit": 2}, "eu-west-1"),
        (listing, {"Limit": 1}, "us-east-1"),
        (looking, {"StreamName": "orders"}, "eu-west-1"),
        (looking, {"StreamName": "users"}, "eu-west-1"),
        (looking, {"StreamName": "orders", "Limit": 3}, "eu-west-1"),
    ]
    known = Known(resolve)

    async def all_of_them():
        return [await known(model, arguments, {"client_region": region}) for model, arguments, region in asked]

    found = run(all_of_them())
    assert found == [
        "https://eu-west-1.all.test",
        "https://eu-west-1.all.test",
        "https://us-east-1.all.test",
        "https://eu-west-1.orders.test",
        "https://eu-west-1.users.test",
        "https://eu-west-1.orders.test",
    ]
    assert gone_through == [
        ("eu-west-1", "ListStreams", None),
        ("us-east-1", "ListStreams", None),
        ("eu-west-1", "DescribeStream", "orders"),
        ("eu-west-1", "DescribeStream", "users"),
    ]
