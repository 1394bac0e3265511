# Other ways in and out of a network than `network`, `routing` and `links` have: IPv6, rules of every sort of source,
# what AWS makes by default emptied, lists that are referred to, tables of gateways, and the least of each.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "ways", Empty = "" }
  }
}

resource "aws_vpc" "main" {
  cidr_block                       = "10.20.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_support               = "true"
  instance_tenancy                 = "dedicated"
}

resource "aws_vpc" "other" {
  cidr_block         = "10.21.0.0/16"
  enable_dns_support = false
  tags               = { Team = "other" }
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  count = 2

  vpc_id     = aws_vpc.main.id
  cidr_block = "10.${30 + count.index}.0.0/16"
}

resource "aws_subnet" "main" {
  count = 2

  vpc_id               = aws_vpc.main.id
  availability_zone_id = ["euw1-az1", "euw1-az2"][count.index]
  cidr_block           = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_subnet" "other" {
  vpc_id     = aws_vpc.other.id
  cidr_block = "10.21.1.0/24"

  lifecycle {
    ignore_changes = [tags, tags_all]
  }
}

resource "aws_ec2_tag" "subnet" {
  for_each = { Found = "", "kubernetes.io/role/elb" = "1" }

  resource_id = aws_subnet.other.id
  key         = each.key
  value       = each.value
}

resource "aws_internet_gateway" "main" {
  tags = { Name = "main" }
}

resource "aws_internet_gateway_attachment" "main" {
  internet_gateway_id = aws_internet_gateway.main.id
  vpc_id              = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "named" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "named" }
}

resource "aws_ec2_carrier_gateway" "least" {
  vpc_id = aws_vpc.other.id
}

# --- tables ---------------------------------------------------------------------------------------

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id

  route = [
    {
      cidr_block                 = null
      ipv6_cidr_block            = "::/0"
      destination_prefix_list_id = ""
      egress_only_gateway_id     = aws_egress_only_internet_gateway.named.id
      gateway_id                 = ""
      carrier_gateway_id         = ""
      core_network_arn           = ""
      local_gateway_id           = ""
      nat_gateway_id             = ""
      network_interface_id       = ""
      transit_gateway_id         = ""
      vpc_endpoint_id            = ""
      vpc_peering_connection_id  = ""
    },
    {
      cidr_block                 = "10.99.0.0/16"
      ipv6_cidr_block            = null
      destination_prefix_list_id = null
      egress_only_gateway_id     = null
      gateway_id                 = null
      carrier_gateway_id         = null
      core_network_arn           = null
      local_gateway_id           = null
      nat_gateway_id             = null
      network_interface_id       = aws_network_interface.main.id
      transit_gateway_id         = null
      vpc_endpoint_id            = null
      vpc_peering_connection_id  = null
    },
  ]
}

resource "aws_route_table" "edge" {
  vpc_id           = aws_vpc.main.id
  propagating_vgws = []
  route            = []
}

resource "aws_route" "list" {
  route_table_id             = aws_route_table.other.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.empty.id
  vpc_peering_connection_id  = aws_vpc_peering_connection.least.id
}

resource "aws_route" "six" {
  route_table_id              = aws_route_table.other.id
  destination_ipv6_cidr_block = "2001:DB8:0:0::/32"
  vpc_peering_connection_id   = aws_vpc_peering_connection.least.id
}

resource "aws_route_table" "other" {
  vpc_id = aws_vpc.other.id
}

resource "aws_route_table_association" "main" {
  count = 2

  subnet_id      = aws_subnet.main[count.index].id
  route_table_id = aws_route_table.main.id
}

resource "aws_route_table_association" "edge" {
  gateway_id     = aws_internet_gateway.main.id
  route_table_id = aws_route_table.edge.id
  depends_on     = [aws_internet_gateway_attachment.main]
}

resource "aws_main_route_table_association" "other" {
  vpc_id         = aws_vpc.other.id
  route_table_id = aws_route_table.other.id
}

# --- what AWS makes by default --------------------------------------------------------------------

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route                  = []
  tags                   = { Name = "nothing" }
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_default_security_group" "other" {
  vpc_id  = aws_vpc.other.id
  ingress = []

  egress {
    protocol         = "tcp"
    from_port        = "443"
    to_port          = "443"
    ipv6_cidr_blocks = ["::/0"]
    prefix_list_ids  = [aws_ec2_managed_prefix_list.empty.id]
    description      = ""
  }
}

resource "aws_default_network_acl" "main" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id
  subnet_ids             = [aws_subnet.main[1].id]
}

