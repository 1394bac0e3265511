from scanner.collectors.pipes import PIPE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/orders"
FROM, TO = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("a", "b"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipes"


def test_pipe(aws):
    made = {"Name": "orders", "Source": FROM, "Target": TO, "RoleArn": ROLE, "Description": "Orders"}
    aws("pipes").create_pipe(Tags={"team": "shop"}, **made)
    found = only(read(PIPE), "aws_pipes_pipe")
    assert whole(found) == {
        "its id": "orders",
        "its identity": "orders",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "description": "Orders",
        "desired_state": "RUNNING",
        "name": "orders",
        "role_arn": ROLE,
        "source": FROM,
        "tags": {"team": "shop"},
        "target": TO,
    }
    assert told(read(PIPE), [PIPE], twin(found, target=FROM)) == {("changed", "aws_pipes_pipe", "target")}


def test_where_it_logs_to():
    logs = {"Level": "INFO", "CloudwatchLogsLogDestination": {"LogGroupArn": "g"}, "IncludeExecutionData": ["ALL"]}
    answers = {
        "GET /v1/pipes": {"Pipes": [{"Name": "a"}]},
        "GET /v1/pipes/a": {"Name": "a", "LogConfiguration": logs},
    }
    with answering(answers):
        found = whole(only(read(PIPE), "aws_pipes_pipe"))
    assert found["log_configuration"] == [
        {
            "cloudwatch_logs_log_destination": [{"log_group_arn": "g"}],
            "include_execution_data": ["ALL"],
            "level": "INFO",
        }
    ]


def test_pipe_that_may_not_be_read_is_a_gap():
    answers = {"GET /v1/pipes": {"Pipes": [{"Name": "a"}]}, "GET /v1/pipes/a": refused("AccessDeniedException")}
    with answering(answers):
        found = read(PIPE)
    assert list(found.of("aws_pipes_pipe")) == []
    assert [(gap.id, gap.permission) for gap in found.gaps] == [("a", "pipes:DescribePipe")]
