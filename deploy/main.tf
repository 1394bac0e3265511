# A scheduled scan of an account, or of many: EventBridge Scheduler → Lambda or Fargate → a bucket for the database.
# The task itself may only read states and keep its database; to look at AWS it assumes the audit role.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.80" }
  }
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  lambda    = var.compute == "lambda" ? 1 : 0
  fargate   = var.compute == "fargate" ? 1 : 0
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id

  member_role = var.org && var.member_role == "" ? "driftline-audit" : var.member_role
  settings = compact([
    var.org ? "org = true" : "",
    local.member_role != "" ? "role_name = ${jsonencode(local.member_role)}" : "",
    var.settings,
  ])

  audit_role = var.audit_role != "" ? var.audit_role : module.audit[0].role_arn
  database   = "s3://${aws_s3_bucket.database.bucket}/history.sqlite"
  environment = merge(
    {
      DRIFTLINE_FROM        = join("\n", var.states)
      DRIFTLINE_SETTINGS    = join("\n", local.settings)
      DRIFTLINE_ROLE_ARN    = local.audit_role
      DRIFTLINE_EXTERNAL_ID = var.external_id
      DRIFTLINE_DATABASE    = local.database
    },
    { for secret in aws_secretsmanager_secret.slack : "DRIFTLINE_SLACK_SECRET" => secret.arn },
  )
}

module "audit" {
  count       = var.audit_role == "" ? 1 : 0
  source      = "./member-role"
  name        = "${var.name}-audit"
  trusted     = aws_iam_role.task.arn
  external_id = var.external_id
}

output "database" { value = local.database }
output "task_role" { value = aws_iam_role.task.arn }
output "slack_secret" { value = one(aws_secretsmanager_secret.slack[*].arn) }
