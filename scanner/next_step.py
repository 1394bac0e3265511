"""What to do next about a drift or a failing finding, as text to copy: nothing of it is ever run by us."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec

from checks import Finding, Origin, Status
from scanner.ahead import brought_in, fate
from scanner.aws_command import command
from scanner.behind import Behind
from scanner.import_blocks import Adopted, Parts, adopted, adoption
from scanner.inline import members, rows
from scanner.outcome import Scan
from scanner.skeleton import SECRET, skeleton
from state import Declaration, Resource
from state.drift import Change, Drift, Kind
from state.paths import covers, first
from state.resource import Key
from state.secret import Secret
from state.terraform import provider
from state.terraform.syntax import is_expression
from state.terraform.writing import Argument, Block, Comment, Expression, Item, text

GONE = "no longer live, take it out"


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What to do in a sentence, the command that does it and another one, and Terraform to write instead."""

    what: str
    command: str | None = None
    otherwise: str | None = None
    hcl: str | None = None

    @property
    def commands(self) -> Sequence[str]:
        """What to paste; of two that exclude each other a comment says so."""
        said = [each for each in (self.command, self.otherwise) if each]
        return [said[0], "# or", said[1]] if len(said) > 1 else said


class NextSteps:
    """The next steps of one scan: they want to know what is live beside the thing that drifted."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    @cached_property
    def _parts(self) -> Parts:
        return Parts(self._scan)

    @cached_property
    def _every_part(self) -> Parts:
        return Parts(self._scan, every=True)

    @cached_property
    def _names(self) -> dict[Key, Adopted]:
        """What `import-blocks` would print: a name is one thing's alone, in whichever step it stands."""
        return {each.resource.key: each for each in adoption(self._scan).all}

    @cached_property
    def _behind(self) -> Behind:
        return Behind(self._scan)

    def _undone(self, behind: Sequence[Drift]) -> NextStep | None:
        """What takes back the drift that a failure comes of: whatever of it an apply mends, and what it leaves."""
        applied = [each.declared for each in behind if each.declared and not each.stays]
        added = [each for each in behind if each.stays]
        roots = dict.fromkeys(_root(each) for each in applied)
        whats = [f"re-apply {'it' if len(applied) == 1 else 'them'} {' and '.join(roots)}"] if applied else []
        whats += [self.of_drift(each).what for each in added]
        hcl = "".join(self.of_drift(each).hcl or "" for each in added)
        command = _apply(*applied) if len(roots) == 1 else None
        return NextStep(what="; ".join(whats), command=command, hcl=hcl or None) if whats else None

    @cached_property
    def _taken(self) -> set[str]:
        return {each.address for each in self._names.values()}

    def _adopted(self, resource: Resource) -> Adopted:
        if resource.key not in self._names:
            self._names[resource.key] = adopted(resource, self._taken)
        return self._names[resource.key]

    def of_drift(self, drift: Drift) -> NextStep:
        declared = drift.declared or drift.resource.declared
        if drift.kind is Kind.UNMANAGED or declared is None:
            return self._import(drift.resource)
        if declared.removed:
            return _removed(declared)
        if drift.kind is Kind.MISSING:
            return _missing(declared)
        return self._changed(drift, declared)

    def _changed(self, drift: Drift, declared: Declaration) -> NextStep:
        added = [each for each in drift.changes if each.stays]
        others = [each for each in drift.changes if not each.stays]
        kept = ", ".join(each.path for each in added)
        coming = self._coming(drift) if added else ""
        leaves = f"{kept}: {coming}" if coming else f"{kept} stays whatever is applied: import it, or delete it"
        mends = f"re-apply it {_root(declared)}, or accept it in {_place(declared)}" if others else ""
        accept = (self._accepted(drift, others, declared),) if others else ()
        return NextStep(
            what="; ".join(filter(None, (mends, leaves if added else ""))),
            command=_apply(declared) if others else "terraform apply" if coming else None,
            hcl=text((*accept, *self._imported(drift))) or None,
        )

    def _coming(self, drift: Drift) -> str:
        """Which import blocks bring in all that was added; empty where one of it is left."""
        blocks = [self._scan.incoming.get(part.key) for part in self._parts.added(drift)]
        return "; ".join(dict.fromkeys(brought_in(each) for each in blocks if each)) if all(blocks) else ""

    def _imported(self, drift: Drift) -> Iterator[Item]:
        for part in self._parts.added(drift) if any(each.stays for each in drift.changes) else ():
            yield from self._adopted(part).items()

    def _import(self, resource: Resource) -> NextStep:
        if block := self._scan.incoming.get(resource.key):
            return NextStep(what=f"apply the code of {_place(block)}: {brought_in(block)}", command="terraform apply")
        found = self._adopted(resource)
        if found.why:
            return NextStep(what=f"delete it, or declare it anew: {found.why}")
        return NextStep(what="import it (`import-blocks` prints it whole), or delete it", hcl=text(found.items()))

    def _accepted(self, drift: Drift, changes: Sequence[Change], declared: Declaration) -> Block:
        """What the code has to say for the live values to be as declared."""
        names = dict.fromkeys(first(each.path) for each in changes)
        secret = {name for name in names if any(_is_secret(each) for each in changes if covers(name, each.path))}
        items: list[Item] = []
        for name in names:
            its = [each for each in changes if covers(name, each.path)]
            thing = _without_others_tags(drift.resource, declared) if name == "tags" else drift.resource
            whole = self._whole(thing, name, its)
            if whole is not thing and provider.attributes(whole.type)[name].inner is not None:
                items.append(Comment(f"{name}: only what changed; the other blocks stay as they are"))
                items += (Comment(f"{each.path}: {GONE}") for each in its if each.live is None and each.path[-1] == "]")
            items += _lines_of(whole, name, its, secret)
        return _block(declared, drift.resource.type, items)

    def _whole(self, thing: Resource, name: str, changes: Sequence[Change]) -> Resource:
        """The thing with the parts that it shows under a name, where it has them no more: in the blocks' own words."""
        known = provider.attributes(thing.type).get(name)
        if known is None or name in thing.attributes or all(each.path == name for each in changes):
            return thing
        parts = self._every_part.of(thing)
        if known.inner is None:
            said: Sequence[Any] = members(name, parts) if known.type.startswith(("set(", "list(")) else ()
        else:
            said = rows(thing, name, parts, (each.path for each in changes if each.live is not None))
        return thing.replace(attributes={**thing.attributes, name: said}) if said else thing

    def of_finding(self, finding: Finding) -> NextStep | None:
        """What mends a failure; None of a finding that is none."""
        if finding.status is not Status.FAIL:
            return None
        declared, fix = finding.declared or finding.resource.declared, finding.check.remediation
        if declared is not None and declared.removed:
            return NextStep(what=f"{fate(declared)}{f'; {fix}' if fix else ''}")
        if finding.origin is Origin.DECLARED and declared is not None:
            return _mend(finding, declared)
        if finding.origin is Origin.DRIFTED and (behind := self._behind.of(finding)) is not None:
            return self._undone(behind) or NextStep(what=f"{_say_it(declared)}{fix or 'see the check'}")
        if finding.origin is Origin.DRIFTED and declared is not None:
            return NextStep(what=f"re-apply it {_root(declared)}", command=_apply(declared))
        stands = finding.resource.is_always_there
        if finding.origin is Origin.UNMANAGED and finding.resource.owner and not stands:
            return NextStep(what=f"mend it in {finding.resource.owner}, which made it{f': {fix}' if fix else ''}")
        at_once = _at_once(finding, declared)
        if finding.origin is Origin.UNMANAGED and not stands:
            step = self._import(finding.resource)
            what = f"{step.what}; the command mends it as it stands" if at_once else step.what
            return msgspec.structs.replace(step, what=what, command=at_once)
        return NextStep(what=fix, command=at_once) if fix else None


