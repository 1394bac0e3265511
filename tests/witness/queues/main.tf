# What waits in line, who is told, and what is done by the clock: queues, topics, buses, schedules, pipes, machines.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live" }
  }
}

locals {
  account = "123456789012"
}

resource "aws_kms_key" "queues" {
  description = "queues"
}

resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
  kms_master_key_id         = "alias/aws/sqs"
}

resource "aws_sqs_queue" "orders" {
  name_prefix                = "orders-"
  delay_seconds              = 5
  max_message_size           = 2048
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 10
  visibility_timeout_seconds = 0
  kms_master_key_id          = aws_kms_key.queues.arn
  tags                       = { Team = "shop", Stage = "test" }

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 4
  })
}

resource "aws_sqs_queue" "plain" {
  name                    = "plain"
  sqs_managed_sse_enabled = false
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${local.account}:root" }
      Action    = ["sqs:SendMessage"]
      Resource  = "arn:aws:sqs:eu-west-1:${local.account}:plain"
    }]
  })
}

resource "aws_sqs_queue" "ordered" {
  name                        = "ordered.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
}

resource "aws_sqs_queue" "split" {
  name = "split"
}

resource "aws_sqs_queue_policy" "split" {
  queue_url  = aws_sqs_queue.split.id
  depends_on = [aws_sqs_queue_redrive_policy.split] # moto forgets a policy when anything else is set
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "split"
    Statement = [{
      Sid       = "topic"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.split.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.orders.arn } }
    }]
  })
}

resource "aws_sqs_queue_redrive_policy" "split" {
  queue_url = aws_sqs_queue.split.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sns_topic" "plain" {
  name = "plain"
}

resource "aws_sns_topic" "ordered" {
  name                        = "ordered.fifo"
  fifo_topic                  = true
  content_based_deduplication = true
}

resource "aws_sns_topic" "orders" {
  name_prefix                       = "orders-"
  kms_master_key_id                 = aws_kms_key.queues.id
  tracing_config                    = "Active"
  signature_version                 = 2
  http_success_feedback_role_arn    = aws_iam_role.all.arn
  http_success_feedback_sample_rate = 50
  tags                              = { Team = "shop" }

  delivery_policy = jsonencode({
    http = {
      defaultHealthyRetryPolicy    = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 }
      disableSubscriptionOverrides = false
    }
  })
}

resource "aws_sns_topic" "inline" {
  name = "inline"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = local.account }
      Action    = ["sns:Publish", "sns:Subscribe"]
      Resource  = "arn:aws:sns:eu-west-1:${local.account}:inline"
    }]
  })
}

resource "aws_sns_topic_policy" "orders" {
  arn = aws_sns_topic.orders.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["s3.amazonaws.com", "events.amazonaws.com"] }
      Action    = "SNS:Publish"
      Resource  = aws_sns_topic.orders.arn
    }]
  })
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn            = aws_sns_topic.orders.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.split.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["order", { prefix = "re" }], count = [{ numeric = [">", 0] }] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}

resource "aws_sns_topic_subscription" "body" {
  topic_arn           = aws_sns_topic.orders.arn
  protocol            = "sqs"
  endpoint            = aws_sqs_queue.plain.arn
  filter_policy_scope = "MessageBody"
  filter_policy       = jsonencode({ kind = ["order"] })
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "email"
  endpoint  = "ops@example.org"
}

resource "aws_sns_topic_subscription" "ordered" {
  topic_arn = aws_sns_topic.ordered.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.ordered.arn
}

resource "aws_iam_role" "all" {
  name = "all"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["events.amazonaws.com", "scheduler.amazonaws.com", "pipes.amazonaws.com"] }
    }]
  })
}

resource "aws_cloudwatch_event_bus" "shop" {
  name        = "shop"
  description = "What happens in the shop"
  tags        = { Team = "shop" }
}

resource "aws_cloudwatch_event_bus" "shared" {
  name = "shared"
}

resource "aws_cloudwatch_event_permission" "partner" {
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  principal      = "210987654321"
  statement_id   = "partner"
}

resource "aws_cloudwatch_event_permission" "default" {
  principal    = "210987654321"
  statement_id = "default"
  action       = "events:PutEvents"
}

resource "aws_cloudwatch_event_bus_policy" "shared" {
  event_bus_name = aws_cloudwatch_event_bus.shared.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "everybody"
      Effect    = "Allow"
      Principal = { AWS = "210987654321" }
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.shared.arn
    }]
  })
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "orders"
  description    = "Each order"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  event_pattern  = jsonencode({ source = ["shop"], detail-type = ["order"] })
  tags           = { Team = "shop" }
}

resource "aws_cloudwatch_event_rule" "asleep" {
  name_prefix         = "asleep-"
  schedule_expression = "rate(5 minutes)"
  state               = "DISABLED"
  role_arn            = aws_iam_role.all.arn
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  arn            = aws_sqs_queue.ordered.arn
  sqs_target {
    message_group_id = "orders"
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 0
  }
}

resource "aws_cloudwatch_event_target" "transformed" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "transformed"
  arn            = aws_sns_topic.plain.arn
  input_transformer {
    input_paths    = { id = "$.detail.id" }
    input_template = "\"order <id>\""
  }
}

resource "aws_cloudwatch_event_target" "machine" {
  rule       = aws_cloudwatch_event_rule.asleep.name
  target_id  = "machine"
  arn        = aws_sfn_state_machine.orders.arn
  role_arn   = aws_iam_role.all.arn
  input_path = "$.detail"
}

resource "aws_scheduler_schedule_group" "shop" {
  name = "shop"
  tags = { Team = "shop" }
}

resource "aws_scheduler_schedule" "nightly" {
  name                         = "nightly"
  group_name                   = aws_scheduler_schedule_group.shop.name
  description                  = "Each night"
  schedule_expression          = "cron(0 1 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  state                        = "DISABLED"
  start_date                   = "2030-01-01T01:00:00Z"
  end_date                     = "2040-01-01T01:00:00Z"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_sqs_queue.ordered.arn
    role_arn = aws_iam_role.all.arn
    input    = jsonencode({ kind = "nightly" })
    sqs_parameters {
      message_group_id = "night"
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead.arn
    }
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }
}

resource "aws_scheduler_schedule" "plain" {
  name                = "plain"
  schedule_expression = "rate(1 hours)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sqs_queue.plain.arn
    role_arn = aws_iam_role.all.arn
  }
}

resource "aws_pipes_pipe" "orders" {
  name          = "orders"
  description   = "From one queue to the other"
  role_arn      = aws_iam_role.all.arn
  source        = aws_sqs_queue.plain.arn
  target        = aws_sqs_queue.split.arn
  desired_state = "STOPPED"
  tags          = { Team = "shop" }
}

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.all.arn
  type     = "EXPRESS"
  definition = jsonencode({
    Comment = "Nothing"
    StartAt = "Done"
    States  = { Done = { Type = "Pass", End = true } }
  })
  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.orders.arn}:*"
    include_execution_data = true
    level                  = "ERROR"
  }
  tracing_configuration {
    enabled = true
  }
  tags = { Team = "shop" }
}

resource "aws_sfn_state_machine" "plain" {
  name_prefix = "plain-"
  role_arn    = aws_iam_role.all.arn
  definition = jsonencode({
    StartAt = "Done"
    States  = { Done = { Type = "Succeed" } }
  })
}

resource "aws_cloudwatch_log_group" "orders" {
  name_prefix = "/machines/orders"
}
