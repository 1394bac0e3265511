# github.com/prowler-cloud/prowler/

## s3-bucket-public-access | pass | tests/providers/aws/services/s3/s3_bucket_public_access/s3_bucket_public_access_test.py
resource "aws_s3_bucket" "it" { acl = "public-read" }
resource "aws_s3_account_public_access_block" "it" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
## s3-bucket-public-access-block | pass | tests/providers/aws/services/s3/s3_bucket_public_access/s3_bucket_public_access_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_account_public_access_block" "it" {}
resource "aws_s3_bucket_public_access_block" "it" {
  bucket                  = aws_s3_bucket.it.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
## s3-bucket-public-access | fail | tests/providers/aws/services/s3/s3_bucket_public_access/s3_bucket_public_access_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_account_public_access_block" "it" {}
resource "aws_s3_bucket_public_access_block" "it" { bucket = aws_s3_bucket.it.id }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  access_control_policy {
    owner { id = "abc" }
    grant {
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
      }
    }
  }
}
## s3-bucket-public-write | fail | tests/providers/aws/services/s3/s3_bucket_public_access/s3_bucket_public_access_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:PutObject", Resource = "arn:aws:s3:::acme-it/*" }] })
}
## s3-bucket-public-access | pass, here fail | tests/providers/aws/services/iam/lib/policy_test.py | A condition on the bucket's own account (`s3:ResourceAccount`) says nothing of the caller, and closes nothing here
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { StringEquals = { "s3:ResourceAccount" = ["123456789012"] } }
  }] })
}
## s3-bucket-public-access | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { StringLike = { "AWS:PrincipalAccount" = ["123456789012"] } }
  }] })
}
## s3-bucket-public-access | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { ArnLike = { "AWS:PrincipalArn" = "arn:aws:iam::123456789012:role/*" } }
  }] })
}
## s3-bucket-tls-only | fail | tests/providers/aws/services/s3/s3_bucket_secure_transport_policy/s3_bucket_secure_transport_policy_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
## s3-bucket-tls-only | fail | tests/providers/aws/services/s3/s3_bucket_secure_transport_policy/s3_bucket_secure_transport_policy_test.py
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] })
}
## s3-bucket-tls-only | pass, here fail | tests/providers/aws/services/s3/s3_bucket_secure_transport_policy/s3_bucket_secure_transport_policy_test.py | A refusal of uploads alone leaves the reading open
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:PutObject"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] })
}

## rds-instance-public | pass | tests/providers/aws/services/rds/rds_instance_no_public_access/rds_instance_no_public_access_test.py
resource "aws_db_instance" "it" { engine = "postgres" }
## rds-instance-public | pass, here fail | tests/providers/aws/services/rds/rds_instance_no_public_access/rds_instance_no_public_access_test.py | Prowler asks for the open group and the public subnet as well
resource "aws_security_group" "it" {
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["123.123.123.123/32"]
  }
}
resource "aws_db_instance" "it" {
  engine                 = "postgres"
  publicly_accessible    = true
  vpc_security_group_ids = [aws_security_group.it.id]
}
## rds-instance-public | fail | tests/providers/aws/services/rds/rds_instance_no_public_access/rds_instance_no_public_access_test.py
resource "aws_security_group" "it" {
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_db_instance" "it" {
  engine                 = "postgres"
  publicly_accessible    = true
  vpc_security_group_ids = [aws_security_group.it.id]
}

