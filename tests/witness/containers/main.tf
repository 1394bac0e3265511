# What runs in containers, and where its images lie: repositories, clusters, services, tasks.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2

  default_tags {
    tags = { Stage = "live" }
  }
}

resource "aws_ecr_repository" "plain" {
  name = "plain"
}

resource "aws_ecr_repository" "shop" {
  name                 = "shop/web"
  image_tag_mutability = "IMMUTABLE"
  tags                 = { Team = "shop" }

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }
}

resource "aws_kms_key" "images" {
  description = "images"
}

resource "aws_ecr_repository_policy" "shop" {
  repository = aws_ecr_repository.shop.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

resource "aws_ecr_lifecycle_policy" "shop" {
  repository = aws_ecr_repository.shop.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 2
        description  = "Ten of each"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 1
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_registry_policy" "all" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "copies"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = ["ecr:ReplicateImage"]
      Resource  = ["arn:aws:ecr:eu-west-1:123456789012:repository/*"]
    }]
  })
}

resource "aws_ecr_registry_scanning_configuration" "all" {
  scan_type = "ENHANCED"
  rule {
    scan_frequency = "SCAN_ON_PUSH"
    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
  rule {
    scan_frequency = "CONTINUOUS_SCAN"
    repository_filter {
      filter      = "shop"
      filter_type = "WILDCARD"
    }
  }
}

resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "us-east-1"
        registry_id = "123456789012"
      }
      repository_filter {
        filter      = "shop"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.3.0.0/16"
}

resource "aws_subnet" "main" {
  for_each          = { a = "10.3.1.0/24", b = "10.3.2.0/24" }
  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_iam_role" "all" {
  name = "containers"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["ecs-tasks.amazonaws.com", "eks.amazonaws.com", "eks-fargate-pods.amazonaws.com"] }
    }]
  })
}

resource "aws_ecs_cluster" "plain" {
  name = "plain"
}

resource "aws_ecs_cluster" "shop" {
  name = "shop"
  tags = { Team = "shop" }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  configuration {
    execute_command_configuration {
      kms_key_id = aws_kms_key.images.arn
      logging    = "OVERRIDE"
      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = "/shop/exec"
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "shop" {
  cluster_name       = aws_ecs_cluster.shop.name
  capacity_providers = ["FARGATE_SPOT", "FARGATE"]

  default_capacity_provider_strategy {
    base              = 1
    weight            = 100
    capacity_provider = "FARGATE"
  }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.all.arn
  task_role_arn            = aws_iam_role.all.arn
  tags                     = { Team = "shop" }

  container_definitions = jsonencode([{
    name         = "web"
    image        = "nginx:1.27"
    essential    = true
    portMappings = [{ containerPort = 80, protocol = "tcp" }]
    environment  = [{ name = "STAGE", value = "live" }, { name = "COLOUR", value = "blue" }]
    secrets      = [{ name = "KEY", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/key" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = "/shop/web", awslogs-region = "eu-west-1", awslogs-stream-prefix = "web" }
    }
    mountPoints = [{ sourceVolume = "scratch", containerPath = "/scratch" }]
  }])

  volume {
    name = "scratch"
  }

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }
}

resource "aws_ecs_task_definition" "job" {
  family       = "job"
  network_mode = "awsvpc"
  container_definitions = jsonencode([{
    name    = "job"
    image   = "busybox"
    memory  = 128
    cpu     = 10
    command = ["true"]
  }])

  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.availability-zone in [eu-west-1a]"
  }
}

resource "aws_ecs_service" "web" {
  name                               = "web"
  cluster                            = aws_ecs_cluster.shop.id
  task_definition                    = aws_ecs_task_definition.web.arn
  desired_count                      = 2
  launch_type                        = "FARGATE"
  platform_version                   = "1.4.0"
  deployment_maximum_percent         = 150
  deployment_minimum_healthy_percent = 50
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = { Team = "shop" }

  network_configuration {
    subnets          = [for each in aws_subnet.main : each.id]
    assign_public_ip = true
  }
}

resource "aws_ecs_service" "job" {
  name                = "job"
  cluster             = aws_ecs_cluster.plain.name
  task_definition     = aws_ecs_task_definition.job.family
  scheduling_strategy = "REPLICA"
  launch_type         = "EC2"
  desired_count       = 1

  network_configuration {
    subnets = [aws_subnet.main["a"].id]
  }

  ordered_placement_strategy {
    type  = "binpack"
    field = "cpu"
  }
}

resource "aws_eks_cluster" "shop" {
  name                      = "shop"
  version                   = "1.31"
  role_arn                  = aws_iam_role.all.arn
  enabled_cluster_log_types = ["audit", "api"]
  tags                      = { Team = "shop" }

  vpc_config {
    subnet_ids              = [for each in aws_subnet.main : each.id]
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["203.0.113.0/24"]
  }

  kubernetes_network_config {
    service_ipv4_cidr = "172.20.0.0/16"
  }

  encryption_config {
    provider {
      key_arn = aws_kms_key.images.arn
    }
    resources = ["secrets"]
  }
}

resource "aws_eks_node_group" "shop" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "nodes"
  node_role_arn   = aws_iam_role.all.arn
  subnet_ids      = [for each in aws_subnet.main : each.id]
  instance_types  = ["m7g.large"]
  capacity_type   = "SPOT"
  disk_size       = 50
  labels          = { role = "web" }

  scaling_config {
    desired_size = 2
    max_size     = 4
    min_size     = 1
  }

  taint {
    key    = "dedicated"
    value  = "web"
    effect = "NO_SCHEDULE"
  }

  update_config {
    max_unavailable = 1
  }
}

resource "aws_eks_fargate_profile" "jobs" {
  cluster_name           = aws_eks_cluster.shop.name
  fargate_profile_name   = "jobs"
  pod_execution_role_arn = aws_iam_role.all.arn
  subnet_ids             = [for each in aws_subnet.main : each.id]

  selector {
    namespace = "jobs"
    labels    = { kind = "batch" }
  }
}
