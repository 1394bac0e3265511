# Calls: functions and gateways as others write them: bare, out of a document, from an image, several at once.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live", Team = "" }
  }
}

locals {
  account = "123456789012"
}

resource "aws_iam_role" "all" {
  name_prefix = "calls-"
  path        = "/calls/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { Service = "lambda.amazonaws.com" } },
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["apigateway.amazonaws.com"] } },
    ]
  })
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { b = "10.0.2.0/24", a = "10.0.1.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "main" {
  count = 2

  name_prefix = "calls-"
  vpc_id      = aws_vpc.main.id
}

resource "aws_kinesis_stream" "orders" {
  name        = "orders"
  shard_count = 1
}

resource "aws_sqs_queue" "work" {
  name_prefix = "work-"
}

resource "aws_sns_topic" "failed" {
  name_prefix = "failed-"
}

resource "aws_cloudwatch_log_group" "calls" {
  name_prefix = "/calls/"
}

# --- functions

resource "aws_lambda_layer_version" "plain" {
  count = 2

  layer_name   = "plain-${count.index}"
  filename     = "worker.zip"
  skip_destroy = true
}

resource "aws_lambda_function" "plain" {
  function_name = "plain"
  role          = aws_iam_role.all.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "worker.zip"
  timeout       = "30"
  memory_size   = "128"
  publish       = true
  layers        = []
  tags          = { Stage = "test" }

  environment {
    variables = {}
  }

  vpc_config {
    subnet_ids         = []
    security_group_ids = []
  }
}

resource "aws_lambda_function" "image" {
  function_name = "image"
  role          = aws_iam_role.all.arn
  package_type  = "Image"
  image_uri     = "${local.account}.dkr.ecr.eu-west-1.amazonaws.com/image:1"
  architectures = ["x86_64"]

  image_config {
    command           = ["app.handler"]
    entry_point       = ["/usr/bin/env", "python3"]
    working_directory = "/srv"
  }

  vpc_config {
    subnet_ids         = [for each in aws_subnet.main : each.id]
    security_group_ids = aws_security_group.main[*].id
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = "WARN"
    log_group             = aws_cloudwatch_log_group.calls.name
  }

  tracing_config {
    mode = "PassThrough"
  }

  environment {
    variables = { NUMBER = 1, SWITCH = true, TEXT = " a\n" }
  }
}

resource "aws_lambda_alias" "latest" {
  name             = "latest"
  description      = ""
  function_name    = aws_lambda_function.plain.function_name
  function_version = "$LATEST"
}

resource "aws_lambda_alias" "shared" {
  name             = "shared"
  function_name    = aws_lambda_function.plain.arn
  function_version = "1"

  routing_config {
    additional_version_weights = { "2" = "0.10" }
  }
}

resource "aws_lambda_permission" "link" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.plain.function_name
  principal     = "*"
}

resource "aws_lambda_permission" "organization" {
  statement_id     = "organization"
  action           = "lambda:GetFunction"
  function_name    = aws_lambda_function.plain.arn
  principal        = "*"
  principal_org_id = "o-1234567890"
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn               = aws_kinesis_stream.orders.arn
  function_name                  = "plain:${aws_lambda_alias.latest.name}"
  starting_position              = "TRIM_HORIZON"
  batch_size                     = 100
  parallelization_factor         = 2
  maximum_record_age_in_seconds  = 3600
  maximum_retry_attempts         = 0
  bisect_batch_on_function_error = true
  tumbling_window_in_seconds     = 30

  destination_config {
    on_failure {
      destination_arn = aws_sns_topic.failed.arn
    }
  }
}

resource "aws_lambda_event_source_mapping" "late" {
  event_source_arn            = aws_kinesis_stream.orders.arn
  function_name               = aws_lambda_function.plain.function_name
  starting_position           = "AT_TIMESTAMP"
  starting_position_timestamp = "2030-01-01T00:00:00Z"
  enabled                     = false
  function_response_types     = []
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn = aws_sqs_queue.work.arn
  function_name    = aws_lambda_alias.latest.arn
}