resource "aws_default_network_acl" "other" {
  default_network_acl_id = aws_vpc.other.default_network_acl_id

  ingress {
    rule_no         = 100
    action          = "allow"
    protocol        = "17"
    from_port       = "53"
    to_port         = 53
    ipv6_cidr_block = "::/0"
  }

  egress {
    rule_no    = "32766"
    action     = "deny"
    protocol   = "all"
    from_port  = 0
    to_port    = "0"
    cidr_block = "0.0.0.0/0"
  }

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_network_acl" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_rule" "six" {
  network_acl_id  = aws_network_acl.main.id
  rule_number     = 1
  rule_action     = "allow"
  protocol        = "-1"
  ipv6_cidr_block = "2001:db8::/32"
}

resource "aws_network_acl_association" "main" {
  network_acl_id = aws_network_acl.main.id
  subnet_id      = aws_subnet.main[0].id
}

resource "aws_vpc_dhcp_options" "full" {
  domain_name                       = "one.example.com two.example.com"
  domain_name_servers               = ["AmazonProvidedDNS"]
  ipv6_address_preferred_lease_time = "1440"
  netbios_name_servers              = ["10.20.0.8", "10.20.0.7"]
  netbios_node_type                 = 2
  tags                              = { Name = "full", Team = "names" }
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.full.id
}

resource "aws_vpc_dhcp_options_association" "other" {
  vpc_id          = aws_vpc.other.id
  dhcp_options_id = "default"
}

# --- lists, and rules of every sort of source -----------------------------------------------------

resource "aws_ec2_managed_prefix_list" "empty" {
  name           = "empty"
  address_family = "IPv4"
  max_entries    = "1"
}

resource "aws_ec2_managed_prefix_list" "six" {
  name           = "six"
  address_family = "IPv6"
  max_entries    = 2
  tags           = { Team = "six" }

  entry {
    cidr        = "2001:db8:1::/48"
    description = ""
  }
}

resource "aws_security_group" "main" {
  count = 3

  name_prefix            = "ways-${count.index}-"
  vpc_id                 = aws_vpc.main.id
  revoke_rules_on_delete = true
}

resource "aws_vpc_security_group_ingress_rule" "main" {
  for_each = {
    list = { prefix_list_id = aws_ec2_managed_prefix_list.six.id, ip_protocol = "6", from_port = 22, to_port = 22 }
    self = { referenced_security_group_id = aws_security_group.main[0].id, ip_protocol = "-1" }
    six  = { cidr_ipv6 = "2001:db8::/32", ip_protocol = "icmpv6", from_port = -1, to_port = -1 }
    ping = { cidr_ipv4 = "10.0.0.0/8", ip_protocol = "icmp", from_port = 8, to_port = 0 }
    esp  = { cidr_ipv4 = "192.0.2.1/32", ip_protocol = "50", from_port = -1, to_port = -1 }
  }

  security_group_id            = aws_security_group.main[0].id
  prefix_list_id               = try(each.value.prefix_list_id, null)
  referenced_security_group_id = try(each.value.referenced_security_group_id, null)
  cidr_ipv4                    = try(each.value.cidr_ipv4, null)
  cidr_ipv6                    = try(each.value.cidr_ipv6, null)
  ip_protocol                  = each.value.ip_protocol
  from_port                    = try(each.value.from_port, null)
  to_port                      = try(each.value.to_port, null)
  tags                         = each.key == "six" ? { Name = "six" } : null
}

resource "aws_vpc_security_group_egress_rule" "main" {
  count = 2

  security_group_id = aws_security_group.main[0].id
  cidr_ipv4         = ["0.0.0.0/0", null][count.index]
  cidr_ipv6         = [null, "::/0"][count.index]
  ip_protocol       = "tcp"
  from_port         = 0
  to_port           = 65535
}

resource "aws_security_group_rule" "main" {
  for_each = { self = { self = true }, six = { six = ["::/0"] }, list = { list = [aws_ec2_managed_prefix_list.empty.id] } }

  type              = each.key == "list" ? "egress" : "ingress"
  security_group_id = aws_security_group.main[1].id
  self              = try(each.value.self, null)
  ipv6_cidr_blocks  = try(each.value.six, null)
  prefix_list_ids   = try(each.value.list, null)
  protocol          = each.key == "six" ? "icmpv6" : "all"
  from_port         = each.key == "six" ? -1 : 0
  to_port           = each.key == "six" ? -1 : 65535
}

resource "aws_security_group" "inline" {
  name   = "inline"
  vpc_id = aws_vpc.other.id
  egress = []

  ingress {
    protocol         = "all"
    from_port        = 0
    to_port          = 0
    self             = true
    security_groups  = [aws_default_security_group.other.id]
    prefix_list_ids  = [aws_ec2_managed_prefix_list.empty.id]
    ipv6_cidr_blocks = []
  }

  ingress {
    protocol         = 17
    from_port        = "53"
    to_port          = "53"
    cidr_blocks      = ["10.0.0.0/8", "10.21.0.0/16"]
    ipv6_cidr_blocks = ["2001:db8::/32"]
    description      = "names"
  }
}

# --- interfaces -----------------------------------------------------------------------------------

resource "aws_network_interface" "main" {
  subnet_id       = aws_subnet.main[0].id
  private_ip_list = ["10.20.0.40"]

  lifecycle {
    ignore_changes = [security_groups]
  }
}

resource "aws_network_interface_sg_attachment" "main" {
  count = 2

  security_group_id    = aws_security_group.main[count.index].id
  network_interface_id = aws_network_interface.main.id
}

resource "aws_eip" "main" {
  domain               = "vpc"
  public_ipv4_pool     = "amazon"
  network_border_group = "eu-west-1"
}

resource "aws_eip_association" "main" {
  allocation_id        = aws_eip.main.id
  network_interface_id = aws_network_interface.main.id
  private_ip_address   = "10.20.0.40"
  allow_reassociation  = true
}

# --- endpoints ------------------------------------------------------------------------------------

resource "aws_lb" "inside" {
  count = 2

  name               = "ways-${count.index}"
  internal           = true
  load_balancer_type = "network"
  subnets            = aws_subnet.main[*].id
}

resource "aws_vpc_endpoint_service" "open" {
  acceptance_required        = false
  network_load_balancer_arns = aws_lb.inside[*].arn
  allowed_principals         = ["arn:aws:iam::210987654321:root", "*"]
  private_dns_name           = "shop.example.com"
}

resource "aws_vpc_endpoint" "bare" {
  for_each = toset(["sns", "logs"])

  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_policy" "bare" {
  for_each = aws_vpc_endpoint.bare

  vpc_endpoint_id = each.value.id
  policy          = each.key == "sns" ? null : <<-JSON
    {"Statement": {"Resource": ["*"], "Principal": {"AWS": "*"}, "Effect": "Allow", "Action": ["logs:Put*", "logs:Create*"]}}
  JSON
}

resource "aws_vpc_endpoint_subnet_association" "bare" {
  for_each = aws_vpc_endpoint.bare

  vpc_endpoint_id = each.value.id
  subnet_id       = aws_subnet.main[each.key == "sns" ? 0 : 1].id
}

resource "aws_vpc_endpoint_security_group_association" "bare" {
  vpc_endpoint_id   = aws_vpc_endpoint.bare["sns"].id
  security_group_id = aws_security_group.main[2].id
}

resource "aws_vpc_endpoint_security_group_association" "logs" {
  count = 2

  vpc_endpoint_id   = aws_vpc_endpoint.bare["logs"].id
  security_group_id = aws_security_group.main[count.index].id
}

resource "aws_vpc_endpoint" "gateway" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint_route_table_association" "gateway" {
  for_each = { main = aws_route_table.main.id, edge = aws_route_table.edge.id }

  vpc_endpoint_id = aws_vpc_endpoint.gateway.id
  route_table_id  = each.value
}

