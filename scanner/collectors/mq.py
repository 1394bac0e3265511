"""Amazon MQ: brokers, and what configures them.

A broker's users are told by their names alone, and their passwords not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    caseless,
    converted,
    unordered,
    volatile,
)
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from state.forms import CASELESS, IF_DECLARED, VERSION, Form, defaulting
from state.noise import upgraded

GONE = ("NotFoundException",)
B = "Described"


def lower(default: str) -> Form:
    """A word in any case, where leaving it out means this one."""
    return Form(canonical=lambda value: None if CASELESS.canonical(value) in (None, default) else value.lower())


def audited(logs: Any) -> list[Any]:
    """Whether logs are kept; that of RabbitMQ is no audit log, which is a text to the provider."""
    if not logs or not any(each is not None for each in logs.values()):
        return []
    audit = logs.get("audit")
    return [{**logs, "audit": None if audit is None else str(audit).lower()}]


def off(value: Any) -> Any:
    """Logs that are switched off are as those that nobody spoke of."""
    kept = [{name: True for name, each in log.items() if str(each).lower() == "true"} for log in value or ()]
    return [each for each in kept if each] or None


BROKER = Collector(
    type="aws_mq_broker",
    service="mq",
    fetch=Listing("list_brokers", "BrokerSummaries"),
    details=(
        Detail(
            operation="describe_broker", arguments={"BrokerId": "BrokerId"}, into="Described", gone=GONE, essential=True
        ),
    ),
    permissions=("mq:ListBrokers", "mq:DescribeBroker"),
    id="BrokerId",
    attributes={
        "arn": f"{B}.BrokerArn",
        "authentication_strategy": caseless(f"{B}.AuthenticationStrategy"),
        "auto_minor_version_upgrade": f"{B}.AutoMinorVersionUpgrade",
        "broker_name": f"{B}.BrokerName",
        "configuration": Attribute(
            path=f"{B}.Configurations.Current.{{id: Id, revision: Revision}}", form=if_said(), convert=as_block
        ),
        "data_replication_mode": Attribute(path=f"{B}.DataReplicationMode", form=lower("none")),
        "deployment_mode": Attribute(path=f"{B}.DeploymentMode", form=lower("single_instance")),
        "encryption_options": Attribute(
            path=f"{B}.EncryptionOptions.{{kms_key_id: KmsKeyId, use_aws_owned_key: UseAwsOwnedKey}}",
            form=if_said(kms_key_id=IF_DECLARED, use_aws_owned_key=defaulting(True)),
            convert=as_block,
        ),
        "engine_type": caseless(f"{B}.EngineType"),
        "engine_version": Attribute(path=f"{B}.EngineVersion", form=VERSION),
        "host_instance_type": f"{B}.HostInstanceType",
        "instances": volatile(
            f"{B}.BrokerInstances[].{{console_url: ConsoleURL, endpoints: Endpoints, ip_address: IpAddress}}"
        ),
        "ldap_server_metadata": block(
            f"{B}.LdapServerMetadata.{{hosts: Hosts, role_base: RoleBase, role_name: RoleName, "
            "role_search_matching: RoleSearchMatching, role_search_subtree: RoleSearchSubtree, "
            "service_account_username: ServiceAccountUsername, user_base: UserBase, user_role_name: UserRoleName, "
            "user_search_matching: UserSearchMatching, user_search_subtree: UserSearchSubtree}"
        ),
        "logs": converted(f"{B}.Logs.{{audit: Audit, general: General}}", audited, Form(canonical=off)),
        "maintenance_window_start_time": Attribute(
            path=f"{B}.MaintenanceWindowStartTime.{{day_of_week: DayOfWeek, time_of_day: TimeOfDay, "
            "time_zone: TimeZone}",
            form=if_said(day_of_week=CASELESS),
            convert=as_block,
        ),
        "pending_data_replication_mode": volatile(f"{B}.PendingDataReplicationMode"),
        "publicly_accessible": f"{B}.PubliclyAccessible",
        # RabbitMQ in nobody's network has none; in somebody's it may have the network's own.
        "security_groups": unordered(f"{B}.SecurityGroups"),
        "storage_type": caseless(f"{B}.StorageType"),
        "subnet_ids": unordered(f"{B}.SubnetIds"),
    },
    excuses={"engine_version": upgraded(lambda found: 2)},  # of a broker it upgrades to patches alone
    facts={
        "broker_state": "BrokerState",
        "created": "Created",
        "pending_deletion": "BrokerState=='DELETION_IN_PROGRESS'",
        "users": f"{B}.Users[].Username",
    },
    tags=f"{B}.Tags",
)


async def broker_configurations(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("mq", "list_configurations"):
        yield list(page.get("Configurations") or ())


def made_for_a_broker(configuration: Item) -> str | None:
    """What AWS makes for a broker that is given none says so."""
    said = str((configuration.get("LatestRevision") or {}).get("Description") or "")
    return "mq" if said.startswith("Auto-generated default for ") else None


CONFIGURATION = Collector(
    type="aws_mq_configuration",
    service="mq",
    fetch=broker_configurations,
    permissions=("mq:ListConfigurations",),
    id="Id",
    owner=made_for_a_broker,
    attributes={
        "arn": "Arn",
        "authentication_strategy": caseless("AuthenticationStrategy"),
        "description": "LatestRevision.Description",
        "engine_type": caseless("EngineType"),
        "engine_version": Attribute(path="EngineVersion", form=VERSION),
        "latest_revision": "LatestRevision.Revision",
        "name": "Name",
    },
    facts={"created": "Created"},
    tags="Tags",
)


COLLECTORS = [BROKER, CONFIGURATION]
