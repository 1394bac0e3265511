# Clusters of databases and their members. Apart from single databases: to moto all have one resource id, by which
# the provider looks for those.

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

resource "aws_rds_cluster_parameter_group" "main" {
  name   = "aurora"
  family = "aurora-postgresql15"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_rds_cluster" "main" {
  cluster_identifier              = "aurora"
  engine                          = "aurora-postgresql"
  engine_version                  = "15.4"
  database_name                   = "shop"
  master_username                 = "app"
  master_password                 = "not-a-secret-at-all"
  backup_retention_period         = 5
  preferred_backup_window         = "07:00-09:00"
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.main.arn
  deletion_protection             = true
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = ["postgresql"]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.main.name
  db_subnet_group_name            = aws_db_subnet_group.main.name
  vpc_security_group_ids          = [aws_security_group.main["db"].id]
  skip_final_snapshot             = true
  tags                            = { Name = "aurora" }
}

resource "aws_rds_cluster_instance" "main" {
  count = 2

  identifier         = "aurora-${count.index}"
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.r6g.large"
  promotion_tier     = count.index
}

resource "aws_rds_cluster" "serverless" {
  cluster_identifier_prefix = "serverless-"
  engine                    = "aurora-mysql"
  master_username           = "app"
  master_password           = "not-a-secret-at-all"
  skip_final_snapshot       = true

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 8
  }
}

resource "aws_db_cluster_snapshot" "main" {
  db_cluster_identifier          = aws_rds_cluster.main.id
  db_cluster_snapshot_identifier = "aurora-before"
}
