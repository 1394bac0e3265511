# Names: zones public, private and delegated, records of every kind, health checks, and how a network resolves.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Owner = "platform" }
  }
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.0.1.0/24", b = "10.0.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "resolver" {
  name   = "resolver"
  vpc_id = aws_vpc.main.id
}

resource "aws_route53_delegation_set" "shop" {
  reference_name = "shop"
}

resource "aws_route53_zone" "shop" {
  name              = "shop.example.com"
  comment           = "The shop"
  delegation_set_id = aws_route53_delegation_set.shop.id
  tags              = { Team = "shop" }
}

resource "aws_route53_zone" "delegated" {
  name              = "delegated.example.com."
  delegation_set_id = aws_route53_delegation_set.shop.id
}

resource "aws_route53_zone" "inside" {
  name = "inside"

  vpc {
    vpc_id = aws_vpc.main.id
  }

  lifecycle {
    ignore_changes = [vpc]
  }
}

resource "aws_route53_record" "plain" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "WWW"
  type    = "A"
  ttl     = 300
  records = ["192.0.2.1", "192.0.2.2"]
}

resource "aws_route53_record" "wild" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "*.apps.shop.example.com"
  type    = "CNAME"
  ttl     = 60
  records = ["www.shop.example.com"]
}

resource "aws_route53_record" "text" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = ""
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 -all", "key=abc \"quoted\""]
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "shop.example.com"
  type    = "MX"
  ttl     = 3600
  records = ["10 mail1.example.com", "20 mail2.example.com"]
}

resource "aws_route53_record" "weighted" {
  for_each = { blue = 90, green = 10 }

  zone_id        = aws_route53_zone.shop.zone_id
  name           = "api.shop.example.com"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.${each.value}"]
  set_identifier = each.key

  weighted_routing_policy {
    weight = each.value
  }
}

resource "aws_route53_record" "failover" {
  for_each = { one = "PRIMARY", two = "SECONDARY" }

  zone_id         = aws_route53_zone.shop.zone_id
  name            = "pay.shop.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = ["${each.key}.example.com"]
  set_identifier  = each.key
  health_check_id = each.key == "one" ? aws_route53_health_check.web.id : null

  failover_routing_policy {
    type = each.value
  }
}

resource "aws_route53_record" "near" {
  zone_id        = aws_route53_zone.shop.zone_id
  name           = "near"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.9"]
  set_identifier = "ireland"

  latency_routing_policy {
    region = "eu-west-1"
  }
}

resource "aws_route53_record" "land" {
  zone_id        = aws_route53_zone.shop.zone_id
  name           = "land"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.9"]
  set_identifier = "everybody"

  geolocation_routing_policy {
    country = "*"
  }
}

resource "aws_route53_record" "alias" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "alias.shop.example.com"
  type    = "A"

  alias {
    name                   = "WWW.shop.example.com"
    zone_id                = aws_route53_zone.shop.zone_id
    evaluate_target_health = true
  }

  depends_on = [aws_route53_record.plain]
}

resource "aws_route53_health_check" "web" {
  fqdn              = "www.shop.example.com"
  port              = 443
  type              = "HTTPS"
  resource_path     = "/health"
  failure_threshold = 3
  request_interval  = 10
  measure_latency   = true
  regions           = ["eu-west-1", "us-east-1", "us-west-2"]
  tags              = { Name = "web" }
}

resource "aws_route53_health_check" "address" {
  ip_address        = "192.0.2.1"
  port              = 80
  type              = "HTTP_STR_MATCH"
  search_string     = "fine"
  failure_threshold = 5
  request_interval  = 30
  disabled          = true
}

resource "aws_route53_health_check" "both" {
  type                   = "CALCULATED"
  child_health_threshold = 1
  child_healthchecks     = [aws_route53_health_check.web.id, aws_route53_health_check.address.id]
}

resource "aws_route53_resolver_endpoint" "out" {
  name               = "out"
  direction          = "OUTBOUND"
  security_group_ids = [aws_security_group.resolver.id]

  ip_address {
    subnet_id = aws_subnet.main["a"].id
  }
  ip_address {
    subnet_id = aws_subnet.main["b"].id
    ip        = "10.0.2.10"
  }
  tags = { Team = "network" }
}

resource "aws_route53_resolver_rule" "corporate" {
  name                 = "corporate"
  domain_name          = "corp.example.com"
  rule_type            = "FORWARD"
  resolver_endpoint_id = aws_route53_resolver_endpoint.out.id

  target_ip {
    ip = "10.20.0.2"
  }
  target_ip {
    ip   = "10.20.0.3"
    port = 5353
  }
}

resource "aws_route53_resolver_rule" "public" {
  name        = "public"
  domain_name = "public.corp.example.com"
  rule_type   = "SYSTEM"
}

resource "aws_route53_resolver_rule_association" "corporate" {
  name             = "corporate"
  resolver_rule_id = aws_route53_resolver_rule.corporate.id
  vpc_id           = aws_vpc.main.id
}
