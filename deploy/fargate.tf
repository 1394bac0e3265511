# Where it runs: as a Fargate task, for scans of over 15 minutes.

resource "aws_ecs_cluster" "scan" {
  count = local.fargate
  name  = var.name
}

resource "aws_ecs_task_definition" "scan" {
  count                    = local.fargate
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 1024
  memory                   = 2048
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.start[0].arn
  runtime_platform { cpu_architecture = upper(var.architecture) }
  container_definitions = jsonencode([{
    name        = "scan"
    image       = var.image
    essential   = true
    entryPoint  = ["driftline-task"]
    environment = [for name, value in local.environment : { name = name, value = value }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.task.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "scan"
      }
    }
  }])
}

# Who starts it: ECS pulls the image and writes the log.
data "aws_iam_policy_document" "start" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${local.partition}:ecr:${local.region}:*:repository/*"]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.task.arn}:*"]
  }
}

resource "aws_iam_role" "start" {
  count              = local.fargate
  name               = "${var.name}-start"
  assume_role_policy = data.aws_iam_policy_document.assume["ecs-tasks"].json
}

resource "aws_iam_role_policy" "start" {
  count  = local.fargate
  name   = "start"
  role   = aws_iam_role.start[0].id
  policy = data.aws_iam_policy_document.start.json
}
