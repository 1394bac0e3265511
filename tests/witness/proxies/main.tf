# Proxies: what databases are reached through, what they may do elsewhere, and clusters of many regions.

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

resource "aws_security_group" "orders" {
  name   = "orders"
  vpc_id = aws_vpc.main.id
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
  name           = "orders"
  engine_family  = "MYSQL"
  role_arn       = aws_iam_role.proxy.arn
  vpc_subnet_ids = [for each in aws_subnet.main : each.id]

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "DISABLED"
    secret_arn  = aws_secretsmanager_secret.orders.arn
  }
}

resource "aws_db_instance" "orders" {
  identifier             = "orders"
  engine                 = "mysql"
  engine_version         = "8.0.35"
  instance_class         = "db.t3.micro"
  allocated_storage      = 20
  username               = "shop"
  password               = "hidden-123"
  skip_final_snapshot    = true
  vpc_security_group_ids = [aws_security_group.orders.id]
}

resource "aws_db_proxy_target" "orders" {
  db_proxy_name          = aws_db_proxy.orders.name
  target_group_name      = "default"
  db_instance_identifier = aws_db_instance.orders.identifier
}

resource "aws_db_instance_role_association" "orders" {
  db_instance_identifier = aws_db_instance.orders.identifier
  feature_name           = "S3_INTEGRATION"
  role_arn               = aws_iam_role.proxy.arn
}

resource "aws_rds_global_cluster" "all" {
  global_cluster_identifier = "all"
  engine                    = "aurora-postgresql"
  engine_version            = "15.4"
  database_name             = "shop"
}
