# When it runs. A failed run is not repeated: the next one comes by itself.

data "aws_iam_policy_document" "schedule" {
  statement {
    actions = local.lambda == 1 ? ["lambda:InvokeFunction"] : ["ecs:RunTask"]
    resources = (
      local.lambda == 1 ? [aws_lambda_function.scan[0].arn] : ["${aws_ecs_task_definition.scan[0].arn_without_revision}:*"]
    )
  }
  dynamic "statement" {
    for_each = range(local.fargate)
    content {
      actions   = ["iam:PassRole"]
      resources = [aws_iam_role.task.arn, aws_iam_role.start[0].arn]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-schedule"
  assume_role_policy = data.aws_iam_policy_document.assume["scheduler"].json
}

resource "aws_iam_role_policy" "schedule" {
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_scheduler_schedule" "scan" {
  name                = var.name
  schedule_expression = var.schedule
  flexible_time_window { mode = "OFF" }
  target {
    arn      = local.lambda == 1 ? aws_lambda_function.scan[0].arn : aws_ecs_cluster.scan[0].arn
    role_arn = aws_iam_role.schedule.arn
    retry_policy { maximum_retry_attempts = 0 }
    dynamic "ecs_parameters" {
      for_each = range(local.fargate)
      content {
        task_definition_arn = aws_ecs_task_definition.scan[0].arn
        launch_type         = "FARGATE"
        network_configuration { subnets = var.subnets }
      }
    }
  }
}
