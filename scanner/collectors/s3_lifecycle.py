"""When the objects of a bucket move to a cheaper class and when they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, settled
from scanner.collectors.s3 import answer, copies, in_bucket, part, setting
from state import Resource
from state.forms import UNORDERED, Form, defaulting, plain

Rule = dict[str, Any]
SIZES = ("object_size_greater_than", "object_size_less_than")

# --- how two rules compare ------------------------------------------------------------------------


def number(value: Any) -> Any:
    """Text before version 5.86 of the provider, where "" is none."""
    return int(value) if isinstance(value, str) and value.isdigit() else plain(value)


def day(value: Any) -> Any:
    """A date is midnight UTC to AWS; the copy in the bucket leaves the time out."""
    return value[:10] if isinstance(value, str) and value else None


def pairs(tags: Any) -> Any:
    """Tags with an empty value are tags."""
    return sorted(f"{key}={value or ''}" for key, value in (tags or {}).items()) or None


NUMBER, DAY = Form(canonical=number), Form(canonical=day)
TAGS_OF_FILTER = Form(inner={"tags": Form(canonical=pairs)})

RULE = Form(
    inner={
        "expiration": Form(inner={"date": DAY}),
        "filter": Form(inner={"tags": Form(canonical=pairs), **dict.fromkeys(SIZES, NUMBER)}),
        "noncurrent_version_expiration": Form(inner={"newer_noncurrent_versions": NUMBER}),
        "noncurrent_version_transition": Form(
            canonical=UNORDERED.canonical, inner={"newer_noncurrent_versions": NUMBER}
        ),
        "transition": Form(canonical=UNORDERED.canonical, inner={"date": DAY}),
    }
)


class Rules(Form, frozen=True, kw_only=True):
    """Rules are known by their ids: AWS keeps no order of them."""

    rule: Form

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        wanted, actual = _by_id(declared), _by_id(live)
        for index, (id, rule) in enumerate(wanted.items()):
            if id in actual:
                yield from self.rule.differences(f"{path}[{index}]", scoped(rule), scoped(actual[id]))
            else:
                yield f"{path}[{index}]", rule, None
        for id in [id for id in actual if id not in wanted]:
            yield f"{path}[{id}]", None, actual[id]


def _by_id(rules: Any) -> dict[str, Rule]:
    return {str(each.get("id") or ""): each for each in rules or () if isinstance(each, dict)}


def scoped(rule: Rule) -> Rule:
    """A rule with its scope in one form: AWS and the provider have four places for a prefix, and two for tags."""
    outer = _first(rule.get("filter"))
    inner = _first(outer.get("and"))
    tag = _first(outer.get("tag"))
    scope = {
        "prefix": rule.get("prefix") or outer.get("prefix") or inner.get("prefix"),
        "tags": {tag["key"]: tag.get("value") or ""} if tag.get("key") else inner.get("tags"),
        **{name: outer.get(name) or inner.get(name) for name in SIZES},
    }
    return {name: value for name, value in rule.items() if name != "prefix"} | {"filter": [scope]}


def _first(block: Any) -> Mapping[str, Any]:
    return next((each for each in block or () if each), {})


# --- as AWS answers -------------------------------------------------------------------------------


def rules(answer: Any) -> list[Rule]:
    return [_rule(each) for each in answer or ()]


def _rule(rule: Mapping[str, Any]) -> Rule:
    return {
        "abort_incomplete_multipart_upload": _block(
            rule.get("AbortIncompleteMultipartUpload"), days_after_initiation="DaysAfterInitiation"
        ),
        "expiration": _block(
            rule.get("Expiration"), date="Date", days="Days", expired_object_delete_marker="ExpiredObjectDeleteMarker"
        ),
        "filter": _filter(rule.get("Filter")),
        "id": rule.get("ID"),
        "noncurrent_version_expiration": _noncurrent(rule.get("NoncurrentVersionExpiration")),
        "noncurrent_version_transition": [
            row
            for each in rule.get("NoncurrentVersionTransitions") or ()
            for row in _noncurrent(each, storage_class="StorageClass")
        ],
        "prefix": rule.get("Prefix"),
        "status": rule.get("Status"),
        "transition": [
            row
            for each in rule.get("Transitions") or ()
            for row in _block(each, date="Date", days="Days", storage_class="StorageClass")
        ],
    }


def _block(answer: Mapping[str, Any] | None, **names: str) -> list[Rule]:
    """A structure as the block that the provider makes of it; none where AWS has none."""
    return [] if answer is None else [{ours: settled(answer.get(theirs)) for ours, theirs in names.items()}]


def _noncurrent(answer: Mapping[str, Any] | None, **names: str) -> list[Rule]:
    return _block(
        answer, newer_noncurrent_versions="NewerNoncurrentVersions", noncurrent_days="NoncurrentDays", **names
    )


def _filter(answer: Mapping[str, Any] | None) -> list[Rule]:
    if answer is None:
        return []
    names = {"prefix": "Prefix"} | dict(zip(SIZES, ("ObjectSizeGreaterThan", "ObjectSizeLessThan"), strict=True))
    both = [inner | {"tags": _tags(answer["And"])} for inner in _block(answer.get("And"), **names)]
    return [
        outer | {"and": both, "tag": _block(answer.get("Tag"), key="Key", value="Value")}
        for outer in _block(answer, **names)
    ]


def _tags(both: Mapping[str, Any]) -> dict[str, str] | None:
    return {tag["Key"]: tag.get("Value", "") for tag in both.get("Tags") or ()} or None


# --- as the bucket's copy says --------------------------------------------------------------------


def lifecycle_in_bucket(bucket: Resource) -> Iterator[Resource]:
    if found := [_copied(each) for each in copies(bucket, "lifecycle_rule")]:
        yield in_bucket(bucket, rule=found)


def _copied(rule: Rule) -> Rule:
    """A rule of the copy, which knows neither sizes of objects nor numbers of versions."""
    days = rule.get("abort_incomplete_multipart_upload_days")
    return {
        "abort_incomplete_multipart_upload": [{"days_after_initiation": days}] if days else [],
        "expiration": rule.get("expiration"),
        "filter": [{"and": [{"prefix": rule.get("prefix"), "tags": rule.get("tags")}]}],
        "id": rule.get("id"),
        "noncurrent_version_expiration": _renamed(rule.get("noncurrent_version_expiration")),
        "noncurrent_version_transition": _renamed(rule.get("noncurrent_version_transition")),
        "status": "Enabled" if rule.get("enabled") else "Disabled",
        "transition": rule.get("transition"),
    }


def _renamed(blocks: Any) -> list[Rule]:
    return [{"noncurrent_days" if key == "days" else key: each[key] for key in each} for each in blocks or ()]


LIFECYCLE = setting(
    "aws_s3_bucket_lifecycle_configuration",
    part("lifecycle_rule", rule="lifecycle_rule"),
    answer("get_bucket_lifecycle_configuration", "Lifecycle", "NoSuchLifecycleConfiguration"),
    "s3:GetLifecycleConfiguration",
    {
        "rule": Attribute(path="Lifecycle.Rules", form=Rules(rule=RULE), convert=rules),
        "transition_default_minimum_object_size": Attribute(
            path="Lifecycle.TransitionDefaultMinimumObjectSize", form=defaulting("all_storage_classes_128K")
        ),
    },
    homes={"aws_s3_bucket": lifecycle_in_bucket},
)

COLLECTORS = [LIFECYCLE]
