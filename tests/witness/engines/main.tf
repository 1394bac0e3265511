# Engines: groups of parameters, proxies, events, and graphs; what databases are reached through and told by.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "data" }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.0.1.0/24", b = "10.0.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_sns_topic" "events" {
  name = "events"
}

resource "aws_db_event_subscription" "failures" {
  name             = "failures"
  sns_topic        = aws_sns_topic.events.arn
  source_type      = "db-instance"
  event_categories = ["failure", "availability"]
}

resource "aws_db_parameter_group" "orders" {
  for_each = toset(["orders", "sales"])

  name        = each.key
  family      = "mysql8.0"
  description = "Of ours"
}

resource "aws_iam_role" "proxy" {
  name = "proxy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "rds.amazonaws.com" } }]
  })
}

resource "aws_secretsmanager_secret" "orders" {
  name = "orders"
}

resource "aws_db_proxy" "orders" {
  name                = "orders"
  engine_family       = "MYSQL"
  role_arn            = aws_iam_role.proxy.arn
  vpc_subnet_ids      = [for each in aws_subnet.main : each.id]
  require_tls         = true
  idle_client_timeout = 600

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "DISABLED"
    secret_arn  = aws_secretsmanager_secret.orders.arn
  }
}

resource "aws_db_proxy_default_target_group" "orders" {
  db_proxy_name = aws_db_proxy.orders.name

  connection_pool_config {
    max_connections_percent = 90
  }
}

resource "aws_docdb_cluster_parameter_group" "papers" {
  name   = "papers"
  family = "docdb5.0"

  parameter {
    name  = "tls"
    value = "enabled"
  }
}

resource "aws_neptune_cluster" "graph" {
  cluster_identifier      = "graph"
  engine                  = "neptune"
  skip_final_snapshot     = true
  backup_retention_period = 5
}

resource "aws_neptune_cluster_instance" "graph" {
  identifier         = "graph-1"
  cluster_identifier = aws_neptune_cluster.graph.id
  engine             = "neptune"
  instance_class     = "db.r5.large"
}

resource "aws_neptune_cluster_parameter_group" "graph" {
  name   = "graph"
  family = "neptune1.3"

  parameter {
    name  = "neptune_enable_audit_log"
    value = "1"
  }
}

resource "aws_neptune_parameter_group" "graph" {
  name   = "graph-instances"
  family = "neptune1.3"
}

resource "aws_neptune_cluster_snapshot" "graph" {
  db_cluster_identifier          = aws_neptune_cluster.graph.id
  db_cluster_snapshot_identifier = "graph-1"
}

resource "aws_neptune_global_cluster" "all" {
  global_cluster_identifier = "all"
  engine                    = "neptune"
}

resource "aws_rds_cluster" "orders" {
  cluster_identifier  = "orders"
  engine              = "aurora-mysql"
  engine_version      = "8.0.mysql_aurora.3.04.0"
  master_username     = "shop"
  master_password     = "hidden-123"
  skip_final_snapshot = true

  lifecycle {
    ignore_changes = [iam_roles]
  }
}

resource "aws_rds_cluster_role_association" "orders" {
  db_cluster_identifier = aws_rds_cluster.orders.id
  feature_name          = "s3Import"
  role_arn              = aws_iam_role.proxy.arn
}
