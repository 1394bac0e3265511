# Who the task is: it reads states, keeps its database, and may assume the audit role. It looks at nothing itself.

data "aws_iam_policy_document" "assume" {
  for_each = toset(["lambda", "ecs-tasks", "scheduler"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "task" {
  statement {
    sid       = "ReadStates"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = concat(var.state_buckets, [for arn in var.state_buckets : "${arn}/*"])
  }
  statement {
    sid       = "KeepDatabase"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.database.arn, "${aws_s3_bucket.database.arn}/*"]
  }
  statement {
    sid       = "ReadSlackWebhook"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.slack.arn]
  }
  statement {
    sid       = "Look"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:*:iam::*:role/driftline-audit"]
  }
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.task.arn}:*"]
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.assume[var.compute == "lambda" ? "lambda" : "ecs-tasks"].json
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_cloudwatch_log_group" "task" {
  name              = "/${var.name}"
  retention_in_days = 90
}
