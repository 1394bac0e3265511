from scanner.collectors.codepipeline import COLLECTORS, PIPELINE, stores
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:ship"


def action(name, category, **more):
    about = {"category": category, "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    return {"name": name, "actionTypeId": about, "runOrder": 1, "configuration": {"ProjectName": "shop"}} | more


GITHUB = {"Owner": "o", "Repo": "r", "OAuthToken": "****"}
SHIP = {
    "name": "ship",
    "roleArn": "arn:r",
    "artifactStore": {"type": "S3", "location": "out", "encryptionKey": {"id": "arn:k", "type": "KMS"}},
    "stages": [
        {
            "name": "Source",
            "actions": [action("Git", "Source", configuration=GITHUB, outputArtifacts=[{"name": "src"}])],
        },
        {
            "name": "Build",
            "actions": [action("Build", "Build", inputArtifacts=[{"name": "src"}], region=REGION)],
            "onFailure": {"result": "ROLLBACK"},
        },
    ],
    "version": 3,
    "pipelineType": "V2",
    "executionMode": "QUEUED",
    "variables": [{"name": "stage", "defaultValue": "prod"}],
    "triggers": [
        {
            "providerType": "CodeStarSourceConnection",
            "gitConfiguration": {"sourceActionName": "Git", "push": [{"branches": {"includes": ["main"]}}]},
        }
    ],
}
ANSWERS = {
    "ListPipelines": {"pipelines": [{"name": "ship", "version": 3}]},
    "GetPipeline": {"pipeline": SHIP, "metadata": {"pipelineArn": ARN}},
    "ListTagsForResource": {"tags": [{"key": "team", "value": "shop"}]},
}


def seen(**changed):
    with answering(ANSWERS | changed):
        return read(PIPELINE)


def test_pipeline():
    found = only(seen(), PIPELINE.type)
    assert whole(found) == {
        "its id": "ship",
        "its identity": "ship",
        "its arn": "arn:aws:codepipeline:eu-west-1:123456789012:ship",
        "its owner": None,
        "arn": "arn:aws:codepipeline:eu-west-1:123456789012:ship",
        "artifact_store": [{"encryption_key": [{"id": "arn:k", "type": "KMS"}], "location": "out", "type": "S3"}],
        "execution_mode": "QUEUED",
        "name": "ship",
        "pipeline_type": "V2",
        "role_arn": "arn:r",
        "stage": [
            {
                "action": [
                    {
                        "category": "Source",
                        "configuration": {"Owner": "o", "Repo": "r"},
                        "name": "Git",
                        "output_artifacts": ["src"],
                        "owner": "AWS",
                        "provider": "CodeBuild",
                        "run_order": 1,
                        "version": "1",
                    }
                ],
                "name": "Source",
            },
            {
                "action": [
                    {
                        "category": "Build",
                        "configuration": {"ProjectName": "shop"},
                        "input_artifacts": ["src"],
                        "name": "Build",
                        "owner": "AWS",
                        "provider": "CodeBuild",
                        "region": "eu-west-1",
                        "run_order": 1,
                        "version": "1",
                    }
                ],
                "name": "Build",
                "on_failure": [{"result": "ROLLBACK"}],
            },
        ],
        "trigger": [
            {
                "git_configuration": [{"push": [{"branches": [{"includes": ["main"]}]}], "source_action_name": "Git"}],
                "provider_type": "CodeStarSourceConnection",
            }
        ],
        "variable": [{"default_value": "prod", "name": "stage"}],
        "tags": {"team": "shop"},
    }
    source, build = found["stage"]
    git = source["action"][0] | {"configuration": {"Owner": "o", "Repo": "r", "OAuthToken": "hush"}, "run_order": None}
    said = twin(found, stage=[source | {"action": [git]}, build], trigger=[])
    assert told(seen(), COLLECTORS, said) == set()
    elsewhere = action("Build", "Build", inputArtifacts=[{"name": "src"}], configuration={"ProjectName": "mine"})
    moved = SHIP | {"stages": [SHIP["stages"][0], SHIP["stages"][1] | {"actions": [elsewhere]}], "roleArn": "arn:other"}
    assert told(seen(GetPipeline={"pipeline": moved, "metadata": {"pipelineArn": ARN}}), COLLECTORS, said) == {
        ("changed", PIPELINE.type, "role_arn"),
        ("changed", PIPELINE.type, "stage"),
    }


def test_a_store_for_each_region():
    many = {"eu-west-1": {"type": "S3", "location": "a"}, "us-east-1": {"type": "S3", "location": "b"}}
    assert [(each["region"], each["location"]) for each in stores([None, many])] == [
        ("eu-west-1", "a"),
        ("us-east-1", "b"),
    ]
    assert stores([None, None]) == []


def test_denied():
    found = seen(ListTagsForResource=refused("AccessDeniedException"))
    assert [gap.permission for gap in found.gaps] == ["codepipeline:ListTagsForResource"]
    assert list(only(found, PIPELINE.type).unknown) == ["tags"]
    assert list(seen(GetPipeline=refused("PipelineNotFoundException")).gaps) == []
