"""What people do to brokers by hand."""

from __future__ import annotations

import base64

from tests.witness.case import Clients, State


def _broker(state: State) -> str:
    found: str = state["aws_mq_broker.shop"]["id"]
    return found


def told_otherwise(aws: Clients, state: State) -> None:
    aws("mq").update_broker(
        BrokerId=_broker(state), AutoMinorVersionUpgrade=False, Logs={"General": False, "Audit": False}
    )
    written = '<?xml version="1.0"?><broker xmlns="http://activemq.apache.org/schema/core"/>'
    aws("mq").update_configuration(
        ConfigurationId=state["aws_mq_configuration.shop"]["id"],
        Data=base64.b64encode(written.encode()).decode(),
        Description="By hand",
    )
    arn = state['aws_redshift_subnet_group.main["main"]']["arn"]
    aws("redshift").create_tags(ResourceName=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def user_added(aws: Clients, state: State) -> None:
    aws("mq").create_user(BrokerId=_broker(state), Username="other", Password="Hidden-123456")


def tag_removed(aws: Clients, state: State) -> None:
    aws("mq").delete_tags(ResourceArn=state["aws_mq_broker.shop"]["arn"], TagKeys=["Team"])


def configuration_told_otherwise(aws: Clients, state: State) -> None:
    configuration = state["aws_mq_configuration.shop"]
    aws("mq").update_configuration(
        ConfigurationId=configuration["id"],
        Data=base64.b64encode(configuration["data"].encode()).decode(),
        Description="By hand",
    )


def configuration_tagged(aws: Clients, state: State) -> None:
    aws("mq").create_tags(ResourceArn=state["aws_mq_configuration.shop"]["arn"], Tags={"Team": "nobody"})


def warehouse_tag_removed(aws: Clients, state: State) -> None:
    arn = state['aws_redshift_subnet_group.main["main"]']["arn"]
    aws("redshift").delete_tags(ResourceName=arn, TagKeys=["Team"])


def warehouse_given_fewer_places(aws: Clients, state: State) -> None:
    """The group made again; moto cannot change one."""
    aws("redshift").delete_cluster_subnet_group(ClusterSubnetGroupName="other")
    aws("redshift").create_cluster_subnet_group(
        ClusterSubnetGroupName="other",
        Description="Where it stands",
        SubnetIds=[state['aws_subnet.main["a"]']["id"]],
        Tags=[{"Key": "Team", "Value": "data"}],
    )


def things_deleted(aws: Clients, state: State) -> None:
    aws("mq").delete_broker(BrokerId=_broker(state))
    aws("redshift").delete_cluster_subnet_group(ClusterSubnetGroupName="other")


EXPLAINED: dict[str, dict[str, str]] = {
    "configuration_tagged": {
        "terraform: changed aws_mq_configuration.shop tags": "moto lists configurations without their tags",
    },
    "told_otherwise": {
        "terraform: changed aws_mq_configuration.shop data": (
            "what a configuration holds is not read; that it changed is told by latest_revision"
        ),
    },
    "user_added": {
        "terraform: changed aws_mq_broker.shop user": "who may use a broker is not read: its list tells names alone",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""
