"""A folder of `.tf` files: which resources it declares and where, its modules, its tags and its backend.

Nothing of it is run, no link out of the checkout is followed, and no module is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from state.resource import Resource, Unknown
from state.terraform.errors import Forbidden, NotFound
from state.terraform.expressions import Allowance, Steps, evaluate
from state.terraform.files import is_code
from state.terraform.ignored_tags import IgnoredTags
from state.terraform.overriding import merge, overrides
from state.terraform.statefile import without_keys
from state.terraform.syntax import MOST_CHARACTERS, Block, Body, Expression, Malformed, parse
from state.terraform.syntax_json import parse_json, parse_values

MOST_MODULES = 500
DEEPEST_MODULE = 12


class Written(msgspec.Struct, frozen=True):
    """A resource's block as somebody wrote it; ``ignore_changes`` as paths, or ``all``.

    ``names`` are the attributes and the blocks that it sets, those of a ``dynamic`` block among them. The block of
    ``numbered`` instances has a ``count``, and that of ``many`` this or ``for_each``.
    """

    file: str
    line: int
    ignore_changes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def numbered(self) -> bool:
        return "count" in self.names

    @property
    def many(self) -> bool:
        return self.numbered or "for_each" in self.names


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """Where a configuration keeps its state; ``unsaid`` are settings it leaves to
    ``-backend-config``, and those that are no literals; ``hidden`` are the latter that do not say where it is.
    Settings of inner blocks have dotted names."""

    type: str
    settings: Mapping[str, str]
    unsaid: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def source(self) -> str | None:
        """The state as --from takes it, where it is known and of a kind that is read."""
        if self.type != "s3" or self.unsaid:
            return None
        return f"s3://{self.settings['bucket']}/{self.settings['key']}"


class Module(msgspec.Struct, frozen=True):
    """One folder's blocks, file by file; ``calls`` are its local modules by name."""

    path: Path
    body: Body
    calls: Mapping[str, Module]

    def of(self, type: str) -> Iterator[Block]:
        return self.body.of(type)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """A root module with what it calls. ``faults`` say what could not be read of it.

    ``written`` has each resource by its address without instance keys, ``default_tags`` the tags
    of each provider configuration by alias, "" the one without.
    """

    folder: Path
    root: Module
    written: Mapping[str, Written]
    backends: list[Backend]
    default_tags: Mapping[str, Mapping[str, str]]
    inputs: Mapping[str, Expression]
    faults: list[str]


def read(folder: Path) -> Configuration:
    """The configuration in a folder; raises NotFound or Forbidden when there is none to read."""
    reading = _Reading(folder)
    try:
        root = reading.module(folder, ())
    except PermissionError as error:
        raise Forbidden(str(folder), "may not be read; give the scan's user the right to read it") from error
    if root is None or not (root.body.blocks or reading.faults):
        raise NotFound(str(folder), "holds no .tf file; name the folder of a configuration")
    return Configuration(
        folder=folder,
        root=root,
        written=dict(_written("", root, IgnoredTags(root.body, said))),
        backends=[each for block in root.of("terraform") for each in _backends(block)],
        default_tags=dict(_default_tags(root.of("provider"))),
        inputs=reading.inputs(folder),
        faults=reading.faults,
    )


def of_text(text: str, file: str) -> Configuration:
    """The configuration that a text by itself is; raises Malformed."""
    root = Module(Path(), parse(text, file), {})
    tags = dict(_default_tags(root.of("provider")))
    written = dict(_written("", root, IgnoredTags(root.body, said)))
    return Configuration(
        folder=Path(),
        root=root,
        written=written,
        backends=[each for block in root.of("terraform") for each in _backends(block)],
        default_tags=tags,
        inputs={},
        faults=[],
    )


