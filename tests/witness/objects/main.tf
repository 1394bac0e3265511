# What a bucket can be told besides: each setting that is a resource of its own, and the account's lock.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_s3_bucket" "main" {
  bucket = "driftline-witness-objects"
}

resource "aws_s3_bucket" "copy" {
  bucket_prefix       = "driftline-witness-"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "both" {
  for_each = { main = aws_s3_bucket.main.id, copy = aws_s3_bucket.copy.id }

  bucket = each.value
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_accelerate_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  status = "Enabled"
}

resource "aws_s3_bucket_cors_configuration" "main" {
  bucket = aws_s3_bucket.main.id

  cors_rule {
    id              = "write"
    allowed_headers = ["*"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://shop.example.com", "https://pay.example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_inventory" "main" {
  bucket                   = aws_s3_bucket.main.id
  name                     = "weekly"
  included_object_versions = "All"

  schedule {
    frequency = "Weekly"
  }

  filter {
    prefix = "documents/"
  }

  destination {
    bucket {
      format     = "ORC"
      bucket_arn = aws_s3_bucket.copy.arn
      prefix     = "inventory"
      encryption {
        sse_s3 {}
      }
    }
  }
}

resource "aws_s3_bucket_notification" "main" {
  bucket      = aws_s3_bucket.main.id
  eventbridge = true

  queue {
    id            = "images"
    queue_arn     = aws_sqs_queue.events.arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]
    filter_prefix = "images/"
    filter_suffix = ".png"
  }

  topic {
    topic_arn = aws_sns_topic.events.arn
    events    = ["s3:ObjectCreated:Put"]
  }
}

resource "aws_sqs_queue" "events" {
  name = "events"
}

resource "aws_sns_topic" "events" {
  name = "events"
}

resource "aws_iam_role" "copy" {
  name = "copy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "s3.amazonaws.com" } }]
  })
}

resource "aws_s3_bucket_replication_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  role   = aws_iam_role.copy.arn

  rule {
    id       = "documents"
    priority = 1
    status   = "Enabled"

    filter {
      prefix = "documents/"
    }
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket        = aws_s3_bucket.copy.arn
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id       = "rest"
    priority = 2
    status   = "Disabled"

    filter {
      and {
        prefix = "rest/"
        tags   = { Copy = "yes", Team = "shop" }
      }
    }
    delete_marker_replication {
      status = "Enabled"
    }
    destination {
      bucket = aws_s3_bucket.copy.arn
    }
  }

  depends_on = [aws_s3_bucket_versioning.both]
}

resource "aws_s3_bucket_object_lock_configuration" "copy" {
  bucket = aws_s3_bucket.copy.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 5
    }
  }
}

resource "aws_s3_bucket" "site" {
  for_each = toset(["pages", "moved"])

  bucket = "driftline-witness-${each.key}"
}

resource "aws_s3_bucket_website_configuration" "pages" {
  bucket = aws_s3_bucket.site["pages"].id

  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "error.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "docs/"
    }
    redirect {
      replace_key_prefix_with = "documents/"
    }
  }
}

resource "aws_s3_bucket_website_configuration" "moved" {
  bucket = aws_s3_bucket.site["moved"].id

  redirect_all_requests_to {
    host_name = "example.com"
    protocol  = "https"
  }
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls   = true
  block_public_policy = true
}
