"""Override files, merged into what the other files of their folder declare.

https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from state.terraform.syntax import Block, Body

WHERE = ("backend", "cloud")


def overrides(path: Path) -> bool:
    stem = path.name.removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")


def merge(whole: Body, over: Body) -> Iterator[Block]:
    """Merge the blocks of an override file into all others; what is given back overrides nothing."""
    for block in over.blocks:
        if block.type == "terraform":
            _keep_elsewhere(whole, block)
        elif not (_say_locals(whole, block) if block.type == "locals" else _merge_into(whole, block)):
            yield block


def _keep_elsewhere(whole: Body, block: Block) -> None:
    """One backend, or cloud, stands for whichever there is."""
    if any(each.type in WHERE for each in block.body.blocks):
        for each in whole.of("terraform"):
            each.body.blocks[:] = [inner for inner in each.body.blocks if inner.type not in WHERE]
    whole.blocks.append(block)


def _say_locals(whole: Body, block: Block) -> bool:
    """Each value by itself, in whichever block it stands."""
    found = False
    for each in whole.of("locals"):
        said = {name: value for name, value in block.body.attributes.items() if name in each.body.attributes}
        each.body.attributes.update(said)
        found |= bool(said)
    return found


def _merge_into(whole: Body, block: Block) -> bool:
    """Arguments by name, and blocks of one name all at once, but for ``lifecycle``: that one argument by argument."""
    own = next((each.body for each in whole.of(block.type) if _header(each) == _header(block)), None)
    if own is None:
        return False
    own.attributes.update(block.body.attributes)
    before = next(own.of("lifecycle"), None)
    if before:
        for each in block.body.of("lifecycle"):
            before.body.attributes.update(each.body.attributes)
    new = [each for each in block.body.blocks if not (before and each.type == "lifecycle")]
    named = {each.sets for each in new}
    own.blocks[:] = [*(each for each in own.blocks if each.sets not in named), *new]
    return True


def _header(block: Block) -> tuple[object, ...]:
    """Of several configurations of one provider the alias tells them apart."""
    alias = block.body.attributes.get("alias") if block.type == "provider" else None
    return *block.labels, alias.words if alias else ""
