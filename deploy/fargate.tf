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
  container_definitions = jsonencode([{
    name        = "scan"
    image       = var.image
    entryPoint  = ["driftline-task"]
    environment = [for name, value in local.environment : { name = name, value = value }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.task.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "scan"
      }
    }
  }])
}

data "aws_region" "current" {}
data "aws_partition" "current" {}

resource "aws_iam_role" "start" {
  count              = local.fargate
  name               = "${var.name}-start"
  assume_role_policy = data.aws_iam_policy_document.assume["ecs-tasks"].json
}

resource "aws_iam_role_policy_attachment" "start" {
  count      = local.fargate
  role       = aws_iam_role.start[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
