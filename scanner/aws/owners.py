"""Who made a thing, where it bears a tag of theirs."""

from __future__ import annotations

from collections.abc import Mapping

_OWNER_TAGS = (
    ("aws:cloudformation:stack-name", "cloudformation"),
    ("aws:autoscaling:groupName", "autoscaling"),
    ("aws:ec2:fleet-id", "ec2-fleet"),
    ("eks:cluster-name", "eks"),
    ("aws:eks:cluster-name", "eks"),
    ("karpenter.sh/nodepool", "karpenter"),
    ("elasticbeanstalk:environment-name", "elasticbeanstalk"),
    ("aws:backup:source-resource", "backup"),
)


def owner_by_tags(tags: Mapping[str, str]) -> str | None:
    """Who made a thing, as ``cloudformation: shop``, where a tag of theirs says so."""
    return next((f"{owner}: {tags[key]}" for key, owner in _OWNER_TAGS if key in tags), None)
