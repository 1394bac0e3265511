# A scheduled scan of this account: EventBridge Scheduler → Lambda or Fargate → a bucket for the database.
# The task itself may only read states and keep its database; to look at AWS it assumes the audit role.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.80" }
  }
}

locals {
  lambda   = var.compute == "lambda" ? 1 : 0
  fargate  = var.compute == "fargate" ? 1 : 0
  database = "s3://${aws_s3_bucket.database.bucket}/history.sqlite"
  environment = {
    DRIFTLINE_FROM         = join("\n", var.states)
    DRIFTLINE_SETTINGS     = var.settings
    DRIFTLINE_ROLE_ARN     = module.audit.role_arn
    DRIFTLINE_EXTERNAL_ID  = var.external_id
    DRIFTLINE_DATABASE     = local.database
    DRIFTLINE_SLACK_SECRET = aws_secretsmanager_secret.slack.arn
  }
}

module "audit" {
  source      = "./member-role"
  trusted     = aws_iam_role.task.arn
  external_id = var.external_id
}

resource "aws_s3_bucket" "database" {
  bucket_prefix = "${var.name}-"
}

resource "aws_s3_bucket_public_access_block" "database" {
  bucket                  = aws_s3_bucket.database.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "database" {
  bucket = aws_s3_bucket.database.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "database" {
  bucket = aws_s3_bucket.database.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
  }
}

# The webhook's URL is put in by hand: it is no business of a state.
resource "aws_secretsmanager_secret" "slack" {
  name_prefix = "${var.name}-slack-webhook-"
}

output "database" { value = local.database }
output "slack_secret" { value = aws_secretsmanager_secret.slack.arn }
output "task_role" { value = aws_iam_role.task.arn }
