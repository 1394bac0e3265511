"""AWS CodeCommit: repositories, told twenty-five at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scanner.aws.collector import Attribute, Collector, Detail, name_or_arn
from scanner.aws.place import Item, Place
from scanner.collectors.ecs import some
from state.forms import IF_DECLARED

GONE = ("RepositoryDoesNotExistException",)
AT_ONCE = 25


async def code_repositories(place: Place) -> AsyncIterator[list[Item]]:
    listed = (await place.whole("codecommit", "list_repositories")).get("repositories") or ()
    names = [each["repositoryName"] for each in listed]
    asked = (place.call("codecommit", "batch_get_repositories", repositoryNames=each) for each in some(names, AT_ONCE))
    yield [each for answer in await asyncio.gather(*asked) for each in answer.get("repositories") or ()]


REPOSITORY = Collector(
    type="aws_codecommit_repository",
    service="codecommit",
    fetch=code_repositories,
    details=(Detail(operation="list_tags_for_resource", arguments={"resourceArn": "Arn"}, into="Tagging", gone=GONE),),
    permissions=("codecommit:ListRepositories", "codecommit:BatchGetRepositories", "codecommit:ListTagsForResource"),
    id="repositoryName",
    identity=("repository_name",),
    attributes={
        "arn": "Arn",
        "clone_url_http": "cloneUrlHttp",
        "clone_url_ssh": "cloneUrlSsh",
        # The first branch that is pushed becomes it.
        "default_branch": Attribute(path="defaultBranch", form=IF_DECLARED),
        "description": "repositoryDescription",
        "kms_key_id": name_or_arn("kmsKeyId"),
        "repository_id": "repositoryId",
        "repository_name": "repositoryName",
    },
    facts={"creation_date": "creationDate", "last_modified_date": "lastModifiedDate"},
    tags="Tagging.tags",
)

COLLECTORS = [REPOSITORY]
