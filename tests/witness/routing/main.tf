# The ways in and out of a network: ACLs inline and in single rules, endpoints, peerings, transit gateways,
# private lines, logs of what flows, lists of networks, and what AWS makes by default and Terraform adopts.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "network" }
  }
}

resource "aws_vpc" "main" {
  cidr_block           = "10.9.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "other" {
  cidr_block = "10.10.0.0/16"
}

resource "aws_vpc_ipv4_cidr_block_association" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.19.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.9.1.0/24", b = "10.9.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.main["a"].id
}

resource "aws_nat_gateway" "private" {
  connectivity_type = "private"
  subnet_id         = aws_subnet.main["a"].id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route" "transit" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "10.64.0.0/10"
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
  depends_on             = [aws_ec2_transit_gateway_vpc_attachment.main]
}

resource "aws_route" "peer" {
  route_table_id            = aws_route_table.main.id
  destination_cidr_block    = "10.10.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.other.id
}

# --- ACLs ----------------------------------------------------------------------------------------

resource "aws_network_acl" "inline" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.main["a"].id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 443
    to_port    = 443
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no    = 110
    action     = "deny"
    protocol   = "udp"
    from_port  = 0
    to_port    = 1024
    cidr_block = "10.0.0.0/8"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}

resource "aws_network_acl" "separate" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "separate" }
}

resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.separate.id
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "6"
  from_port      = 22
  to_port        = 22
  cidr_block     = "10.0.0.0/8"
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.separate.id
  egress         = true
  rule_number    = 200
  rule_action    = "deny"
  protocol       = "all"
  cidr_block     = "192.168.0.0/16"
}

resource "aws_network_acl_association" "separate" {
  network_acl_id = aws_network_acl.separate.id
  subnet_id      = aws_subnet.main["b"].id
}

# --- what AWS makes by default --------------------------------------------------------------------

resource "aws_default_network_acl" "main" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "10.9.0.0/16"
  }

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id

  ingress {
    protocol  = "-1"
    from_port = 0
    to_port   = 0
    self      = true
  }
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

# --- options and logs -----------------------------------------------------------------------------

resource "aws_vpc_dhcp_options" "main" {
  domain_name         = "corp.example.com"
  domain_name_servers = ["10.9.0.2", "10.9.0.3"]
  ntp_servers         = ["169.254.169.123"]
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.main.id
}

resource "aws_s3_bucket" "flows" {
  bucket = "driftline-witness-flows"
}

resource "aws_flow_log" "bucket" {
  vpc_id               = aws_vpc.main.id
  traffic_type         = "REJECT"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.flows.arn
  tags                 = { Name = "rejected" }
}

resource "aws_cloudwatch_log_group" "flows" {
  name = "/flows"
}

resource "aws_iam_role" "flows" {
  name = "flows"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
    }]
  })
}

resource "aws_flow_log" "group" {
  subnet_id                = aws_subnet.main["a"].id
  traffic_type             = "ALL"
  iam_role_arn             = aws_iam_role.flows.arn
  log_destination          = aws_cloudwatch_log_group.flows.arn
  max_aggregation_interval = 60
}

# --- endpoints ------------------------------------------------------------------------------------

resource "aws_vpc_endpoint" "gateway" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.main.id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = "*"
      Resource  = "*"
    }]
  })
}

resource "aws_vpc_endpoint" "interface" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.main["a"].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  tags                = { Name = "ssm" }
}

resource "aws_vpc_endpoint" "separate" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}

resource "aws_vpc_endpoint_route_table_association" "separate" {
  vpc_endpoint_id = aws_vpc_endpoint.separate.id
  route_table_id  = aws_route_table.main.id
}

resource "aws_security_group" "endpoints" {
  name   = "endpoints"
  vpc_id = aws_vpc.main.id
}

# --- other networks -------------------------------------------------------------------------------

resource "aws_vpc_peering_connection" "other" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
  auto_accept = true
  tags        = { Name = "other" }
}

resource "aws_vpc_peering_connection_options" "other" {
  vpc_peering_connection_id = aws_vpc_peering_connection.other.id

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_ec2_transit_gateway" "main" {
  description                    = "Between all networks"
  amazon_side_asn                = 64513
  auto_accept_shared_attachments = "enable"
  tags                           = { Name = "main" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.main.id
  subnet_ids         = [aws_subnet.main["a"].id]
}

resource "aws_ec2_transit_gateway_route_table" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  tags               = { Name = "shared" }
}

resource "aws_ec2_transit_gateway_route" "out" {
  destination_cidr_block         = "0.0.0.0/0"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route" "nowhere" {
  destination_cidr_block         = "10.200.0.0/16"
  blackhole                      = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

# --- private lines --------------------------------------------------------------------------------

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65010
  ip_address = "198.51.100.7"
  type       = "ipsec.1"
  tags       = { Name = "office" }
}

resource "aws_vpn_gateway" "main" {
  vpc_id          = aws_vpc.main.id
  amazon_side_asn = 64514
}

resource "aws_vpn_gateway" "apart" {
  amazon_side_asn = 64515
  tags            = { Name = "apart" }
}

resource "aws_vpn_gateway_attachment" "apart" {
  vpc_id         = aws_vpc.other.id
  vpn_gateway_id = aws_vpn_gateway.apart.id
}

# --- lists of networks ----------------------------------------------------------------------------

resource "aws_ec2_managed_prefix_list" "inline" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5

  entry {
    cidr        = "198.51.100.0/24"
    description = "Berlin"
  }

  entry {
    cidr = "203.0.113.0/24"
  }
}
