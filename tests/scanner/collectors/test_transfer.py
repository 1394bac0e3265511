from scanner.collectors.transfer import COLLECTORS, SERVER, SSH_KEY, USER, WORKFLOW
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:transfer:{REGION}:{ACCOUNT}"
TAGS = [{"Key": "team", "Value": "shop"}]
ANSWERS = {
    "ListServers": {
        "Servers": [
            {"Arn": f"{ARN}:server/s-1", "ServerId": "s-1", "IdentityProviderType": "SERVICE_MANAGED"},
        ]
    },
    "DescribeServer": {
        "Server": {
            "Arn": f"{ARN}:server/s-1",
            "ServerId": "s-1",
            "Domain": "S3",
            "EndpointType": "VPC",
            "EndpointDetails": {
                "VpcId": "vpc-1",
                "SubnetIds": ["b", "a"],
                "VpcEndpointId": "vpce-1",
                "SecurityGroupIds": [],
            },
            "IdentityProviderType": "SERVICE_MANAGED",
            "Protocols": ["SFTP"],
            "ProtocolDetails": {"PassiveIp": "AUTO", "SetStatOption": "DEFAULT"},
            "SecurityPolicyName": "TransferSecurityPolicy-2018-11",
            "HostKeyFingerprint": "SHA256:x",
            "WorkflowDetails": {"OnUpload": [{"WorkflowId": "w-1", "ExecutionRole": "arn:r"}]},
            "State": "ONLINE",
            "Tags": TAGS,
        }
    },
    "ListUsers": {"Users": [{"Arn": f"{ARN}:user/s-1/ada", "UserName": "ada"}]},
    "DescribeUser": {
        "ServerId": "s-1",
        "User": {
            "Arn": f"{ARN}:user/s-1/ada",
            "UserName": "ada",
            "Role": "arn:r",
            "HomeDirectoryType": "LOGICAL",
            "HomeDirectoryMappings": [{"Entry": "/", "Target": "/bucket/ada"}],
            "PosixProfile": {"Uid": 0, "Gid": 0},
            "SshPublicKeys": [{"SshPublicKeyId": "key-1", "SshPublicKeyBody": "ssh-rsa AAAA", "DateImported": 1}],
            "Tags": TAGS,
        },
    },
    "ListWorkflows": {"Workflows": [{"WorkflowId": "w-1", "Arn": f"{ARN}:workflow/w-1", "Description": "d"}]},
    "DescribeWorkflow": {
        "Workflow": {
            "Description": "d",
            "Steps": [
                {
                    "Type": "COPY",
                    "CopyStepDetails": {
                        "Name": "keep",
                        "OverwriteExisting": "FALSE",
                        "SourceFileLocation": "${original.file}",
                        "DestinationFileLocation": {"S3FileLocation": {"Bucket": "kept", "Key": "in/"}},
                    },
                },
                {"Type": "TAG", "TagStepDetails": {"Name": "mark", "Tags": [{"Key": "seen", "Value": "yes"}]}},
            ],
            "Tags": TAGS,
        }
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_server():
    found = only(seen(SERVER), SERVER.type)
    assert whole(found) == {
        "its id": "s-1",
        "its identity": "s-1",
        "its arn": "arn:aws:transfer:eu-west-1:123456789012:server/s-1",
        "its owner": None,
        "arn": "arn:aws:transfer:eu-west-1:123456789012:server/s-1",
        "domain": "S3",
        "endpoint_details": [{"subnet_ids": ["b", "a"], "vpc_endpoint_id": "vpce-1", "vpc_id": "vpc-1"}],
        "endpoint_type": "VPC",
        "host_key_fingerprint": "SHA256:x",
        "identity_provider_type": "SERVICE_MANAGED",
        "protocol_details": [{"passive_ip": "AUTO", "set_stat_option": "DEFAULT"}],
        "protocols": ["SFTP"],
        "security_policy_name": "TransferSecurityPolicy-2018-11",
        "workflow_details": [{"on_upload": [{"execution_role": "arn:r", "workflow_id": "w-1"}]}],
        "tags": {"team": "shop"},
    }
    where = [found["endpoint_details"][0] | {"subnet_ids": ["a", "b"], "vpc_endpoint_id": None}]
    assert (
        told(seen(SERVER), COLLECTORS, twin(found, endpoint_details=where, domain=None, protocol_details=[])) == set()
    )
    assert told(seen(SERVER), COLLECTORS, twin(found, security_policy_name="TransferSecurityPolicy-2024-01")) == {
        ("changed", SERVER.type, "security_policy_name")
    }


def test_user_and_key():
    found = seen(USER, SSH_KEY)
    assert whole(only(found, USER.type)) == {
        "its id": "s-1/ada",
        "its identity": "s-1/ada",
        "its arn": "arn:aws:transfer:eu-west-1:123456789012:user/s-1/ada",
        "its owner": None,
        "arn": "arn:aws:transfer:eu-west-1:123456789012:user/s-1/ada",
        "home_directory_mappings": [{"entry": "/", "target": "/bucket/ada"}],
        "home_directory_type": "LOGICAL",
        "posix_profile": [{"gid": 0, "uid": 0}],
        "role": "arn:r",
        "server_id": "s-1",
        "user_name": "ada",
        "tags": {"team": "shop"},
    }
    assert whole(only(found, SSH_KEY.type)) == {
        "its id": "s-1/ada/key-1",
        "its identity": "s-1/ada/key-1",
        "its arn": None,
        "its owner": None,
        "body": "ssh-rsa AAAA",
        "server_id": "s-1",
        "ssh_key_id": "key-1",
        "user_name": "ada",
    }
    user, key = twin(only(found, USER.type)), twin(only(found, SSH_KEY.type), body="ssh-rsa AAAA ada@home\n")
    assert told(found, COLLECTORS, user, key) == set()
    assert told(found, COLLECTORS, twin(user, **user.attributes | {"role": "arn:other"})) == {
        ("changed", USER.type, "role"),
        ("unmanaged", SSH_KEY.type, ""),
    }


def test_workflow():
    found = only(seen(WORKFLOW), WORKFLOW.type)
    assert whole(found) == {
        "its id": "w-1",
        "its identity": "w-1",
        "its arn": "arn:aws:transfer:eu-west-1:123456789012:workflow/w-1",
        "its owner": None,
        "arn": "arn:aws:transfer:eu-west-1:123456789012:workflow/w-1",
        "description": "d",
        "steps": [
            {
                "copy_step_details": [
                    {
                        "name": "keep",
                        "source_file_location": "${original.file}",
                        "destination_file_location": [{"s3_file_location": [{"bucket": "kept", "key": "in/"}]}],
                        "overwrite_existing": "FALSE",
                    }
                ],
                "type": "COPY",
            },
            {"tag_step_details": [{"name": "mark", "tags": [{"key": "seen", "value": "yes"}]}], "type": "TAG"},
        ],
        "tags": {"team": "shop"},
    }
    assert told(seen(WORKFLOW), COLLECTORS, twin(found, steps=found["steps"][:1])) == {
        ("changed", WORKFLOW.type, "steps")
    }


def test_users_of_a_directory_are_not_the_servers():
    elsewhere = {"Servers": [{"ServerId": "s-1", "IdentityProviderType": "AWS_LAMBDA"}]}
    found = seen(USER, ListServers=elsewhere)
    assert (list(found.of(USER.type)), found.gaps) == ([], [])


def test_denied():
    found = seen(*COLLECTORS, DescribeUser=refused("AccessDeniedException"))
    assert {(gap.type, gap.permission) for gap in found.gaps} == {
        (each.type, "transfer:DescribeUser") for each in (USER, SSH_KEY)
    }
