"""The tags that a provider configuration leaves to others, its `ignore_tags`: none of them is drift of any resource.

internal/tags/key_value_tags.go (IgnoreConfig) of hashicorp/terraform-provider-aws: whole keys, and beginnings of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from state.terraform.syntax import Block, Body, Expression

Said = Callable[[Expression | None], Any]


def alias_of(block: Block) -> str:
    """The alias of the provider configuration that a block names; empty for the one without."""
    words = block.body.attributes["provider"].words if "provider" in block.body.attributes else "aws"
    return words.strip('"').partition(".")[2]


class IgnoredTags:
    """By provider configuration of a root module, as paths: ``tags.Owner``, and ``tags.k8s.io/*`` for a beginning.

    Which of them a module is under is known unless a call passes some to it: then what all of them leave counts.
    """

    def __init__(self, root: Body, said: Said) -> None:
        blocks = [each for each in root.of("provider") if each.labels[:1] == ("aws",)]
        self._by_alias = {
            said(each.body.attributes.get("alias")) or "": frozenset(_paths(each, said)) for each in blocks
        }
        self._passed = any("providers" in each.body.attributes for each in root.of("module"))

    def of(self, block: Block, *, in_root: bool) -> frozenset[str]:
        if in_root or not self._passed:
            return self._by_alias.get(alias_of(block), frozenset())
        found = list(self._by_alias.values())
        return found[0].intersection(*found) if found else frozenset()


def _paths(provider: Block, said: Said) -> Iterator[str]:
    for block in provider.body.of("ignore_tags"):
        for name, end in (("keys", ""), ("key_prefixes", "*")):
            found = said(block.body.attributes.get(name))
            yield from (f"tags.{each}{end}" for each in (found if isinstance(found, list) else ()))
