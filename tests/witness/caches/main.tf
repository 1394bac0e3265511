# Caches: clusters of memcached and redis, groups that replicate, users, and MemoryDB.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  for_each = { a = "10.0.1.0/24", b = "10.0.2.0/24" }

  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}

resource "aws_elasticache_subnet_group" "main" {
  name        = "main"
  description = "Caches"
  subnet_ids  = [for each in aws_subnet.main : each.id]
  tags        = { Team = "shop" }
}

resource "aws_elasticache_cluster" "sessions" {
  cluster_id           = "sessions"
  engine               = "memcached"
  node_type            = "cache.t3.micro"
  num_cache_nodes      = 2
  maintenance_window   = "Sun:05:00-sun:09:00"
  tags                 = { Team = "shop" }
}

resource "aws_elasticache_user" "reader" {
  user_id       = "reader"
  user_name     = "reader"
  access_string = "on ~keys::* -@all +@read"
  engine        = "REDIS"
  passwords     = ["password123456789x"]
}

resource "aws_elasticache_user" "open" {
  user_id              = "open"
  user_name            = "open"
  access_string        = "on ~* +@all"
  engine               = "redis"
  no_password_required = true
}

resource "aws_memorydb_subnet_group" "main" {
  name       = "main"
  subnet_ids = [for each in aws_subnet.main : each.id]
  tags       = { Team = "shop" }
}

resource "aws_memorydb_cluster" "stock" {
  name                     = "stock"
  acl_name                 = "open-access"
  node_type                = "db.t4g.small"
  num_shards               = 2
  num_replicas_per_shard   = 1
  subnet_group_name        = aws_memorydb_subnet_group.main.name
  snapshot_retention_limit = 7
  description              = "What is left"
  maintenance_window       = "sun:05:00-sun:09:00"
  tls_enabled              = true
  tags                     = { Team = "shop" }
}

resource "aws_memorydb_user" "reader" {
  user_name     = "reader"
  access_string = "on ~* &* +@read"

  authentication_mode {
    type      = "password"
    passwords = ["password123456789x"]
  }
}

resource "aws_dax_cluster" "orders" {
  cluster_name       = "orders"
  iam_role_arn       = aws_iam_role.dax.arn
  node_type          = "dax.t3.small"
  replication_factor = 1
}

resource "aws_iam_role" "dax" {
  name = "dax"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "dax.amazonaws.com" } }]
  })
}
