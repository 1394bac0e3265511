# Watches: who looks on, as others write it: trails, recorders, alarms, logs and detectors, bare or with all there is.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live" }
  }
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

locals {
  account = "123456789012"
}

resource "aws_kms_key" "all" {
  description = "watches"
}

resource "aws_s3_bucket" "all" {
  for_each = toset(["trail", "config"])

  bucket = "driftline-watches-${each.key}"
}

resource "aws_sns_topic" "all" {
  for_each = toset(["told", "calm"])

  name = each.key
}

resource "aws_iam_role" "all" {
  name = "watches"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["logs.amazonaws.com", "config.amazonaws.com", "cloudtrail.amazonaws.com"] }
    }]
  })
}

# --- trails

resource "aws_cloudtrail" "full" {
  name                          = "full"
  s3_bucket_name                = aws_s3_bucket.all["trail"].id
  enable_logging                = false
  include_global_service_events = false
  is_multi_region_trail         = false
  kms_key_id                    = aws_kms_key.all.arn
  sns_topic_name                = aws_sns_topic.all["told"].name
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.all["trail"].arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.all.arn

  insight_selector {
    insight_type = "ApiErrorRateInsight"
  }
  insight_selector {
    insight_type = "ApiCallRateInsight"
  }

  advanced_event_selector {
    name = "buckets"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field           = "resources.ARN"
      not_starts_with = ["arn:aws:s3:::b/", "arn:aws:s3:::a/"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }
}

# --- the recorder

resource "aws_config_configuration_recorder" "some" {
  role_arn = aws_iam_role.all.arn

  recording_group {
    all_supported                 = false
    include_global_resource_types = false
    resource_types                = ["AWS::S3::Bucket", "AWS::EC2::Instance"]
  }
}

resource "aws_config_delivery_channel" "bare" {
  s3_bucket_name = aws_s3_bucket.all["config"].bucket
  depends_on     = [aws_config_configuration_recorder.some]
}

resource "aws_config_configuration_recorder_status" "off" {
  name       = aws_config_configuration_recorder.some.id
  is_enabled = false
  depends_on = [aws_config_delivery_channel.bare]
}

resource "aws_config_config_rule" "often" {
  name                        = "often"
  description                 = ""
  maximum_execution_frequency = "Six_Hours"
  input_parameters            = "{ \"maxAccessKeyAge\" : \"90\" }"

  source {
    owner             = "AWS"
    source_identifier = "ACCESS_KEYS_ROTATED"
  }
  depends_on = [aws_config_configuration_recorder.some]
}

# --- logs

resource "aws_cloudwatch_log_group" "all" {
  for_each = { trail = 0, kept = 3653, seldom = 30, "aws-waf-logs" = null }

  name              = "/watches/${each.key}"
  retention_in_days = each.value
  log_group_class   = each.key == "seldom" ? "INFREQUENT_ACCESS" : null
  skip_destroy      = each.key == "kept"
}

resource "aws_cloudwatch_log_stream" "kept" {
  name           = "kept"
  log_group_name = aws_cloudwatch_log_group.all["kept"].name
}

resource "aws_kinesis_stream" "logs" {
  name        = "logs"
  shard_count = 1
}

resource "aws_cloudwatch_log_metric_filter" "all" {
  for_each = { bare = "", spaced = "[ip, id, user, at, request, status_code = 4*, size]" }

  name           = each.key
  log_group_name = aws_cloudwatch_log_group.all["kept"].name
  pattern        = each.value

  metric_transformation {
    name          = each.key
    namespace     = "watches"
    value         = "1.0"
    default_value = each.key == "bare" ? null : "0.5"
  }
}

resource "aws_cloudwatch_log_subscription_filter" "spaced" {
  name            = "spaced"
  log_group_name  = aws_cloudwatch_log_group.all["kept"].name
  filter_pattern  = " { $.level = \"ERROR\" } "
  destination_arn = aws_kinesis_stream.logs.arn
  role_arn        = aws_iam_role.all.arn
  distribution    = "ByLogStream"
}

resource "aws_cloudwatch_log_subscription_filter" "far" {
  name            = "far"
  log_group_name  = aws_cloudwatch_log_group.all["trail"].name
  filter_pattern  = "?ERROR ?WARN"
  destination_arn = aws_kinesis_stream.logs.arn
  role_arn        = aws_iam_role.all.arn
}

resource "aws_cloudwatch_log_resource_policy" "all" {
  for_each = {
    text  = "{\"Statement\":{\"Resource\":\"arn:aws:logs:*\",\"Principal\":{\"Service\":\"es.amazonaws.com\"},\"Effect\":\"Allow\",\"Action\":\"logs:PutLogEvents\"},\"Version\":\"2012-10-17\"}"
    order = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "b", Effect = "Allow", Principal = { Service = ["route53.amazonaws.com"] }, Action = ["logs:PutLogEvents", "logs:CreateLogStream"], Resource = ["arn:aws:logs:*:*:b", "arn:aws:logs:*:*:a"] }, { Sid = "a", Effect = "Deny", Principal = "*", Action = "logs:*", Resource = "*" }] })
  }

  policy_name     = each.key
  policy_document = each.value
}

