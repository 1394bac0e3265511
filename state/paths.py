"""Paths of attributes, as drift writes them: ``tags.Name``, ``ingress[cidr=0.0.0.0/0,port=22].description``."""

import re


def first(path: str) -> str:
    """The attribute in which a path lies: ``metadata_options`` of ``metadata_options[0].http_tokens``."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def covers(name: str, path: str) -> bool:
    """Whether a path is this one, or lies under it."""
    return path == name or path.startswith((f"{name}.", f"{name}["))
