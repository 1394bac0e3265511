# An account with as many of each kind as `many` says. No more: policies are in their roles, routes in their tables.

variable "many" {
  type = map(number)
}

variable "code" {
  type = string
}

provider "aws" {
  default_tags {
    tags = { owner = "shop", environment = "production" }
  }
}

locals {
  zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["ec2.amazonaws.com", "lambda.amazonaws.com"] }
    }]
  })
  reads = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = "*" }]
  })
}

# --- network --------------------------------------------------------------------------------------

resource "aws_vpc" "this" {
  count      = var.many.aws_vpc
  cidr_block = "10.${count.index}.0.0/16"
}

resource "aws_subnet" "this" {
  count             = var.many.aws_subnet
  vpc_id            = aws_vpc.this[count.index % var.many.aws_vpc].id
  availability_zone = local.zones[count.index % 3]
  cidr_block        = "10.${count.index % var.many.aws_vpc}.${floor(count.index / var.many.aws_vpc)}.0/24"
}

resource "aws_internet_gateway" "this" {
  count  = var.many.aws_internet_gateway
  vpc_id = aws_vpc.this[count.index].id
}

resource "aws_route_table" "this" {
  count  = var.many.aws_route_table
  vpc_id = aws_vpc.this[count.index % var.many.aws_vpc].id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this[count.index % var.many.aws_internet_gateway].id
  }
}

resource "aws_eip" "this" {
  count  = var.many.aws_eip
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  count         = var.many.aws_nat_gateway
  allocation_id = aws_eip.this[count.index].id
  subnet_id     = aws_subnet.this[count.index].id
}

resource "aws_security_group" "this" {
  count  = var.many.aws_security_group
  name   = "app-${count.index}"
  vpc_id = aws_vpc.this[count.index % var.many.aws_vpc].id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

# --- machines -------------------------------------------------------------------------------------

resource "aws_instance" "this" {
  count                  = var.many.aws_instance
  ami                    = "ami-12345678"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.this[count.index % var.many.aws_subnet].id
  vpc_security_group_ids = [aws_security_group.this[count.index % var.many.aws_security_group].id]
  iam_instance_profile   = aws_iam_instance_profile.this[count.index % var.many.aws_iam_instance_profile].name
  tags                   = { Name = "app-${count.index}" }
}

resource "aws_ebs_volume" "this" {
  count             = var.many.aws_ebs_volume
  availability_zone = local.zones[count.index % 3]
  size              = 100
  type              = "gp3"
  encrypted         = true
  tags              = { Name = "app-${count.index}" }
}

resource "aws_ebs_snapshot" "this" {
  count     = var.many.aws_ebs_snapshot
  volume_id = aws_ebs_volume.this[count.index].id
}

# --- people and roles -----------------------------------------------------------------------------

resource "aws_iam_policy" "this" {
  count  = var.many.aws_iam_policy
  name   = "app-${count.index}"
  policy = local.reads
}

resource "aws_iam_role" "this" {
  count               = var.many.aws_iam_role
  name                = "app-${count.index}"
  assume_role_policy  = local.trust
  managed_policy_arns = [aws_iam_policy.this[count.index % var.many.aws_iam_policy].arn]

  inline_policy {
    name   = "reads"
    policy = local.reads
  }
}

resource "aws_iam_instance_profile" "this" {
  count = var.many.aws_iam_instance_profile
  name  = "app-${count.index}"
  role  = aws_iam_role.this[count.index].name
}

resource "aws_iam_user" "this" {
  count = var.many.aws_iam_user
  name  = "person-${count.index}"
}

resource "aws_iam_group" "this" {
  count = var.many.aws_iam_group
  name  = "team-${count.index}"
}

# --- data -----------------------------------------------------------------------------------------

resource "aws_s3_bucket" "this" {
  count  = var.many.aws_s3_bucket
  bucket = "driftline-bench-${count.index}"
}

resource "aws_dynamodb_table" "this" {
  count        = var.many.aws_dynamodb_table
  name         = "sessions-${count.index}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_db_instance" "this" {
  count               = var.many.aws_db_instance
  identifier          = "orders-${count.index}"
  engine              = "postgres"
  engine_version      = "16.3"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  storage_encrypted   = true
  username            = "app"
  password            = "not-a-secret-at-all"
  skip_final_snapshot = true
}

resource "aws_db_snapshot" "this" {
  count                  = var.many.aws_db_snapshot
  db_instance_identifier = aws_db_instance.this[count.index].identifier
  db_snapshot_identifier = "orders-${count.index}"
}

resource "aws_rds_cluster" "this" {
  count               = var.many.aws_rds_cluster
  cluster_identifier  = "ledger-${count.index}"
  engine              = "aurora-postgresql"
  engine_version      = "15.4"
  master_username     = "app"
  master_password     = "not-a-secret-at-all"
  storage_encrypted   = true
  skip_final_snapshot = true
}

resource "aws_db_cluster_snapshot" "this" {
  count                          = var.many.aws_db_cluster_snapshot
  db_cluster_identifier          = aws_rds_cluster.this[count.index].cluster_identifier
  db_cluster_snapshot_identifier = "ledger-${count.index}"
}

resource "aws_lambda_function" "this" {
  count         = var.many.aws_lambda_function
  function_name = "thumbnailer-${count.index}"
  role          = aws_iam_role.this[count.index % var.many.aws_iam_role].arn
  runtime       = "python3.13"
  handler       = "worker.handle"
  filename      = var.code
  environment {
    variables = { STAGE = "production" }
  }
}
