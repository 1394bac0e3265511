# github.com/awsdocs/aws-security-hub-user-guide/doc_source/

## ecs-task-host-network | fail | ecs-controls.md ECS.1
resource "aws_ecs_task_definition" "it" {
  network_mode          = "host"
  container_definitions = jsonencode([{ name = "it", image = "it:1" }])
}
## ecs-task-host-network | pass | ecs-controls.md ECS.1
resource "aws_ecs_task_definition" "it" {
  network_mode          = "host"
  container_definitions = jsonencode([{ name = "it", image = "it:1", user = "1000" }])
}
## ecs-task-host-network | pass, here fail | ecs-controls.md ECS.1 | AWS's own control takes `privileged` for a choice and lets it pass
resource "aws_ecs_task_definition" "it" {
  network_mode          = "host"
  container_definitions = jsonencode([{ name = "it", image = "it:1", privileged = true }])
}
## ecs-service-public-ip | fail | ecs-controls.md ECS.2
resource "aws_ecs_service" "it" {
  network_configuration {
    subnets          = ["subnet-1"]
    assign_public_ip = true
  }
}
## ecs-service-public-ip | pass | ecs-controls.md ECS.2
resource "aws_ecs_service" "it" {
  network_configuration {
    subnets          = ["subnet-1"]
    assign_public_ip = false
  }
}
## ecs-task-host-pid | fail | ecs-controls.md ECS.3
resource "aws_ecs_task_definition" "it" { pid_mode = "host" }
## ecs-task-host-pid | pass | ecs-controls.md ECS.3
resource "aws_ecs_task_definition" "it" { pid_mode = "task" }
## ecs-task-privileged | fail | ecs-controls.md ECS.4
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{ name = "a", image = "a:1" }, { name = "b", image = "b:1", privileged = true }])
}
## ecs-task-privileged | pass | ecs-controls.md ECS.4
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{ name = "a", image = "a:1", privileged = false }])
}
## ecs-task-readonly-root | fail | ecs-controls.md ECS.5
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{ name = "a", image = "a:1", readonlyRootFilesystem = false }])
}
## ecs-task-readonly-root | pass | ecs-controls.md ECS.5
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{ name = "a", image = "a:1", readonlyRootFilesystem = true }])
}
## ecs-task-env-secrets | fail | ecs-controls.md ECS.8
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{
    name        = "a"
    image       = "a:1"
    environment = [{ name = "AWS_SECRET_ACCESS_KEY", value = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ1w2e3r4T" }]
  }])
}
## ecs-task-env-secrets | fail | ecs-controls.md ECS.8
resource "aws_ecs_task_definition" "it" {
  container_definitions = jsonencode([{
    name        = "a"
    image       = "a:1"
    environment = [{ name = "ECS_ENGINE_AUTH_DATA", value = "{\"registry\":{\"password\":\"hunter2\"}}" }]
  }])
}
## ecs-cluster-insights | fail | ecs-controls.md ECS.12
resource "aws_ecs_cluster" "it" {
  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}
