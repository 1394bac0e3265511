# Guards: Inspector, GuardDuty's features, Shield, and what CloudWatch shows.

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "first"
  region = "us-east-1"
}

resource "aws_guardduty_detector" "all" {
  enable = true
}

resource "aws_guardduty_detector_feature" "buckets" {
  detector_id = aws_guardduty_detector.all.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

resource "aws_inspector2_enabler" "all" {
  account_ids    = ["123456789012"]
  resource_types = ["ECR", "EC2"]
}

resource "aws_eip" "shop" {
  domain = "vpc"
}

resource "aws_shield_protection" "shop" {
  name         = "shop"
  resource_arn = "arn:aws:ec2:eu-west-1:123456789012:eip-allocation/${aws_eip.shop.id}"
  tags         = { Team = "shop" }
}

resource "aws_cloudwatch_dashboard" "shop" {
  provider       = aws.first
  dashboard_name = "shop"
  dashboard_body = jsonencode({
    widgets = [{ type = "text", x = 0, y = 0, width = 3, height = 3, properties = { markdown = "Hello" } }]
  })
}
