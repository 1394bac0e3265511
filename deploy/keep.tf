# What it keeps: the database of past scans, and the Slack webhook's URL.

resource "aws_s3_bucket" "database" {
  bucket_prefix = "${var.name}-"
}

resource "aws_s3_bucket_public_access_block" "database" {
  bucket                  = aws_s3_bucket.database.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# The way back from a database that was broken or deleted: 90 days of earlier versions.
resource "aws_s3_bucket_versioning" "database" {
  bucket = aws_s3_bucket.database.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_lifecycle_configuration" "database" {
  depends_on = [aws_s3_bucket_versioning.database]
  bucket     = aws_s3_bucket.database.id
  rule {
    id     = "earlier-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration { noncurrent_days = 90 }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "database" {
  bucket = aws_s3_bucket.database.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
  }
}

data "aws_iam_policy_document" "database" {
  statement {
    sid       = "OnlyOverTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.database.arn, "${aws_s3_bucket.database.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "database" {
  bucket = aws_s3_bucket.database.id
  policy = data.aws_iam_policy_document.database.json
}

# The webhook's URL is put in by hand: it is no business of a state.
resource "aws_secretsmanager_secret" "slack" {
  count       = var.slack ? 1 : 0
  name_prefix = "${var.name}-slack-webhook-"
}
