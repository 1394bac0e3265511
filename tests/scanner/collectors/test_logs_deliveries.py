from scanner.collectors.logs_deliveries import COLLECTORS, DELIVERY, SOURCE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.whole import whole

LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}"
WEB = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"


def delivery(aws):
    logs = aws("logs")
    logs.put_delivery_source(name="web", resourceArn=WEB, logType="ACCESS_LOGS", tags={"team": "shop"})
    to = {"destinationResourceArn": "arn:aws:s3:::acme-logs"}
    logs.put_delivery_destination(name="files", outputFormat="json", deliveryDestinationConfiguration=to)
    destination = f"{LOGS}:delivery-destination:files"
    made = logs.create_delivery(deliverySourceName="web", deliveryDestinationArn=destination, recordFields=["date"])
    return made["delivery"]


def test_deliveries(aws):
    made = delivery(aws)
    found = read(*COLLECTORS)
    assert whole(only(found, "aws_cloudwatch_log_delivery_source")) == {
        "its id": "web",
        "its identity": "web",
        "its arn": f"{LOGS}:delivery-source:web",
        "its owner": None,
        "arn": f"{LOGS}:delivery-source:web",
        "log_type": "ACCESS_LOGS",
        "name": "web",
        "resource_arn": WEB,
        "service": "cloudfront",
        "tags": {"team": "shop"},
    }
    one = only(found, "aws_cloudwatch_log_delivery")
    said = whole(one)
    assert (said["its id"], said["delivery_source_name"]) == (made["id"], "web")
    assert said["delivery_destination_arn"] == f"{LOGS}:delivery-destination:files"
    assert {path for _, _, path in told(found, [DELIVERY], twin(one, delivery_source_name="b"))} == {
        "delivery_source_name"
    }
    source = only(found, "aws_cloudwatch_log_delivery_source")
    assert {path for _, _, path in told(found, [SOURCE], twin(source, log_type="b"))} == {"log_type"}
