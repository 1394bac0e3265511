# Brokers: one with all its trimmings, what it is configured by, and where a warehouse stands.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_mq_configuration" "shop" {
  name           = "shop"
  description    = "The shop's"
  engine_type    = "ActiveMQ"
  engine_version = "5.17.6"
  data           = <<-EOT
    <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
    <broker xmlns="http://activemq.apache.org/schema/core">
      <plugins/>
    </broker>
  EOT
}

resource "aws_mq_broker" "shop" {
  broker_name                = "shop"
  engine_type                = "ActiveMQ"
  engine_version             = "5.17.6"
  host_instance_type         = "mq.t3.micro"
  auto_minor_version_upgrade = true

  configuration {
    id       = aws_mq_configuration.shop.id
    revision = aws_mq_configuration.shop.latest_revision
  }
  logs {
    general = true
    audit   = false
  }
  maintenance_window_start_time {
    day_of_week = "MONDAY"
    time_of_day = "02:00"
    time_zone   = "UTC"
  }
  user {
    username       = "admin"
    password       = "Hidden-123456"
    console_access = true
    groups         = ["admins", "all"]
  }
  tags = { Name = "shop", Team = "events" }
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

resource "aws_redshift_subnet_group" "main" {
  for_each = toset(["main", "other"])

  name        = each.key
  description = "Where it stands"
  subnet_ids  = [for each in aws_subnet.main : each.id]
  tags        = { Team = "data" }
}
