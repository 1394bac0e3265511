"""Renews every file, or part of one, that is generated from the code.

    python -m tests.generate [--check]

With --check nothing is written: exits 1 and names what is not current.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from checks import FRAMEWORKS, REGISTRY, Check
from scanner import iam_policy
from scanner.aws.allowed import ALLOWED
from scanner.aws.collector import Collector, Detail, Listing
from scanner.aws.inside import Once
from scanner.aws.operations import PAID
from scanner.cli import main as driftline
from scanner.collectors import collectors, schemas
from scanner.coverage import left_out
from state import Resource
from state.terraform import provider
from state.terraform.settle import told
from tests import generate_managed, generate_provider
from tests.shared import FACTS
from tests.witness import agreement

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
WIDTH = 100
GENERATED = "Generated: `make generated`."
NAMES = {each.lower(): each.partition(":")[2] for each in ALLOWED.union(PAID)}
"""Operations as AWS writes them, by how they are written without capitals."""


def files() -> Iterator[tuple[Path, str]]:
    """Each generated file with what should be in it; those of the provider where its schema is at hand."""
    yield ROOT / "checks/aws_managed.json", generate_managed.managed()
    yield ROOT / "deploy/member-role/audit-policy.json", iam_policy.render("json", prices=True)
    for name, lines in {"scanner": commands, "scanner/collectors": types, "checks": checks}.items():
        yield ROOT / name / "README.md", "".join(f"{line}\n" for line in lines()).rstrip("\n") + "\n"
    yield ROOT / "tests/witness/README.md", "".join(f"{line}\n" for line in agreement.page())
    yield README, filled(README.read_text(), {"reference": reference})
    if FACTS.is_dir():
        yield ROOT / "state/terraform/provider.json", generate_provider.provider()
        yield ROOT / "tests/data/provider_6.json", generate_provider.provider_6()


def filled(text: str, sections: dict[str, Callable[[], Iterable[str]]]) -> str:
    """The text with its generated sections renewed. Raises ValueError for one that has no place in it, or no end."""
    for name, lines in sections.items():
        begin, end = f"<!-- generated: {name} -->\n", "<!-- /generated -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"no {begin.strip()} … {end}")
        text = before + begin + "".join(f"{line}\n" for line in ["", *lines(), ""]) + end + after
    return text


def reference() -> Iterator[str]:
    """Where to find what is told in full."""
    services = by_service()
    yield "- [Commands and their options](scanner/README.md), as `--help` has them."
    yield f"- [{sum(map(len, services.values()))} resource types](scanner/collectors/README.md) of {len(services)}"
    yield "  services: the attributes that are compared and those that are not, operations, permissions. Of what you"
    yield "  declare, `driftline coverage --from STATE` says how much of it that is."
    yield f"- [{len(REGISTRY)} checks](checks/README.md), each with its severity and frameworks; why it matters and how"
    yield "  to mend what it finds, `driftline checks show ID` says."


# --- commands -----------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    yield from ("# Commands", "", GENERATED, "")
    for text in helps(driftline, "driftline"):
        yield from ("```text", *(line.rstrip() for line in text.splitlines()), "```", "")


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    """A command's own --help, and those of its commands."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings)
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            yield from helps(command.commands[sub], sub, context)


# --- types --------------------------------------------------------------------------------------------


def by_service() -> dict[str, list[Collector]]:
    found: dict[str, list[Collector]] = {}
    for each in sorted(collectors(), key=lambda each: (each.service, each.type)):
        if each.type.startswith("aws_"):
            found.setdefault(each.service, []).append(each)
    return found


def types() -> Iterator[str]:
    yield from ("# Types", "", f"{GENERATED} Attributes are those of the AWS provider 5.100.", "")
    for name, ours in by_service().items():
        yield from (f"## {name}", "")
        for each in ours:
            yield f"### {each.type}"
            yield ""
            if each.sought:
                yield "- looked for only where a state declares it: nobody lists all there are"
            yield from (f"- {title}: {codes(names)}" for title, names in about(each).items() if names)
            yield ""