resource "aws_lambda_function_event_invoke_config" "both" {
  function_name                = aws_lambda_function.plain.function_name
  maximum_event_age_in_seconds = "60"

  destination_config {
    on_success {
      destination = aws_sqs_queue.work.arn
    }
    on_failure {
      destination = aws_sns_topic.failed.arn
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "image" {
  function_name          = aws_lambda_function.image.arn
  maximum_retry_attempts = 1
}

# --- gateways of the first kind

resource "aws_api_gateway_rest_api" "document" {
  name = "document"
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "document", version = "1" }
    paths = {
      "/pets" = {
        get = {
          responses                       = { "200" = { description = "fine" } }
          x-amazon-apigateway-integration = { type = "http_proxy", httpMethod = "GET", uri = "https://example.org" }
        }
      }
    }
  })
  put_rest_api_mode = "merge"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_rest_api" "ways" {
  name                     = "ways"
  description              = ""
  minimum_compression_size = "0"
  binary_media_types       = ["*/*", "image/png"]
  api_key_source           = "AUTHORIZER"
}

resource "aws_api_gateway_resource" "all" {
  for_each = toset(["{proxy+}", "one"])

  rest_api_id = aws_api_gateway_rest_api.ways.id
  parent_id   = aws_api_gateway_rest_api.ways.root_resource_id
  path_part   = each.key
}

resource "aws_cognito_user_pool" "callers" {
  name = "callers"
}

resource "aws_api_gateway_authorizer" "callers" {
  name          = "callers"
  type          = "COGNITO_USER_POOLS"
  rest_api_id   = aws_api_gateway_rest_api.ways.id
  provider_arns = [aws_cognito_user_pool.callers.arn]
}

resource "aws_api_gateway_authorizer" "asked" {
  name                             = "asked"
  type                             = "REQUEST"
  rest_api_id                      = aws_api_gateway_rest_api.ways.id
  authorizer_uri                   = aws_lambda_function.plain.invoke_arn
  identity_source                  = "method.request.header.Token,context.identity.sourceIp"
  authorizer_result_ttl_in_seconds = 0
}

resource "aws_api_gateway_request_validator" "none" {
  name        = "none"
  rest_api_id = aws_api_gateway_rest_api.ways.id
}

resource "aws_api_gateway_request_validator" "query" {
  name                        = "query"
  rest_api_id                 = aws_api_gateway_rest_api.ways.id
  validate_request_body       = false
  validate_request_parameters = true
}

resource "aws_api_gateway_model" "any" {
  rest_api_id  = aws_api_gateway_rest_api.ways.id
  name         = "Any"
  description  = "Anything"
  content_type = "application/xml"
  schema       = <<-EOT
    {
      "title": "any",
      "type":  "object"
    }
  EOT
}

resource "aws_api_gateway_method" "any" {
  rest_api_id          = aws_api_gateway_rest_api.ways.id
  resource_id          = aws_api_gateway_resource.all["{proxy+}"].id
  http_method          = "ANY"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.callers.id
  authorization_scopes = ["write", "read"]
  request_parameters   = {}
  request_models       = {}
}

resource "aws_api_gateway_method" "one" {
  rest_api_id    = aws_api_gateway_rest_api.ways.id
  resource_id    = aws_api_gateway_resource.all["one"].id
  http_method    = "POST"
  operation_name = "One"
  authorization  = "AWS_IAM"
}

resource "aws_api_gateway_integration" "any" {
  rest_api_id             = aws_api_gateway_rest_api.ways.id
  resource_id             = aws_api_gateway_resource.all["{proxy+}"].id
  http_method             = aws_api_gateway_method.any.http_method
  integration_http_method = "ANY"
  type                    = "HTTP_PROXY"
  uri                     = "https://example.org/{proxy}"
  content_handling        = "CONVERT_TO_TEXT"
  cache_namespace         = "shared"
  request_parameters      = { "integration.request.path.proxy" = "method.request.path.proxy" }
}

resource "aws_api_gateway_integration" "one" {
  rest_api_id             = aws_api_gateway_rest_api.ways.id
  resource_id             = aws_api_gateway_resource.all["one"].id
  http_method             = aws_api_gateway_method.one.http_method
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  credentials             = aws_iam_role.all.arn
  uri                     = aws_lambda_function.plain.invoke_arn
  request_templates       = {}
}

