# github.com/bridgecrewio/checkov/tests/terraform/

## elbv2-tls-policy-weak | pass | checks/resource/aws/example_AppLoadBalancerTLS12/main.tf
resource "aws_lb_listener" "it" {
  protocol   = "TLS"
  ssl_policy = "ELBSecurityPolicy-FS-1-2-Res-2019-08"
}
## elbv2-tls-policy-weak | pass | checks/resource/aws/example_AppLoadBalancerTLS12/main.tf
resource "aws_alb_listener" "it" {
  protocol   = "HTTPS"
  ssl_policy = "ELBSecurityPolicy-FS-1-2-Res-2019-08"
}
## elbv2-tls-policy-weak | fail | checks/resource/aws/example_AppLoadBalancerTLS12/main.tf
resource "aws_lb_listener" "it" {
  protocol   = "HTTPS"
  ssl_policy = "ELBSecurityPolicy-2016-08"
}
## elbv2-tls-policy-weak | fail | checks/resource/aws/example_AppLoadBalancerTLS12/main.tf
resource "aws_alb_listener" "it" {
  protocol   = "TLS"
  ssl_policy = "ELBSecurityPolicy-FS-1-1-2019-08"
}
## elbv2-http-no-redirect | pass | checks/resource/aws/example_AppLoadBalancerTLS12/main.tf
resource "aws_lb_listener" "it" {
  protocol = "HTTP"
  port     = 80
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
## apigatewayv2-authorizer | fail | checks/resource/aws/example_APIGatewayV2RouteDefinesAuthorizationType/main.tf
resource "aws_apigatewayv2_api" "it" { protocol_type = "HTTP" }
resource "aws_apigatewayv2_route" "it" {
  api_id    = aws_apigatewayv2_api.it.id
  route_key = "$default"
}
## apigatewayv2-authorizer | fail | checks/resource/aws/example_APIGatewayV2RouteDefinesAuthorizationType/main.tf
resource "aws_apigatewayv2_api" "it" { protocol_type = "HTTP" }
resource "aws_apigatewayv2_route" "it" {
  api_id             = aws_apigatewayv2_api.it.id
  route_key          = "$default"
  authorization_type = "NONE"
}
## apigatewayv2-authorizer | pass | checks/resource/aws/example_APIGatewayV2RouteDefinesAuthorizationType/main.tf
resource "aws_apigatewayv2_api" "it" { protocol_type = "HTTP" }
resource "aws_apigatewayv2_route" "it" {
  api_id             = aws_apigatewayv2_api.it.id
  route_key          = "$default"
  authorization_type = "JWT"
}
## apigatewayv2-authorizer | pass | checks/resource/aws/example_APIGatewayV2RouteDefinesAuthorizationType/main.tf
resource "aws_apigatewayv2_api" "it" { protocol_type = "HTTP" }
resource "aws_apigatewayv2_route" "it" {
  api_id             = aws_apigatewayv2_api.it.id
  route_key          = "$default"
  authorization_type = "AWS_IAM"
}

## cloudfront-tls-version | fail, here pass | checks/resource/aws/example_CloudfrontTLS12/main.tf | Under CloudFront's own certificate nothing can be chosen for viewers
resource "aws_cloudfront_distribution" "it" {
  viewer_certificate { cloudfront_default_certificate = true }
}
## cloudfront-tls-version | fail | checks/resource/aws/example_CloudfrontTLS12/main.tf
resource "aws_cloudfront_distribution" "it" {
  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    minimum_protocol_version = "TLSv1"
  }
}
## cloudfront-tls-version | fail | checks/resource/aws/example_CloudfrontTLS12/main.tf
resource "aws_cloudfront_distribution" "it" {
  viewer_certificate { acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
}
## cloudfront-tls-version | pass | checks/resource/aws/example_CloudfrontTLS12/main.tf
resource "aws_cloudfront_distribution" "it" {
  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    minimum_protocol_version = "TLSv1.2_2018"
  }
}
## cloudfront-tls-version | pass | checks/resource/aws/example_CloudfrontTLS12/main.tf
resource "aws_cloudfront_distribution" "it" {
  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    minimum_protocol_version = "TLSv1.3_2025"
  }
}
