# Who the task is: it reads states, keeps its database, and may assume the audit roles. It looks at nothing itself.

data "aws_iam_policy_document" "assume" {
  for_each = toset(["lambda", "ecs-tasks", "scheduler"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
    dynamic "condition" {
      for_each = each.key == "lambda" ? [] : [local.account] # Lambda does not say for whom it assumes
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

locals {
  member_roles = local.member_role == "" ? [] : ["arn:${local.partition}:iam::*:role/${local.member_role}"]
  organization = [
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
  ]
  may = {
    FindStates       = [["s3:ListBucket"], var.state_buckets]
    ReadStates       = [["s3:GetObject"], [for arn in var.state_buckets : "${arn}/*"]]
    DecryptStates    = [["kms:Decrypt"], var.state_keys]
    FindDatabase     = [["s3:ListBucket"], [aws_s3_bucket.database.arn]]
    KeepDatabase     = [["s3:GetObject", "s3:PutObject"], ["${aws_s3_bucket.database.arn}/history.sqlite"]]
    ReadSlackWebhook = [["secretsmanager:GetSecretValue"], aws_secretsmanager_secret.slack[*].arn]
    Look             = [["sts:AssumeRole"], concat([local.audit_role], local.member_roles)]
    FindAccounts     = [local.organization, var.org ? ["*"] : []]
    Log = [
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [for arn in aws_cloudwatch_log_group.task[*].arn : "${arn}:*" if local.lambda == 1],
    ]
  }
}

data "aws_iam_policy_document" "task" {
  dynamic "statement" {
    for_each = { for sid, may in local.may : sid => may if length(may[1]) > 0 }
    content {
      sid       = statement.key
      actions   = statement.value[0]
      resources = statement.value[1]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.assume[local.lambda == 1 ? "lambda" : "ecs-tasks"].json
}

resource "aws_iam_role_policy" "task" {
  name   = "scan"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
