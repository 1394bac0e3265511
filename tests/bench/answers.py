"""Answers as AWS writes them: an operation and what boto3 would show of its answer, as the bytes on the wire.

Written by the shapes that botocore reads by, in each of AWS's protocols.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from botocore.model import OperationModel, Shape


class Reply(NamedTuple):
    """One answer: status, headers and body."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}


class Written(list[str]):
    """Elements of a list that are written already."""


class Fault(NamedTuple):
    """An error of AWS's."""

    code: str
    status: int = 400
    more: str = ""


class Template:
    """A written text with places for words: ``i-0~hex~``."""

    def __init__(self, text: str) -> None:
        self.parts = re.split(r"~(\w+)~", text)

    def fill(self, words: Mapping[str, str]) -> str:
        parts = self.parts[:]
        parts[1::2] = [words[name] for name in parts[1::2]]
        return "".join(parts)


# --- answers --------------------------------------------------------------------------------------


def is_json(operation: OperationModel) -> bool:
    return "json" in operation.service_model.resolved_protocol


def answer(operation: OperationModel, said: Mapping[str, Any]) -> str:
    """The body of an answer."""
    shape = operation.output_shape
    if shape is None:
        return ""
    if payload := shape.serialization.get("payload"):
        return _payload(shape.members[payload], payload, said.get(payload, {}))
    if is_json(operation):
        return _json(shape, said)
    return _ENVELOPES[operation.service_model.resolved_protocol](operation, shape, said)


def empty(operation: OperationModel) -> dict[str, Any]:
    """What boto3 would show of an answer that tells of nothing: AWS leaves out no list."""
    members = operation.output_shape.members if operation.output_shape else {}
    return {
        name: [] for name, each in members.items() if each.type_name == "list" and "location" not in each.serialization
    }


def item(operation: OperationModel, list_name: str, said: Any) -> str:
    """One element of a list of an answer."""
    shape = operation.output_shape.members[list_name]
    return _json(shape.member, said) if is_json(operation) else _xml(shape.member, _element_name(shape), said)


def headers(operation: OperationModel) -> dict[str, str]:
    kind = "application/x-amz-json-1.0" if operation.service_model.resolved_protocol == "json" else "application/json"
    return {"Content-Type": kind if is_json(operation) else "text/xml;charset=UTF-8", "x-amzn-RequestId": REQUEST}


REQUEST = "5b3c9d1e-7a44-4c1f-9b8e-0f6d2a1c3e57"


def _payload(shape: Shape, name: str, said: Any) -> str:
    if shape.type_name in ("string", "blob"):
        return str(said)
    return _xml(shape, shape.serialization.get("name", name), said, first=True)


def _ec2(operation: OperationModel, shape: Shape, said: Mapping[str, Any]) -> str:
    return _root(f"{operation.name}Response", operation, f"<requestId>{REQUEST}</requestId>{_members(shape, said)}")


def _query(operation: OperationModel, shape: Shape, said: Mapping[str, Any]) -> str:
    name = shape.serialization["resultWrapper"]
    inner = f"<{name}>{_members(shape, said)}</{name}>"
    told = f"<ResponseMetadata><RequestId>{REQUEST}</RequestId></ResponseMetadata>"
    return _root(f"{operation.name}Response", operation, inner + told)


def _rest(operation: OperationModel, shape: Shape, said: Mapping[str, Any]) -> str:
    if operation.name == "GetBucketLocation":
        return _root("LocationConstraint", operation, said["LocationConstraint"])
    return _root(shape.serialization.get("name", f"{operation.name}Result"), operation, _members(shape, said))


_ENVELOPES: dict[str, Callable[[OperationModel, Shape, Mapping[str, Any]], str]] = {
    "ec2": _ec2,
    "query": _query,
    "rest-xml": _rest,
}
_NAMESPACES = {"ec2": "http://ec2.amazonaws.com/doc/2016-11-15/", "s3": "http://s3.amazonaws.com/doc/2006-03-01/"}


def _root(name: str, operation: OperationModel, inner: str) -> str:
    about = operation.service_model.metadata
    space = _NAMESPACES.get(about["endpointPrefix"]) or about.get("xmlNamespace", "")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{space}">{inner}</{name}>'


# --- XML ------------------------------------------------------------------------------------------


def _xml(shape: Shape, name: str, said: Any, first: bool = False) -> str:
    kind = shape.type_name
    if kind == "structure":
        start = '<?xml version="1.0" encoding="UTF-8"?>\n' if first else ""
        return f"{start}<{name}{_attributes(shape, said)}>{_members(shape, said)}</{name}>"
    if kind == "list":
        if shape.serialization.get("flattened"):
            return _elements(shape, name, said)
        return f"<{name}>{_elements(shape, _element_name(shape), said)}</{name}>"
    if kind == "map":
        return f"<{name}>{''.join(_entries(shape, said))}</{name}>"
    return f"<{name}>{_scalar(said)}</{name}>"


