"""A model that is read in part says of an operation what the whole one says."""

from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader, Loader

from scanner.aws.errors import Refused
from scanner.aws.models import ITS_OWN, Models
from scanner.aws.operations import LISTED
from tests.scanner.aws.session import calling, scanning

SERVICES = sorted({each.partition(":")[0] for each in LISTED})
PROSE = "documentation"


def path_of(service, name="service-2"):
    version = Loader().determine_latest_version(service, name)
    return str(Path(Loader.BUILTIN_DATA_PATH) / service / version / name)


def both(service, known=LISTED):
    return Models(known).load_file(path_of(service)), JSONFileLoader().load_file(path_of(service))


def terse(told):
    """Without the prose, as deep as it goes in operations and shapes."""
    if isinstance(told, dict):
        return {name: terse(each) for name, each in told.items() if name != PROSE or not isinstance(each, str)}
    return [terse(each) for each in told] if isinstance(told, list) else told


def named(told):
    """The shapes that something names."""
    if isinstance(told, dict):
        own = {told["shape"]} if isinstance(told.get("shape"), str) else set()
        return own.union(*(named(each) for each in told.values()))
    return set().union(*(named(each) for each in told)) if isinstance(told, list) else set()


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_kept_is_told_as_a_whole_model_tells_it(service):
    model, whole = both(service)
    operations, shapes = whole["operations"], whole["shapes"]
    assert terse(model["operations"]) == {name: terse(operations[name]) for name in model["operations"]}
    assert terse(model["shapes"]) == {name: terse(shapes[name]) for name in model["shapes"]}
    assert {f"{service}:{name}" for name in operations} & (LISTED | ITS_OWN) <= {
        f"{service}:{name}" for name in model["operations"]
    }
    assert named([model["operations"], model["shapes"]]) == set(model["shapes"])
    rest = whole.keys() - {"operations", "shapes", PROSE}
    assert model.keys() == rest | {"operations", "shapes"} and all(model[name] == whole[name] for name in rest)


def test_what_is_not_asked_for_is_left_out():
    model, whole = both("ec2", frozenset({"ec2:DescribeVpcs"}))
    assert list(model["operations"]) == ["DescribeVpcs"] and len(model["shapes"]) * 50 < len(whole["shapes"])


@pytest.mark.parametrize("service", ["sts", "sso", "polly"])
def test_what_gets_credentials_or_is_not_listed_is_whole(service):
    model, whole = both(service)
    assert model["operations"].keys() == whole["operations"].keys()


def test_other_files_are_read_as_they_are():
    path = path_of("ec2", "paginators-1")
    assert Models(LISTED).load_file(path) == JSONFileLoader().load_file(path)
    assert Models(LISTED).load_file(f"{path}-none") is None
    assert Models(LISTED).exists(path) and not Models(LISTED).exists(f"{path}-none")


def test_an_operation_that_is_not_listed_is_refused(wire):
    with pytest.raises(Refused, match="ec2:terminate_instances is not on the list of operations that a scan may call"):
        scanning(calling("ec2", "terminate_instances", InstanceIds=["i-1"]))
    assert wire.asked == []
