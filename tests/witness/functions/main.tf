# What is called: functions with all that hangs on them, and the two kinds of gateway before them.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live" }
  }
}

resource "aws_iam_role" "worker" {
  name = "worker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "apigateway.amazonaws.com"] }
    }]
  })
}

resource "aws_sqs_queue" "work" {
  name                       = "work"
  visibility_timeout_seconds = 60
}

resource "aws_sns_topic" "failed" {
  name = "failed"
}

resource "aws_lambda_layer_version" "common" {
  layer_name               = "common"
  description              = "What all need"
  filename                 = "worker.zip"
  compatible_runtimes      = ["python3.13", "python3.12"]
  compatible_architectures = ["arm64"]
  license_info             = "Apache-2.0"
}

resource "aws_lambda_function" "worker" {
  function_name                  = "worker"
  description                    = "Works"
  role                           = aws_iam_role.worker.arn
  runtime                        = "python3.13"
  handler                        = "worker.handle"
  filename                       = "worker.zip"
  source_code_hash               = filebase64sha256("worker.zip")
  layers                         = [aws_lambda_layer_version.common.arn]
  architectures                  = ["arm64"]
  reserved_concurrent_executions = 5
  publish                        = true
  tags                           = { Team = "shop" }

  dead_letter_config {
    target_arn = aws_sns_topic.failed.arn
  }

  ephemeral_storage {
    size = 1024
  }

  tracing_config {
    mode = "Active"
  }

  environment {
    variables = { STAGE = "live" }
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What customers call"
  function_name    = aws_lambda_function.worker.arn
  function_version = "1"
}

resource "aws_lambda_permission" "topic" {
  statement_id  = "topic"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.worker.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.failed.arn
}

resource "aws_lambda_permission" "account" {
  statement_id_prefix = "account-"
  action              = "lambda:InvokeFunction"
  function_name       = aws_lambda_function.worker.arn
  principal           = "210987654321"
}

resource "aws_lambda_permission" "bucket" {
  statement_id   = "bucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.worker.function_name
  qualifier      = aws_lambda_alias.live.name
  principal      = "s3.amazonaws.com"
  source_account = "123456789012"
  source_arn     = "arn:aws:s3:::uploads"
}

resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn                   = aws_sqs_queue.work.arn
  function_name                      = aws_lambda_function.worker.arn
  batch_size                         = 5
  maximum_batching_window_in_seconds = 10
  function_response_types            = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = ["order"] } })
    }
  }

  scaling_config {
    maximum_concurrency = 10
  }
}

resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name                = aws_lambda_function.worker.function_name
  maximum_event_age_in_seconds = 120
  maximum_retry_attempts       = 0

  destination_config {
    on_failure {
      destination = aws_sns_topic.failed.arn
    }
  }
}

# --- gateways of the first kind

resource "aws_api_gateway_rest_api" "shop" {
  name                         = "shop"
  description                  = "The shop"
  minimum_compression_size     = 1024
  binary_media_types           = ["image/png"]
  api_key_source               = "HEADER"
  disable_execute_api_endpoint = true
  tags                         = { Team = "shop" }

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_rest_api" "plain" {
  name = "plain"
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{id}"
}

resource "aws_api_gateway_authorizer" "token" {
  name                             = "token"
  rest_api_id                      = aws_api_gateway_rest_api.shop.id
  authorizer_uri                   = aws_lambda_function.worker.invoke_arn
  authorizer_credentials           = aws_iam_role.worker.arn
  identity_source                  = "method.request.header.Token"
  identity_validation_expression   = "^[a-z]+$"
  authorizer_result_ttl_in_seconds = 60
}

resource "aws_api_gateway_request_validator" "body" {
  name                  = "body"
  rest_api_id           = aws_api_gateway_rest_api.shop.id
  validate_request_body = true
}

resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.shop.id
  name         = "Order"
  content_type = "application/json"
  schema       = jsonencode({ type = "object", required = ["id"] })
}

resource "aws_api_gateway_method" "order" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  resource_id          = aws_api_gateway_resource.order.id
  http_method          = "GET"
  authorization        = "CUSTOM"
  authorizer_id        = aws_api_gateway_authorizer.token.id
  api_key_required     = true
  request_validator_id = aws_api_gateway_request_validator.body.id
  request_parameters   = { "method.request.path.id" = true, "method.request.header.Colour" = false }
  request_models       = { "application/json" = aws_api_gateway_model.order.name }
}

