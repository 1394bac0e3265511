# What is kept from others: keys and who may use them, secrets, parameters, certificates.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live", Team = "nobody" }
  }
}

locals {
  account = "123456789012"
  root = {
    Sid       = "root"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::123456789012:root" }
    Action    = "kms:*"
    Resource  = "*"
  }
}

resource "aws_kms_key" "plain" {
}

resource "aws_kms_key" "orders" {
  description             = "orders"
  enable_key_rotation     = true
  rotation_period_in_days = 180
  deletion_window_in_days = 7
  tags                    = { Team = "shop" }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.root, {
      Sid       = "readers"
      Effect    = "Allow"
      Principal = { AWS = [aws_iam_role.rotator.arn, "210987654321"] }
      Action    = ["kms:Decrypt", "kms:DescribeKey"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
    }]
  })
}

resource "aws_kms_key" "signing" {
  description              = "signing"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  is_enabled               = false
}

resource "aws_kms_key" "hmac" {
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"
}

resource "aws_kms_external_key" "brought" {
  description = "brought"
  tags        = { Team = "shop" }
}

resource "aws_kms_key_policy" "plain" {
  key_id = aws_kms_key.plain.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.root] })
}

resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.orders.key_id
}

resource "aws_kms_alias" "plain" {
  name_prefix   = "alias/plain-"
  target_key_id = aws_kms_key.plain.arn
}

resource "aws_iam_role" "rotator" {
  name = "rotator"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_secretsmanager_secret" "plain" {
  name_prefix = "plain-"
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "shop/db"
  description             = "The database's"
  kms_key_id              = aws_kms_key.orders.arn
  recovery_window_in_days = 0
  tags                    = { Team = "shop" }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${local.account}:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })

  replica {
    region = "us-east-1"
  }
}

resource "aws_secretsmanager_secret_policy" "plain" {
  secret_arn = aws_secretsmanager_secret.plain.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "readers"
      Effect    = "Allow"
      Principal = { AWS = [aws_iam_role.rotator.arn] }
      Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource  = "*"
    }]
  })
}

resource "aws_secretsmanager_secret" "turning" {
  name = "turning"
}

resource "aws_secretsmanager_secret_rotation" "turning" {
  secret_id          = aws_secretsmanager_secret.turning.id
  rotate_immediately = false
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_ssm_parameter" "plain" {
  name  = "plain"
  type  = "String"
  value = "5"
}

resource "aws_ssm_parameter" "list" {
  name            = "/shop/list"
  description     = "Who may"
  type            = "StringList"
  value           = "a,b"
  tier            = "Advanced"
  allowed_pattern = "^[a-z,]*$"
  tags            = { Team = "shop" }
}

resource "aws_ssm_parameter" "secret" {
  name   = "/shop/secret"
  type   = "SecureString"
  value  = "not-a-secret-at-all"
  key_id = aws_kms_alias.orders.name
}

resource "aws_ssm_parameter" "image" {
  name      = "/shop/image"
  type      = "String"
  data_type = "text"
  value     = "ami-12345678"
  tier      = "Intelligent-Tiering"
}

resource "aws_ssm_document" "restart" {
  name          = "restart"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "Starts it anew"
    mainSteps = [{
      action = "aws:runShellScript"
      name   = "restart"
      inputs = { runCommand = ["systemctl restart shop"] }
    }]
  })
  tags = { Team = "shop" }
}

resource "aws_ssm_document" "shared" {
  name            = "shared"
  document_type   = "Automation"
  document_format = "YAML"
  content         = <<-YAML
    schemaVersion: '0.3'
    description: Nothing
    mainSteps:
      - name: rest
        action: aws:sleep
        inputs: { Duration: PT1M }
  YAML
  permissions = {
    type        = "Share"
    account_ids = "210987654321,111122223333"
  }
}

resource "aws_ssm_maintenance_window" "night" {
  name                       = "night"
  description                = "While all sleep"
  schedule                   = "cron(0 16 ? * TUE *)"
  schedule_timezone          = "Europe/Berlin"
  schedule_offset            = 2
  duration                   = 3
  cutoff                     = 1
  allow_unassociated_targets = true
  tags                       = { Team = "shop" }
}

resource "aws_ssm_maintenance_window" "off" {
  name     = "off"
  schedule = "rate(7 days)"
  duration = 2
  cutoff   = 0
}

resource "aws_acm_certificate" "shop" {
  domain_name               = "shop.example.org"
  subject_alternative_names = ["www.shop.example.org", "*.shop.example.org"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
  tags                      = { Team = "shop" }

  options {
    certificate_transparency_logging_preference = "DISABLED"
  }
}

resource "aws_acm_certificate" "mail" {
  domain_name       = "mail.example.org"
  validation_method = "EMAIL"
}
