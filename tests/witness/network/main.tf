# A network as it is written in practice: routes inline and separate, and the three homes that
# Terraform gives a security-group rule: a block of the group, aws_security_group_rule, and
# aws_vpc_security_group_*_rule.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "platform" }
  }
}

resource "aws_vpc" "main" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "main" }
}

resource "aws_subnet" "public" {
  for_each = { a = "10.1.1.0/24", b = "10.1.2.0/24" }

  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = true
  tags                    = { Name = "public-${each.key}" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "separate" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "separate" }
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.separate.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.public["a"].id
  route_table_id = aws_route_table.inline.id
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "Rules as blocks"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "The world, over TLS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "app" {
  name        = "app"
  description = "Rules beside it, old style"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group_rule" "app_from_web" {
  type                     = "ingress"
  security_group_id        = aws_security_group.app.id
  source_security_group_id = aws_security_group.web.id
  protocol                 = "tcp"
  from_port                = 8080
  to_port                  = 8081
}

resource "aws_security_group_rule" "app_from_offices" {
  type              = "ingress"
  security_group_id = aws_security_group.app.id
  cidr_blocks       = ["10.8.0.0/16", "10.9.0.0/16"]
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  description       = "Offices"
}

resource "aws_security_group" "db" {
  name        = "db"
  description = "Rules beside it, new style"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "db" }
}

resource "aws_vpc_security_group_ingress_rule" "db_from_app" {
  security_group_id            = aws_security_group.db.id
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "db_out" {
  security_group_id = aws_security_group.db.id
  cidr_ipv4         = "10.1.0.0/16"
  ip_protocol       = "-1"
  description       = "Within the network"
}

resource "aws_security_group" "idle" {
  name        = "idle"
  description = "Nothing in it"
  vpc_id      = aws_vpc.main.id
}
