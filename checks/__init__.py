"""What good looks like: rules over one resource and its neighbours, one module a service.

Every module of this folder registers its checks by being here.
"""

import pkgutil
from importlib import import_module

from checks.check import (
    FRAMEWORKS,
    REGISTRY,
    TAGGED,
    Category,
    Check,
    Effect,
    Fault,
    Finding,
    Origin,
    Severity,
    Status,
    Terms,
    Thresholds,
    check,
    select,
)
from checks.verdicts import Findings, run, with_origin

for _found in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_found.name}")

__all__ = [
    "FRAMEWORKS",
    "REGISTRY",
    "TAGGED",
    "Category",
    "Check",
    "Effect",
    "Fault",
    "Finding",
    "Findings",
    "Origin",
    "Severity",
    "Status",
    "Terms",
    "Thresholds",
    "check",
    "run",
    "select",
    "with_origin",
]