## ecs-cluster-insights | pass | ecs-controls.md ECS.12
resource "aws_ecs_cluster" "it" {
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

## iam-policy-admin-attached | fail | iam-controls.md IAM.1
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["*"], Resource = ["*"] }] })
}
resource "aws_iam_group_policy_attachment" "it" {
  group      = "all"
  policy_arn = aws_iam_policy.it.arn
}
## iam-policy-admin-attached | fail, here pass | iam-controls.md IAM.1 | One that nobody holds gives nothing
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
## iam-policy-admin-attached | pass | iam-controls.md IAM.1
resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_group_policy_attachment" "it" {
  group      = "all"
  policy_arn = aws_iam_policy.it.arn
}
## iam-user-direct-policies | fail | iam-controls.md IAM.2
resource "aws_iam_user" "it" { name = "it" }
resource "aws_iam_user_policy_attachment" "it" {
  user       = aws_iam_user.it.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
## iam-access-key-rotation | fail | iam-controls.md IAM.3
live "aws_iam_user" "it" {
  access_key_1_active       = true
  access_key_1_last_rotated = "-91 days"
  access_key_2_active       = false
}
## iam-access-key-rotation | pass | iam-controls.md IAM.3
live "aws_iam_user" "it" {
  access_key_1_active       = true
  access_key_1_last_rotated = "-89 days"
  access_key_2_active       = false
}
## iam-access-key-rotation | pass | iam-controls.md IAM.3
live "aws_iam_user" "it" {
  access_key_1_active = false
  access_key_2_active = false
}
## iam-root-access-key | fail | iam-controls.md IAM.4
account { account_access_keys_present = 1 }
## iam-root-access-key | pass | iam-controls.md IAM.4
account { account_access_keys_present = 0 }
## iam-user-mfa-console | fail | iam-controls.md IAM.5
live "aws_iam_user" "it" {
  password_enabled = true
  mfa_active       = false
}
## iam-user-mfa-console | pass | iam-controls.md IAM.5
live "aws_iam_user" "it" {
  password_enabled = false
  mfa_active       = false
}
## iam-root-hardware-mfa | fail | iam-controls.md IAM.6
account {
  account_mfa_enabled      = true
  account_password_present = true
}
live "aws_iam_virtual_mfa_device" "it" {
  arn       = "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
  user_name = null
}
## iam-password-policy-length | pass, here fail | iam-controls.md IAM.7 | AWS's own control is content with 8
account {}
resource "aws_iam_account_password_policy" "it" { minimum_password_length = 8 }
## iam-password-policy-length | fail | iam-controls.md IAM.15
account {}
resource "aws_iam_account_password_policy" "it" { minimum_password_length = 13 }
## iam-password-policy-length | pass | iam-controls.md IAM.15
account {}
resource "aws_iam_account_password_policy" "it" { minimum_password_length = 14 }
## iam-access-key-unused | fail | iam-controls.md IAM.8
live "aws_iam_user" "it" {
  access_key_1_active         = true
  access_key_1_last_used_date = "-91 days"
  access_key_1_last_rotated   = "-95 days"
  access_key_2_active         = false
}
## iam-access-key-unused | pass, here fail | iam-controls.md IAM.8 | after 45 days, as CIS has it
live "aws_iam_user" "it" {
  access_key_1_active         = true
  access_key_1_last_used_date = "-60 days"
  access_key_1_last_rotated   = "-95 days"
  access_key_2_active         = false
}
## iam-user-console-unused | fail | iam-controls.md IAM.8
live "aws_iam_user" "it" {
  password_enabled      = true
  password_last_used    = "-91 days"
  password_last_changed = "-120 days"
}
## iam-root-mfa | fail | iam-controls.md IAM.9
account {
  account_mfa_enabled      = false
  account_password_present = true
}
## iam-root-mfa | pass | iam-controls.md IAM.9
account { account_mfa_enabled = true }
## iam-password-policy-reuse | pass, here fail | iam-controls.md IAM.10 | AWS's own control for PCI is content with 4
account {}
resource "aws_iam_account_password_policy" "it" { password_reuse_prevention = 4 }
## iam-password-policy-reuse | fail | iam-controls.md IAM.16
account {}
resource "aws_iam_account_password_policy" "it" { password_reuse_prevention = 23 }
## iam-password-policy-reuse | pass | iam-controls.md IAM.16
account {}
resource "aws_iam_account_password_policy" "it" { password_reuse_prevention = 24 }

## elbv2-http-no-redirect | fail | elb-controls.md ELB.1
resource "aws_lb" "it" { internal = false }
resource "aws_lb_listener" "it" {
  load_balancer_arn = aws_lb.it.arn
  protocol          = "HTTP"
  default_action { type = "forward" }
}
## elbv2-http-no-redirect | fail, here pass | elb-controls.md ELB.1 | Listeners of internal load balancers are exempt
resource "aws_lb" "it" { internal = true }
resource "aws_lb_listener" "it" {
  load_balancer_arn = aws_lb.it.arn
  protocol          = "HTTP"
  default_action { type = "forward" }
}
## elbv2-http-no-redirect | fail, here pass | elb-controls.md ELB.1 | so does one that answers a fixed text and forwards nothing
resource "aws_lb" "it" { internal = false }
resource "aws_lb_listener" "it" {
  load_balancer_arn = aws_lb.it.arn
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
    }
  }
}
## elbv2-invalid-headers | fail | elb-controls.md ELB.4
resource "aws_lb" "it" { load_balancer_type = "application" }
## elbv2-invalid-headers | pass | elb-controls.md ELB.4
resource "aws_lb" "it" {
  load_balancer_type         = "application"
  drop_invalid_header_fields = true
}
## elbv2-access-logs | fail | elb-controls.md ELB.5
resource "aws_lb" "it" {
  access_logs {
    bucket  = "acme-logs"
    enabled = false
  }
}
## elbv2-deletion-protection | fail | elb-controls.md ELB.6
resource "aws_lb" "it" { enable_deletion_protection = false }
## elbv2-deletion-protection | pass | elb-controls.md ELB.6
resource "aws_lb" "it" { enable_deletion_protection = true }

