# What scales by itself: launch templates and configurations, groups with all that hangs on one,
# and the policies and times of application auto scaling.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "platform" }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.4.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.4.1.0/24", b = "10.4.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "node" {
  name_prefix = "node-"
  vpc_id      = aws_vpc.main.id
}

resource "aws_instance" "golden" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main["a"].id
}

resource "aws_ami_from_instance" "golden" {
  name               = "golden"
  source_instance_id = aws_instance.golden.id
}

resource "aws_launch_template" "full" {
  name                                 = "full"
  description                          = "Everything that a node has"
  image_id                             = aws_ami_from_instance.golden.id
  instance_type                        = "m5.large"
  key_name                             = "ops"
  ebs_optimized                        = true
  disable_api_termination              = true
  instance_initiated_shutdown_behavior = "terminate"
  update_default_version               = true
  user_data                            = base64encode("#!/bin/sh\necho hello")

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 40
      volume_type           = "gp3"
      iops                  = 3000
      throughput            = 125
      encrypted             = true
      delete_on_termination = false
    }
  }

  block_device_mappings {
    device_name  = "/dev/sdb"
    virtual_name = "ephemeral0"
  }

  credit_specification {
    cpu_credits = "standard"
  }

  iam_instance_profile {
    name = "node"
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }

  monitoring {
    enabled = true
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    device_index                = 0
    security_groups             = [aws_security_group.node.id]
    subnet_id                   = aws_subnet.main["a"].id
  }

  placement {
    availability_zone = "eu-west-1a"
    tenancy           = "default"
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Role = "node", Empty = "" }
  }

  tag_specifications {
    resource_type = "volume"
    tags          = { Role = "disk" }
  }

  tags = { Name = "full" }
}

resource "aws_launch_template" "spot" {
  name_prefix            = "spot-"
  image_id               = aws_ami_from_instance.golden.id
  vpc_security_group_ids = [aws_security_group.node.id]

  instance_market_options {
    market_type = "spot"

    spot_options {
      max_price          = "0.05"
      spot_instance_type = "one-time"
    }
  }

  instance_requirements {
    memory_mib {
      min = 2048
    }

    vcpu_count {
      min = 2
      max = 8
    }

    cpu_manufacturers    = ["intel", "amd"]
    instance_generations = ["current"]
  }
}

resource "aws_launch_template" "least" {
  image_id      = aws_ami_from_instance.golden.id
  instance_type = "t3.micro"
}

resource "aws_launch_configuration" "old" {
  name_prefix                 = "old-"
  image_id                    = aws_ami_from_instance.golden.id
  instance_type               = "t3.micro"
  security_groups             = [aws_security_group.node.id]
  associate_public_ip_address = true
  enable_monitoring           = false
  user_data                   = "#!/bin/sh\necho old"

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
    encrypted   = true
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 5
  }

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}

resource "aws_lb_target_group" "web" {
  name     = "web"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_target_group" "other" {
  name     = "other"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_autoscaling_group" "full" {
  name                      = "full"
  min_size                  = 1
  max_size                  = 4
  desired_capacity          = 2
  default_cooldown          = 60
  health_check_type         = "ELB"
  health_check_grace_period = 120
  capacity_rebalance        = true
  protect_from_scale_in     = true
  max_instance_lifetime     = 604800
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances"]
  termination_policies      = ["OldestInstance", "Default"]
  suspended_processes       = ["AZRebalance"]
  vpc_zone_identifier       = [for each in aws_subnet.main : each.id]
  target_group_arns         = [aws_lb_target_group.web.arn]

  launch_template {
    id      = aws_launch_template.least.id
    version = "$Latest"
  }

  tag {
    key                 = "Role"
    value               = "node"
    propagate_at_launch = true
  }

  tag {
    key                 = "Owner"
    value               = "nobody"
    propagate_at_launch = false
  }
}

resource "aws_autoscaling_group" "mixed" {
  name_prefix         = "mixed-"
  min_size            = 0
  max_size            = 2
  vpc_zone_identifier = [aws_subnet.main["a"].id]

  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = 1
      on_demand_percentage_above_base_capacity = 25
      spot_allocation_strategy                 = "capacity-optimized"
    }

    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.least.id
        version            = aws_launch_template.least.latest_version
      }

      override {
        instance_type     = "t3.small"
        weighted_capacity = "2"
      }

      override {
        instance_type = "t3.medium"
      }
    }
  }
}