resource "aws_api_gateway_method_response" "order" {
  rest_api_id         = aws_api_gateway_rest_api.shop.id
  resource_id         = aws_api_gateway_resource.order.id
  http_method         = aws_api_gateway_method.order.http_method
  status_code         = "200"
  response_models     = { "application/json" = "Empty" }
  response_parameters = { "method.response.header.Colour" = true }
}

resource "aws_api_gateway_integration" "order" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.order.id
  http_method             = aws_api_gateway_method.order.http_method
  integration_http_method = "POST"
  type                    = "AWS"
  uri                     = aws_lambda_function.worker.invoke_arn
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  timeout_milliseconds    = 5000
  request_parameters      = { "integration.request.header.Id" = "method.request.path.id" }
  request_templates       = { "application/json" = "{\"id\": 1}" }
}

resource "aws_api_gateway_integration_response" "order" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  resource_id        = aws_api_gateway_resource.order.id
  http_method        = aws_api_gateway_method.order.http_method
  status_code        = aws_api_gateway_method_response.order.status_code
  selection_pattern  = "ok.*"
  response_templates = { "application/json" = "{}" }
  depends_on         = [aws_api_gateway_integration.order]
}

resource "aws_api_gateway_method" "orders" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_method.orders.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_gateway_response" "denied" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  response_type      = "UNAUTHORIZED"
  status_code        = "401"
  response_templates = { "application/json" = "{\"message\": $context.error.messageString}" }
}

resource "aws_api_gateway_deployment" "shop" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  description = "The first"
  depends_on  = [aws_api_gateway_integration.order, aws_api_gateway_integration.orders]
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  deployment_id        = aws_api_gateway_deployment.shop.id
  stage_name           = "live"
  description          = "For customers"
  xray_tracing_enabled = true
  variables            = { colour = "blue" }
  tags                 = { Team = "shop" }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.calls.arn
    format          = "$context.requestId"
  }
}

resource "aws_cloudwatch_log_group" "calls" {
  name = "/calls"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "INFO"
    throttling_burst_limit = 10
    throttling_rate_limit  = 5
  }
}

resource "aws_api_gateway_api_key" "partner" {
  name        = "partner"
  description = "Theirs"
  tags        = { Team = "shop" }
}

resource "aws_api_gateway_usage_plan" "partner" {
  name = "partner"

  api_stages {
    api_id = aws_api_gateway_rest_api.shop.id
    stage  = aws_api_gateway_stage.live.stage_name
  }

  quota_settings {
    limit  = 1000
    period = "MONTH"
  }

  throttle_settings {
    burst_limit = 5
    rate_limit  = 10
  }
}

resource "aws_api_gateway_account" "all" {
  cloudwatch_role_arn = aws_iam_role.worker.arn
}

# --- gateways of the second kind

resource "aws_apigatewayv2_api" "web" {
  name          = "web"
  protocol_type = "HTTP"
  description   = "The web's"
  tags          = { Team = "shop" }

  cors_configuration {
    allow_origins = ["https://shop.example.org"]
    allow_methods = ["GET", "POST"]
    allow_headers = ["Content-Type"]
    max_age       = 300
  }
}

resource "aws_apigatewayv2_api" "chat" {
  name                       = "chat"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_integration" "web" {
  api_id                 = aws_apigatewayv2_api.web.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_function.worker.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 10000
}

resource "aws_apigatewayv2_integration" "elsewhere" {
  api_id             = aws_apigatewayv2_api.web.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = "https://example.org"
  request_parameters = { "append:header.colour" = "blue" }
}

resource "aws_apigatewayv2_route" "order" {
  api_id    = aws_apigatewayv2_api.web.id
  route_key = "GET /orders/{id}"
  target    = "integrations/${aws_apigatewayv2_integration.web.id}"
}

resource "aws_apigatewayv2_route" "rest" {
  api_id             = aws_apigatewayv2_api.web.id
  route_key          = "$default"
  authorization_type = "AWS_IAM"
  target             = "integrations/${aws_apigatewayv2_integration.elsewhere.id}"
}

resource "aws_apigatewayv2_stage" "live" {
  api_id      = aws_apigatewayv2_api.web.id
  name        = "$default"
  auto_deploy = true
  description = "For customers"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.calls.arn
    format          = "$context.requestId"
  }

  default_route_settings {
    throttling_burst_limit = 10
    throttling_rate_limit  = 20
  }

  stage_variables = { colour = "blue" }
}