def about(each: Collector) -> dict[str, Iterable[str]]:
    """What there is to say of a type, by title."""
    forms = each.schema.forms
    known = set(provider.attributes(each.type)) - {"id", "tags_all"}
    blocks = {name for name in declared_apart(each) if name in known and name not in forms}
    unread = known - forms.keys() - blocks
    never = {name for name in unread if left_out(each.type, name)}
    return {
        "also called": each.aliases,
        "declared by blocks or resources of": sorted(each.homes),
        "compared": sorted(name for name, form in forms.items() if not form.noise),
        "compared as resources of their own": sorted(blocks),
        "compared, but no drift, since AWS moves it by itself": sorted(
            name for name, form in forms.items() if form.noise
        ),
        "not read": sorted(unread - never),
        "told by no API": sorted(never),
        "live only, for checks": sorted(each.facts),
        "operations": operations(each),
        "permissions": each.permissions,
    }


def declared_apart(each: Collector) -> set[str]:
    """The attributes that declare resources of other types."""
    bare = Resource(type=each.type, id="", attributes=dict.fromkeys(provider.attributes(each.type)))
    return next(iter(told([bare], schemas()))).blocks


def operations(each: Collector) -> list[str]:
    """What a collector calls: in its declaration, and in the functions that it names."""
    found: set[str] = set()
    if isinstance(each.fetch, Listing):
        found.add(f"{each.service}:{pascal(each.service, each.fetch.operation)}")
    else:
        found |= called(each.fetch)
    for detail in each.details:
        if isinstance(detail, Detail):
            found.add(f"{each.service}:{pascal(each.service, detail.operation)}")
        else:
            found |= called(detail.ask)
    return sorted(found)


def called(function: Any, above: tuple[Any, ...] = ()) -> set[str]:
    """The operations that a function calls, itself or through functions of ours; some call one another."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("call", "pages", "whole"):
            service, operation = (each.value for each in node.args[:2] if isinstance(each, ast.Constant))
            found.add(f"{service}:{pascal(service, operation)}")
        elif isinstance(node, ast.Name):
            other = inspect.unwrap(function).__globals__.get(node.id)
            if isinstance(other, Once) and other.ask not in (function, *above):
                found |= of_asking(other, (function, *above))
            ours = inspect.isfunction(other) and other.__module__.startswith("scanner.collectors")
            if ours and other not in (function, *above):
                found |= called(other, (function, *above))
    for cell in getattr(function, "__closure__", None) or ():
        if isinstance(cell.cell_contents, Once):
            found |= of_asking(cell.cell_contents, (function, *above))
    return found


def of_asking(once: Once, above: tuple[Any, ...]) -> set[str]:
    """The operations of an asking: the one that it names, or those that its function calls."""
    service, _, operation = once.operation.partition(":")
    return {f"{service}:{pascal(service, operation)}"} if operation else called(once.ask, above)


def pascal(service: str, operation: str) -> str:
    """boto3's describe_db_instances as AWS writes it."""
    return NAMES[f"{service}:{operation.replace('_', '')}".lower()]


# --- checks -------------------------------------------------------------------------------------------


def checks() -> Iterator[str]:
    yield from ("# Checks", "", GENERATED, "")
    yield f"{len(REGISTRY)} checks. `driftline checks show ID` says why each matters and how to mend what it finds."
    yield ""
    yield from table(
        ("id", "severity", "category", "title", "frameworks"),
        (
            (f"`{each.id}`", each.severity, each.category, each.title, frameworks(each))
            for each in sorted(REGISTRY.values(), key=lambda each: each.id)
        ),
    )


def frameworks(check: Check) -> str:
    return "; ".join(f"{FRAMEWORKS[name]} {', '.join(ids)}" for name, ids in check.frameworks.items())


# --- Markdown -----------------------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main(arguments: list[str]) -> int:
    stale = [(path, text) for path, text in files() if not path.exists() or path.read_text() != text]
    for path, text in stale:
        print(f"{path.relative_to(ROOT)} is {'not current: make generated' if arguments else 'renewed'}")
        if not arguments:
            path.write_text(text)
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
