"""The types of which fewer than three changes by hand can be shown, and why."""

FEWER = {
    "aws_ami_launch_permission": "nothing of it can be changed: it can only go, or another be given",
    "aws_api_gateway_deployment": (
        "moto does not have apigateway:UpdateDeployment, and fails where a deployment is gone"
    ),
    "aws_api_gateway_vpc_link": "moto does not have apigateway:UpdateVpcLink",
    "aws_backup_plan": "moto does not have backup:UpdateBackupPlan",
    "aws_cloudfront_key_group": "moto has neither cloudfront:UpdateKeyGroup nor cloudfront:DeleteKeyGroup",
    "aws_cloudfront_public_key": "moto does not have cloudfront:UpdatePublicKey, and fails where a key is gone",
    "aws_cognito_resource_server": (
        "moto has neither cognito-idp:UpdateResourceServer nor cognito-idp:DeleteResourceServer"
    ),
    "aws_db_instance_role_association": "moto does not have rds:RemoveRoleFromDBInstance",
    "aws_ebs_encryption_by_default": "it is on or off, and nothing more",
    "aws_ecs_task_definition": "a revision is never changed: a later one is made, which is noise, or it is retired",
    "aws_elasticache_subnet_group": (
        "moto has neither elasticache:ModifyCacheSubnetGroup nor elasticache:DeleteCacheSubnetGroup"
    ),
    "aws_elasticache_user": "moto does not have elasticache:ModifyUser, and one that is deleted never goes",
    "aws_iam_account_alias": "it is nothing but a name: another, or none",
    "aws_iam_user_login_profile": "moto does not tell whether a password has to be changed",
    "aws_internet_gateway_attachment": "nothing of it can be changed: it can only go, or another be made",
    "aws_lambda_layer_version": "nothing of it can be changed: it can only go, or another be made",
    "aws_main_route_table_association": "a network always has one: it can only be led elsewhere",
    "aws_neptune_cluster_snapshot": "nothing of it can be changed: it can only go, or another be made",
    "aws_network_acl_association": "a subnet always has one: it can only be led elsewhere",
    "aws_rds_cluster_role_association": "moto does not have rds:RemoveRoleFromDBCluster",
    "aws_route53_delegation_set": "nothing of it can be changed: it can only go",
    "aws_s3_bucket_accelerate_configuration": "it is on or off, and nothing more",
    "aws_s3control_multi_region_access_point": "nothing of it can be changed: it can only go, or another be made",
    "aws_secretsmanager_secret_rotation": "moto keeps nothing of a rotation but its days",
    "aws_transfer_server": "moto does not have transfer:UpdateServer, and fails where a server is gone",
}