class _Reading:
    """Files are read once, however often a module is called."""

    def __init__(self, folder: Path) -> None:
        self.boundary = checkout(folder.resolve())
        self.bodies: dict[Path, Body] = {}
        self.faults: list[str] = []
        self.modules = 0

    def module(self, path: Path, callers: tuple[Path, ...]) -> Module | None:
        real = path.resolve()
        self.modules += 1
        if real in callers or len(callers) > DEEPEST_MODULE or self.modules > MOST_MODULES:
            self._fault(f"{path}: modules call one another without end; they are not followed")
            return None
        if real not in self.bodies:
            self.bodies[real] = self._body(path)
        body = self.bodies[real]
        calls = {name: self._called(path, source, (*callers, real)) for name, source in _local_calls(body)}
        return Module(path, body, {name: each for name, each in calls.items() if each is not None})

    def _called(self, path: Path, source: str, callers: tuple[Path, ...]) -> Module | None:
        target = Path(tidy(path / source))
        if not target.resolve().is_relative_to(self.boundary):
            self._fault(f"{target}: lies outside {self.boundary} and is not read")
            return None
        if not target.is_dir():
            self._fault(f"{target}: there is no such module; its resources are not seen")
            return None
        return self.module(target, callers)

    def _fault(self, line: str) -> None:
        if line not in self.faults:
            self.faults.append(line)

    def _body(self, folder: Path) -> Body:
        whole = Body()
        for path in self._files(folder):
            try:
                read = _parsed(path, self._text(path))
                if overrides(path):
                    idle = [f"{each.file}:{each.line}" for each in merge(whole, read)]
                    self.faults += (f"{at}: overrides nothing, which Terraform refuses; it is not seen" for at in idle)
                else:
                    whole.blocks.extend(read.blocks)
            except (Malformed, OSError, UnicodeDecodeError) as error:
                self.faults.append(f"{path}: {_fault(error)}; what it declares is not seen")
        return whole

    def _files(self, folder: Path) -> list[Path]:
        """`main.tofu` stands instead of `main.tf` where there are both, as OpenTofu has it; what overrides is last."""
        found = sorted(path for path in folder.iterdir() if is_code(path) and self._is_ours(path))
        kept = [path for path in found if ".tofu" in path.suffixes[-2:] or _of_tofu(path) not in found]
        return sorted(kept, key=overrides)

    def _is_ours(self, path: Path) -> bool:
        if path.resolve().is_relative_to(self.boundary) and path.is_file():
            return True
        self.faults.append(f"{path}: is no file of this checkout and is not read")
        return False

    def _text(self, path: Path) -> str:
        if path.stat().st_size > MOST_CHARACTERS:
            raise Malformed("is too large to be read as HCL")
        return path.read_text("utf-8-sig")

    def inputs(self, folder: Path) -> dict[str, Expression]:
        """What terraform.tfvars and *.auto.tfvars say, in the order in which Terraform reads them."""
        given: dict[str, Expression] = {}
        always = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
        paths = [*always, *sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])]
        for path in (each for each in paths if each.exists() and self._is_ours(each)):
            try:
                given |= _parsed(path, self._text(path)).attributes
            except (Malformed, OSError, UnicodeDecodeError) as error:
                self.faults.append(f"{path}: {_fault(error)}; what it sets is not seen")
        return given


def _parsed(path: Path, text: str) -> Body:
    if path.suffix != ".json":
        return parse(text, str(path))
    return (parse_values if ".tfvars" in path.suffixes else parse_json)(text, str(path))


def _of_tofu(path: Path) -> Path:
    stem = path.name.removesuffix(".json").rpartition(".")[0]
    return path.with_name(f"{stem}.tofu{'.json' if path.suffix == '.json' else ''}")


