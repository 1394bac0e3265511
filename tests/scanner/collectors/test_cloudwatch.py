from scanner.collectors.cloudwatch import COLLECTORS, COMPOSITE_ALARM, DASHBOARD, METRIC_ALARM, scaling
from state import GLOBAL
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import refusal, xml
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"
ASKED = {"EvaluationPeriods": 2, "Threshold": 80.5, "ComparisonOperator": "GreaterThanThreshold"}
QUERY = {
    "Id": "m",
    "ReturnData": True,
    "MetricStat": {
        "Metric": {"Namespace": "shop", "MetricName": "orders", "Dimensions": [{"Name": "kind", "Value": "new"}]},
        "Period": 60,
        "Stat": "Sum",
    },
}


def test_metric_alarm(aws):
    aws("cloudwatch").put_metric_alarm(
        AlarmName="cpu",
        AlarmActions=["arn:aws:sns:x"],
        Dimensions=[{"Name": "InstanceId", "Value": "i-1"}],
        MetricName="CPUUtilization",
        Namespace="AWS/EC2",
        Period=120,
        Statistic="Average",
        Tags=[{"Key": "team", "Value": "shop"}],
        **ASKED,
    )
    found = only(read(METRIC_ALARM), "aws_cloudwatch_metric_alarm")
    assert whole(found) == {
        "its id": "cpu",
        "its identity": "cpu",
        "its arn": f"{ARN}:cpu",
        "its owner": None,
        "actions_enabled": True,
        "alarm_actions": ["arn:aws:sns:x"],
        "alarm_name": "cpu",
        "arn": f"{ARN}:cpu",
        "comparison_operator": "GreaterThanThreshold",
        "dimensions": {"InstanceId": "i-1"},
        "evaluation_periods": 2,
        "metric_name": "CPUUtilization",
        "namespace": "AWS/EC2",
        "period": 120,
        "statistic": "Average",
        "tags": {"team": "shop"},
        "threshold": 80.5,
    }
    wanted = twin(found, threshold=90, alarm_actions=[], treat_missing_data="missing")
    assert told(read(METRIC_ALARM), [METRIC_ALARM], wanted) == {
        ("changed", "aws_cloudwatch_metric_alarm", "alarm_actions"),
        ("changed", "aws_cloudwatch_metric_alarm", "threshold"),
    }


def test_alarm_on_queries(aws):
    aws("cloudwatch").put_metric_alarm(AlarmName="orders", Metrics=[QUERY], **ASKED)
    metric = {"dimensions": {"kind": "new"}, "metric_name": "orders", "namespace": "shop", "period": 60, "stat": "Sum"}
    found = whole(only(read(METRIC_ALARM), "aws_cloudwatch_metric_alarm"))
    assert found["metric_query"] == [{"id": "m", "metric": [metric], "return_data": True}]


COMPOSITE = f"""<CompositeAlarms><member><AlarmName>both</AlarmName><AlarmArn>{ARN}:both</AlarmArn>
<AlarmRule>ALARM(cpu)</AlarmRule><ActionsEnabled>true</ActionsEnabled><ActionsSuppressor>quiet</ActionsSuppressor>
<ActionsSuppressorWaitPeriod>60</ActionsSuppressorWaitPeriod>
<ActionsSuppressorExtensionPeriod>30</ActionsSuppressorExtensionPeriod></member></CompositeAlarms>"""


def test_composite_alarm():
    answers = {
        "DescribeAlarms": xml("DescribeAlarms", COMPOSITE),
        "ListTagsForResource": refusal("AccessDenied", 403),
    }
    with answering(answers) as aws:
        found = read(METRIC_ALARM, COMPOSITE_ALARM)
    assert aws.asked == ["DescribeAlarms", "ListTagsForResource"]
    assert whole(only(found, "aws_cloudwatch_composite_alarm")) == {
        "its id": "both",
        "its identity": "both",
        "its arn": f"{ARN}:both",
        "its owner": None,
        "actions_enabled": True,
        "actions_suppressor": [{"alarm": "quiet", "extension_period": 30, "wait_period": 60}],
        "alarm_name": "both",
        "alarm_rule": "ALARM(cpu)",
        "arn": f"{ARN}:both",
        "unknown": ["tags"],
    }


def test_alarms_of_auto_scaling():
    text = "DO NOT EDIT OR DELETE. For TargetTrackingScalingPolicy arn:aws:autoscaling:p."
    assert scaling({"AlarmDescription": text}) == "autoscaling: arn:aws:autoscaling:p"
    assert scaling({"AlarmDescription": "mine"}) is scaling({}) is None


def test_dashboard(aws):
    aws("cloudwatch", "us-east-1").put_dashboard(DashboardName="shop", DashboardBody='{"widgets": []}')
    found = read(DASHBOARD)
    one = only(found, "aws_cloudwatch_dashboard")
    assert (one.region, one.identity, one["dashboard_body"]) == (GLOBAL, "shop", '{"widgets": []}')
    wanted = twin(one, dashboard_body='{"widgets":[]}')
    assert told(found, [DASHBOARD], wanted) == set()
    aws("cloudwatch", "us-east-1").put_dashboard(
        DashboardName="shop", DashboardBody='{"widgets": [], "start": "-PT1H"}'
    )
    assert told(read(DASHBOARD), [DASHBOARD], wanted) == {
        ("changed", "aws_cloudwatch_dashboard", "dashboard_body.start")
    }


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)
