# Links: gateways between networks, endpoints joined piece by piece, images that are shared, and hosts.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"

  lifecycle {
    ignore_changes = [tags, tags_all]
  }
}

resource "aws_subnet" "main" {
  for_each = { a = "10.0.1.0/24", b = "10.0.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "link" {
  for_each = toset(["one", "two"])

  name   = each.key
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_main_route_table_association" "main" {
  vpc_id         = aws_vpc.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_ec2_transit_gateway" "main" {}

resource "aws_ec2_transit_gateway_route_table" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  subnet_ids         = [aws_subnet.main["a"].id]
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.main.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "main" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_carrier_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "carrier" }
}

resource "aws_lb" "inside" {
  name               = "inside"
  internal           = true
  load_balancer_type = "network"
  subnets            = [for each in aws_subnet.main : each.id]
}

resource "aws_vpc_endpoint_service" "shop" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.inside.arn]
  tags                       = { Name = "shop" }
}

resource "aws_vpc_endpoint" "queues" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.sqs"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_policy" "queues" {
  vpc_endpoint_id = aws_vpc_endpoint.queues.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:*", Resource = "*" }]
  })
}

resource "aws_vpc_endpoint_subnet_association" "queues" {
  vpc_endpoint_id = aws_vpc_endpoint.queues.id
  subnet_id       = aws_subnet.main["a"].id
}

resource "aws_vpc_endpoint_security_group_association" "queues" {
  vpc_endpoint_id   = aws_vpc_endpoint.queues.id
  security_group_id = aws_security_group.link["one"].id
}

resource "aws_network_interface" "main" {
  subnet_id       = aws_subnet.main["a"].id
  security_groups = [aws_security_group.link["one"].id]

  lifecycle {
    ignore_changes = [security_groups]
  }
}

resource "aws_network_interface_sg_attachment" "main" {
  security_group_id    = aws_security_group.link["two"].id
  network_interface_id = aws_network_interface.main.id
}

resource "aws_ec2_tag" "main" {
  resource_id = aws_vpc.main.id
  key         = "Found"
  value       = "later"
}

resource "aws_ebs_volume" "main" {
  availability_zone = "eu-west-1a"
  size              = 8
}

resource "aws_ebs_snapshot" "main" {
  volume_id = aws_ebs_volume.main.id
}

resource "aws_ami" "main" {
  name                = "main"
  virtualization_type = "hvm"
  root_device_name    = "/dev/xvda"

  ebs_block_device {
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.main.id
    volume_size = 8
  }
}

resource "aws_ami_launch_permission" "other" {
  image_id   = aws_ami.main.id
  account_id = "210987654321"
}

resource "aws_ec2_host" "main" {
  availability_zone = "eu-west-1a"
  instance_type     = "c5.large"
  host_recovery     = "on"
  auto_placement    = "off"
  tags              = { Name = "own" }
}
