"""Drift over hand-made inventories: what is told, and what is kept quiet."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from state import GLOBAL, Declaration, Gap, Inventory, Resource
from state.drift import Change, Comparison, Drift, Kind, drift
from state.resource import ANYTHING
from state.schema import Home, Parent
from state.terraform.settle import settle
from tests.state.inventories import (
    ACCOUNT,
    OTHER,
    REGION,
    SCHEMAS,
    compare,
    gap,
    inline,
    live,
    rule,
    schema,
    told,
    wanted,
)

# --- the three kinds ------------------------------------------------------------------------------


def test_changed_missing_and_unmanaged() -> None:
    seen = [live("group", "web", name="new"), live("group", "same", name="x"), live("group", "extra", name="y")]
    said = [wanted("group", "web", name="old"), wanted("group", "same", name="x"), wanted("group", "gone", name="z")]
    found = compare(seen, said)
    assert found == Comparison(
        drift=[
            Drift(
                kind=Kind.CHANGED,
                resource=seen[0],
                declared=said[0].declared,
                changes=(Change(path="name", declared="old", live="new"),),
            ),
            Drift(kind=Kind.MISSING, resource=said[2], declared=said[2].declared),
            Drift(kind=Kind.UNMANAGED, resource=seen[2]),
        ],
        gaps=[],
        pairs={seen[0]: said[0], seen[1]: said[1]},
        attributes=2,
        compared=2,
        outside=0,
    )


def test_of_a_type_without_a_collector_nothing_is_said() -> None:
    assert compare([live("alien", "a")], [wanted("alien", "b")]) == compare([], [])


def test_what_was_compared_is_counted() -> None:
    said = wanted("group", "web", name="x", ids=None, made="then", dns="d", path="me", tags={"a": "1"}, tags_all={})
    found = compare([live("group", "web", name="x", made="now", ids=["i"], tags={"a": "1"})], [said])
    assert told(found) == [("changed", "web", 'ids: null → ["i"]')]
    assert (found.attributes, found.compared) == (5, 3)  # dns has no form, path was not read


def test_what_moves_by_itself_is_counted_and_told_to_who_asks_for_everything() -> None:
    seen, said = live("group", "web", name="y", made="now"), wanted("group", "web", name="x", made="then")
    found = compare([seen], [said])
    assert (told(found), found.moved, found.noise) == ([("changed", "web", 'name: "x" → "y"')], 1, [])
    found = compare([seen], [said], everything=True)
    assert (told(found), found.moved) == ([("changed", "web", 'name: "x" → "y"')], 1)
    rule = "AWS moves it by itself"
    assert [each.changes for each in found.noise] == [(Change(path="made", declared="then", live="now", noise=rule),)]


def test_what_either_side_could_not_see_is_not_compared() -> None:
    seen = live("group", "web", name="new", path="you", unknown={"name": "denied"})
    said = wanted("group", "web", name="old", path="me", unknown={"path": "var.path"})
    found = compare([seen], [said])
    assert (told(found), found.attributes, found.compared) == ([], 2, 0)


def test_tags_compare_with_the_defaults_of_the_provider() -> None:
    [said] = settle([wanted("group", "web", tags={"a": "1"}, tags_all={"a": "1", "by": "tf"})], SCHEMAS)
    assert told(compare([live("group", "web", tags={"a": "1", "by": "tf", "aws:x": "y"})], [said])) == []
    assert told(compare([live("group", "web", tags={"a": "1"})], [said])) == [
        ("changed", "web", 'tags.by: "tf" → null')
    ]


def test_something_pending_deletion_is_as_good_as_gone() -> None:
    going = live("group", "web", facts={"pending_deletion": True}, name="x")
    assert told(compare([going], [wanted("group", "web", name="x")])) == [("missing", "web")]
    assert told(compare([going], [])) == []


def test_what_is_declared_twice_is_told_once() -> None:
    said = [wanted("group", "web", name="old"), wanted("group", "web", name="old")]
    assert told(compare([live("group", "web", name="new")], said)) == [("changed", "web", 'name: "old" → "new"')]
    assert told(compare([], said)) == [("missing", "web")]


# --- gaps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unseen", "missing"),
    [
        (gap(), False),
        (gap("rule"), True),
        (gap(ANYTHING), False),
        (gap(account=OTHER), True),
        (gap(account=""), False),
        (gap(region="us-east-1"), True),
        (gap(region=GLOBAL), False),
        (gap(id="web"), False),
        (gap(id="sg-1"), False),
        (gap(id="db"), True),
        (gap(attribute="name"), True),
        (gap(id="web", attribute="name"), True),
    ],
)
def test_nothing_is_missing_in_a_gap(unseen: Gap, missing: bool) -> None:
    found = compare([], [wanted("group", "sg-1", identity="web")], unseen)
    assert told(found) == ([("missing", "web")] if missing else [])
    assert (found.gaps, found.outside) == ([], 0)


def test_what_the_scan_was_not_asked_to_read_is_outside() -> None:
    said = [wanted("group", "web", ACCOUNT, region) for region in (REGION, "us-east-1")] + [wanted("user", "ann")]
    found = compare([], said, read=[("group", ACCOUNT, REGION)])
    assert (told(found), found.outside) == ([("missing", "web")], 2)


@pytest.mark.parametrize(
    ("hole", "unmanaged"),
    [
        (gap(), False),
        (gap("rule"), True),
        (gap(id="web"), False),
        (gap(id="db"), True),
        (gap(account="", region=GLOBAL), False),
        (gap(region="us-east-1"), True),
    ],
)
def test_nothing_is_unmanaged_where_the_code_could_not_be_read(hole: Gap, unmanaged: bool) -> None:
    found = compare([live("group", "web")], [], declared_gaps=[hole])
    assert told(found) == ([("unmanaged", "web")] if unmanaged else [])


def test_a_state_that_could_not_be_read_makes_what_is_unmanaged_doubtful() -> None:
    hole = Gap(type=ANYTHING, account="", region=GLOBAL, reason="b.tfstate: denied")
    seen = [live("group", "web"), live("group", "own"), rule("r", "own", 1)]
    found = compare(seen, [wanted("group", "own")], declared_gaps=[hole])
    assert [(each.kind, each.note) for each in found.drift] == [
        ("changed", "may be declared in b.tfstate: denied"),
        ("unmanaged", "may be declared in b.tfstate: denied"),
    ]


def test_what_could_not_be_seen_in_whole_is_not_in_sync() -> None:
    said = [wanted("group", "web", name="x", made="then"), inline("web", 80, cidr="a"), wanted("group", "db", name="y")]
    seen = [live("group", "web", name="x"), rule("r", "web", 80, cidr="a"), live("group", "db", name="y")]
    web, part, db = seen
    hidden = [each.replace(unknown={"name": "denied", "cidr": "denied"}) for each in seen]
    assert compare(seen, said).unseen == frozenset()
    assert compare(seen, said, read=[("group", ACCOUNT, REGION)]).unseen == frozenset()
    assert compare([hidden[0], part, db], said).unseen == {web.key}
    assert compare([web, hidden[1], db], said).unseen == {web.key}
    assert compare([web, part, db], said, gap("rule")).unseen == {web.key, db.key}
    assert compare([web, part, db], said, gap("rule", id="web")).unseen == {web.key}
    assert compare([web.replace(unknown={"made": "denied"}), part, db], said).unseen == frozenset()
    changed = live("group", "db", name="z", unknown={"path": "denied"})
    assert compare([web, part, changed], [*said[:2], wanted("group", "db", name="y", path="p")]).unseen == frozenset()


# --- which account --------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [("", ""), (ACCOUNT, ""), ("", REGION)])
def test_a_declaration_without_a_place_is_found_by_what_it_is_called(place: tuple[str, str]) -> None:
    said = wanted("group", "sg-1", *place, name="x")
    assert list(compare([live("group", "sg-1", name="x")], [said]).pairs.values()) == [said]
    found = compare([], [said])
    assert (told(found), [(each.kind, each.id) for each in found.gaps]) == ([], [("which-account", "sg-1")])


@pytest.mark.parametrize(("identity", "id"), [("web", "sg-1"), ("other", "sg-1"), ("web", "sg-2")])
def test_either_name_finds_it_within_its_place(identity: str, id: str) -> None:
    seen = live("group", "sg-1", identity="web")
    assert compare([seen], [wanted("group", id, identity=identity)]).pairs.keys() == {seen}
    elsewhere = compare([seen], [wanted("group", id, OTHER, identity=identity)])
    assert sorted(kind for kind, *_ in told(elsewhere)) == ["missing", "unmanaged"]


def test_a_name_in_two_accounts_is_nobody_s_to_judge() -> None:
    seen = [live("group", "web", name="x"), live("group", "web", OTHER, name="x"), live("group", "extra")]
    found = compare(seen, [wanted("group", "web", "", name="x")])
    assert (told(found), found.pairs) == ([("unmanaged", "extra")], {})
    [unsure] = found.gaps
    assert (unsure.kind, unsure.account, unsure.region, unsure.id) == ("which-account", "", REGION, "web")
    assert unsure.reason.startswith("which account? group.web does not say")


def test_two_accounts_that_say_which_is_whose() -> None:
    seen = [live("group", "web", name="x"), live("group", "web", OTHER, name="y")]
    said = [wanted("group", "web", name="x"), wanted("group", "web", OTHER, name="x")]
    found = compare(seen, said)
    assert [(each.resource.account, told(found)[0][2]) for each in found.drift] == [(OTHER, 'name: "x" → "y"')]


# --- who made it ----------------------------------------------------------------------------------


def test_what_aws_made_is_unmanaged_only_when_everything_is_asked_for() -> None:
    seen = [live("group", "web", owner="aws"), rule("r", "web", 443)]
    assert told(compare(seen, [])) == []
    assert told(compare(seen, [], everything=True)) == [("unmanaged", "web"), ("unmanaged", "web/443")]


def test_what_aws_made_is_managed_once_it_is_declared() -> None:
    made = live("group", "web", name="x", owner="aws")
    parts = [rule("r", "web", 443, owner=owner) for owner in ("aws", "eks: shop")]
    said = [wanted("group", "web", name="x")]
    assert told(compare([made, parts[0]], said)) == [("changed", "web", 'ingress[443]: null → {"port": 443}')]
    assert told(compare([made, parts[1]], said)) == []
    assert told(compare([made, parts[1]], said, everything=True)) == [("unmanaged", "web/443")]


# --- parts ----------------------------------------------------------------------------------------

WEB = live("group", "web", name="x")
DECLARED = wanted("group", "web", name="x")


def test_a_part_that_nobody_declares_is_a_change_of_its_parent_and_told_once() -> None:
    row = ("changed", "web", 'ingress[443]: null → {"port": 443}')
    seen = [WEB, rule("r", "web", 443)]
    assert told(compare(seen, [DECLARED])) == [row]
    assert told(compare(seen, [DECLARED], everything=True)) == [row]


def test_a_part_of_an_unmanaged_parent_is_told_with_it() -> None:
    seen = [WEB, rule("r", "web", 443)]
    assert told(compare(seen, [])) == [("unmanaged", "web")]
    assert told(compare(seen, [], everything=True)) == [("unmanaged", "web"), ("unmanaged", "web/443")]


def test_a_part_that_somebody_removed_or_changed() -> None:
    said = [DECLARED, inline("web", 80, cidr="a"), inline("web", 443, cidr="a")]
    seen = [WEB, rule("r", "web", 80, cidr="b")]
    assert told(compare(seen, said)) == [
        ("changed", "web", 'ingress[443]: {"port": 443, "cidr": "a"} → null', 'ingress[80].cidr: "a" → "b"')
    ]


def test_nothing_of_a_part_in_a_gap_is_lost() -> None:
    assert told(compare([WEB], [DECLARED, inline("web", 80)], gap("rule"))) == []
    assert told(compare([WEB], [DECLARED, inline("web", 80)], gap("rule", id="web/80"))) == []
    said_elsewhere = compare([WEB, rule("r", "web", 80)], [DECLARED], declared_gaps=[gap("rule")])
    assert told(said_elsewhere) == []


def test_a_part_at_its_default_is_no_drift() -> None:
    assert told(compare([WEB, rule("r", "web", 0)], [DECLARED])) == []
    assert told(compare([WEB], [DECLARED, inline("web", 0)])) == []
    assert told(compare([WEB], [DECLARED, wanted("rule", "r", group="web", port=0)])) == []


def test_a_part_with_a_declaration_of_its_own_speaks_for_itself() -> None:
    own = wanted("rule", "r", group="web", port=80, cidr="a")
    assert told(compare([WEB, rule("r", "web", 80, cidr="b")], [DECLARED, own])) == [
        ("changed", "web/80", 'cidr: "a" → "b"')
    ]
    assert told(compare([WEB], [DECLARED, own])) == [("missing", "web/80")]


def test_a_part_declared_both_ways_is_declared_by_itself() -> None:
    group = wanted("group", "web", name="x", ingress=[{"port": 80, "cidr": "copy"}, {"port": 443}])
    own = wanted("rule", "r", group="web", port=80, cidr="a")
    said = settle([group, own], SCHEMAS)
    assert [(each.identity, each.declared.part) for each in said if each.declared] == [
        ("web", ""),
        ("web/80", ""),
        ("web/443", "ingress"),
    ]
    assert told(compare([WEB, rule("r", "web", 80, cidr="a"), rule("s", "web", 443)], said)) == []


def test_a_part_whose_parent_was_not_seen_tells_of_itself() -> None:
    said = [DECLARED, inline("web", 80, cidr="a")]
    seen = [rule("r", "web", 80, cidr="b")]
    assert told(compare(seen, said, gap())) == [("changed", "web/80", 'cidr: "a" → "b"')]
    ignoring = inline("web", 80, cidr="a", ignore=["ingress"])
    assert told(compare(seen, [DECLARED, ignoring], gap())) == []
    ignoring_its_own = inline("web", 80, cidr="a", ignore=["cidr"])
    assert told(compare(seen, [DECLARED, ignoring_its_own], gap())) == [("changed", "web/80", 'cidr: "a" → "b"')]


def test_a_part_that_may_be_one_of_two_is_not_called_undeclared() -> None:
    seen = [
        WEB,
        live("group", "web", OTHER, name="x"),
        rule("r", "web", 80),
        live("rule", "s", OTHER, group="web", port=80),
    ]
    said = [DECLARED, wanted("group", "web", OTHER, name="x"), wanted("rule", "r", "", group="web", port=80)]
    said[2] = said[2].replace(id="web/80")
    found = compare(seen, said)
    assert (told(found), [each.kind for each in found.gaps]) == ([], ["which-account"])


def test_a_part_may_tell_its_parent_by_more_than_one_attribute() -> None:
    by_url = Parent(type="group", by=lambda rule: str(rule["url"]).rsplit("/", 1)[-1], part="ingress")
    schemas = {"group": SCHEMAS["group"], "rule": schema("rule", "port", parent=by_url, identity=("url",))}
    seen = [WEB, live("rule", "r", url="https://aws/web", port=80)]
    found = drift(Inventory(seen), Inventory([DECLARED]), schemas)
    assert told(found) == [("changed", "web", 'ingress[r]: null → {"port": 80}')]


def test_what_a_document_declares_as_a_whole_was_not_made_by_hand() -> None:
    part = Parent(type="group", by="group", part="ingress", whole="path")
    schemas = {"group": SCHEMAS["group"], "rule": schema("rule", "port", parent=part, identity=("group", "port"))}
    for document, expected in (("{}", []), (None, ["ingress[80]"])):
        said = Inventory([wanted("group", "web", name="x", path=document)])
        found = drift(Inventory([live("group", "web", name="x"), rule("r", "web", 80)]), said, schemas)
        assert [change.path for each in found.drift for change in each.changes] == expected


@pytest.mark.parametrize(("alone", "stays"), [((), True), (("rule",), False), (("other",), True)])
def test_what_a_re_apply_leaves(alone: Sequence[str], stays: bool) -> None:
    where = Declaration(address="group.web", source="s", alone=frozenset(alone))
    said = [DECLARED.replace(declared=where), inline("web", 22)]
    [row] = compare([WEB.replace(attributes={"name": "y"}), rule("r", "web", 80)], said).drift
    assert [(each.path, each.stays) for each in row.changes] == [
        ("ingress[22]", False),
        ("ingress[80]", stays),
        ("name", False),
    ]


# --- what was replaced ------------------------------------------------------------------------------


def deposed(id: str, **about: Any) -> Resource:
    where = Declaration(address="group.web", source="s", deposed=True)
    return wanted("group", id, **about).replace(declared=where)


def test_what_is_still_to_be_deleted_is_neither_unmanaged_nor_changed_nor_missing() -> None:
    old = live("group", "old", name="by hand")
    said = settle([deposed("old", name="x"), DECLARED], SCHEMAS)
    assert told(compare([old, WEB, rule("r", "old", 80)], said)) == []
    assert told(compare([WEB], said)) == []


def test_what_stands_in_the_place_of_a_deposed_one_counts() -> None:
    for order in ([deposed("web", name="x"), DECLARED], [DECLARED, deposed("web", name="x")]):
        assert [each.declared and each.declared.deposed for each in settle(order, SCHEMAS)] == [False]


# --- members of lists -------------------------------------------------------------------------------


def members(home: Resource) -> Sequence[Resource]:
    return [home.replace(attributes={"group": home.id, "port": n}) for n in home.attributes["ports"]]


def in_list(*ports: int, lasts: bool = False, **about: Any) -> tuple[dict[str, Any], list[Resource]]:
    homes = {"ports": Home(project=members, members="ports", lasts=lasts)}
    schemas = SCHEMAS | {"rule": msgspec.structs.replace(SCHEMAS["rule"], homes=homes)}
    return schemas, settle([DECLARED, wanted("ports", "web", ports=list(ports), **about)], schemas)


def test_a_member_lost_is_a_change_of_what_lists_it() -> None:
    schemas, said = in_list(22, 80, 443)
    assert told(drift(Inventory([WEB, *[rule("r", "web", n) for n in (22, 80, 443)]]), Inventory(said), schemas)) == []
    found = drift(Inventory([WEB, rule("r", "web", 80)]), Inventory(said), schemas)
    assert told(found) == [("changed", "web", 'ports[22]: "22" → null', 'ports[443]: "443" → null')]
    [row] = found.drift
    assert (row.resource.type, row.declared and row.declared.address) == ("ports", "ports.web")
    assert told(drift(Inventory([WEB], [gap("rule")]), Inventory(said), schemas)) == []
    schemas, said = in_list(22, 80, ignore=["ports"])
    assert told(drift(Inventory([WEB, rule("r", "web", 80)]), Inventory(said), schemas)) == []


@pytest.mark.parametrize(
    ("lasts", "row"), [(True, ("changed", "web", 'ports[22]: "22" → null')), (False, ("missing", "web"))]
)
def test_a_list_that_has_lost_all(lasts: bool, row: tuple[str, ...]) -> None:
    schemas, said = in_list(22, lasts=lasts)
    found = drift(Inventory([WEB]), Inventory(said), schemas)
    assert (told(found), found.drift[0].resource.type) == ([row], "ports")


def test_a_list_goes_with_what_it_is_a_list_of() -> None:
    schemas, said = in_list(22, lasts=True)
    assert told(drift(Inventory([]), Inventory(said), schemas)) == [("missing", "web"), ("missing", "web")]
    unseen = drift(Inventory([], [gap("group")]), Inventory(said), schemas)
    assert told(unseen) == [("changed", "web", 'ports[22]: "22" → null')]


def test_a_list_goes_with_what_it_is_said_to_be_a_list_of() -> None:
    of = Parent(type="user", by="group", part="ports")
    homes = {"ports": Home(project=members, members="ports", lasts=True, of=of)}
    schemas = SCHEMAS | {"rule": msgspec.structs.replace(SCHEMAS["rule"], homes=homes)}
    user = {"id": "web", "region": GLOBAL}
    said = Inventory(settle([DECLARED, wanted("ports", "web", ports=[22]), wanted("user", **user)], schemas))
    lost = ("changed", "web", 'ports[22]: "22" → null')
    assert told(drift(Inventory([WEB, live("user", **user)]), said, schemas)) == [lost]
    assert told(drift(Inventory([WEB]), said, schemas)) == [("missing", "web"), ("missing", "web")]
    assert told(drift(Inventory([WEB], [gap("user", region=GLOBAL)]), said, schemas)) == [lost]


# --- ignore_changes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ((), ["ingress[443]", "name", "tags.a", "tags.a.b", "tags.b"]),
        (("name",), ["ingress[443]", "tags.a", "tags.a.b", "tags.b"]),
        (("tags.a",), ["ingress[443]", "name", "tags.a.b", "tags.b"]),
        (("tags.a*",), ["ingress[443]", "name", "tags.b"]),
        (("tags",), ["ingress[443]", "name"]),
        (("tag", "nam", "ingres"), ["ingress[443]", "name", "tags.a", "tags.a.b", "tags.b"]),
        (("ingress",), ["name", "tags.a", "tags.a.b", "tags.b"]),
        (("name", "tags", "ingress"), []),
        (("all",), []),
    ],
)
def test_ignore_changes(ignore: Sequence[str], left: list[str]) -> None:
    said = wanted("group", "web", name="x", tags={"a": "1"}, ignore=ignore)
    seen = [live("group", "web", name="y", tags={"a": "2", "b": "3", "a.b": "4"}), rule("r", "web", 443)]
    found = [change.path for each in compare(seen, [said]).drift for change in each.changes]
    assert found == left


def test_ignore_changes_of_one_value_in_a_block() -> None:
    schemas = {"group": schema("group", "log")}
    said = wanted("group", "web", log=[{"level": "a", "size": 1}], ignore=["log[0].level"])
    found = drift(Inventory([live("group", "web", log=[{"level": "b", "size": 2}])]), Inventory([said]), schemas)
    assert told(found) == [("changed", "web", "log[0].size: 1 → 2")]


def test_ignore_changes_hides_no_loss() -> None:
    assert told(compare([], [wanted("group", "web", ignore=["all"])])) == [("missing", "web")]


# --- how it reads -------------------------------------------------------------------------------------


def test_a_long_value_is_cut() -> None:
    [row] = compare([live("group", "web", name="x" * 500)], [wanted("group", "web", name="y")]).drift
    assert row.changes[0].text == f'name: "y" → "{"x" * 199}…'
