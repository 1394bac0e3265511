# github.com/awsdocs/aws-security-hub-user-guide/doc_source/

## acm-certificate-expiring | fail | acm-controls.md ACM.1
live "aws_acm_certificate" "it" {
  domain_name = "it.example.com"
  not_after   = "+29 days"
  in_use_by   = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/it/1"]
}
## acm-certificate-expiring | pass | acm-controls.md ACM.1
live "aws_acm_certificate" "it" {
  domain_name = "it.example.com"
  not_after   = "+31 days"
  in_use_by   = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/it/1"]
}
## acm-certificate-expiring | fail, here pass | acm-controls.md ACM.1 | What nothing uses may end in peace
live "aws_acm_certificate" "it" {
  domain_name = "it.example.com"
  not_after   = "+29 days"
  in_use_by   = []
}
## dynamodb-autoscaling | pass | dynamodb-controls.md DynamoDB.1
resource "aws_dynamodb_table" "it" { billing_mode = "PAY_PER_REQUEST" }
## dynamodb-autoscaling | fail | dynamodb-controls.md DynamoDB.1
resource "aws_dynamodb_table" "it" {
  name           = "it"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
}
## dynamodb-pitr | fail | dynamodb-controls.md DynamoDB.2
resource "aws_dynamodb_table" "it" {
  point_in_time_recovery { enabled = false }
}
## dynamodb-pitr | pass | dynamodb-controls.md DynamoDB.2
resource "aws_dynamodb_table" "it" {
  point_in_time_recovery { enabled = true }
}
## dynamodb-backup-plan | fail | dynamodb-controls.md DynamoDB.4
resource "aws_dynamodb_table" "it" { name = "it" }
## elasticache-backup | fail | elasticache-controls.md ElastiCache.1
resource "aws_elasticache_replication_group" "it" { snapshot_retention_limit = 0 }
## elasticache-backup | pass | elasticache-controls.md ElastiCache.1
resource "aws_elasticache_replication_group" "it" { snapshot_retention_limit = 1 }
## elasticache-auto-failover | fail | elasticache-controls.md ElastiCache.3
resource "aws_elasticache_replication_group" "it" { automatic_failover_enabled = false }
## elasticache-auto-failover | pass | elasticache-controls.md ElastiCache.3
resource "aws_elasticache_replication_group" "it" { automatic_failover_enabled = true }
## elasticache-encryption-rest | fail | elasticache-controls.md ElastiCache.4
resource "aws_elasticache_replication_group" "it" { at_rest_encryption_enabled = false }
## elasticache-encryption-rest | pass | elasticache-controls.md ElastiCache.4
resource "aws_elasticache_replication_group" "it" { at_rest_encryption_enabled = true }
## elasticache-encryption-transit | fail | elasticache-controls.md ElastiCache.5
resource "aws_elasticache_replication_group" "it" { transit_encryption_enabled = false }
## elasticache-encryption-transit | pass | elasticache-controls.md ElastiCache.5
resource "aws_elasticache_replication_group" "it" {
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
}
## secretsmanager-rotation | fail | secretsmanager-controls.md SecretsManager.1
resource "aws_secretsmanager_secret" "it" { name = "it" }
## secretsmanager-rotation | pass | secretsmanager-controls.md SecretsManager.1
resource "aws_secretsmanager_secret" "it" { name = "it" }
resource "aws_secretsmanager_secret_rotation" "it" {
  secret_id           = aws_secretsmanager_secret.it.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate"
  rotation_rules { automatically_after_days = 30 }
}
## secretsmanager-rotation-overdue | fail | secretsmanager-controls.md SecretsManager.2
live "aws_secretsmanager_secret_rotation" "it" {
  secret_id          = "it"
  next_rotation_date = "-2 days"
  last_rotated_date  = "-32 days"
}
## secretsmanager-unused | fail | secretsmanager-controls.md SecretsManager.3
live "aws_secretsmanager_secret" "it" {
  name               = "it"
  created_date       = "-200 days"
  last_accessed_date = "-91 days"
  pending_deletion   = false
}
## secretsmanager-unused | pass | secretsmanager-controls.md SecretsManager.3
live "aws_secretsmanager_secret" "it" {
  name               = "it"
  created_date       = "-200 days"
  last_accessed_date = "-89 days"
  pending_deletion   = false
}
## efs-unencrypted | fail | efs-controls.md EFS.1
resource "aws_efs_file_system" "it" { encrypted = false }
## efs-unencrypted | pass | efs-controls.md EFS.1
resource "aws_efs_file_system" "it" { encrypted = true }
## efs-backup | fail | efs-controls.md EFS.2
resource "aws_efs_file_system" "it" { encrypted = true }
## efs-backup | pass | efs-controls.md EFS.2
resource "aws_efs_file_system" "it" { encrypted = true }
resource "aws_efs_backup_policy" "it" {
  file_system_id = aws_efs_file_system.it.id
  backup_policy { status = "ENABLED" }
}
## ecr-scan-on-push | fail | ecr-controls.md ECR.1
resource "aws_ecr_repository" "it" {
  image_scanning_configuration { scan_on_push = false }
}
## ecr-scan-on-push | pass | ecr-controls.md ECR.1
resource "aws_ecr_repository" "it" {
  image_scanning_configuration { scan_on_push = true }
}
## ecr-tag-immutability | fail | ecr-controls.md ECR.2
resource "aws_ecr_repository" "it" { image_tag_mutability = "MUTABLE" }
## ecr-tag-immutability | pass | ecr-controls.md ECR.2
resource "aws_ecr_repository" "it" { image_tag_mutability = "IMMUTABLE" }
## ecr-lifecycle | fail | ecr-controls.md ECR.3
resource "aws_ecr_repository" "it" { name = "it" }
## ecr-lifecycle | pass | ecr-controls.md ECR.3
resource "aws_ecr_repository" "it" { name = "it" }
resource "aws_ecr_lifecycle_policy" "it" {
  repository = aws_ecr_repository.it.name
  policy     = jsonencode({ rules = [{ rulePriority = 1, selection = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 9 }, action = { type = "expire" } }] })
}
## eks-version-unsupported | fail | eks-controls.md EKS.2
resource "aws_eks_cluster" "it" { version = "1.21" }
## guardduty-enabled | fail | guardduty-controls.md GuardDuty.1
region {}
## guardduty-enabled | fail | guardduty-controls.md GuardDuty.1
region {}
resource "aws_guardduty_detector" "it" { enable = false }
## guardduty-enabled | pass | guardduty-controls.md GuardDuty.1
region {}
resource "aws_guardduty_detector" "it" { enable = true }
## config-recorder | fail | config-controls.md Config.1
region {}
## config-recorder | fail, here pass | config-controls.md Config.1 | Which types it records is left to whoever pays for them
region {}
resource "aws_config_configuration_recorder" "it" {
  name     = "default"
  role_arn = "arn:aws:iam::123456789012:role/config"
  recording_group {
    all_supported  = false
    resource_types = ["AWS::EC2::Instance"]
  }
}
resource "aws_config_configuration_recorder_status" "it" {
  name       = "default"
  is_enabled = true
}
