from scanner.aws.collector import Collector
from scanner.collectors.appautoscaling import TARGET
from scanner.collectors.lambda_concurrency import CONFIG
from scanner.collectors.lambda_functions import FUNCTION
from state import Inventory
from state.noise import BY_TARGET
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, noise, told
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
ASKED = "GET /2019-09-30/functions/{}/provisioned-concurrency"
READY = {
    "FunctionArn": f"{ARN}:resize:live",
    "RequestedProvisionedConcurrentExecutions": 10,
    "AllocatedProvisionedConcurrentExecutions": 8,
    "AvailableProvisionedConcurrentExecutions": 8,
    "Status": "IN_PROGRESS",
    "LastModified": "2026-01-01T00:00:00+0000",
}
ANSWERS = {
    ASKED.format("resize"): {"ProvisionedConcurrencyConfigs": [READY, READY | {"FunctionArn": f"{ARN}:resize:3"}]},
    ASKED.format("gone"): refused("ResourceNotFoundException", status=404),
}


def config(function="resize", qualifier="live", executions=10, **more):
    said = {"function_name": function, "qualifier": qualifier, "provisioned_concurrent_executions": executions}
    return declared(CONFIG.type, f"{function},{qualifier}", **said | more)


def seen(*wanted, collectors: tuple[Collector, ...] = (CONFIG,), **changed):
    with answering(ANSWERS | changed):
        return read(*collectors, declared=wanted)


def test_it_is_asked_of_functions_that_are_named():
    live = seen(config(f"{ARN}:resize"), config("gone"))
    assert live.gaps == []
    by_hand, found = sorted(live.of(CONFIG.type), key=lambda each: each.id)
    assert whole(found) == {
        "its id": "resize,live",
        "its identity": "resize:live",
        "its arn": None,
        "its owner": None,
        "function_name": "resize",
        "provisioned_concurrent_executions": 10,
        "qualifier": "live",
    }
    assert (found.fact("allocated_provisioned_concurrent_executions"), found.fact("status")) == (8, "IN_PROGRESS")
    assert by_hand.identity == "resize:3"
    assert seen().of(CONFIG.type) == ()


def test_it_is_compared_however_its_function_is_named():
    for function in ("resize", f"{ARN}:resize", f"{ACCOUNT}:function:resize"):
        wanted = config(function, skip_destroy=False)
        live = Inventory(seen(wanted).resources)
        assert told(live, [CONFIG], wanted, config(qualifier="3")) == set()
        other = config(function, executions=5)
        assert ("changed", CONFIG.type, "provisioned_concurrent_executions") in told(live, [CONFIG], other)
    gone = config("gone", "live")
    assert told(seen(gone), [CONFIG], gone) == {("missing", CONFIG.type, "")}


def test_what_was_added_is_drift_of_the_function():
    wanted = config()
    function = declared(FUNCTION.type, "resize", function_name="resize")
    live = Inventory([*seen(wanted).resources, function.replace(declared=None)])
    added = {("changed", FUNCTION.type, "provisioned_concurrency_config[resize:3]")}
    assert told(live, [CONFIG, FUNCTION], wanted, function) == added


def test_it_is_noise_within_the_bounds_of_what_scales_it():
    wanted = config(executions=5)
    about = {"service_namespace": "lambda", "scalable_dimension": "lambda:function:ProvisionedConcurrency"}
    bounds = {"min_capacity": 1, "max_capacity": 10}
    target = declared(TARGET.type, "t", resource_id="function:resize:live", **about, **bounds)
    live = seen(wanted).resources
    assert noise(Inventory([*live, target]), [CONFIG], wanted) == {"provisioned_concurrent_executions": BY_TARGET}
    narrow = target.replace(attributes={**target.attributes, "max_capacity": 9})
    assert noise(Inventory([*live, narrow]), [CONFIG], wanted) == {}


def test_where_it_may_not_be_read_nothing_is_missing():
    live = seen(config(), **{ASKED.format("resize"): refused("AccessDeniedException", status=403)})
    assert [(each.type, each.kind) for each in live.gaps] == [(CONFIG.type, "denied")]
    assert told(live, [CONFIG], config()) == set()
