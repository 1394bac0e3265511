# Doors: other ways into buckets, and what runs and is logged where people come in.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "edge" }
  }
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

resource "aws_cloudfront_function" "headers" {
  name    = "headers"
  runtime = "cloudfront-js-2.0"
  comment = "Sets headers"
  publish = false
  code    = "function handler(event) { return event.request }"
}

resource "aws_cloudfront_function" "plain" {
  name    = "plain"
  runtime = "cloudfront-js-1.0"
  comment = "Plain"
  publish = false
  code    = "function handler(event) { return event.request }"
}

resource "aws_cloudfront_key_value_store" "redirects" {
  name    = "redirects"
  comment = "Where pages went"
}

resource "aws_cloudfront_key_value_store" "plain" {
  name    = "plain"
  comment = "Plain"
}

resource "aws_cloudwatch_log_group" "visits" {
  name = "visits"
}

resource "aws_cloudwatch_log_group" "questions" {
  provider = aws.virginia
  name     = "/aws/route53/shop.example.com"
}

resource "aws_cloudwatch_log_delivery_source" "visits" {
  name         = "visits"
  log_type     = "ACCESS_LOGS"
  resource_arn = "arn:aws:cloudfront::123456789012:distribution/E1234567890ABC"
}

resource "aws_cloudwatch_log_delivery_destination" "visits" {
  name          = "visits"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.visits.arn
  }
}

resource "aws_cloudwatch_log_delivery" "visits" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.visits.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.visits.arn
  field_delimiter          = ","
}

resource "aws_route53_zone" "shop" {
  name = "shop.example.com"
}

resource "aws_route53_query_log" "shop" {
  cloudwatch_log_group_arn = "${aws_cloudwatch_log_group.questions.arn}:*"
  zone_id                  = aws_route53_zone.shop.zone_id
}

resource "aws_vpc" "main" {
  for_each   = { one = "10.0.0.0/16", two = "10.1.0.0/16" }
  cidr_block = each.value
}

resource "aws_route53_resolver_dnssec_config" "main" {
  for_each    = aws_vpc.main
  resource_id = each.value.id
}

resource "aws_s3_bucket" "shop" {
  bucket = "driftline-witness-doors"
}

resource "aws_s3_object" "page" {
  for_each = { "index.html" = "<h1>The shop</h1>", "about.html" = "<h1>Us</h1>" }

  bucket  = aws_s3_bucket.shop.id
  key     = each.key
  content = each.value
}

resource "aws_s3_access_point" "readers" {
  bucket = aws_s3_bucket.shop.id
  name   = "readers"

  public_access_block_configuration {
    block_public_policy = false
  }
}

resource "aws_s3control_multi_region_access_point" "shop" {
  details {
    name = "shop"

    region {
      bucket = aws_s3_bucket.shop.id
    }
  }
}
