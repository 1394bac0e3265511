import json

from scanner.collectors.ssm import (
    COLLECTORS,
    MAINTENANCE_WINDOW,
    PARAMETERS,
    SERVICE_SETTING,
    SETTINGS,
    SSM_DOCUMENT,
    setting,
    shared,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as as_json
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

CONTENT = json.dumps({"schemaVersion": "2.2", "description": "Restart", "mainSteps": []})
ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}"


def test_parameter(aws):
    about = {"Description": "T", "Tags": [{"Key": "team", "Value": "shop"}]}
    aws("ssm").put_parameter(Name="/shop/token", Value="hush", Type="SecureString", **about)
    found = read(PARAMETERS)
    assert whole(only(found, "aws_ssm_parameter")) == {
        "its id": "/shop/token",
        "its identity": "/shop/token",
        "its arn": None,
        "its owner": None,
        "data_type": "text",
        "description": "T",
        "key_id": "alias/aws/ssm",
        "name": "/shop/token",
        "tags": {"team": "shop"},
        "tier": "Standard",
        "type": "SecureString",
        "version": 1,
    }
    assert "hush" not in repr(found.resources)


def test_parameter_changed_by_hand(aws):
    aws("ssm").put_parameter(Name="size", Value="1", Type="String", Description="one")
    before = twin(only(read(PARAMETERS), "aws_ssm_parameter"), tier="Intelligent-Tiering", value="1")
    assert told(read(PARAMETERS), [PARAMETERS], before) == set()
    aws("ssm").put_parameter(Name="size", Value="1", Type="String", Description="two", Overwrite=True)
    assert told(read(PARAMETERS), [PARAMETERS], before) == {("changed", "aws_ssm_parameter", "description")}


def test_document(aws):
    aws("ssm").create_document(Name="restart", Content=CONTENT, DocumentType="Command")
    aws("ssm").modify_document_permission(Name="restart", PermissionType="Share", AccountIdsToAdd=["111111111111"])
    found = only(read(SSM_DOCUMENT), "aws_ssm_document")
    said = whole(found)
    assert {name: said.pop(name) for name in ("created_date", "hash", "platform_types") if name in said}
    assert said == {
        "its id": "restart",
        "its identity": "restart",
        "its arn": f"{ARN}:document/restart",
        "its owner": None,
        "arn": f"{ARN}:document/restart",
        "content": CONTENT,
        "default_version": "1",
        "description": "Restart",
        "document_format": "JSON",
        "document_type": "Command",
        "document_version": "1",
        "hash_type": "Sha256",
        "latest_version": "1",
        "name": "restart",
        "owner": ACCOUNT,
        "permissions": {"type": "Share", "account_ids": "111111111111"},
        "schema_version": "2.2",
        "status": "Active",
    }
    aws("ssm").modify_document_permission(Name="restart", PermissionType="Share", AccountIdsToRemove=["111111111111"])
    assert told(read(SSM_DOCUMENT), [SSM_DOCUMENT], twin(found)) == {("changed", "aws_ssm_document", "permissions")}
    assert shared([]) == {}


def test_maintenance_window(aws):
    asked = {"Schedule": "cron(0 16 ? * TUE *)", "Duration": 3, "Cutoff": 1, "AllowUnassociatedTargets": False}
    id = aws("ssm").create_maintenance_window(Name="night", **asked)["WindowId"]
    found = only(read(MAINTENANCE_WINDOW), "aws_ssm_maintenance_window")
    assert whole(found) == {
        "its id": id,
        "its identity": id,
        "its arn": None,
        "its owner": None,
        "cutoff": 1,
        "duration": 3,
        "enabled": True,
        "name": "night",
        "schedule": "cron(0 16 ? * TUE *)",
    }
    wanted = twin(found, duration=5)
    assert told(read(MAINTENANCE_WINDOW), [MAINTENANCE_WINDOW], wanted) == {
        ("changed", "aws_ssm_maintenance_window", "duration")
    }


def test_service_settings():
    path = "/ssm/documents/console/public-sharing-permission"
    about = {"SettingId": path, "SettingValue": "Enable", "Status": "Default", "ARN": f"{ARN}:servicesetting{path}"}
    with answering({"GetServiceSetting": {"ServiceSetting": about}}) as aws:
        found = read(SERVICE_SETTING)
    assert aws.asked == ["GetServiceSetting"] * len(SETTINGS)
    one = found.of("aws_ssm_service_setting")[0]
    assert (one.identity, one["setting_value"]) == (path, "Enable")
    assert told(found, [SERVICE_SETTING]) == set()
    assert told(found, [SERVICE_SETTING], twin(one, setting_id=one.arn)) == set()
    assert told(found, [SERVICE_SETTING], twin(one, setting_value="Disable")) == {
        ("changed", "aws_ssm_service_setting", "setting_value")
    }
    assert setting({"setting_id": None}) is None


def test_denied_tags_are_unknown():
    parameters = {"Parameters": [{"Name": "a", "Type": "String"}]}
    with answering({"DescribeParameters": parameters, "ListTagsForResource": refused("AccessDeniedException")}):
        found = read(PARAMETERS)
    assert list(only(found, "aws_ssm_parameter").unknown) == ["tags"]
    assert [gap.permission for gap in found.gaps] == ["ssm:ListTagsForResource"]


def test_values_are_never_asked_for():
    operations = {each for one in COLLECTORS for each in one.permissions}
    assert operations & {"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"} == set()


def test_accounts_that_a_document_is_shared_with_on_every_page():
    pages = [{"AccountIds": ["111111111111"], "NextToken": "2"}, {"AccountIds": ["222222222222"]}]
    answers = {
        "ListDocuments": {"DocumentIdentifiers": [{"Name": "restart", "DocumentFormat": "JSON"}]},
        "DescribeDocument": {"Document": {}},
        "GetDocument": {},
        "DescribeDocumentPermission": lambda asked: as_json(pages["NextToken" in asked.body]),
    }
    with answering(answers):
        one = only(read(SSM_DOCUMENT), SSM_DOCUMENT.type)
    assert one["permissions"] == {"type": "Share", "account_ids": "111111111111,222222222222"}
