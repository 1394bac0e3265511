# A catalog: databases and tables, what crawls and works on them, who asks, and what streams in.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "data" }
  }
}

resource "aws_iam_role" "glue" {
  name = "glue"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["glue.amazonaws.com", "firehose.amazonaws.com"] }
    }]
  })
}

resource "aws_s3_bucket" "lake" {
  bucket = "driftline-witness-lake"
}

resource "aws_glue_catalog_database" "sales" {
  name         = "sales"
  description  = "What was sold"
  location_uri = "s3://driftline-witness-lake/sales"
  parameters   = { classification = "raw" }
}

resource "aws_glue_catalog_table" "orders" {
  name          = "orders"
  database_name = aws_glue_catalog_database.sales.name
  description   = "Each order"
  table_type    = "EXTERNAL_TABLE"
  parameters    = { EXTERNAL = "TRUE", "parquet.compression" = "SNAPPY" }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "When"
  }
  partition_keys {
    name = "shop"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://driftline-witness-lake/orders"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      name                  = "parquet"
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }
    columns {
      name = "id"
      type = "bigint"
    }
    columns {
      name    = "total"
      type    = "double"
      comment = "In euro"
    }
  }
}

resource "aws_glue_catalog_table" "view" {
  name               = "view"
  database_name      = aws_glue_catalog_database.sales.name
  table_type         = "VIRTUAL_VIEW"
  view_original_text = "select 1"
}

resource "aws_glue_connection" "orders" {
  name = "orders"
  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:mysql://db.example.com/orders"
    USERNAME            = "reader"
    PASSWORD            = "hidden"
  }
}

resource "aws_glue_crawler" "orders" {
  name          = "orders"
  database_name = aws_glue_catalog_database.sales.name
  role          = aws_iam_role.glue.arn
  schedule      = "cron(15 12 * * ? *)"
  table_prefix  = "raw_"
  description   = "Looks each day"

  s3_target {
    path       = "s3://driftline-witness-lake/orders"
    exclusions = ["tmp/**", "old/**"]
  }
  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "LOG"
  }
  configuration = jsonencode({ Version = 1.0, Grouping = { TableGroupingPolicy = "CombineCompatibleSchemas" } })
}

resource "aws_glue_job" "clean" {
  name              = "clean"
  role_arn          = aws_iam_role.glue.arn
  glue_version      = "4.0"
  worker_type       = "G.1X"
  number_of_workers = 2
  timeout           = 60
  max_retries       = 1
  default_arguments = { "--job-language" = "python", "--enable-metrics" = "" }
  connections       = [aws_glue_connection.orders.name]

  command {
    script_location = "s3://driftline-witness-lake/clean.py"
  }
  execution_property {
    max_concurrent_runs = 2
  }
  notification_property {
    notify_delay_after = 10
  }
}

resource "aws_glue_job" "shell" {
  name         = "shell"
  role_arn     = aws_iam_role.glue.arn
  max_capacity = 0.0625

  command {
    name            = "pythonshell"
    script_location = "s3://driftline-witness-lake/shell.py"
    python_version  = "3.9"
  }
}

resource "aws_glue_workflow" "daily" {
  name                   = "daily"
  description            = "Each day"
  max_concurrent_runs    = 1
  default_run_properties = { day = "today" }
}

resource "aws_glue_trigger" "start" {
  name          = "start"
  type          = "SCHEDULED"
  schedule      = "cron(0 1 * * ? *)"
  enabled       = true
  workflow_name = aws_glue_workflow.daily.name

  actions {
    job_name  = aws_glue_job.clean.name
    arguments = { "--day" = "today" }
    timeout   = 10
  }
}

resource "aws_glue_trigger" "then" {
  name          = "then"
  type          = "CONDITIONAL"
  workflow_name = aws_glue_workflow.daily.name

  actions {
    job_name = aws_glue_job.shell.name
  }
  predicate {
    conditions {
      job_name = aws_glue_job.clean.name
      state    = "SUCCEEDED"
    }
  }
}

resource "aws_glue_registry" "events" {
  registry_name = "events"
  description   = "What is said"
}

resource "aws_glue_security_configuration" "sealed" {
  name = "sealed"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "DISABLED"
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
    }
    s3_encryption {
      s3_encryption_mode = "SSE-S3"
    }
  }
}

resource "aws_kms_key" "glue" {
  description = "Glue"
}

resource "aws_glue_data_catalog_encryption_settings" "all" {
  data_catalog_encryption_settings {
    connection_password_encryption {
      return_connection_password_encrypted = false
    }
    encryption_at_rest {
      catalog_encryption_mode = "SSE-KMS"
      sse_aws_kms_key_id      = aws_kms_key.glue.arn
    }
  }
}

resource "aws_glue_resource_policy" "all" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["glue:GetTable", "glue:GetDatabase"]
      Resource  = "arn:aws:glue:eu-west-1:123456789012:*"
    }]
  })
}

resource "aws_athena_workgroup" "analysts" {
  name        = "analysts"
  description = "Who asks"

  configuration {
    bytes_scanned_cutoff_per_query     = 1099511627776
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true

    result_configuration {
      output_location = "s3://driftline-witness-lake/answers/"
      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
    engine_version {
      selected_engine_version = "Athena engine version 3"
    }
  }
}

resource "aws_athena_workgroup" "plain" {
  name = "plain"
}

resource "aws_athena_data_catalog" "other" {
  name        = "other"
  description = "Another"
  type        = "GLUE"
  parameters  = { "catalog-id" = "210987654321" }
}

resource "aws_kinesis_firehose_delivery_stream" "lake" {
  name        = "lake"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.glue.arn
    bucket_arn          = aws_s3_bucket.lake.arn
    prefix              = "in/!{timestamp:yyyy}/"
    error_output_prefix = "bad/!{firehose:error-output-type}/"
    buffering_size      = 64
    buffering_interval  = 120
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = "/firehose"
      log_stream_name = "lake"
    }
  }
  tags = { Stage = "test" }
}

resource "aws_kinesis_firehose_delivery_stream" "web" {
  name        = "web"
  destination = "http_endpoint"

  http_endpoint_configuration {
    url                = "https://collect.example.com/in"
    name               = "collector"
    access_key         = "hidden"
    buffering_size     = 5
    buffering_interval = 60
    role_arn           = aws_iam_role.glue.arn
    s3_backup_mode     = "FailedDataOnly"

    s3_configuration {
      role_arn   = aws_iam_role.glue.arn
      bucket_arn = aws_s3_bucket.lake.arn
    }
    request_configuration {
      content_encoding = "GZIP"
      common_attributes {
        name  = "source"
        value = "shop"
      }
    }
  }
}
