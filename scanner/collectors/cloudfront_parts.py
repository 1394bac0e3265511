"""Amazon CloudFront: what distributions share and refer to: functions, keys, logs and ways to an origin.

Of a function the code is not read: AWS gives it out as a thing stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from scanner.aws.collector import (
    Collector,
    Detail,
    Listing,
    Scope,
    block,
    converted,
    unordered,
    volatile,
)
from scanner.aws.place import Item, Place
from state.forms import UNORDERED, Form, plain, without_order

Pages = AsyncIterator[list[Item]]


async def by_marker(ask: Callable[..., Awaitable[Item]], list: str) -> Pages:
    """Every page: botocore knows none for these calls."""
    more: Item = {}
    while True:
        answer = (await ask(**more)).get(list) or {}
        yield answer.get("Items") or []
        if not answer.get("NextMarker"):
            return
        more = {"Marker": answer["NextMarker"]}


ITEMS = Form(inner={"items": UNORDERED})

# --- ways to an origin ------------------------------------------------------------------------------

ORIGIN_ACCESS_IDENTITY = Collector(
    type="aws_cloudfront_origin_access_identity",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=Listing("list_cloud_front_origin_access_identities", "CloudFrontOriginAccessIdentityList.Items"),
    permissions=("cloudfront:ListCloudFrontOriginAccessIdentities",),
    id="Id",
    arn="arn:{partition}:cloudfront::{account}:origin-access-identity/{Id}",
    attributes={
        "cloudfront_access_identity_path": "join('/', ['origin-access-identity/cloudfront', Id])",
        "comment": "Comment",
        "s3_canonical_user_id": "S3CanonicalUserId",
    },
)

ORIGIN_ACCESS_CONTROL = Collector(
    type="aws_cloudfront_origin_access_control",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=Listing("list_origin_access_controls", "OriginAccessControlList.Items"),
    permissions=("cloudfront:ListOriginAccessControls",),
    id="Id",
    arn="arn:{partition}:cloudfront::{account}:origin-access-control/{Id}",
    attributes={
        "description": "Description",
        "name": "Name",
        "origin_access_control_origin_type": "OriginAccessControlOriginType",
        "signing_behavior": "SigningBehavior",
        "signing_protocol": "SigningProtocol",
    },
)


def vpc_origins(place: Place) -> Pages:
    return by_marker(lambda **more: place.call("cloudfront", "list_vpc_origins", **more), "VpcOriginList")


VPC_ORIGIN = Collector(
    type="aws_cloudfront_vpc_origin",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=vpc_origins,
    details=(
        Detail(operation="get_vpc_origin", arguments={"Id": "Id"}, into="Whole", gone=("EntityNotFound",)),
        Detail(
            operation="list_tags_for_resource", arguments={"Resource": "Arn"}, into="Tagging", gone=("NoSuchResource",)
        ),
    ),
    permissions=("cloudfront:ListVpcOrigins", "cloudfront:GetVpcOrigin", "cloudfront:ListTagsForResource"),
    id="Id",
    attributes={
        "arn": "Arn",
        "etag": volatile("Whole.ETag"),
        "vpc_origin_endpoint_config": block(
            "Whole.VpcOrigin.VpcOriginEndpointConfig.{arn: Arn, http_port: HTTPPort, https_port: HTTPSPort, "
            "name: Name, origin_protocol_policy: OriginProtocolPolicy, "
            "origin_ssl_protocols: OriginSslProtocols && [OriginSslProtocols.{items: Items, quantity: Quantity}]}",
            origin_ssl_protocols=Form(inner={"items": UNORDERED}),
        ),
    },
    tags="Tagging.Tags.Items",
)

# --- functions and what they know ---------------------------------------------------------------------


def functions(place: Place) -> Pages:
    """Each once: a published function is listed in both of its stages."""
    return by_marker(
        lambda **more: place.call("cloudfront", "list_functions", Stage="DEVELOPMENT", **more), "FunctionList"
    )


FUNCTION = Collector(
    type="aws_cloudfront_function",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=functions,
    permissions=("cloudfront:ListFunctions",),
    id="Name",
    identity=("name",),
    attributes={
        "arn": "FunctionMetadata.FunctionARN",
        "comment": "FunctionConfig.Comment",
        "key_value_store_associations": unordered("FunctionConfig.KeyValueStoreAssociations.Items[].KeyValueStoreARN"),
        "name": "Name",
        "runtime": "FunctionConfig.Runtime",
        "status": volatile("Status"),
    },
    facts={"last_modified_time": "FunctionMetadata.LastModifiedTime"},
)

KEY_VALUE_STORE = Collector(
    type="aws_cloudfront_key_value_store",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=Listing("list_key_value_stores", "KeyValueStoreList.Items"),
    permissions=("cloudfront:ListKeyValueStores",),
    id="Id",
    identity=("name",),
    attributes={
        "arn": "ARN",
        "comment": "Comment",
        "last_modified_time": volatile("LastModifiedTime"),
        "name": "Name",
    },
)

# --- keys and logs --------------------------------------------------------------------------------------


def key_groups(place: Place) -> Pages:
    return by_marker(lambda **more: place.call("cloudfront", "list_key_groups", **more), "KeyGroupList")


KEY_GROUP = Collector(
    type="aws_cloudfront_key_group",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=key_groups,
    permissions=("cloudfront:ListKeyGroups",),
    id="KeyGroup.Id",
    attributes={
        "comment": "KeyGroup.KeyGroupConfig.Comment",
        "items": unordered("KeyGroup.KeyGroupConfig.Items"),
        "name": "KeyGroup.KeyGroupConfig.Name",
    },
)


def trimmed(key: Any) -> Any:
    """A key in PEM: whether a last line follows it says nothing."""
    return key.strip() if isinstance(key, str) else plain(key)


PUBLIC_KEY = Collector(
    type="aws_cloudfront_public_key",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=Listing("list_public_keys", "PublicKeyList.Items"),
    permissions=("cloudfront:ListPublicKeys",),
    id="Id",
    attributes={
        "comment": "Comment",
        "encoded_key": converted("EncodedKey", lambda key: key, Form(canonical=trimmed)),
        "name": "Name",
    },
)


def realtime_log_configs(place: Place) -> Pages:
    return by_marker(lambda **more: place.call("cloudfront", "list_realtime_log_configs", **more), "RealtimeLogConfigs")


REALTIME_LOG_CONFIG = Collector(
    type="aws_cloudfront_realtime_log_config",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=realtime_log_configs,
    permissions=("cloudfront:ListRealtimeLogConfigs",),
    id="ARN",
    identity=("arn",),
    attributes={
        "arn": "ARN",
        "endpoint": block(
            "EndPoints[].{kinesis_stream_config: [KinesisStreamConfig.{role_arn: RoleARN, stream_arn: StreamARN}], "
            "stream_type: StreamType}"
        ),
        "fields": unordered("Fields"),
        "name": "Name",
        "sampling_rate": "SamplingRate",
    },
)


def field_level_encryption_configs(place: Place) -> Pages:
    return by_marker(
        lambda **more: place.call("cloudfront", "list_field_level_encryption_configs", **more),
        "FieldLevelEncryptionList",
    )


FIELD_LEVEL_ENCRYPTION_CONFIG = Collector(
    type="aws_cloudfront_field_level_encryption_config",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=field_level_encryption_configs,
    permissions=("cloudfront:ListFieldLevelEncryptionConfigs",),
    id="Id",
    arn="arn:{partition}:cloudfront::{account}:field-level-encryption-config/{Id}",
    attributes={
        "comment": "Comment",
        "content_type_profile_config": block(
            "ContentTypeProfileConfig.{content_type_profiles: ContentTypeProfiles && [ContentTypeProfiles."
            "{items: Items[].{content_type: ContentType, format: Format, profile_id: ProfileId}}], "
            "forward_when_content_type_is_unknown: ForwardWhenContentTypeIsUnknown}",
            content_type_profiles=ITEMS,
        ),
        "query_arg_profile_config": block(
            "QueryArgProfileConfig.{forward_when_query_arg_profile_is_unknown: ForwardWhenQueryArgProfileIsUnknown, "
            "query_arg_profiles: QueryArgProfiles && "
            "[QueryArgProfiles.{items: Items[].{profile_id: ProfileId, query_arg: QueryArg}}]}",
            query_arg_profiles=ITEMS,
        ),
    },
)


def field_level_encryption_profiles(place: Place) -> Pages:
    return by_marker(
        lambda **more: place.call("cloudfront", "list_field_level_encryption_profiles", **more),
        "FieldLevelEncryptionProfileList",
    )


ENTITIES = Form(
    inner={"items": Form(canonical=without_order, inner={"field_patterns": Form(inner={"items": UNORDERED})})}
)

FIELD_LEVEL_ENCRYPTION_PROFILE = Collector(
    type="aws_cloudfront_field_level_encryption_profile",
    service="cloudfront",
    scope=Scope.GLOBAL,
    fetch=field_level_encryption_profiles,
    permissions=("cloudfront:ListFieldLevelEncryptionProfiles",),
    id="Id",
    arn="arn:{partition}:cloudfront::{account}:field-level-encryption-profile/{Id}",
    attributes={
        "comment": "Comment",
        "encryption_entities": block(
            "EncryptionEntities.{items: Items[].{field_patterns: [FieldPatterns.{items: Items}], "
            "provider_id: ProviderId, public_key_id: PublicKeyId}}",
            items=ENTITIES.inner["items"],
        ),
        "name": "Name",
    },
)

COLLECTORS = [
    FIELD_LEVEL_ENCRYPTION_CONFIG,
    FIELD_LEVEL_ENCRYPTION_PROFILE,
    FUNCTION,
    KEY_GROUP,
    KEY_VALUE_STORE,
    ORIGIN_ACCESS_CONTROL,
    ORIGIN_ACCESS_IDENTITY,
    PUBLIC_KEY,
    REALTIME_LOG_CONFIG,
    VPC_ORIGIN,
]