# --- words ----------------------------------------------------------------------------------------


def _apply(*declared: Declaration) -> str | None:
    """Of what moves Terraform wants both addresses named."""
    addresses = (name for each in declared for name in (each.address, each.moved) if name)
    return _command("terraform apply", "-target=", *addresses)


def _say_it(declared: Declaration | None) -> str:
    at = f" in {_place(declared)}" if declared else ""
    return f"nothing that is compared differs: say it{at}: "


def _command(words: str, before: str, *addresses: str) -> str | None:
    """None where an address holds what a terminal obeys: nobody should paste that, in quotes or not."""
    if not all(map(str.isprintable, addresses)):
        return None
    return " ".join((words, *(f"{before}{shlex.quote(each)}" for each in addresses)))


def _root(declared: Declaration) -> str:
    whose = "the root folder whose state is " if declared.witness == "state" else ""
    return f"in {whose}{declared.source}"


def _place(declared: Declaration) -> str:
    if declared.file is None:
        return f"the code of {declared.source}"
    return declared.file if declared.line is None else f"{declared.file}:{declared.line}"


# --- each of the steps ----------------------------------------------------------------------------


def _missing(declared: Declaration) -> NextStep:
    return NextStep(
        what=f"re-create it {_root(declared)}, or let its state forget it and take it out of {_place(declared)}",
        command=_apply(declared),
        otherwise=_command("terraform state rm", "", declared.moved or declared.address),
    )


