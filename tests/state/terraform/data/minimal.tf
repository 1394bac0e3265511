# One resource of each type with nothing but what the provider requires: what its plan then says is
# what an attribute that is left out comes to.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_s3_bucket" "it" {}
resource "aws_s3_bucket_public_access_block" "it" {
  bucket = "logs"
}
resource "aws_s3_bucket_versioning" "it" {
  bucket = "logs"
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "it" {
  bucket = "logs"
  rule {}
}
resource "aws_s3_bucket_policy" "it" {
  bucket = "logs"
  policy = local.policy
}
resource "aws_s3_bucket_acl" "it" {
  bucket = "logs"
  acl    = "private"
}
resource "aws_s3_bucket_ownership_controls" "it" {
  bucket = "logs"
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
resource "aws_s3_bucket_logging" "it" {
  bucket        = "logs"
  target_bucket = "logs"
  target_prefix = "log/"
}
resource "aws_s3_bucket_lifecycle_configuration" "it" {
  bucket = "logs"
  rule {
    id     = "all"
    status = "Enabled"
    filter {}
    expiration {
      days = 1
    }
  }
}
resource "aws_s3_account_public_access_block" "it" {}
resource "aws_security_group" "it" {}
resource "aws_default_security_group" "it" {}
resource "aws_security_group_rule" "it" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  security_group_id = "sg-1"
  cidr_blocks       = ["10.0.0.0/8"]
}
resource "aws_vpc_security_group_ingress_rule" "it" {
  ip_protocol       = "-1"
  security_group_id = "sg-1"
  cidr_ipv4         = "10.0.0.0/8"
}
resource "aws_vpc_security_group_egress_rule" "it" {
  ip_protocol       = "-1"
  security_group_id = "sg-1"
  cidr_ipv4         = "10.0.0.0/8"
}
resource "aws_vpc" "it" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_default_vpc" "it" {}
resource "aws_subnet" "it" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.0.0/24"
}
resource "aws_default_subnet" "it" {
  availability_zone = "eu-west-1a"
}
resource "aws_instance" "it" {
  ami           = "ami-1"
  instance_type = "t3.micro"
}
resource "aws_ebs_volume" "it" {
  availability_zone = "eu-west-1a"
  size              = 1
}
resource "aws_ebs_snapshot" "it" {
  volume_id = "vol-1"
}
resource "aws_route_table" "it" {
  vpc_id = "vpc-1"
}
resource "aws_default_route_table" "it" {
  default_route_table_id = "rtb-1"
}
resource "aws_route" "it" {
  route_table_id         = "rtb-1"
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = "igw-1"
}
resource "aws_internet_gateway" "it" {}
resource "aws_nat_gateway" "it" {
  subnet_id = "subnet-1"
}
resource "aws_eip" "it" {}
resource "aws_db_instance" "it" {
  instance_class = "db.t3.micro"
}
resource "aws_rds_cluster" "it" {
  engine = "aurora-mysql"
}
resource "aws_rds_cluster_instance" "it" {
  cluster_identifier = "orders"
  engine             = "aurora-mysql"
  instance_class     = "db.t3.medium"
}
resource "aws_db_snapshot" "it" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-1"
}
resource "aws_db_cluster_snapshot" "it" {
  db_cluster_identifier          = "orders"
  db_cluster_snapshot_identifier = "orders-1"
}
resource "aws_dynamodb_table" "it" {
  name           = "orders"
  hash_key       = "id"
  read_capacity  = 1
  write_capacity = 1
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_lambda_function" "it" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "orders:1"
  package_type  = "Image"
}
resource "aws_iam_access_key" "it" {
  user = "ci"
}
resource "aws_iam_account_alias" "it" {
  account_alias = "shop"
}
resource "aws_iam_account_password_policy" "it" {}
resource "aws_iam_group" "it" {
  name = "admins"
}
resource "aws_iam_group_membership" "it" {
  name  = "admins"
  group = "admins"
  users = ["ci"]
}
resource "aws_iam_group_policy" "it" {
  group  = "admins"
  policy = local.policy
}
resource "aws_iam_group_policy_attachment" "it" {
  group      = "admins"
  policy_arn = local.policy_arn
}
resource "aws_iam_instance_profile" "it" {}
resource "aws_iam_openid_connect_provider" "it" {
  client_id_list = ["sts.amazonaws.com"]
  url            = "https://token.actions.githubusercontent.com"
}
resource "aws_iam_policy" "it" {
  policy = local.policy
}
resource "aws_iam_policy_attachment" "it" {
  name       = "all"
  policy_arn = local.policy_arn
  users      = ["ci"]
}
resource "aws_iam_role" "it" {
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "it" {
  role   = "orders"
  policy = local.policy
}
resource "aws_iam_role_policy_attachment" "it" {
  role       = "orders"
  policy_arn = local.policy_arn
}
resource "aws_iam_server_certificate" "it" {
  certificate_body = "-"
  private_key      = "-"
}
resource "aws_iam_service_linked_role" "it" {
  aws_service_name = "ecs.amazonaws.com"
}
resource "aws_iam_user" "it" {
  name = "ci"
}
resource "aws_iam_user_group_membership" "it" {
  user   = "ci"
  groups = ["admins"]
}
resource "aws_iam_user_login_profile" "it" {
  user = "ci"
}
resource "aws_iam_user_policy" "it" {
  user   = "ci"
  policy = local.policy
}
resource "aws_iam_user_policy_attachment" "it" {
  user       = "ci"
  policy_arn = local.policy_arn
}
resource "aws_iam_user_ssh_key" "it" {
  username   = "ci"
  encoding   = "SSH"
  public_key = "ssh-rsa AAAA"
}
resource "aws_iam_virtual_mfa_device" "it" {
  virtual_mfa_device_name = "ci"
}

# The same of the blocks that may stand in them.

resource "aws_instance" "blocks" {
  ami           = "ami-1"
  instance_type = "t3.micro"
  root_block_device {}
  ebs_block_device {
    device_name = "/dev/sdb"
  }
  ephemeral_block_device {
    device_name = "/dev/sdc"
  }
  metadata_options {}
  credit_specification {}
  enclave_options {}
  maintenance_options {}
  private_dns_name_options {}
}
resource "aws_instance" "attached" {
  ami           = "ami-1"
  instance_type = "t3.micro"
  network_interface {
    device_index         = 0
    network_interface_id = "eni-1"
  }
}
resource "aws_db_instance" "blocks" {
  instance_class = "db.t3.micro"
  blue_green_update {}
}
resource "aws_rds_cluster" "blocks" {
  engine = "aurora-mysql"
  scaling_configuration {}
}
resource "aws_dynamodb_table" "blocks" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  ttl {
    attribute_name = "until"
  }
  global_secondary_index {
    name            = "by"
    hash_key        = "id"
    projection_type = "ALL"
  }
  replica {
    region_name = "eu-central-1"
  }
}
resource "aws_lambda_function" "blocks" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  s3_bucket     = "code"
  s3_key        = "orders.zip"
  handler       = "main.handler"
  runtime       = "python3.12"
  environment {}
  ephemeral_storage {}
  logging_config {
    log_format = "JSON"
  }
  vpc_config {
    subnet_ids         = ["subnet-1"]
    security_group_ids = ["sg-1"]
  }
  snap_start {
    apply_on = "None"
  }
}
resource "aws_s3_bucket" "blocks" {
  versioning {}
  lifecycle_rule {
    enabled = true
  }
  logging {
    target_bucket = "logs"
  }
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  website {
    index_document = "index.html"
  }
}
resource "aws_s3_bucket_acl" "blocks" {
  bucket = "logs"
  access_control_policy {
    owner {
      id = "1"
    }
    grant {
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
      }
    }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "blocks" {
  bucket = "logs"
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}
resource "aws_security_group" "blocks" {
  ingress {
    from_port = 22
    to_port   = 22
    protocol  = "tcp"
    self      = true
  }
}
resource "aws_route_table" "blocks" {
  vpc_id = "vpc-1"
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = "igw-1"
  }
}
resource "aws_iam_role" "blocks" {
  assume_role_policy = local.trust
  inline_policy {
    name   = "all"
    policy = local.policy
  }
}