# --- other networks -------------------------------------------------------------------------------

resource "aws_vpc_peering_connection" "least" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
  auto_accept = true

  accepter {
    allow_remote_vpc_dns_resolution = true
  }

  requester {}
}

resource "aws_vpc" "third" {
  cidr_block = "10.22.0.0/16"
}

resource "aws_vpc_peering_connection" "third" {
  vpc_id        = aws_vpc.other.id
  peer_vpc_id   = aws_vpc.third.id
  peer_owner_id = "123456789012"
  peer_region   = "eu-west-1"
}

resource "aws_vpc_peering_connection_accepter" "third" {
  vpc_peering_connection_id = aws_vpc_peering_connection.third.id
  auto_accept               = true
}

resource "aws_vpc_peering_connection_options" "third" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.third.id

  requester {
    allow_remote_vpc_dns_resolution = false
  }
}

resource "aws_ec2_transit_gateway" "main" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  dns_support                     = "disable"
  multicast_support               = "enable"
  vpn_ecmp_support                = "disable"
  transit_gateway_cidr_blocks     = ["10.250.0.0/24", "10.249.0.0/24"]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  subnet_ids             = aws_subnet.main[*].id
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
  vpc_id                 = aws_vpc.main.id
  appliance_mode_support = "enable"
  dns_support            = "disable"
  ipv6_support           = "enable"
}

resource "aws_ec2_transit_gateway_route_table" "main" {
  count = 2

  transit_gateway_id = aws_ec2_transit_gateway.main.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "main" {
  count = 2

  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main[count.index].id
}

resource "aws_customer_gateway" "named" {
  bgp_asn     = "65534"
  device_name = "router"
  ip_address  = "203.0.113.9"
  type        = "ipsec.1"
}

resource "aws_customer_gateway" "sealed" {
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  type            = "ipsec.1"
  bgp_asn         = "64999"
}

resource "aws_vpn_gateway" "least" {
  count = 2

  amazon_side_asn = 64520 + count.index
}

resource "aws_vpn_gateway_attachment" "least" {
  vpc_id         = aws_vpc.third.id
  vpn_gateway_id = aws_vpn_gateway.least[0].id
}