def _removed(declared: Declaration) -> NextStep:
    what = f"apply {_root(declared)}: {fate(declared)}; to keep it, take the block out of {_place(declared)}"
    return NextStep(what=what, command="terraform apply")


_RESOURCE = re.compile(r"(?:^|\.)(\w+)\.([\w-]+)(?:\[.*\])?$", re.DOTALL)


def _block(declared: Declaration, type: str, items: Sequence[Item]) -> Block:
    """A part of a resource's block, under the names that the code has for it."""
    found = _RESOURCE.search(declared.address)
    labels = (found[1], found[2]) if found else (type, "this")
    return Block("resource", labels, tuple(items))


def _without_others_tags(thing: Resource, declared: Declaration) -> Resource:
    """The code is not to say what it leaves to others."""
    tags = thing.attributes.get("tags") or {}
    own = {key: value for key, value in tags.items() if not declared.ignores(f"tags.{key}")}
    return thing.replace(attributes={**thing.attributes, "tags": own})


def _is_secret(change: Change) -> bool:
    return isinstance(change.live, Secret) or isinstance(change.declared, Secret)


def _lines_of(resource: Resource, name: str, changes: Sequence[Change], secret: set[str]) -> Iterator[Item]:
    known = provider.attributes(resource.type).get(name)
    if known is not None and name not in resource.attributes and changes[0].path == name and not secret:
        resource = resource.replace(attributes={name: changes[0].live})
    if known is not None and name in resource.attributes:
        items = skeleton(resource, {name}, secret).items
        if items:
            yield from items
        else:
            yield Comment(_without(name, is_block=known.inner is not None))
        return
    for change in changes:
        yield Comment(f"{change.path}: {_to_do(change)}")


def _to_do(change: Change) -> str:
    if _is_secret(change):
        return SECRET
    return GONE if change.live is None else "live, write it into the code"


def _without(name: str, *, is_block: bool) -> str:
    return f"{name}: none is live, take it out" if is_block else f"{name}: not for code to set"


# --- findings -------------------------------------------------------------------------------------


def _at_once(finding: Finding, declared: Declaration | None) -> str | None:
    """The AWS CLI's command, where no code owns the thing: of what code or a stack owns, it would be drift."""
    owned = declared is not None or finding.origin in (Origin.DECLARED, Origin.DRIFTED) or finding.resource.owner
    return None if owned else command(finding.check, finding.resource)


def _mend(finding: Finding, declared: Declaration) -> NextStep:
    known = provider.attributes(finding.resource.type)
    names = [name for name in finding.evidence if name in known]
    what = f"change {', '.join(names)}" if names else "change it"
    block = _block(declared, finding.resource.type, tuple(_fixes(finding)))
    fix = finding.check.remediation
    return NextStep(
        what=f"{what} in {_place(declared)}{f': {fix}' if fix else ''}",
        hcl=text([block]) if block.items else None,
    )


_CODE = re.compile(r"`([a-z_]+) = ([^`]+)`")


def _fixes(finding: Finding) -> Iterator[Item]:
    """The assignments that a check's fix names, where the provider has them: in its block, if it is in but one."""
    known = provider.attributes(finding.resource.type)
    for name, value in _CODE.findall(finding.check.remediation):
        argument = Argument(name, Expression(value))
        holders = [each for each, about in known.items() if about.inner and name in about.inner]
        if not is_expression(value):
            continue
        if name in known:
            yield argument
        elif len(holders) == 1:
            yield Block(holders[0], (), (argument,))