def _members(shape: Shape, said: Mapping[str, Any]) -> str:
    found = []
    for name, value in said.items():
        member = shape.members[name]
        about = member.serialization
        if value is None or about.get("xmlAttribute") or "location" in about:
            continue
        if about.get("flattened"):
            name = member.member.serialization.get("name", about.get("name", name))
        else:
            name = about.get("name", name)
        found.append(_xml(member, name, value))
    return "".join(found)


def _elements(shape: Shape, name: str, said: Any) -> str:
    if isinstance(said, Written):
        return "".join(said)
    return "".join(_xml(shape.member, name, each) for each in said)


def _element_name(shape: Shape) -> str:
    return str(shape.member.serialization.get("name", "member"))


def _attributes(shape: Shape, said: Mapping[str, Any]) -> str:
    """``xsi:type`` of an S3 grantee."""
    named = {name: each.serialization for name, each in shape.members.items() if each.serialization.get("xmlAttribute")}
    told = [f' {about["name"]}="{escape(said[name])}"' for name, about in named.items() if said.get(name)]
    return ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' + "".join(told) if told else ""


def _entries(shape: Shape, said: Mapping[str, Any]) -> Iterator[str]:
    key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
    for name, each in said.items():
        yield f"<entry><{key}>{escape(name)}</{key}>{_xml(shape.value, value, each)}</entry>"


def _scalar(said: Any) -> str:
    return str(said).lower() if isinstance(said, bool) else escape(str(said))


# --- JSON -----------------------------------------------------------------------------------------


def _json(shape: Shape, said: Any) -> str:
    """By shape, as a word for a number has to stand without quotes."""
    kind = shape.type_name
    if kind == "structure":
        inner = (
            f"{json.dumps(shape.members[name].serialization.get('name', name))}:{_json(shape.members[name], each)}"
            for name, each in said.items()
            if each is not None
        )
        return "{" + ",".join(inner) + "}"
    if kind == "list":
        return "[" + ",".join(said if isinstance(said, Written) else (_json(shape.member, each) for each in said)) + "]"
    if kind == "map":
        return "{" + ",".join(f"{json.dumps(name)}:{_json(shape.value, each)}" for name, each in said.items()) + "}"
    if kind in ("timestamp", "integer", "long", "double", "float"):
        return str(said)
    return json.dumps(said)


# --- errors ---------------------------------------------------------------------------------------


def refusal(operation: OperationModel, fault: Fault) -> Reply:
    """An error as the operation's protocol words it."""
    code, status, more = fault
    told = f"<Code>{code}</Code><Message>{code}, says the bench.</Message>{more}"
    body, sent = "", headers(operation)
    match operation.service_model.resolved_protocol:
        case "ec2":
            body = f"<Response><Errors><Error>{told}</Error></Errors><RequestID>{REQUEST}</RequestID></Response>"
        case "query":
            error = f"<Error><Type>Sender</Type>{told}</Error>"
            body = f"<ErrorResponse>{error}<RequestId>{REQUEST}</RequestId></ErrorResponse>"
        case "rest-xml":
            body = f"<Error>{told}<RequestId>{REQUEST}</RequestId></Error>"
        case "json":
            body = json.dumps({"__type": f"com.amazonaws#{code}", "message": f"{code}, says the bench."})
        case _:
            body = json.dumps({"Message": f"{code}, says the bench."})
            sent["x-amzn-ErrorType"] = code
    return Reply(body.encode(), status, sent)


_THROTTLED = {
    "ec2": Fault("RequestLimitExceeded", 503),
    "s3": Fault("SlowDown", 503),
    "s3control": Fault("SlowDown", 503),
    "lambda": Fault("TooManyRequestsException", 429),
    "iam": Fault("Throttling"),
    "rds": Fault("Throttling"),
    "sts": Fault("Throttling"),
}


def throttled(operation: OperationModel) -> Reply:
    """Each service has its own word for too many."""
    return refusal(operation, _THROTTLED.get(operation.service_model.service_name, Fault("ThrottlingException")))


def put(said: Any, path: list[str], value: Any) -> None:
    """A value in its place, and that in every item of a list on the way; nowhere where there is no such place."""
    for each in said if isinstance(said, list) else [said]:
        if len(path) == 1:
            each[path[0]] = value
        elif each.get(path[0]) is not None:
            put(each[path[0]], path[1:], value)
