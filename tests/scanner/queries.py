"""Answers in the query protocol of RDS, ElastiCache and Redshift, in the shape of botocore's models."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ListShape, Shape, StructureShape

from tests.scanner.aws.wire import Answer, xml

SESSION = botocore.session.get_session()


def said(client: str, **answers: dict[str, Any]) -> dict[str, Answer]:
    """``said("rds", DescribeDBProxies={"DBProxies": []})``: what AWS answers to each operation."""
    model = SESSION.get_service_model(client)
    return {
        name: xml(name, inside(model.operation_model(name).output_shape, answer)) for name, answer in answers.items()
    }


def inside(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        assert value.keys() <= shape.members.keys()
        return "".join(element(name, shape.members[name], each) for name, each in value.items())
    if isinstance(shape, ListShape):
        name = shape.member.serialization.get("name", "member")
        return "".join(element(name, shape.member, each) for each in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def element(name: str, shape: Shape, value: Any) -> str:
    return f"<{name}>{inside(shape, value)}</{name}>"
