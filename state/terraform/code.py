"""The code beside states: which configuration is that of which state, and what it says of what is declared there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from state.resource import Resource
from state.schema import Schemas
from state.terraform import configuration, hcl, refactoring
from state.terraform.configuration import Backend, Configuration
from state.terraform.refactoring import Import, Refactoring, Steps
from state.terraform.remote import S3
from state.terraform.settle import declaration


class Code:
    """The configurations by their folders. ``of`` has the folder of a state that is named by its backend's settings,
    ``local`` are the states that lie in files."""

    def __init__(
        self,
        configurations: Mapping[str, Configuration],
        of: Mapping[str, str],
        states: Iterable[str],
        local: Iterable[str],
        schemas: Schemas,
    ) -> None:
        self.configurations, self.of, self.local = configurations, of, frozenset(local)
        read = {at: refactoring.read(each, hcl.root_scope(each, schemas)) for at, each in configurations.items()}
        self.refactorings: Mapping[str, Refactoring] = read
        self.of_state = {state: read[str(found.folder)] for state in states if (found := self._of(state))}

    @property
    def notes(self) -> list[str]:
        return list(dict.fromkeys(note for each in self.refactorings.values() for note in each.notes))

    def _of(self, state: str) -> Configuration | None:
        """The code of a state: in whose folder it lies, whose backend names it, or the only one there is."""
        every = list(self.configurations.values())
        if (folder := self.of.get(state)) is not None:
            return self.configurations.get(folder)
        naming = [each for each in every if any(_keeps(backend, state) for backend in each.backends)]
        beside = [each for each in every if state in self.local and each.folder in Path(state).parents]
        nearest = sorted(beside, key=lambda each: len(each.folder.parts), reverse=True)
        return next(iter([*naming, *nearest, *(every if len(every) == 1 else [])]), None)

    def taken(self, resources: Sequence[Resource]) -> Mapping[str, set[Steps]]:
        """What has an address already, in each state of which the code moves something."""
        addresses: dict[str, set[str]] = defaultdict(set)
        moving = {state for state, each in self.of_state.items() if each.moves}
        for each in resources if self.of_state.keys() - moving else ():
            source = each.origin.source if each.origin else ""
            found = self.of_state.get(source)
            if found and source not in moving and found.implied(declaration(each).address):
                moving.add(source)
        for each in resources if moving else ():
            if each.origin and each.origin.source in moving and (said := each.declared):
                addresses[said.source].add(said.address)
        return {state: refactoring.taken(each) for state, each in addresses.items()}

    def enriched(self, resources: Iterable[Resource], taken: Mapping[str, set[Steps]]) -> Iterator[Resource]:
        """Resources of states with the file and line that declare them, and what their block ignores."""
        for each in resources:
            found = self.of_state.get(each.origin.source) if each.origin else None
            if found is None:
                yield each
            elif found.moves or found.removals or (each.origin and each.origin.source in taken):
                yield found.enriched(each, taken.get(each.origin.source, ()) if each.origin else ())
            else:
                yield configuration.enriched(each, found.configuration.written)

    def imports(self, declared: Iterable[Resource]) -> list[Import]:
        """What import blocks are still to bring in: Terraform passes over one whose place in the state is taken."""
        asked = {each.address for found in self.refactorings.values() for each in found.imports}
        said = (each.declared for each in declared) if asked else ()
        there = {(each.source, each.address) for each in said if each and each.address in asked}
        left: list[Import] = []
        for found in self.refactorings.values():
            states = [state for state, each in self.of_state.items() if each is found]
            left += (
                each
                for each in found.imports
                if not states or not all((state, each.address) in there for state in states)
            )
        return left


def _keeps(backend: Backend, source: str) -> bool:
    """Workspaces are kept under ``env:/NAME/`` before the key."""
    if backend.source is None:
        return False
    bucket, _, key = backend.source.removeprefix("s3://").partition("/")
    prefix = backend.settings.get("workspace_key_prefix", "env:")
    at = S3(bucket=bucket, key=key, workspace="*", workspace_key_prefix=prefix)
    return source.startswith(f"s3://{bucket}/") and at.is_of(source.removeprefix(f"s3://{bucket}/"))
