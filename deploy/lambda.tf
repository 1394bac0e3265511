# Where it runs: as a Lambda function.

resource "aws_lambda_function" "scan" {
  count         = local.lambda
  function_name = var.name
  role          = aws_iam_role.task.arn
  package_type  = "Image"
  image_uri     = var.image
  architectures = [var.architecture]
  timeout       = 900
  memory_size   = 1769 # one whole processor
  image_config {
    entry_point = ["python", "-m", "awslambdaric"]
    command     = ["scanner.handler.handler"]
  }
  ephemeral_storage { size = 2048 } # the copy of the database
  environment { variables = local.environment }
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.task.name
  }
  depends_on = [aws_iam_role_policy.task]
}

# The scheduler's call is asynchronous, and Lambda itself would repeat a failed one twice.
resource "aws_lambda_function_event_invoke_config" "scan" {
  count                  = local.lambda
  function_name          = aws_lambda_function.scan[0].function_name
  maximum_retry_attempts = 0
}

resource "aws_cloudwatch_log_group" "task" {
  name              = "/${var.name}"
  retention_in_days = 90
}
