from scanner.collectors.codecommit import COLLECTORS, REPOSITORY
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

SHOP = {
    "repositoryId": "r-1",
    "repositoryName": "shop",
    "repositoryDescription": "d",
    "defaultBranch": "main",
    "cloneUrlHttp": "https://git/shop",
    "cloneUrlSsh": "ssh://git/shop",
    "Arn": f"arn:aws:codecommit:{REGION}:{ACCOUNT}:shop",
    "kmsKeyId": "arn:aws:kms:eu-west-1:1:key/k",
}
ANSWERS = {
    "ListRepositories": {"repositories": [{"repositoryName": "shop", "repositoryId": "r-1"}]},
    "BatchGetRepositories": {"repositories": [SHOP]},
    "ListTagsForResource": {"tags": {"team": "shop"}},
}


def seen(**changed):
    with answering(ANSWERS | changed):
        return read(REPOSITORY)


def test_repository():
    found = only(seen(), REPOSITORY.type)
    assert whole(found) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": "arn:aws:codecommit:eu-west-1:123456789012:shop",
        "its owner": None,
        "arn": "arn:aws:codecommit:eu-west-1:123456789012:shop",
        "clone_url_http": "https://git/shop",
        "clone_url_ssh": "ssh://git/shop",
        "default_branch": "main",
        "description": "d",
        "kms_key_id": "arn:aws:kms:eu-west-1:1:key/k",
        "repository_id": "r-1",
        "repository_name": "shop",
        "tags": {"team": "shop"},
    }
    assert told(seen(), COLLECTORS, twin(found, default_branch=None, kms_key_id="k")) == set()
    assert told(seen(), COLLECTORS, twin(found, description="e")) == {("changed", REPOSITORY.type, "description")}


def test_denied():
    found = seen(ListTagsForResource=refused("AccessDeniedException"))
    assert [gap.permission for gap in found.gaps] == ["codecommit:ListTagsForResource"]
    assert list(only(found, REPOSITORY.type).unknown) == ["tags"]