def _fault(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8"
    return (error.strerror or "cannot be read").lower() if isinstance(error, OSError) else str(error)


def checkout(folder: Path) -> Path:
    """The outermost folder to read from: that of the repository, or the named one itself."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def tidy(path: Path) -> str:
    """``a/b/../c`` as ``a/c``, for people."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in ("..", "/"):
            parts.pop()
        else:
            parts.append(part)
    return str(Path(*parts))


def _local_calls(body: Body) -> Iterator[tuple[str, str]]:
    for block in body.of("module"):
        source = said(block.body.attributes.get("source"))
        if block.labels and isinstance(source, str) and source.startswith(("./", "../")):
            yield block.labels[0], source


# --- what the blocks say ------------------------------------------------------------------------


def nothing_known(name: str, steps: Steps) -> Any:
    raise Unknown(f"{name} is no literal")


def said(expression: Expression | None) -> Any:
    """The value of a literal; None for nothing and for everything that would have to be worked out."""
    if expression is None:
        return None
    try:
        return evaluate(expression, nothing_known, Allowance())
    except Unknown:
        return None


def _written(prefix: str, module: Module, tags: IgnoredTags) -> Iterator[tuple[str, Written]]:
    for block in module.of("resource"):
        if len(block.labels) == 2:
            address = f"{prefix}{block.labels[0]}.{block.labels[1]}"
            paths = ignored(block) | tags.of(block, in_root=not prefix)
            yield address, Written(block.file, block.line, paths, frozenset(_names(block.body)))
    for name, called in module.calls.items():
        yield from _written(f"{prefix}module.{name}.", called, tags)


def _names(body: Body) -> Iterator[str]:
    yield from body.attributes
    yield from (each.sets for each in body.blocks)


def ignored(block: Block) -> frozenset[str]:
    """The paths under ``lifecycle { ignore_changes = [ami, tags["x"]] }``, as drift writes paths."""
    paths: set[str] = set()
    for lifecycle in block.body.of("lifecycle"):
        if expression := lifecycle.body.attributes.get("ignore_changes"):
            paths.update(_paths(expression))
    return frozenset(paths)


_KEY = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')


def _paths(expression: Expression) -> Iterator[str]:
    """Names, not values: ``ami`` and, in the manner of Terraform 0.11, ``"ami"`` are the same."""
    for written in expression.members():
        yield _KEY.sub(r".\1", written.strip('"') if written.startswith('"') else written)


def _default_tags(blocks: Iterable[Block]) -> Iterator[tuple[str, dict[str, str]]]:
    for block in blocks:
        if block.labels[:1] != ("aws",):
            continue
        alias = said(block.body.attributes.get("alias")) or ""
        for inner in block.body.of("default_tags"):
            tags = said(inner.body.attributes.get("tags"))
            if isinstance(alias, str) and isinstance(tags, dict):
                yield alias, {key: str(value) for key, value in tags.items()}


NEEDED = {"s3": ("bucket", "key"), "http": ("address",), "remote": ("organization",)}
_WEIGHTY = re.compile(
    r"bucket|key|region|role_arn|profile|endpoint\w*|address|path|hostname|organization|workspace\w*|assume_role"
)
"""What says where a state is kept, and as whom it is read; all else says how it is written."""


def _backends(block: Block) -> Iterator[Backend]:
    for each in block.body.of("backend"):
        type = each.labels[0] if each.labels else ""
        settings = dict(flat((name, said(value)) for name, value in _settings(each.body)))
        unsaid = [name for name in NEEDED.get(type, ()) if name not in settings]
        hidden = [name for name, value in _settings(each.body) if said(value) is None]
        unsaid = list(dict.fromkeys([*unsaid, *filter(_WEIGHTY.fullmatch, hidden)]))
        yield Backend(
            type=type,
            settings=settings,
            unsaid=tuple(unsaid),
            hidden=tuple(name for name in hidden if name not in unsaid),
            file=each.file,
            line=each.line,
        )
    for each in block.body.of("cloud"):
        settings = dict(flat((name, said(value)) for name, value in _settings(each.body)))
        unsaid = [name for name, value in _settings(each.body) if said(value) is None]
        yield Backend(type="cloud", settings=settings, unsaid=tuple(unsaid), file=each.file, line=each.line)


def _settings(body: Body) -> Iterator[tuple[str, Expression]]:
    """What a block sets, that of inner blocks under dotted names."""
    yield from body.attributes.items()
    for block in body.blocks:
        yield from ((f"{block.type}.{name}", value) for name, value in _settings(block.body))


def flat(values: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """Settings as texts: those of objects under dotted names, lists joined by commas, null as not set."""
    for name, value in values:
        if isinstance(value, Mapping):
            yield from flat((f"{name}.{inner}", each) for inner, each in value.items())
        elif isinstance(value, list):
            yield name, ",".join(str(each) for each in value)
        elif value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


# --- to state resources --------------------------------------------------------------------------


def enriched(each: Resource, written: Mapping[str, Written]) -> Resource:
    """A state's resource with the file and line that declare it, and what its block ignores."""
    found = written.get(without_keys(each.declared.address)) if each.declared else None
    if each.declared is None or found is None:
        return each
    declared = msgspec.structs.replace(
        each.declared, file=found.file, line=found.line, ignore_changes=found.ignore_changes, written=found.names
    )
    return each.replace(declared=declared)