resource "aws_api_gateway_method_response" "all" {
  for_each = toset(["200", "404"])

  rest_api_id = aws_api_gateway_rest_api.ways.id
  resource_id = aws_api_gateway_resource.all["one"].id
  http_method = aws_api_gateway_method.one.http_method
  status_code = each.key
}

resource "aws_api_gateway_integration_response" "all" {
  for_each = aws_api_gateway_method_response.all

  rest_api_id         = aws_api_gateway_rest_api.ways.id
  resource_id         = aws_api_gateway_resource.all["one"].id
  http_method         = aws_api_gateway_integration.one.http_method
  status_code         = each.value.status_code
  selection_pattern   = each.key == "200" ? null : each.key
  content_handling    = each.key == "200" ? null : "CONVERT_TO_BINARY"
  response_parameters = each.key == "200" ? {} : { "method.response.header.Colour" = "'blue'" }
}

resource "aws_api_gateway_gateway_response" "all" {
  for_each = { DEFAULT_4XX = {}, DEFAULT_5XX = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" } }

  rest_api_id         = aws_api_gateway_rest_api.ways.id
  response_type       = each.key
  response_parameters = each.value
}

resource "aws_api_gateway_deployment" "ways" {
  rest_api_id = aws_api_gateway_rest_api.ways.id
  triggers    = { at = "first" }
  variables   = { colour = "blue" }

  depends_on = [aws_api_gateway_integration.any, aws_api_gateway_integration.one]
}

resource "aws_api_gateway_stage" "all" {
  for_each = toset(["test", "cached"])

  rest_api_id           = aws_api_gateway_rest_api.ways.id
  deployment_id         = aws_api_gateway_deployment.ways.id
  stage_name            = each.key
  variables             = {}
  cache_cluster_enabled = each.key == "cached"
  cache_cluster_size    = each.key == "cached" ? "0.5" : null
}

resource "aws_api_gateway_method_settings" "one" {
  rest_api_id = aws_api_gateway_rest_api.ways.id
  stage_name  = aws_api_gateway_stage.all["cached"].stage_name
  method_path = "one/${aws_api_gateway_method.one.http_method}"

  settings {
    caching_enabled                            = true
    cache_ttl_in_seconds                       = "60"
    cache_data_encrypted                       = true
    require_authorization_for_cache_control    = false
    unauthorized_cache_control_header_strategy = "FAIL_WITH_403"
    data_trace_enabled                         = true
  }
}

resource "aws_api_gateway_method_settings" "none" {
  rest_api_id = aws_api_gateway_rest_api.ways.id
  stage_name  = aws_api_gateway_stage.all["test"].stage_name
  method_path = "*/*"

  settings {}
}

resource "aws_api_gateway_api_key" "given" {
  name        = "given"
  value       = "0123456789abcdefghijklmnopqrstuvwxyz"
  description = ""
  enabled     = false
  customer_id = "1234"
}

resource "aws_api_gateway_api_key" "plain" {
  name = "plain"
}

resource "aws_api_gateway_usage_plan" "plain" {
  name = "plain"
}

resource "aws_api_gateway_usage_plan" "many" {
  name         = "many"
  description  = "Many may call"
  product_code = "many"

  dynamic "api_stages" {
    for_each = aws_api_gateway_stage.all
    content {
      api_id = aws_api_gateway_rest_api.ways.id
      stage  = api_stages.value.stage_name

      throttle {
        path        = "/one/POST"
        burst_limit = 2
        rate_limit  = 0.5
      }
    }
  }

  quota_settings {
    limit  = "20"
    offset = 2
    period = "WEEK"
  }
}

resource "aws_acm_certificate" "calls" {
  domain_name       = "calls.example.com"
  validation_method = "DNS"
}

resource "aws_api_gateway_domain_name" "edge" {
  domain_name     = "calls.example.com"
  certificate_arn = aws_acm_certificate.calls.arn
}

resource "aws_api_gateway_base_path_mapping" "root" {
  api_id      = aws_api_gateway_rest_api.ways.id
  stage_name  = aws_api_gateway_stage.all["test"].stage_name
  domain_name = aws_api_gateway_domain_name.edge.domain_name
}

resource "aws_api_gateway_vpc_link" "all" {
  for_each = { one = "To the inside", two = null }

  name        = each.key
  description = each.value
  target_arns = ["arn:aws:elasticloadbalancing:eu-west-1:${local.account}:loadbalancer/net/inside/0123456789abcdef"]
  tags        = each.value == null ? { Name = each.key } : {}
}

# --- gateways of the second kind

resource "aws_apigatewayv2_api" "quick" {
  name          = "quick"
  protocol_type = "HTTP"
  target        = aws_lambda_function.plain.arn
  route_key     = "$default"
}

resource "aws_apigatewayv2_api" "talk" {
  name                         = "talk"
  protocol_type                = "WEBSOCKET"
  route_selection_expression   = "$request.body.action"
  api_key_selection_expression = "$context.authorizer.usageIdentifierKey"
  disable_execute_api_endpoint = true
  version                      = "1"
}

resource "aws_apigatewayv2_integration" "talk" {
  api_id                        = aws_apigatewayv2_api.talk.id
  integration_type              = "AWS"
  integration_uri               = aws_lambda_function.plain.invoke_arn
  credentials_arn               = aws_iam_role.all.arn
  content_handling_strategy     = "CONVERT_TO_TEXT"
  passthrough_behavior          = "WHEN_NO_TEMPLATES"
  template_selection_expression = "$integration.request.body.kind"
  request_templates             = { "application/json" = "{ }" }
}

resource "aws_apigatewayv2_integration_response" "talk" {
  for_each = { "$default" = "CONVERT_TO_TEXT", "/400/" = null }

  api_id                        = aws_apigatewayv2_api.talk.id
  integration_id                = aws_apigatewayv2_integration.talk.id
  integration_response_key      = each.key
  content_handling_strategy     = each.value
  template_selection_expression = each.value == null ? null : "kind"
  response_templates            = {}
}

resource "aws_apigatewayv2_route" "talk" {
  for_each = toset(["$connect", "$disconnect"])

  api_id                     = aws_apigatewayv2_api.talk.id
  route_key                  = each.key
  api_key_required           = each.key == "$connect"
  operation_name             = each.key == "$connect" ? "Connect" : null
  model_selection_expression = each.key == "$connect" ? "action" : null
  target                     = "integrations/${aws_apigatewayv2_integration.talk.id}"
}

resource "aws_apigatewayv2_stage" "talk" {
  api_id = aws_apigatewayv2_api.talk.id
  name   = "talk"

  default_route_settings {
    data_trace_enabled       = true
    detailed_metrics_enabled = false
    logging_level            = "ERROR"
  }

  route_settings {
    route_key              = "$disconnect"
    throttling_burst_limit = 0
    throttling_rate_limit  = "0.5"
  }
  route_settings {
    route_key     = "$connect"
    logging_level = "OFF"
  }
  depends_on = [aws_apigatewayv2_route.talk]
}

resource "aws_apigatewayv2_stage" "plain" {
  api_id          = aws_apigatewayv2_api.quick.id
  name            = "plain"
  stage_variables = {}
}

resource "aws_apigatewayv2_vpc_link" "inside" {
  name               = "inside"
  security_group_ids = aws_security_group.main[*].id
  subnet_ids         = [aws_subnet.main["a"].id]
}

# --- what scales by the clock

resource "aws_appautoscaling_scheduled_action" "all" {
  for_each = {
    once  = { schedule = "at(2040-01-01T08:00:00)", zone = "Europe/Berlin", start = null, max = null }
    often = { schedule = "rate(1 hour)", zone = null, start = "2039-12-31T23:00:00+01:00", max = "9" }
  }

  name               = each.key
  service_namespace  = "lambda"
  resource_id        = "function:plain:${aws_lambda_alias.shared.name}"
  scalable_dimension = "lambda:function:ProvisionedConcurrency"
  schedule           = each.value.schedule
  timezone           = each.value.zone
  start_time         = each.value.start
  end_time           = each.value.start == null ? null : "2041-01-01T00:00:00Z"

  scalable_target_action {
    min_capacity = 1
    max_capacity = each.value.max
  }
}