## sqs-queue-public | pass | tests/providers/aws/services/sqs/sqs_queues_not_publicly_accessible/sqs_queues_not_publicly_accessible_test.py
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "sqs:ReceiveMessage", Resource = "*" }] })
}
## sqs-queue-public | fail | tests/providers/aws/services/sqs/sqs_queues_not_publicly_accessible/sqs_queues_not_publicly_accessible_test.py
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:ReceiveMessage", Resource = "*" }] })
}
## sqs-queue-public | fail, here unknown | tests/providers/aws/services/sqs/sqs_queues_not_publicly_accessible/sqs_queues_not_publicly_accessible_test.py
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "sqs:ReceiveMessage"
    Resource  = "*"
    Condition = { DateLessThan = { "aws:CurrentTime" = "2009-01-31T15:00Z" } }
  }] })
}
## sqs-queue-public | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "sqs:SendMessage"
    Resource  = "*"
    Condition = { StringLike = { "AWS:SourceAccount" = ["123456789012"] } }
  }] })
}
## sqs-queue-public | fail, here pass | tests/providers/aws/services/iam/lib/policy_test.py | one that names another account as well, where Prowler has it for public
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "sqs:SendMessage"
    Resource  = "*"
    Condition = { StringLike = { "AWS:SourceAccount" = ["123456789012", "111222333444"] } }
  }] })
}
## sns-topic-public | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "sns:Publish"
    Resource  = "*"
    Condition = { StringEquals = { "AWS:SourceOwner" = "123456789012" } }
  }] })
}
## sns-topic-public | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "sns:Publish"
    Resource  = "*"
    Condition = { ArnLike = { "AWS:SourceArn" = "arn:aws:cloudtrail:*:123456789012:trail/*" } }
  }] })
}
## eventbridge-bus-public | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_cloudwatch_event_bus_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "events:PutEvents"
    Resource  = "*"
    Condition = { StringEquals = { "AWS:PrincipalAccount" = "123456789012" } }
  }] })
}
## secretsmanager-public | pass | tests/providers/aws/services/iam/lib/policy_test.py
resource "aws_secretsmanager_secret_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "secretsmanager:GetSecretValue"
    Resource  = "*"
    Condition = { ArnEquals = { "AWS:PrincipalArn" = "arn:aws:iam::123456789012:role/shop" } }
  }] })
}
## ecr-repository-public | fail | prowler/providers/aws/services/iam/lib/policy.py
resource "aws_ecr_repository_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = ["*"] }, Action = "ecr:BatchGetImage" }] })
}
## backup-vault-policy-public | fail | prowler/providers/aws/services/iam/lib/policy.py
resource "aws_backup_vault_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "backup:StartRestoreJob", Resource = "*" }] })
}
## efs-policy-public | fail | prowler/providers/aws/services/iam/lib/policy.py
resource "aws_efs_file_system_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "elasticfilesystem:ClientMount" }] })
}
## kms-key-public | fail | prowler/providers/aws/services/kms/kms_key_not_publicly_accessible/kms_key_not_publicly_accessible.py
resource "aws_kms_key_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }] })
}
## kms-key-public | pass, here fail | prowler/providers/aws/services/kms/kms_key_not_publicly_accessible/kms_key_not_publicly_accessible.py | `kms:ViaService` and an encryption context close nothing by themselves
resource "aws_kms_key_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "kms:*"
    Resource  = "*"
    Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
  }] })
}
## lambda-policy-public | pass | tests/providers/aws/services/awslambda/awslambda_function_not_publicly_accessible/awslambda_function_not_publicly_accessible_test.py
resource "aws_lambda_permission" "it" {
  action        = "lambda:InvokeFunction"
  function_name = "it"
  principal     = "123456789012"
}
## lambda-policy-public | fail, here pass | tests/providers/aws/services/awslambda/awslambda_function_not_publicly_accessible/awslambda_function_not_publicly_accessible_test.py | closed by a source, an account or an organisation, whatever Prowler says of the source
resource "aws_lambda_permission" "it" {
  action        = "lambda:InvokeFunction"
  function_name = "it"
  principal     = "*"
  source_arn    = "arn:aws:lambda:eu-west-1:123456789012:function:it"
}

## iam-policy-assume-any-role | fail | prowler/providers/aws/services/iam/iam_no_custom_policy_permissive_role_assumption/iam_no_custom_policy_permissive_role_assumption.py
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "sts:AssumeRole"], Resource = "*" }] })
}
## iam-policy-assume-any-role | fail | prowler/providers/aws/services/iam/iam_no_custom_policy_permissive_role_assumption/iam_no_custom_policy_permissive_role_assumption.py
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = { Effect = "Allow", Action = "sts:*", Resource = "*" } })
}
## iam-policy-assume-any-role | fail, here pass | prowler/providers/aws/services/iam/iam_no_custom_policy_permissive_role_assumption/iam_no_custom_policy_permissive_role_assumption.py | A policy that allows everything is found as that
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
## iam-policy-assume-any-role | pass | prowler/providers/aws/services/iam/iam_no_custom_policy_permissive_role_assumption/iam_no_custom_policy_permissive_role_assumption.py
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::123456789012:role/audit" }] })
}
## iam-policy-service-wildcard | fail | prowler/providers/aws/services/iam/lib/policy.py
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["logs:PutLogEvents", "kms:*"], Resource = ["*"] }] })
}
## iam-policy-service-wildcard | pass | prowler/providers/aws/services/iam/lib/policy.py
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "arn:aws:kms:eu-west-1:123456789012:key/1" }] })
}

## cloudtrail-multi-region | fail | prowler/providers/aws/services/cloudtrail/cloudtrail_multi_region_enabled/cloudtrail_multi_region_enabled.py
account {}
resource "aws_cloudtrail" "it" {
  name                  = "it"
  is_multi_region_trail = true
  enable_logging        = false
}
## cloudtrail-multi-region | pass | prowler/providers/aws/services/cloudtrail/cloudtrail_multi_region_enabled/cloudtrail_multi_region_enabled.py
account {}
resource "aws_cloudtrail" "it" {
  name                  = "it"
  is_multi_region_trail = true
  enable_logging        = true
}
## cloudtrail-multi-region | pass, here fail | prowler/providers/aws/services/cloudtrail/cloudtrail_multi_region_enabled/cloudtrail_multi_region_enabled.py | Other than with Prowler, trails of single regions do not do
account {}
resource "aws_cloudtrail" "it" {
  name                  = "it"
  is_multi_region_trail = false
  enable_logging        = true
}