resource "aws_cloudwatch_log_destination" "bare" {
  name       = "bare"
  role_arn   = aws_iam_role.all.arn
  target_arn = aws_kinesis_stream.logs.arn
}

resource "aws_cloudwatch_log_destination_policy" "bare" {
  destination_name = aws_cloudwatch_log_destination.bare.name
  force_update     = true
  access_policy    = " {\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"\",\"Resource\":\"${aws_cloudwatch_log_destination.bare.arn}\",\"Principal\":{\"AWS\":[\"310987654321\",\"arn:aws:iam::210987654321:root\"]},\"Effect\":\"Allow\",\"Action\":[\"logs:PutSubscriptionFilter\"]}]} "
}

resource "aws_cloudwatch_log_delivery_source" "all" {
  for_each = { bedrock = "APPLICATION_LOGS", workmail = "ACCESS_CONTROL_LOGS" }

  name         = each.key
  log_type     = each.value
  resource_arn = "arn:aws:${each.key}:eu-west-1:123456789012:thing/one"
}

resource "aws_cloudwatch_log_delivery_destination" "all" {
  for_each = { bucket = aws_s3_bucket.all["trail"].arn, group = aws_cloudwatch_log_group.all["kept"].arn }

  name          = each.key
  output_format = each.key == "bucket" ? "parquet" : null
  tags          = each.key == "bucket" ? { Team = "ops" } : {}

  delivery_destination_configuration {
    destination_resource_arn = each.value
  }
}

resource "aws_cloudwatch_log_delivery" "bucket" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.all["bedrock"].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.all["bucket"].arn
  record_fields            = ["event_timestamp", "event"]

  s3_delivery_configuration {
    enable_hive_compatible_path = true
    suffix_path                 = "/{yyyy}/{MM}"
  }
}

resource "aws_cloudwatch_log_delivery" "group" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.all["workmail"].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.all["group"].arn
}

# --- alarms

resource "aws_cloudwatch_metric_alarm" "full" {
  alarm_name                = "full"
  alarm_description         = "All that there is"
  comparison_operator       = "LessThanOrEqualToThreshold"
  evaluation_periods        = "3"
  datapoints_to_alarm       = "2"
  metric_name               = "CPUUtilization"
  namespace                 = "AWS/EC2"
  period                    = "300"
  extended_statistic        = "p99.9"
  threshold                 = "0"
  unit                      = "Percent"
  treat_missing_data        = "notBreaching"
  actions_enabled           = false
  alarm_actions             = [for each in aws_sns_topic.all : each.arn]
  ok_actions                = [aws_sns_topic.all["calm"].arn]
  insufficient_data_actions = []
  dimensions                = { InstanceId = "i-1234567890abcdef0", Kind = "x" }
  tags                      = { Team = "ops" }

  evaluate_low_sample_count_percentiles = "ignore"
}

resource "aws_cloudwatch_metric_alarm" "queries" {
  alarm_name          = "queries"
  alarm_description   = ""
  comparison_operator = "GreaterThanUpperThreshold"
  evaluation_periods  = 1
  threshold_metric_id = "band"

  metric_query {
    id          = "band"
    expression  = "ANOMALY_DETECTION_BAND(rate, 2)"
    label       = "Band"
    return_data = true
  }
  metric_query {
    id          = "rate"
    return_data = "true"
    metric {
      metric_name = "Requests"
      namespace   = "app"
      period      = 60
      stat        = "Average"
      unit        = "Count"
      dimensions  = { Path = "/" }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "maths" {
  alarm_name          = "maths"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 2
  threshold           = 0.1

  metric_query {
    id          = "share"
    expression  = "errors / calls * 100"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = toset(["errors", "calls"])
    content {
      id = metric_query.key
      metric {
        metric_name = metric_query.key
        namespace   = "app"
        period      = "120"
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_dashboard" "all" {
  provider = aws.virginia
  for_each = {
    text  = "{ \"widgets\" : [ ] ,\n \"start\": \"-PT6H\" }"
    order = jsonencode({ widgets = [{ width = 12, type = "metric", height = 6, properties = { metrics = [["AWS/EC2", "CPUUtilization", "InstanceId", "i-1"]], period = 300.0 } }] })
  }

  dashboard_name = each.key
  dashboard_body = each.value
}

# --- detectors

resource "aws_guardduty_detector" "bare" {}

resource "aws_guardduty_detector_feature" "runtime" {
  detector_id = aws_guardduty_detector.bare.id
  name        = "EKS_RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }
}

resource "aws_inspector2_enabler" "functions" {
  account_ids    = [local.account]
  resource_types = ["LAMBDA"]
}

resource "aws_macie2_account" "paused" {
  status = "PAUSED"
}

resource "aws_eip" "all" {
  count = 2
}

resource "aws_shield_protection" "all" {
  count = 2

  name         = "address-${count.index}"
  resource_arn = "arn:aws:ec2:eu-west-1:${local.account}:eip-allocation/${aws_eip.all[count.index].id}"
}
