"""Import blocks: HCL on standard output, and on standard error how much of it there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from scanner.import_blocks import Adoption, aliases, provider
from scanner.report._values import line
from scanner.report._words import many
from state.terraform.writing import Comment, text

HEAD = (
    "Import blocks of what no Terraform declares. Read them, plan them, then apply;",
    "once they are applied the import blocks can go.",
)
NEEDS = (
    "These need a provider configuration of this account and region. (From provider 6 on, the argument `region`",
    "in place of `provider` does for another region of one account.)",
)


def hcl(found: Adoption) -> Iterator[str]:
    """The blocks, a part for each account and region."""
    if not found.all:
        return
    yield text(map(Comment, HEAD))
    names = aliases(found.places)
    for (account, region), adopted in found.places.items():
        yield f"\n{text([Comment(f'Account {account}, {region}')])}"
        alias = names.get((account, region), "")
        if alias:
            yield from _provider(alias, account, region)
        for each in adopted:
            yield f"\n{text(each.items(alias))}"


def _provider(alias: str, account: str, region: str) -> Iterator[str]:
    """As a comment: it may be there already, under another name and with a role."""
    yield text(map(Comment, NEEDS))
    lines = text([provider(alias, account, region)]).splitlines()
    yield "".join(f"#   {each}\n" for each in lines)


def show(found: Adoption, console: Console) -> None:
    """How many there are of each type, and what is not among them."""
    done = [each for each in found.all if not each.why]
    counts = Counter(each.resource.type for each in done)
    said = ", ".join(f"{count:,} {type}" for type, count in counts.most_common(8))
    more = f", … ({len(counts):,} types)" if len(counts) > 8 else ""
    _print(console, Text(f"{many(len(done), 'resource')} to import", "bold"), Text(f"{said}{more}", "dim"))
    for why, count in Counter((each.resource.type, each.why) for each in found.all if each.why).items():
        _print(console, Text(f"{count:,} {line(why[0])} left out: {line(why[1])}", "yellow"))
    if found.gaps:
        _print(console, Text(f"{many(len(found.gaps), 'gap')}: what lies there is not among them", "yellow"))


def _print(console: Console, *parts: Text) -> None:
    for part in parts:
        if part.plain:
            console.print(part, highlight=False, markup=False, emoji=False)
