import pytest

from scanner.collectors import cloudfront_parts
from scanner.collectors.cloudfront_parts import (
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
)
from tests.scanner.standin import assert_one, in_xml

CASES = [
    (
        ORIGIN_ACCESS_IDENTITY,
        {
            "GET /2020-05-31/origin-access-identity/cloudfront": in_xml(
                "cloudfront",
                "ListCloudFrontOriginAccessIdentities",
                {
                    "CloudFrontOriginAccessIdentityList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [{"Id": "E1", "S3CanonicalUserId": "abc", "Comment": "pictures"}],
                    }
                },
            )
        },
        {
            "its id": "E1",
            "its identity": "E1",
            "its arn": "arn:aws:cloudfront::123456789012:origin-access-identity/E1",
            "its owner": None,
            "cloudfront_access_identity_path": "origin-access-identity/cloudfront/E1",
            "comment": "pictures",
            "s3_canonical_user_id": "abc",
            "arn": "arn:aws:cloudfront::123456789012:origin-access-identity/E1",
        },
        {"comment": "films"},
    ),
    (
        ORIGIN_ACCESS_CONTROL,
        {
            "GET /2020-05-31/origin-access-control": in_xml(
                "cloudfront",
                "ListOriginAccessControls",
                {
                    "OriginAccessControlList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "E2",
                                "Description": "ours",
                                "Name": "pictures",
                                "SigningProtocol": "sigv4",
                                "SigningBehavior": "always",
                                "OriginAccessControlOriginType": "s3",
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "E2",
            "its identity": "E2",
            "its arn": "arn:aws:cloudfront::123456789012:origin-access-control/E2",
            "its owner": None,
            "description": "ours",
            "name": "pictures",
            "origin_access_control_origin_type": "s3",
            "signing_behavior": "always",
            "signing_protocol": "sigv4",
            "arn": "arn:aws:cloudfront::123456789012:origin-access-control/E2",
        },
        {"signing_behavior": "never"},
    ),
    (
        VPC_ORIGIN,
        {
            "GET /2020-05-31/tagging": in_xml(
                "cloudfront", "ListTagsForResource", {"Tags": {"Items": [{"Key": "team", "Value": "web"}]}}
            ),
            "GET /2020-05-31/vpc-origin": in_xml(
                "cloudfront",
                "ListVpcOrigins",
                {
                    "VpcOriginList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "vo_1",
                                "Name": "inside",
                                "Status": "Deployed",
                                "CreatedTime": "2026-01-01T00:00:00Z",
                                "LastModifiedTime": "2026-01-01T00:00:00Z",
                                "Arn": "arn:vo",
                                "OriginEndpointArn": "arn:lb",
                            }
                        ],
                    }
                },
            ),
            "GET /2020-05-31/vpc-origin/vo_1": in_xml(
                "cloudfront",
                "GetVpcOrigin",
                {
                    "VpcOrigin": {
                        "Id": "vo_1",
                        "Arn": "arn:vo",
                        "Status": "Deployed",
                        "CreatedTime": "2026-01-01T00:00:00Z",
                        "LastModifiedTime": "2026-01-01T00:00:00Z",
                        "VpcOriginEndpointConfig": {
                            "Name": "inside",
                            "Arn": "arn:lb",
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
                        },
                    }
                },
            ),
        },
        {
            "its id": "vo_1",
            "its identity": "vo_1",
            "its arn": "arn:vo",
            "its owner": None,
            "arn": "arn:vo",
            "vpc_origin_endpoint_config": [
                {
                    "arn": "arn:lb",
                    "http_port": 80,
                    "https_port": 443,
                    "name": "inside",
                    "origin_protocol_policy": "https-only",
                    "origin_ssl_protocols": [{"items": ["TLSv1.2"], "quantity": 1}],
                }
            ],
            "tags": {"team": "web"},
        },
        {"vpc_origin_endpoint_config": []},
    ),
    (
        FUNCTION,
        {
            "GET /2020-05-31/function": in_xml(
                "cloudfront",
                "ListFunctions",
                {
                    "FunctionList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Name": "rewrite",
                                "Status": "UNASSOCIATED",
                                "FunctionConfig": {
                                    "Comment": "ours",
                                    "Runtime": "cloudfront-js-2.0",
                                    "KeyValueStoreAssociations": {
                                        "Quantity": 1,
                                        "Items": [{"KeyValueStoreARN": "arn:kvs"}],
                                    },
                                },
                                "FunctionMetadata": {
                                    "FunctionARN": "arn:function",
                                    "Stage": "DEVELOPMENT",
                                    "CreatedTime": "2026-01-01T00:00:00Z",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "rewrite",
            "its identity": "rewrite",
            "its arn": "arn:function",
            "its owner": None,
            "arn": "arn:function",
            "comment": "ours",
            "key_value_store_associations": ["arn:kvs"],
            "name": "rewrite",
            "runtime": "cloudfront-js-2.0",
            "status": "UNASSOCIATED",
        },
        {"runtime": "cloudfront-js-1.0"},
    ),
    (
        KEY_VALUE_STORE,
        {
            "GET /2020-05-31/key-value-store": in_xml(
                "cloudfront",
                "ListKeyValueStores",
                {
                    "KeyValueStoreList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Name": "flags",
                                "Id": "k1",
                                "Comment": "ours",
                                "ARN": "arn:kvs",
                                "Status": "READY",
                                "LastModifiedTime": "2026-01-01T00:00:00Z",
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "k1",
            "its identity": "flags",
            "its arn": "arn:kvs",
            "its owner": None,
            "arn": "arn:kvs",
            "comment": "ours",
            "last_modified_time": "2026-01-01T00:00:00Z",
            "name": "flags",
        },
        {"comment": "theirs"},
    ),
    (
        KEY_GROUP,
        {
            "GET /2020-05-31/key-group": in_xml(
                "cloudfront",
                "ListKeyGroups",
                {
                    "KeyGroupList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "KeyGroup": {
                                    "Id": "g1",
                                    "LastModifiedTime": "2026-01-01T00:00:00Z",
                                    "KeyGroupConfig": {"Name": "signers", "Items": ["K1"], "Comment": "ours"},
                                }
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "g1",
            "its identity": "g1",
            "its arn": None,
            "its owner": None,
            "comment": "ours",
            "items": ["K1"],
            "name": "signers",
        },
        {"items": ["K1", "K2"]},
    ),
    (
        PUBLIC_KEY,
        {
            "GET /2020-05-31/public-key": in_xml(
                "cloudfront",
                "ListPublicKeys",
                {
                    "PublicKeyList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "K1",
                                "Name": "first",
                                "CreatedTime": "2026-01-01T00:00:00Z",
                                "EncodedKey": "-----BEGIN PUBLIC KEY-----\n",
                                "Comment": "ours",
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "K1",
            "its identity": "K1",
            "its arn": None,
            "its owner": None,
            "comment": "ours",
            "encoded_key": "-----BEGIN PUBLIC KEY-----\n",
            "name": "first",
        },
        {"encoded_key": "another"},
    ),
    (
        REALTIME_LOG_CONFIG,
        {
            "GET /2020-05-31/realtime-log-config": in_xml(
                "cloudfront",
                "ListRealtimeLogConfigs",
                {
                    "RealtimeLogConfigs": {
                        "MaxItems": 100,
                        "Items": [
                            {
                                "ARN": "arn:rtl",
                                "Name": "all",
                                "SamplingRate": 100,
                                "EndPoints": [
                                    {
                                        "StreamType": "Kinesis",
                                        "KinesisStreamConfig": {"RoleARN": "arn:role", "StreamARN": "arn:stream"},
                                    }
                                ],
                                "Fields": ["timestamp", "c-ip"],
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "arn:rtl",
            "its identity": "arn:rtl",
            "its arn": "arn:rtl",
            "its owner": None,
            "arn": "arn:rtl",
            "endpoint": [
                {
                    "kinesis_stream_config": [{"role_arn": "arn:role", "stream_arn": "arn:stream"}],
                    "stream_type": "Kinesis",
                }
            ],
            "fields": ["timestamp", "c-ip"],
            "name": "all",
            "sampling_rate": 100,
        },
        {"sampling_rate": 1},
    ),
    (
        FIELD_LEVEL_ENCRYPTION_CONFIG,
        {
            "GET /2020-05-31/field-level-encryption": in_xml(
                "cloudfront",
                "ListFieldLevelEncryptionConfigs",
                {
                    "FieldLevelEncryptionList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "C1",
                                "LastModifiedTime": "2026-01-01T00:00:00Z",
                                "Comment": "ours",
                                "QueryArgProfileConfig": {
                                    "ForwardWhenQueryArgProfileIsUnknown": True,
                                    "QueryArgProfiles": {
                                        "Quantity": 1,
                                        "Items": [{"QueryArg": "card", "ProfileId": "P1"}],
                                    },
                                },
                                "ContentTypeProfileConfig": {
                                    "ForwardWhenContentTypeIsUnknown": True,
                                    "ContentTypeProfiles": {
                                        "Quantity": 1,
                                        "Items": [
                                            {
                                                "Format": "URLEncoded",
                                                "ProfileId": "P1",
                                                "ContentType": "application/x-www-form-urlencoded",
                                            }
                                        ],
                                    },
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "C1",
            "its identity": "C1",
            "its arn": "arn:aws:cloudfront::123456789012:field-level-encryption-config/C1",
            "its owner": None,
            "comment": "ours",
            "content_type_profile_config": [
                {
                    "content_type_profiles": [
                        {
                            "items": [
                                {
                                    "content_type": "application/x-www-form-urlencoded",
                                    "format": "URLEncoded",
                                    "profile_id": "P1",
                                }
                            ]
                        }
                    ],
                    "forward_when_content_type_is_unknown": True,
                }
            ],
            "query_arg_profile_config": [
                {
                    "forward_when_query_arg_profile_is_unknown": True,
                    "query_arg_profiles": [{"items": [{"profile_id": "P1", "query_arg": "card"}]}],
                }
            ],
            "arn": "arn:aws:cloudfront::123456789012:field-level-encryption-config/C1",
        },
        {"comment": "theirs"},
    ),
    (
        FIELD_LEVEL_ENCRYPTION_PROFILE,
        {
            "GET /2020-05-31/field-level-encryption-profile": in_xml(
                "cloudfront",
                "ListFieldLevelEncryptionProfiles",
                {
                    "FieldLevelEncryptionProfileList": {
                        "MaxItems": 100,
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "P1",
                                "LastModifiedTime": "2026-01-01T00:00:00Z",
                                "Name": "cards",
                                "Comment": "ours",
                                "EncryptionEntities": {
                                    "Quantity": 1,
                                    "Items": [
                                        {
                                            "PublicKeyId": "K1",
                                            "ProviderId": "pay",
                                            "FieldPatterns": {"Quantity": 2, "Items": ["card", "pin"]},
                                        }
                                    ],
                                },
                            }
                        ],
                    }
                },
            )
        },
        {
            "its id": "P1",
            "its identity": "P1",
            "its arn": "arn:aws:cloudfront::123456789012:field-level-encryption-profile/P1",
            "its owner": None,
            "comment": "ours",
            "encryption_entities": [
                {
                    "items": [
                        {"field_patterns": [{"items": ["card", "pin"]}], "provider_id": "pay", "public_key_id": "K1"}
                    ]
                }
            ],
            "name": "cards",
            "arn": "arn:aws:cloudfront::123456789012:field-level-encryption-profile/P1",
        },
        {"encryption_entities": []},
    ),
]


@pytest.mark.parametrize(
    ("collector", "answers", "wanted", "change"), CASES, ids=lambda each: getattr(each, "type", "")
)
def test_type(collector, answers, wanted, change):
    assert_one(collector, answers, wanted, change)


def test_each_type_is_tested():
    assert {each.type for each in cloudfront_parts.COLLECTORS} == {case[0].type for case in CASES}