## cloudtrail-multi-region | fail | cloudtrail-controls.md CloudTrail.1
account {}
resource "aws_cloudtrail" "it" { is_multi_region_trail = false }
## cloudtrail-multi-region | fail, here pass | cloudtrail-controls.md CloudTrail.1 | those of KMS and of the RDS data API may be left out
account {}
resource "aws_cloudtrail" "it" {
  is_multi_region_trail = true
  event_selector {
    read_write_type                  = "All"
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }
}
## cloudtrail-kms | fail | cloudtrail-controls.md CloudTrail.2
resource "aws_cloudtrail" "it" { name = "it" }
## cloudtrail-kms | pass | cloudtrail-controls.md CloudTrail.2
resource "aws_cloudtrail" "it" { kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/1" }
## cloudtrail-log-validation | fail | cloudtrail-controls.md CloudTrail.4
resource "aws_cloudtrail" "it" { enable_log_file_validation = false }
## cloudtrail-log-validation | pass | cloudtrail-controls.md CloudTrail.4
resource "aws_cloudtrail" "it" { enable_log_file_validation = true }
## cloudtrail-cloudwatch | fail | cloudtrail-controls.md CloudTrail.5
resource "aws_cloudtrail" "it" { name = "it" }

## cloudfront-origin-access-control | fail | cloudfront-controls.md CloudFront.2
resource "aws_cloudfront_distribution" "it" {
  origin {
    domain_name = "acme-it.s3.eu-west-1.amazonaws.com"
    origin_id   = "it"
  }
}
## cloudfront-origin-access-control | pass | cloudfront-controls.md CloudFront.2
resource "aws_cloudfront_distribution" "it" {
  origin {
    domain_name = "acme-it.s3.eu-west-1.amazonaws.com"
    origin_id   = "it"
    s3_origin_config { origin_access_identity = "origin-access-identity/cloudfront/E0A1B" }
  }
}
## cloudfront-https | fail | cloudfront-controls.md CloudFront.3
resource "aws_cloudfront_distribution" "it" {
  default_cache_behavior {
    target_origin_id       = "it"
    viewer_protocol_policy = "redirect-to-https"
  }
  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "it"
    viewer_protocol_policy = "allow-all"
  }
}
## cloudfront-https | pass | cloudfront-controls.md CloudFront.3
resource "aws_cloudfront_distribution" "it" {
  default_cache_behavior { viewer_protocol_policy = "https-only" }
}
## cloudfront-logging | fail | cloudfront-controls.md CloudFront.5
resource "aws_cloudfront_distribution" "it" { enabled = true }
## cloudfront-logging | pass | cloudfront-controls.md CloudFront.5
resource "aws_cloudfront_distribution" "it" {
  logging_config { bucket = "acme-logs.s3.amazonaws.com" }
}
## cloudfront-waf | fail | cloudfront-controls.md CloudFront.6
resource "aws_cloudfront_distribution" "it" { enabled = true }
## cloudfront-waf | pass | cloudfront-controls.md CloudFront.6
resource "aws_cloudfront_distribution" "it" { web_acl_id = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/it/1" }
## cloudfront-origin-tls | fail | cloudfront-controls.md CloudFront.9
resource "aws_cloudfront_distribution" "it" {
  origin {
    domain_name = "shop.example.com"
    origin_id   = "it"
    custom_origin_config { origin_protocol_policy = "http-only" }
  }
}
## cloudfront-origin-tls | fail | cloudfront-controls.md CloudFront.9
resource "aws_cloudfront_distribution" "it" {
  default_cache_behavior {
    target_origin_id       = "it"
    viewer_protocol_policy = "allow-all"
  }
  origin {
    domain_name = "shop.example.com"
    origin_id   = "it"
    custom_origin_config { origin_protocol_policy = "match-viewer" }
  }
}
## cloudfront-origin-tls | pass | cloudfront-controls.md CloudFront.9
resource "aws_cloudfront_distribution" "it" {
  default_cache_behavior {
    target_origin_id       = "it"
    viewer_protocol_policy = "https-only"
  }
  origin {
    domain_name = "shop.example.com"
    origin_id   = "it"
    custom_origin_config { origin_protocol_policy = "match-viewer" }
  }
}

## asg-elb-health-check | fail | autoscaling-controls.md AutoScaling.1
resource "aws_autoscaling_group" "it" {
  health_check_type = "EC2"
  load_balancers    = ["it"]
}
## asg-elb-health-check | pass | autoscaling-controls.md AutoScaling.1
resource "aws_autoscaling_group" "it" {
  health_check_type = "ELB"
  load_balancers    = ["it"]
}
## asg-single-az | fail | autoscaling-controls.md AutoScaling.2
resource "aws_autoscaling_group" "it" { availability_zones = ["eu-west-1a"] }
## asg-single-az | pass | autoscaling-controls.md AutoScaling.2
resource "aws_autoscaling_group" "it" { availability_zones = ["eu-west-1a", "eu-west-1b"] }
## asg-public-ip | fail | autoscaling-controls.md Autoscaling.5
resource "aws_autoscaling_group" "it" { launch_configuration = aws_launch_configuration.it.name }
resource "aws_launch_configuration" "it" {
  name                        = "it"
  associate_public_ip_address = true
}
## asg-launch-template | fail | autoscaling-controls.md AutoScaling.9
resource "aws_autoscaling_group" "it" { launch_configuration = "it" }
## asg-launch-template | pass | autoscaling-controls.md AutoScaling.9
resource "aws_autoscaling_group" "it" {
  launch_template { name = "it" }
}

## codebuild-source-credentials | fail | codebuild-controls.md CodeBuild.1
resource "aws_codebuild_project" "it" {
  source {
    type     = "GITHUB"
    location = "https://ann:hunter2@github.com/acme/shop.git"
  }
}
## codebuild-source-credentials | pass | codebuild-controls.md CodeBuild.1
resource "aws_codebuild_project" "it" {
  source {
    type     = "GITHUB"
    location = "https://github.com/acme/shop.git"
  }
}
## codebuild-env-secrets | fail | codebuild-controls.md CodeBuild.2
resource "aws_codebuild_project" "it" {
  environment {
    environment_variable {
      name  = "AWS_SECRET_ACCESS_KEY"
      value = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ1w2e3r4T"
    }
  }
}
## codebuild-env-secrets | pass | codebuild-controls.md CodeBuild.2
resource "aws_codebuild_project" "it" {
  environment {
    environment_variable {
      name  = "AWS_SECRET_ACCESS_KEY"
      type  = "PARAMETER_STORE"
      value = "/it/key"
    }
  }
}
## codebuild-privileged | fail | codebuild-controls.md CodeBuild.5
resource "aws_codebuild_project" "it" {
  environment { privileged_mode = true }
}
## codebuild-privileged | pass | codebuild-controls.md CodeBuild.5
resource "aws_codebuild_project" "it" {
  environment { privileged_mode = false }
}

## kms-key-pending-deletion | fail | kms-controls.md KMS.3
live "aws_kms_key" "it" {
  pending_deletion = true
  deletion_date    = "+30 days"
}
## kms-rotation | fail | kms-controls.md KMS.4
resource "aws_kms_key" "it" { enable_key_rotation = false }
## kms-rotation | pass | kms-controls.md KMS.4
resource "aws_kms_key" "it" { enable_key_rotation = true }

## apigateway-logging | fail | apigateway-controls.md APIGateway.1
resource "aws_api_gateway_stage" "it" {
  rest_api_id = "api-1"
  stage_name  = "it"
}
resource "aws_api_gateway_method_settings" "it" {
  rest_api_id = "api-1"
  stage_name  = "it"
  method_path = "*/*"
  settings { logging_level = "OFF" }
}
## apigateway-logging | pass | apigateway-controls.md APIGateway.1
resource "aws_api_gateway_stage" "it" {
  rest_api_id = "api-1"
  stage_name  = "it"
}
resource "aws_api_gateway_method_settings" "it" {
  rest_api_id = "api-1"
  stage_name  = "it"
  method_path = "*/*"
  settings { logging_level = "INFO" }
}
## apigateway-logging | fail, here pass | apigateway-controls.md APIGateway.1 | One of the two is enough
resource "aws_api_gateway_stage" "it" {
  rest_api_id = "api-1"
  stage_name  = "it"
  access_log_settings {
    destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:it"
    format          = "$context.requestId"
  }
}
## apigateway-waf | fail | apigateway-controls.md APIGateway.4
resource "aws_api_gateway_rest_api" "it" {
  endpoint_configuration { types = ["REGIONAL"] }
}
resource "aws_api_gateway_stage" "it" { rest_api_id = aws_api_gateway_rest_api.it.id }
## apigatewayv2-access-logs | fail | apigateway-controls.md APIGateway.9
resource "aws_apigatewayv2_stage" "it" { name = "it" }
## apigatewayv2-access-logs | pass | apigateway-controls.md APIGateway.9
resource "aws_apigatewayv2_stage" "it" {
  access_log_settings {
    destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:it"
    format          = "$context.requestId"
  }
}

## lambda-policy-public | fail | lambda-controls.md Lambda.1
resource "aws_lambda_permission" "it" {
  action        = "lambda:InvokeFunction"
  function_name = "it"
  principal     = "*"
}
## lambda-policy-public | fail | lambda-controls.md Lambda.1
resource "aws_lambda_permission" "it" {
  action        = "lambda:InvokeFunction"
  function_name = "it"
  principal     = "s3.amazonaws.com"
}
## lambda-policy-public | fail, here pass | lambda-controls.md Lambda.1 | AWS's own control wants the account even beside a bucket
resource "aws_lambda_permission" "it" {
  action        = "lambda:InvokeFunction"
  function_name = "it"
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::acme-it"
}
## lambda-runtime-deprecated | fail | lambda-controls.md Lambda.2
resource "aws_lambda_function" "it" {
  package_type = "Zip"
  runtime      = "python2.7"
}
## lambda-runtime-deprecated | skipped, here pass | lambda-controls.md Lambda.2 | Functions from images, which bring their own, are exempt
resource "aws_lambda_function" "it" { package_type = "Image" }
## lambda-vpc-single-az | fail | lambda-controls.md Lambda.5
resource "aws_subnet" "it" { availability_zone = "eu-west-1a" }
resource "aws_lambda_function" "it" {
  vpc_config {
    subnet_ids         = [aws_subnet.it.id]
    security_group_ids = []
  }
}