resource "aws_autoscaling_group" "old" {
  name                 = "old"
  min_size             = 0
  max_size             = 1
  availability_zones   = ["eu-west-1a"]
  launch_configuration = aws_launch_configuration.old.name

  lifecycle {
    ignore_changes = [target_group_arns, load_balancers]
  }
}

resource "aws_autoscaling_attachment" "old" {
  autoscaling_group_name = aws_autoscaling_group.old.name
  lb_target_group_arn    = aws_lb_target_group.other.arn
}

resource "aws_autoscaling_group_tag" "old" {
  autoscaling_group_name = aws_autoscaling_group.old.name

  tag {
    key                 = "Late"
    value               = "yes"
    propagate_at_launch = true
  }
}

resource "aws_autoscaling_lifecycle_hook" "drain" {
  name                   = "drain"
  autoscaling_group_name = aws_autoscaling_group.full.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  default_result         = "ABANDON"
  heartbeat_timeout      = 600
  notification_metadata  = jsonencode({ drain = true })
}

resource "aws_autoscaling_policy" "simple" {
  name                   = "simple"
  autoscaling_group_name = aws_autoscaling_group.full.name
  adjustment_type        = "ChangeInCapacity"
  scaling_adjustment     = -1
  cooldown               = 120
}

resource "aws_autoscaling_policy" "steps" {
  name                      = "steps"
  autoscaling_group_name    = aws_autoscaling_group.full.name
  policy_type               = "StepScaling"
  adjustment_type           = "PercentChangeInCapacity"
  metric_aggregation_type   = "Average"
  min_adjustment_magnitude  = 1
  estimated_instance_warmup = 90

  step_adjustment {
    scaling_adjustment          = 10
    metric_interval_lower_bound = 0
    metric_interval_upper_bound = 20
  }

  step_adjustment {
    scaling_adjustment          = 30
    metric_interval_lower_bound = 20
  }
}

resource "aws_autoscaling_policy" "tracking" {
  name                   = "tracking"
  autoscaling_group_name = aws_autoscaling_group.full.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 50

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_policy" "tracking_own_metric" {
  name                   = "tracking-own-metric"
  autoscaling_group_name = aws_autoscaling_group.full.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value     = 12.5
    disable_scale_in = true

    customized_metric_specification {
      metric_name = "queue"
      namespace   = "app"
      statistic   = "Average"

      metric_dimension {
        name  = "Queue"
        value = "orders"
      }
    }
  }
}

resource "aws_autoscaling_schedule" "night" {
  scheduled_action_name  = "night"
  autoscaling_group_name = aws_autoscaling_group.full.name
  min_size               = 0
  max_size               = 1
  desired_capacity       = 0
  recurrence             = "0 20 * * *"
}

resource "aws_autoscaling_schedule" "morning" {
  scheduled_action_name  = "morning"
  autoscaling_group_name = aws_autoscaling_group.full.name
  min_size               = -1
  max_size               = 4
  desired_capacity       = 2
  recurrence             = "0 6 * * *"
  time_zone              = "Europe/Berlin"
}

resource "aws_dynamodb_table" "orders" {
  name           = "orders"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

# Without its target: the provider asks for a target's tags, which moto does not know.
resource "aws_appautoscaling_policy" "reads" {
  name               = "reads"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.orders.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 60
    scale_out_cooldown = 30

    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "jobs" {
  name               = "jobs"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  resource_id        = "service/main/jobs"
  scalable_dimension = "ecs:service:DesiredCount"

  target_tracking_scaling_policy_configuration {
    target_value     = 2.5
    disable_scale_in = true

    customized_metric_specification {
      metric_name = "queue"
      namespace   = "app"
      statistic   = "Average"
      unit        = "Count"

      dimensions {
        name  = "Queue"
        value = "orders"
      }

      dimensions {
        name  = "Kind"
        value = "slow"
      }
    }
  }
}

resource "aws_appautoscaling_policy" "web" {
  name               = "web"
  policy_type        = "StepScaling"
  service_namespace  = "ecs"
  resource_id        = "service/main/web"
  scalable_dimension = "ecs:service:DesiredCount"

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60
    metric_aggregation_type = "Maximum"

    step_adjustment {
      metric_interval_upper_bound = 0
      scaling_adjustment          = -1
    }

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 2
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "web" {
  name               = "web-night"
  service_namespace  = "ecs"
  resource_id        = "service/main/web"
  scalable_dimension = "ecs:service:DesiredCount"
  schedule           = "cron(0 20 * * ? *)"

  scalable_target_action {
    min_capacity = 0
    max_capacity = 1
  }
}
