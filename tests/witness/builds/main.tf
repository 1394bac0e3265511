# Builds: projects, stacks and sets of them, where files are taken in, and whom AWS calls.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "build" }
  }
}

resource "aws_iam_role" "build" {
  name = "build"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["cloudformation.amazonaws.com", "codebuild.amazonaws.com", "transfer.amazonaws.com"] }
    }]
  })
}

resource "aws_codebuild_project" "shop" {
  name           = "shop"
  description    = "Builds the shop"
  service_role   = aws_iam_role.build.arn
  build_timeout  = 10
  queued_timeout = 30

  artifacts {
    type           = "S3"
    location       = "driftline-witness-built"
    name           = "shop"
    packaging      = "ZIP"
    namespace_type = "BUILD_ID"
    path           = "out"
  }
  cache {
    type  = "LOCAL"
    modes = ["LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE"]
  }
  environment {
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/standard:7.0"
    type            = "LINUX_CONTAINER"
    privileged_mode = true

    environment_variable {
      name  = "STAGE"
      value = "test"
    }
    environment_variable {
      name  = "TOKEN"
      type  = "PARAMETER_STORE"
      value = "/token"
    }
  }
  logs_config {
    cloudwatch_logs {
      group_name  = "/builds"
      stream_name = "shop"
    }
    s3_logs {
      status   = "ENABLED"
      location = "driftline-witness-built/logs"
    }
  }
  source {
    type            = "GITHUB"
    location        = "https://github.com/example/shop.git"
    git_clone_depth = 1
    buildspec       = "ci/build.yml"

    git_submodules_config {
      fetch_submodules = true
    }
  }
  source_version = "main"
  tags           = { Name = "shop" }
}

resource "aws_codebuild_project" "plain" {
  name         = "plain"
  service_role = aws_iam_role.build.arn

  artifacts {
    type = "NO_ARTIFACTS"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
  source {
    type     = "GITHUB"
    location = "https://github.com/example/plain.git"
  }
}

resource "aws_cloudformation_stack" "queue" {
  name       = "queue"
  parameters = { Name = "made-by-a-stack" }
  template_body = jsonencode({
    Parameters = { Name = { Type = "String" } }
    Resources  = { Queue = { Type = "AWS::SQS::Queue", Properties = { QueueName = { Ref = "Name" } } } }
    Outputs    = { Name = { Value = { Ref = "Name" } } }
  })
  timeout_in_minutes = 10
}

resource "aws_cloudformation_stack" "topic" {
  name          = "topic"
  template_body = jsonencode({ Resources = { Topic = { Type = "AWS::SNS::Topic", Properties = { TopicName = "t" } } } })
}

resource "aws_cloudformation_stack_set" "queues" {
  for_each = toset(["here", "there"])

  name                    = each.key
  description             = "Queues"
  administration_role_arn = aws_iam_role.build.arn
  parameters              = { Name = "made-by-a-set" }
  template_body = jsonencode({
    Parameters = { Name = { Type = "String" } }
    Resources  = { Queue = { Type = "AWS::SQS::Queue", Properties = { QueueName = { Ref = "Name" } } } }
  })
}

resource "aws_transfer_server" "shop" {
  identity_provider_type = "SERVICE_MANAGED"
  protocols              = ["SFTP"]
  logging_role           = aws_iam_role.build.arn
  security_policy_name   = "TransferSecurityPolicy-2020-06"
}

resource "aws_account_alternate_contact" "asked" {
  for_each = { SECURITY = "Sam", BILLING = "Bo" }

  alternate_contact_type = each.key
  name                   = each.value
  title                  = "Who answers"
  email_address          = "answers@example.com"
  phone_number           = "+1234567890"
}
