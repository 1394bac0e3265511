"""What stands between a client and the network: only calls that are listed, and signed as their handle says, go out.

And only answers of AWS come in. A proxy's log-in page is answered with 200, and botocore reads one
as an answer without a single item: an empty account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Set
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from scanner.aws.errors import Elsewhere, Malformed, Refused


class Signature(NamedTuple):
    """What a SigV4 header says of itself: ``Credential=AKIA…/20260101/eu-west-1/ec2/aws4_request``."""

    key: str
    region: str


PLACE = "driftline place"
"""Under this name a call's place travels with its arguments: no name that AWS gives an argument."""


def stand_before(client: Any, signed_for: Callable[[str], Set[str]], sent: Callable[[], None]) -> None:
    """Let a client send only what its place may: listed operations, to its region, with its account's credentials.

    One client serves every place, and so each call brings its own. ``signed_for`` says which regions the
    calls from a region are signed for (its own, or where a global service is at home); ``sent`` is told of
    each request.
    """
    events, name = client.meta.events, client.meta.service_model.service_name
    by_name = client.meta.service_model.service_id.hyphenize()
    events.register_first("provide-client-params", bound)
    events.register_first(f"before-endpoint-resolution.{by_name}", to_own_region)
    events.register_first("before-call", partial(listed, name))
    events.register_first("before-sign", on_this_machine)
    events.register_last("request-created", partial(own, name, signed_for, sent))


def bound(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A call's place out of its arguments and into its context.

    Raises Refused for a call that has none, and for one to a region that its account, once known, cannot have.
    """
    if PLACE not in params:
        raise Refused("a call was made without a place to make it from")
    arguments = dict(params)
    context["place"] = place = arguments.pop(PLACE)
    if place.partition and place.session.partition(place.region) != place.partition:
        raise Refused(f"a call of an account in partition {place.partition} was meant for {place.region}")
    context["client_region"] = place.region
    context.setdefault("signing", {}).update(region=place.region, request_credentials=place.keys)
    return arguments


def to_own_region(builtins: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Before S3 has its say: where it knows a bucket to be elsewhere, that has to be seen, and refused."""
    builtins["AWS::Region"] = context["place"].region


def listed(service: str, model: Any, context: dict[str, Any], **_: Any) -> None:
    if f"{service}:{model.name}" not in context["place"].allowed:
        raise Refused(f"{service}:{model.name} is not on the list of operations that a scan may call")


def on_this_machine(request: Any, **_: Any) -> None:
    request.url = without_account_host(request.url)


def own(service: str, signed_for: Callable[[str], Set[str]], sent: Callable[[], None], request: Any, **_: Any) -> None:
    """Raises Refused for a request that is not its place's, signed as it is now about to be sent."""
    place = request.context["place"]
    signed = signature(request.headers.get("Authorization"))
    if signed is None or signed.key not in place.keys.ids:
        raise Refused(f"a call to {service} was not signed with its account's own credentials")
    regions = signed_for(place.region)
    if signed.region not in regions:
        raise Elsewhere(place.region, signed.region)
    if hosted_in(request.url) not in (None, *regions):
        raise Refused(f"a call meant for {place.region} was addressed to {urlsplit(request.url).hostname}")
    sent()


def by_aws(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    if operation_model.has_streaming_output or response_dict["status_code"] >= 300:
        return
    if reason := unreadable(operation_model, response_dict["body"]):
        raise Malformed(reason, operation_model.name)


def signature(authorization: str | bytes | None) -> Signature | None:
    text = authorization.decode() if isinstance(authorization, bytes) else authorization or ""
    scope = text.partition("Credential=")[2].partition(",")[0].split("/")
    return Signature(scope[0], scope[2]) if len(scope) == 5 else None


_ACCOUNT_HOST = re.compile(r"(?<=//)\d{12}\.(?=localhost|127\.0\.0\.1|\[::1\])")


def without_account_host(url: str) -> str:
    """S3 Control puts the account before any host, also before one that has no names below it: this machine's."""
    return _ACCOUNT_HOST.sub("", url)


_HOST_REGION = re.compile(r"\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.(?:vpce\.)?(?:amazonaws\.(?:com|eu)|api\.)")


def hosted_in(url: str) -> str | None:
    """The region in the name of one of AWS's hosts; none of a global one's, nor of another's endpoint."""
    found = _HOST_REGION.search(urlsplit(url).hostname or "")
    return found[1] if found else None


def unreadable(model: Any, body: bytes) -> str | None:
    """Why this cannot be AWS's answer to an operation, if it cannot."""
    shape, protocol = model.output_shape, model.service_model.resolved_protocol
    if not _has_body(shape):
        return None
    if not body.strip():
        return "it is empty"
    if "json" in protocol and "payload" not in shape.serialization:
        return _not_json(shape, body)
    if b"<html" in body[:1000].lower():
        return "it is a web page"
    return _not_xml(shape, body) if protocol in ("ec2", "query") else None


def _has_body(shape: Any) -> bool:
    return shape is not None and any("location" not in each.serialization for each in shape.members.values())


def _names(shape: Any) -> set[str]:
    """What a part of an answer may be called."""
    return {each.serialization.get("name", name) for name, each in shape.members.items()}


def _not_json(shape: Any, body: bytes) -> str | None:
    answer = _object(body)
    if not isinstance(answer, dict):
        return "it is not JSON"
    return "it is not of AWS" if answer and _names(shape).isdisjoint(answer) else None


def _not_xml(shape: Any, body: bytes) -> str | None:
    """A ``<DescribeVpcsResponse>`` may hold nothing; anything else has to name a part of one."""
    told = b"Response" in body[:1000] or any(name.encode() in body for name in _names(shape))
    return None if told else "it is not of AWS"


def _object(body: bytes) -> Any:
    """The names in a JSON object, its values left as they are; half a pair of surrogates needs the slow way."""
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        try:
            return json.loads(body)
        except ValueError:
            return None
