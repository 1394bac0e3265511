# When it runs. A failed run is not repeated: the next one comes by itself.

locals {
  scan  = local.lambda == 1 ? aws_lambda_function.scan[0].arn : aws_ecs_cluster.scan[0].arn
  tasks = [for task in aws_ecs_task_definition.scan : "${task.arn_without_revision}:*"]
}

data "aws_iam_policy_document" "schedule" {
  statement {
    actions   = local.lambda == 1 ? ["lambda:InvokeFunction"] : ["ecs:RunTask"]
    resources = local.lambda == 1 ? [local.scan] : local.tasks
  }
  dynamic "statement" {
    for_each = range(local.fargate)
    content {
      actions   = ["iam:PassRole"]
      resources = [aws_iam_role.task.arn, aws_iam_role.start[0].arn]
      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["ecs-tasks.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-schedule"
  assume_role_policy = data.aws_iam_policy_document.assume["scheduler"].json
}

resource "aws_iam_role_policy" "schedule" {
  name   = "start"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_scheduler_schedule" "scan" {
  name                = var.name
  schedule_expression = var.schedule
  flexible_time_window { mode = "OFF" }
  target {
    arn      = local.scan
    role_arn = aws_iam_role.schedule.arn
    retry_policy { maximum_retry_attempts = 0 }
    dynamic "ecs_parameters" {
      for_each = range(local.fargate)
      content {
        task_definition_arn = aws_ecs_task_definition.scan[0].arn
        launch_type         = "FARGATE"
        network_configuration {
          subnets         = var.subnets
          security_groups = var.security_groups
        }
      }
    }
  }
  lifecycle {
    precondition {
      condition     = local.fargate == 0 || length(var.subnets) > 0
      error_message = "fargate needs subnets."
    }
  }
}
