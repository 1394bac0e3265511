from scanner.collectors.mq import BROKER, COLLECTORS, CONFIGURATION
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:mq:{REGION}:{ACCOUNT}"
SHOP = {
    "brokerId": "b-1",
    "brokerArn": f"{ARN}:broker:shop:b-1",
    "brokerName": "shop",
    "brokerState": "RUNNING",
    "engineType": "ACTIVEMQ",
    "engineVersion": "5.18.4",
    "hostInstanceType": "mq.t3.micro",
    "deploymentMode": "SINGLE_INSTANCE",
    "authenticationStrategy": "SIMPLE",
    "autoMinorVersionUpgrade": True,
    "configurations": {"current": {"id": "c-1", "revision": 2}},
    "encryptionOptions": {"useAwsOwnedKey": True},
    "logs": {"audit": False, "general": True, "generalLogGroup": "/aws/amazonmq"},
    "maintenanceWindowStartTime": {"dayOfWeek": "MONDAY", "timeOfDay": "02:00", "timeZone": "UTC"},
    "publiclyAccessible": False,
    "securityGroups": ["sg-2", "sg-1"],
    "subnetIds": ["subnet-1"],
    "storageType": "EFS",
    "users": [{"username": "admin"}],
    "tags": {"team": "shop"},
}
ANSWERS = {
    "GET /v1/brokers": {"brokerSummaries": [{"brokerId": "b-1", "brokerState": "RUNNING"}]},
    "GET /v1/brokers/b-1": SHOP,
    "GET /v1/configurations": {
        "configurations": [
            {
                "id": f"c-{number}",
                "arn": f"{ARN}:configuration:c-{number}",
                "name": "set",
                "engineType": "ACTIVEMQ",
                "engineVersion": "5.18",
                "authenticationStrategy": "simple",
                "latestRevision": {"revision": 2, "description": about},
                "tags": {"team": "shop"},
            }
            for number, about in [(1, "ours"), (2, "Auto-generated default for shop on ActiveMQ 5.18")]
        ]
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | {f"GET /v1/{name}": each for name, each in changed.items()}):
        return read(*collectors)


def test_broker():
    found = only(seen(BROKER), BROKER.type)
    assert whole(found) == {
        "its id": "b-1",
        "its identity": "b-1",
        "its arn": "arn:aws:mq:eu-west-1:123456789012:broker:shop:b-1",
        "its owner": None,
        "arn": "arn:aws:mq:eu-west-1:123456789012:broker:shop:b-1",
        "authentication_strategy": "SIMPLE",
        "auto_minor_version_upgrade": True,
        "broker_name": "shop",
        "configuration": [{"id": "c-1", "revision": 2}],
        "deployment_mode": "SINGLE_INSTANCE",
        "encryption_options": [{"use_aws_owned_key": True}],
        "engine_type": "ACTIVEMQ",
        "engine_version": "5.18.4",
        "host_instance_type": "mq.t3.micro",
        "logs": [{"audit": "false", "general": True}],
        "maintenance_window_start_time": [{"day_of_week": "MONDAY", "time_of_day": "02:00", "time_zone": "UTC"}],
        "publicly_accessible": False,
        "security_groups": ["sg-2", "sg-1"],
        "storage_type": "EFS",
        "subnet_ids": ["subnet-1"],
        "tags": {"team": "shop"},
    }
    said = twin(
        found,
        engine_type="ActiveMQ",
        engine_version="5.18",
        deployment_mode=None,
        logs=[{"general": True, "audit": None}],
        encryption_options=[],
        security_groups=["sg-1", "sg-2"],
        user=[{"username": "admin", "password": "hush"}],
    )
    assert told(seen(BROKER), COLLECTORS, said) == set()
    silent = SHOP | {"logs": {"audit": False, "general": False}, "publiclyAccessible": True}
    assert told(seen(BROKER, **{"brokers/b-1": silent}), COLLECTORS, said) == {
        ("changed", BROKER.type, "logs"),
        ("changed", BROKER.type, "publicly_accessible"),
    }


def test_configuration():
    found = seen(CONFIGURATION)
    assert whole(only(found, CONFIGURATION.type)) == {
        "its id": "c-1",
        "its identity": "c-1",
        "its arn": "arn:aws:mq:eu-west-1:123456789012:configuration:c-1",
        "its owner": None,
        "arn": "arn:aws:mq:eu-west-1:123456789012:configuration:c-1",
        "authentication_strategy": "simple",
        "description": "ours",
        "engine_type": "ACTIVEMQ",
        "engine_version": "5.18",
        "latest_revision": 2,
        "name": "set",
        "tags": {"team": "shop"},
    }
    assert [each.owner for each in found.of(CONFIGURATION.type)] == [None, "mq"]
    assert told(found, COLLECTORS, twin(only(found, CONFIGURATION.type), latest_revision=1)) == {
        ("changed", CONFIGURATION.type, "latest_revision")
    }


def test_denied():
    found = seen(BROKER, **{"brokers/b-1": refused("ForbiddenException", status=403)})
    assert (list(found.of(BROKER.type)), len(found.gaps)) == ([], 1)
