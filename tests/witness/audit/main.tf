# Who watches: the trail, the recorder and its rules, detectors, backups, logs and who is sent them.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live" }
  }
}

# The tags that it reads of backups are not those that moto keeps.
provider "aws" {
  alias       = "without_tags"
  region      = "eu-west-1"
  max_retries = 2
}

resource "aws_s3_bucket" "trail" {
  bucket = "watched-trail"
}

resource "aws_kms_key" "trail" {
  description = "trail"
}

resource "aws_iam_role" "watcher" {
  name = "watcher"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["config.amazonaws.com", "cloudtrail.amazonaws.com", "logs.amazonaws.com"] }
    }]
  })
}

resource "aws_cloudtrail" "all" {
  name                          = "all"
  s3_bucket_name                = aws_s3_bucket.trail.id
  s3_key_prefix                 = "trail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  tags                          = { Team = "ops" }

  event_selector {
    read_write_type           = "WriteOnly"
    include_management_events = true
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3"]
    }
  }
}

resource "aws_config_configuration_recorder" "all" {
  name     = "all"
  role_arn = aws_iam_role.watcher.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}

resource "aws_config_delivery_channel" "all" {
  name           = "all"
  s3_bucket_name = aws_s3_bucket.trail.id
  s3_key_prefix  = "config"
  sns_topic_arn  = aws_sns_topic.told.arn

  snapshot_delivery_properties {
    delivery_frequency = "Six_Hours"
  }

  depends_on = [aws_config_configuration_recorder.all]
}

resource "aws_config_configuration_recorder_status" "all" {
  name       = aws_config_configuration_recorder.all.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.all]
}

resource "aws_config_config_rule" "ports" {
  name        = "ports"
  description = "No open ports"
  tags        = { Team = "ops" }

  source {
    owner             = "AWS"
    source_identifier = "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS"
  }

  input_parameters = jsonencode({ authorizedTcpPorts = "443" })

  scope {
    compliance_resource_types = ["AWS::EC2::SecurityGroup"]
  }

  depends_on = [aws_config_configuration_recorder.all]
}

resource "aws_config_config_rule" "tags" {
  name = "tags"

  source {
    owner             = "AWS"
    source_identifier = "REQUIRED_TAGS"
  }

  input_parameters            = jsonencode({ tag1Key = "Team" })
  maximum_execution_frequency = null

  scope {
    tag_key   = "Stage"
    tag_value = "live"
  }

  depends_on = [aws_config_configuration_recorder.all]
}

resource "aws_guardduty_detector" "all" {
  enable                       = true
  finding_publishing_frequency = "ONE_HOUR"
  tags                         = { Team = "ops" }

  datasources {
    s3_logs {
      enable = true
    }
  }
}

resource "aws_macie2_account" "all" {
  finding_publishing_frequency = "ONE_HOUR"
  status                       = "ENABLED"
}

resource "aws_backup_vault" "all" {
  provider    = aws.without_tags
  name        = "all"
  kms_key_arn = aws_kms_key.trail.arn
}

resource "aws_backup_vault" "plain" {
  provider = aws.without_tags
  name     = "plain"
}

resource "aws_backup_vault_lock_configuration" "all" {
  backup_vault_name  = aws_backup_vault.all.name
  min_retention_days = 7
  max_retention_days = 365
}

resource "aws_backup_plan" "nightly" {
  provider = aws.without_tags
  name     = "nightly"

  rule {
    rule_name         = "nightly"
    target_vault_name = aws_backup_vault.all.name
    schedule          = "cron(0 1 * * ? *)"
    start_window      = 120
    completion_window = 360

    lifecycle {
      cold_storage_after = 30
      delete_after       = 120
    }

    recovery_point_tags = { Kind = "nightly" }
  }

  rule {
    rule_name         = "weekly"
    target_vault_name = aws_backup_vault.plain.name
    schedule          = "cron(0 2 ? * SUN *)"
  }
}

resource "aws_sns_topic" "told" {
  name = "told"
}

resource "aws_kinesis_stream" "logs" {
  name        = "logs"
  shard_count = 1
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/app"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.trail.arn
  tags              = { Team = "shop" }
}

resource "aws_cloudwatch_log_group" "plain" {
  name_prefix = "/plain-"
}

resource "aws_cloudwatch_log_metric_filter" "slow" {
  name           = "slow"
  log_group_name = aws_cloudwatch_log_group.app.name
  pattern        = "{ $.time > 1000 }"

  metric_transformation {
    name       = "slow"
    namespace  = "app"
    value      = "$.time"
    unit       = "Milliseconds"
    dimensions = { path = "$.path" }
  }
}

resource "aws_cloudwatch_log_subscription_filter" "all" {
  name            = "all"
  log_group_name  = aws_cloudwatch_log_group.app.name
  filter_pattern  = ""
  destination_arn = aws_kinesis_stream.logs.arn
  role_arn        = aws_iam_role.watcher.arn
}

resource "aws_cloudwatch_log_resource_policy" "bus" {
  policy_name = "bus"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = ["logs:PutLogEvents", "logs:CreateLogStream"]
      Resource  = "*"
    }]
  })
}

resource "aws_cloudwatch_log_destination" "others" {
  name       = "others"
  role_arn   = aws_iam_role.watcher.arn
  target_arn = aws_kinesis_stream.logs.arn
  tags       = { Team = "ops" }
}

resource "aws_cloudwatch_log_destination_policy" "others" {
  destination_name = aws_cloudwatch_log_destination.others.name
  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "210987654321" }
      Action    = "logs:PutSubscriptionFilter"
      Resource  = aws_cloudwatch_log_destination.others.arn
    }]
  })
}
