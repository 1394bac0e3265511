# What stands before the machines: an application and a network load balancer, their listeners with
# every kind of action, rules, groups and what is registered in them, and classic ones.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "edge" }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.5.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  for_each = { a = "10.5.1.0/24", b = "10.5.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "lb" {
  name   = "lb"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.main.id
}

resource "aws_s3_bucket" "logs" {
  bucket = "driftline-witness-lb-logs"
}

resource "aws_acm_certificate" "main" {
  for_each = toset(["shop.example.com", "api.example.com", "old.example.com"])

  domain_name       = each.key
  validation_method = "DNS"
}

resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main["a"].id
}

# --- an application load balancer ----------------------------------------------------------------

resource "aws_lb" "app" {
  name                       = "app"
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.lb.id]
  subnets                    = [for each in aws_subnet.main : each.id]
  idle_timeout               = 120
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  desync_mitigation_mode     = "strictest"

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "app"
    enabled = true
  }

  tags = { Name = "app" }
}

resource "aws_lb" "plain" {
  name_prefix = "pl-"
  internal    = true
  subnets     = [for each in aws_subnet.main : each.id]
}

resource "aws_lb_target_group" "web" {
  name                          = "web"
  port                          = 8080
  protocol                      = "HTTP"
  vpc_id                        = aws_vpc.main.id
  deregistration_delay          = 30
  slow_start                    = 60
  load_balancing_algorithm_type = "round_robin"

  health_check {
    path                = "/health"
    matcher             = "200-299"
    interval            = 15
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
  }
}

resource "aws_lb_target_group" "next" {
  name_prefix = "next-"
  port        = 8081
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id

  stickiness {
    type            = "app_cookie"
    cookie_name     = "session"
    cookie_duration = 600
    enabled         = false
  }
}

resource "aws_lb_target_group" "function" {
  name        = "function"
  target_type = "lambda"
}

resource "aws_lb_target_group" "tcp" {
  name               = "tcp"
  port               = 5432
  protocol           = "TCP"
  vpc_id             = aws_vpc.main.id
  preserve_client_ip = true
  proxy_protocol_v2  = true

  health_check {
    protocol = "TCP"
    port     = "5433"
  }
}

resource "aws_lb_target_group_attachment" "web" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = aws_instance.web.id
}

resource "aws_lb_target_group_attachment" "next" {
  target_group_arn = aws_lb_target_group.next.arn
  target_id        = "10.5.1.77"
  port             = 8081
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.app.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.app.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate.main["shop.example.com"].arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener" "weighted" {
  load_balancer_arn = aws_lb.app.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 80
      }

      target_group {
        arn    = aws_lb_target_group.next.arn
        weight = 20
      }

      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

resource "aws_lb_listener" "fixed" {
  load_balancer_arn = aws_lb.app.arn
  port              = 8081
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Gone fishing"
      status_code  = "503"
    }
  }
}

resource "aws_lb_listener" "known" {
  load_balancer_arn = aws_lb.app.arn
  port              = 8443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.main["shop.example.com"].arn

  default_action {
    type = "authenticate-oidc"

    authenticate_oidc {
      authorization_endpoint = "https://id.example.com/auth"
      client_id              = "shop"
      client_secret          = "not-a-secret-at-all"
      issuer                 = "https://id.example.com"
      token_endpoint         = "https://id.example.com/token"
      user_info_endpoint     = "https://id.example.com/info"

      authentication_request_extra_params = { prompt = "login" }
    }
  }

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener" "members" {
  load_balancer_arn = aws_lb.app.arn
  port              = 9443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.main["shop.example.com"].arn

  default_action {
    type  = "authenticate-cognito"
    order = 10

    authenticate_cognito {
      user_pool_arn       = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"
      user_pool_client_id = "shop"
      user_pool_domain    = "shop"
      scope               = "openid"
      session_timeout     = 3600
    }
  }

  default_action {
    type             = "forward"
    order            = 20
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener_certificate" "api" {
  listener_arn    = aws_lb_listener.tls.arn
  certificate_arn = aws_acm_certificate.main["api.example.com"].arn
}

resource "aws_lb_listener_rule" "api" {
  listener_arn = aws_lb_listener.tls.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.next.arn
  }

  condition {
    host_header {
      values = ["api.example.com", "*.api.example.com"]
    }
  }

  condition {
    path_pattern {
      values = ["/v1/*"]
    }
  }

  tags = { Name = "api" }
}

resource "aws_lb_listener_rule" "picky" {
  listener_arn = aws_lb_listener.tls.arn
  priority     = 20

  action {
    type = "redirect"

    redirect {
      host        = "www.example.com"
      path        = "/#{path}"
      query       = "from=picky"
      status_code = "HTTP_302"
    }
  }

  condition {
    http_header {
      http_header_name = "X-Kind"
      values           = ["slow", "old"]
    }
  }

  condition {
    http_request_method {
      values = ["GET", "HEAD"]
    }
  }

  condition {
    source_ip {
      values = ["10.0.0.0/8", "192.168.0.0/16"]
    }
  }

  condition {
    query_string {
      key   = "debug"
      value = "1"
    }

    query_string {
      value = "trace"
    }
  }
}

resource "aws_lb_listener_rule" "shared" {
  listener_arn = aws_lb_listener.weighted.arn

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 1
      }

      target_group {
        arn    = aws_lb_target_group.next.arn
        weight = 0
      }
    }
  }

  condition {
    path_pattern {
      values = ["/shared"]
    }
  }
}

# --- a network load balancer ---------------------------------------------------------------------

resource "aws_lb" "net" {
  name                             = "net"
  load_balancer_type               = "network"
  internal                         = true
  enable_cross_zone_load_balancing = true

  subnet_mapping {
    subnet_id            = aws_subnet.main["a"].id
    private_ipv4_address = "10.5.1.10"
  }
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.net.arn
  port              = 5432
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

# --- classic ones --------------------------------------------------------------------------------

resource "aws_elb" "classic" {
  name                        = "classic"
  subnets                     = [aws_subnet.main["a"].id]
  security_groups             = [aws_security_group.lb.id]
  internal                    = true
  idle_timeout                = 90
  connection_draining         = true
  connection_draining_timeout = 120
  instances                   = [aws_instance.web.id]

  access_logs {
    bucket        = aws_s3_bucket.logs.id
    bucket_prefix = "classic"
    interval      = 60
  }

  listener {
    lb_port           = 80
    lb_protocol       = "http"
    instance_port     = 8080
    instance_protocol = "http"
  }

  listener {
    lb_port            = 443
    lb_protocol        = "https"
    instance_port      = 8443
    instance_protocol  = "https"
    ssl_certificate_id = aws_acm_certificate.main["old.example.com"].arn
  }

  health_check {
    target              = "HTTP:8080/health"
    interval            = 20
    timeout             = 4
    healthy_threshold   = 3
    unhealthy_threshold = 5
  }

  tags = { Name = "classic" }
}

resource "aws_elb" "prefixed" {
  name_prefix     = "zo-"
  subnets         = [for each in aws_subnet.main : each.id]
  security_groups = [aws_security_group.lb.id]
  internal        = true

  listener {
    lb_port           = 22
    lb_protocol       = "TCP"
    instance_port     = 22
    instance_protocol = "TCP"
  }

  health_check {
    target              = "TCP:22"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 10
    unhealthy_threshold = 2
  }
}

resource "aws_elb_attachment" "prefixed" {
  elb      = aws_elb.prefixed.id
  instance = aws_instance.web.id
}
