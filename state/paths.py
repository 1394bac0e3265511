"""Paths of attributes, as drift writes them: ``tags.Name``, ``ingress[cidr=0.0.0.0/0,port=22].description``."""


def covers(name: str, path: str) -> bool:
    """Whether a path is this one, or lies under it."""
    return path == name or path.startswith((f"{name}.", f"{name}["))
