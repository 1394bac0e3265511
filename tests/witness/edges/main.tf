# Edges: distributions with origins and behaviours of several kinds, what they need, and what is held off at the door.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_s3_bucket" "site" {
  bucket = "driftline-witness-site"
}

resource "aws_cloudfront_origin_access_control" "site" {
  name                              = "site"
  description                       = "The site's bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  is_ipv6_enabled     = true
  comment             = "The site"
  default_root_object = "index.html"
  aliases             = ["shop.example.com", "www.shop.example.com"]
  price_class         = "PriceClass_100"
  http_version        = "http2and3"

  origin {
    domain_name = aws_s3_bucket.site.bucket_regional_domain_name
    origin_id   = "site"
  }

  origin {
    domain_name = "api.example.com"
    origin_id   = "api"
    origin_path = "/v1"

    custom_header {
      name  = "X-From"
      value = "edge"
    }
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    compress               = true
    min_ttl                = 0
    default_ttl            = 3600
    max_ttl                = 86400

    forwarded_values {
      query_string = false
      cookies {
        forward = "none"
      }
    }
  }

  ordered_cache_behavior {
    path_pattern           = "/api/*"
    allowed_methods        = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "api"
    viewer_protocol_policy = "https-only"

    forwarded_values {
      query_string = true
      headers      = ["Authorization", "Origin"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["session", "cart"]
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "whitelist"
      locations        = ["DE", "FR"]
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }

  tags = { Team = "shop" }
}

resource "aws_cloudfront_distribution" "plain" {
  enabled         = false
  retain_on_delete = true
  wait_for_deployment = false

  origin {
    domain_name = "www.example.com"
    origin_id   = "only"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1.1", "TLSv1.2"]
    }
  }

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "only"
    viewer_protocol_policy = "allow-all"
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudfront_public_key" "shop" {
  name        = "shop"
  comment     = "Signs"
  encoded_key = <<-EOT
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4aqZbc7xji/Rx58DwyCY
DliFQ76DvwV8JrRSaSQKM06s3Orua6sHI+qc27/jsfZEn5KuXJnzOHe4iBDfejWY
S+xf8wAzfpOrfEl9IiO/p37XmYuRuFAgWP2TsVkFC7ovbX1Ln4lD2V9YtjZTqM8M
Z3+SCLEjum692wHELNLRgEG/1rTpHm8/WivZURm5tnMR85DUCCkuB/v/uZ0qyCju
OGW2SP/nhgVWKsTCfRSqH5WgH65eIoHAgSIrlXyIz7SilRRYnmtM5zFEL4gWLxJW
aSKzUa/EdauE7lIrjWit6m0qFDV9T1GehWSiHLpaQQchCJri/fOIAJtmBKAlMtRB
0wIDAQAB
-----END PUBLIC KEY-----
EOT
}

resource "aws_cloudfront_key_group" "shop" {
  name    = "shop"
  comment = "Who signs"
  items   = [aws_cloudfront_public_key.shop.id]
}

resource "aws_wafv2_ip_set" "office" {
  name               = "office"
  description        = "Where we sit"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["192.0.2.0/24", "198.51.100.1/32"]
  tags               = { Team = "net" }
}

resource "aws_wafv2_regex_pattern_set" "bad" {
  name  = "bad"
  scope = "REGIONAL"

  regular_expression {
    regex_string = "^bad"
  }
  regular_expression {
    regex_string = "worse$"
  }
}

resource "aws_wafv2_rule_group" "office" {
  name     = "office"
  scope    = "REGIONAL"
  capacity = 10

  rule {
    name     = "in"
    priority = 1
    action {
      allow {}
    }
    statement {
      ip_set_reference_statement {
        arn = aws_wafv2_ip_set.office.arn
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "in"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "office"
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl" "shop" {
  name        = "shop"
  description = "The shop's door"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "common"
    priority = 10
    override_action {
      none {}
    }
    statement {
      managed_rule_group_statement {
        name        = "AWSManagedRulesCommonRuleSet"
        vendor_name = "AWS"
        rule_action_override {
          name = "SizeRestrictions_BODY"
          action_to_use {
            count {}
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "common"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "many"
    priority = 1
    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }
    statement {
      rate_based_statement {
        limit              = 2000
        aggregate_key_type = "IP"
        scope_down_statement {
          not_statement {
            statement {
              geo_match_statement {
                country_codes = ["DE"]
              }
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "many"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "shop"
    sampled_requests_enabled   = true
  }
  tags = { Team = "shop" }
}

resource "aws_wafv2_web_acl" "plain" {
  name_prefix = "plain-"
  scope       = "REGIONAL"

  default_action {
    block {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "plain"
    sampled_requests_enabled   = false
  }
}

resource "aws_cloudwatch_log_group" "waf" {
  name = "aws-waf-logs-shop"
}

resource "aws_wafv2_web_acl_logging_configuration" "shop" {
  resource_arn            = aws_wafv2_web_acl.shop.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
}

