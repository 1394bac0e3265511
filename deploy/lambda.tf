# Where it runs: as a Lambda function.

resource "aws_lambda_function" "scan" {
  count         = local.lambda
  function_name = var.name
  role          = aws_iam_role.task.arn
  package_type  = "Image"
  image_uri     = var.image
  timeout       = 900
  memory_size   = 1769 # one whole processor
  image_config {
    entry_point = ["python", "-m", "awslambdaric"]
    command     = ["scanner.handler.handler"]
  }
  environment { variables = local.environment }
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.task.name
  }
}
