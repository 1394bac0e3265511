# A database with all that can be said of one, its copy, and tables of every sort.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "data" }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.8.1.0/24", b = "10.8.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "main" {
  for_each = toset(["db", "other"])

  name   = each.key
  vpc_id = aws_vpc.main.id
}

resource "aws_db_subnet_group" "main" {
  name_prefix = "main-"
  description = "Two zones"
  subnet_ids  = [for each in aws_subnet.main : each.id]
}

resource "aws_kms_key" "main" {}

# --- databases -----------------------------------------------------------------------------------

resource "aws_db_instance" "main" {
  identifier                          = "main"
  engine                              = "mysql"
  engine_version                      = "8.0"
  instance_class                      = "db.m5.large"
  allocated_storage                   = 100
  max_allocated_storage               = 500
  storage_type                        = "gp3"
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.main.arn
  db_name                             = "shop"
  username                            = "app"
  password                            = "not-a-secret-at-all"
  port                                = 3307
  multi_az                            = true
  backup_retention_period             = 14
  backup_window                       = "02:00-03:00"
  maintenance_window                  = "mon:04:00-mon:05:00"
  auto_minor_version_upgrade          = false
  copy_tags_to_snapshot               = true
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["error", "slowquery"]
  db_subnet_group_name                = aws_db_subnet_group.main.name
  vpc_security_group_ids              = [aws_security_group.main["db"].id]
  skip_final_snapshot                 = true
  apply_immediately                   = true
  tags                                = { Name = "main" }
}

resource "aws_db_snapshot" "main" {
  db_instance_identifier = aws_db_instance.main.identifier
  db_snapshot_identifier = "before-the-move"
  shared_accounts        = ["210987654321"]
}

# --- tables --------------------------------------------------------------------------------------

resource "aws_dynamodb_table" "full" {
  name                        = "full"
  billing_mode                = "PROVISIONED"
  read_capacity               = 5
  write_capacity              = 4
  hash_key                    = "id"
  range_key                   = "at"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "at"
    type = "N"
  }

  attribute {
    name = "kind"
    type = "S"
  }

  global_secondary_index {
    name               = "by-kind"
    hash_key           = "kind"
    range_key          = "at"
    projection_type    = "INCLUDE"
    non_key_attributes = ["size", "colour"]
    read_capacity      = 2
    write_capacity     = 3
  }

  global_secondary_index {
    name            = "keys-of-kind"
    hash_key        = "kind"
    projection_type = "KEYS_ONLY"
    read_capacity   = 1
    write_capacity  = 1
  }

  local_secondary_index {
    name            = "by-kind-within"
    range_key       = "kind"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.main.arn
  }

  point_in_time_recovery {
    enabled = true
  }

  tags = { Name = "full" }
}

resource "aws_dynamodb_table" "on_demand" {
  name         = "on-demand"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  table_class  = "STANDARD_INFREQUENT_ACCESS"

  attribute {
    name = "id"
    type = "B"
  }

  ttl {
    attribute_name = ""
    enabled        = false
  }

  point_in_time_recovery {
    enabled = false
  }
}

resource "aws_dynamodb_resource_policy" "full" {
  resource_arn = aws_dynamodb_table.on_demand.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["dynamodb:GetItem", "dynamodb:Query"]
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Resource  = aws_dynamodb_table.on_demand.arn
    }]
  })
}
