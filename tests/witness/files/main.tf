# File systems: doors, points and policies of several kinds.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "files" }
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

resource "aws_security_group" "files" {
  name   = "files"
  vpc_id = aws_vpc.main.id
}

resource "aws_efs_file_system" "shop" {
  creation_token   = "shop"
  encrypted        = true
  performance_mode = "generalPurpose"
  throughput_mode  = "bursting"

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
  tags = { Name = "shop" }
}

resource "aws_efs_file_system" "plain" {
  availability_zone_name = "eu-west-1a"
}

resource "aws_efs_file_system_policy" "shop" {
  file_system_id = aws_efs_file_system.shop.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Sealed"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "*"
      Resource  = aws_efs_file_system.shop.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_efs_mount_target" "shop" {
  for_each = aws_subnet.main

  file_system_id  = aws_efs_file_system.shop.id
  subnet_id       = each.value.id
  security_groups = each.key == "a" ? [aws_security_group.files.id] : null
}

resource "aws_efs_access_point" "shop" {
  file_system_id = aws_efs_file_system.shop.id

  posix_user {
    uid            = 1000
    gid            = 1000
    secondary_gids = [1002, 1001]
  }
  root_directory {
    path = "/shop"
    creation_info {
      owner_uid   = 1000
      owner_gid   = 1000
      permissions = "755"
    }
  }
  tags = { Name = "shop" }
}

resource "aws_efs_access_point" "plain" {
  file_system_id = aws_efs_file_system.shop.id
}
