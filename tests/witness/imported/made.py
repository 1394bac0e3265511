"""Values made up from botocore's model, good enough for the provider to read: each text and number tells its member."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from botocore.model import OperationModel, Shape

from tests.bench.answers import put
from tests.conftest import ACCOUNT

REGION = "us-east-1"
"""Where those services are too that are in one region only."""

MORE = re.compile(
    r"marker|nextpagemarker|position|(next|(next)?continuation)token|next(marker|record\w+)|lastevaluated\w+"
    r"|(is|has)?_?(truncated|moreresults|more\w*)",
    re.I,
)
"""Members that say that there is another page."""

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
DAY = "2024-05-01T10:00:00"
MOMENTS = {"iso8601": f"{DAY}Z", "rfc822": "Wed, 01 May 2024 10:00:00 GMT", "unixTimestamp": 1714557600}
SIGNED = {"s3control": "s3", "elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing"}
"""Services that are called otherwise in ARNs."""

WELL = (
    "available",
    "active",
    "enabled",
    "issued",
    "completed",
    "complete",
    "associated",
    "attached",
    "succeeded",
    "ok",
)
"""How things are that are there to stay; the first that a member knows is what it says."""

TEXTS: tuple[tuple[str, str], ...] = (
    (r"(?<!ssl)(?<!tls)(policy|policydocument|documentpolicy)", POLICY),
    (r".*cidr(block|ip)?", "10.0.0.0/16"),
    (r".*ipv6cidr(block)?", "2001:db8::/56"),
    (r"(private|public)?ip(v4)?(address)?", "10.0.0.7"),
    (r"(owner|account|registry|awsaccount|accountowner|owneraccount|vpcowner)id|owner|account|owningaccount", ACCOUNT),
    (r"region(name)?|awsregion|clusterregion|regionname", REGION),
    (r"availabilityzone(name)?", f"{REGION}a"),
    (r".*(status|state|lifecycle)", "available"),
    (r"maxitems", "100"),
    (r".*window", "mon:03:00-mon:04:00"),
)
"""What texts of these names say, where it is not their name."""


class Making:
    """Values of the shapes of one service: all there may be, or ``bare`` ones, without what lies deeper."""

    def __init__(self, operation: OperationModel, bare: bool) -> None:
        self.service = operation.service_model.service_name
        self.json = "json" in operation.service_model.resolved_protocol
        self.bare = bare

    def __call__(self, shape: Shape, name: str = "", within: tuple[str, ...] = ()) -> Any:
        """None for a part of its own kind."""
        if shape.name in within:
            return None
        inside = (*within, shape.name)
        match shape.type_name:
            case "structure":
                return {} if getattr(shape, "is_document_type", False) else self._structure(shape, inside)
            case "list":
                one = self(shape.member, name, inside)
                return None if one is None else [one]
            case "map":
                one, key = self(shape.value, "Value", inside), (shape.key.enum or ["Key"])[0]
                return None if one is None else {key: one}
            case "string":
                return self.text(name, shape.enum)
            case "boolean":
                return not self.bare
            case "timestamp":
                return self._moment(shape)
            case "blob":
                return "e30="
            case "double" | "float":
                return number(name, within) + 0.5
            case _:
                return number(name, within)

    def _structure(self, shape: Shape, within: tuple[str, ...]) -> dict[str, Any]:
        """All members but those that say that there is more; of a union just one."""
        told = [(name, each) for name, each in shape.members.items() if not MORE.fullmatch(name)]
        if self.bare and self._is_thing(shape, within):
            told = [(name, each) for name, each in told if each.type_name not in HOLDING or "tag" in name.lower()]
        found = [(name, said) for name, each in told if (said := self(each, name, within)) is not None]
        return dict(found[:1] if shape.is_tagged_union else found)

    @staticmethod
    def _is_thing(shape: Shape, within: tuple[str, ...]) -> bool:
        """Whether it is what an answer tells of, and not the answer that holds it, or a list in that."""
        return _plain(shape) >= (THING if len(within) > 1 else THING + 1)

    def text(self, name: str, choices: list[str]) -> str:
        if choices:
            known = {each.lower(): each for each in reversed(choices)}
            return next((known[each] for each in WELL if each in known), choices[0])
        if name.lower().endswith("arn"):
            return f"arn:aws:{SIGNED.get(self.service, self.service)}:{REGION}:{ACCOUNT}:{name[:-3] or 'thing'}/one"
        return next((said for form, said in TEXTS if re.fullmatch(form, name, re.I)), name)

    def _moment(self, shape: Shape) -> Any:
        usual = "rfc822" if "location" in shape.serialization else "unixTimestamp" if self.json else "iso8601"
        form = shape.serialization.get("timestampFormat", usual)
        return f'"{MOMENTS[form]}"' if self.json and form != "unixTimestamp" else MOMENTS[form]


HOLDING = ("structure", "list", "map")
THING = 2
"""So many plain values make a thing of a structure."""

AS_MADE: Any = object()
"""Nothing else than what is made up."""


def _plain(shape: Shape) -> int:
    return sum(each.type_name not in HOLDING for each in shape.members.values())


def number(name: str, within: tuple[str, ...]) -> int:
    """Another one for each member of each shape."""
    return crc32(".".join((*within[-1:], name)).encode()) % 90 + 10


def answered(operation: OperationModel, words: Mapping[str, Any], bare: bool) -> dict[str, Any]:
    """What an operation answers, with some of it said in so many words."""
    said = Making(operation, bare)(operation.output_shape) if operation.output_shape else {}
    for path, value in words.items():
        if path and value is not AS_MADE:
            put(said, path.split("."), value)
    return dict(said)
