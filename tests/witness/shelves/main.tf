# What a bucket can be told, written otherwise than in `buckets` and `objects`: least and most of each setting, the
# owner named beside the bucket, documents as one string, and buckets that say it all in themselves.

provider "aws" {
  region            = "eu-west-1"
  s3_use_path_style = true

  default_tags {
    tags = { Team = "stock", "cost:center" = "" }
  }
}

locals {
  account = "123456789012"
}

resource "aws_s3_bucket" "shelf" {
  for_each = toset(["full", "least", "old"])

  bucket        = "driftline-shelf-${each.key}"
  force_destroy = true
  tags          = each.key == "full" ? { Name = "full", Team = "shelf" } : null

  lifecycle {
    ignore_changes = [
      acceleration_status, cors_rule, grant, lifecycle_rule, logging, object_lock_configuration, policy,
      replication_configuration, server_side_encryption_configuration, versioning, website,
    ]
  }
}

resource "aws_kms_key" "shelf" {
  description = "shelf"
}

resource "aws_kms_alias" "shelf" {
  name          = "alias/shelf"
  target_key_id = aws_kms_key.shelf.id
}

# --- open or shut ---------------------------------------------------------------------------------

resource "aws_s3_bucket_public_access_block" "full" {
  bucket            = aws_s3_bucket.shelf["full"].id
  block_public_acls = true
}

resource "aws_s3_bucket_public_access_block" "least" {
  bucket = aws_s3_bucket.shelf["least"].id
}

resource "aws_s3_bucket_ownership_controls" "shelf" {
  for_each = { full = "ObjectWriter", least = "BucketOwnerEnforced" }

  bucket = aws_s3_bucket.shelf[each.key].id

  rule {
    object_ownership = each.value
  }
}

resource "aws_s3_bucket_acl" "granted" {
  bucket                = aws_s3_bucket.shelf["old"].id
  expected_bucket_owner = local.account

  access_control_policy {
    owner {
      id = data.aws_canonical_user_id.current.id
    }

    grant {
      permission = "FULL_CONTROL"

      grantee {
        type = "CanonicalUser"
        id   = data.aws_canonical_user_id.current.id
      }
    }

    grant {
      permission = "WRITE"

      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }

    grant {
      permission = "READ_ACP"

      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }
  }
}

data "aws_canonical_user_id" "current" {}

resource "aws_s3_bucket_acl" "canned" {
  bucket = aws_s3_bucket.shelf["full"].id
  acl    = "private"

  depends_on = [aws_s3_bucket_ownership_controls.shelf]
}

resource "aws_s3_bucket_policy" "full" {
  bucket = aws_s3_bucket.shelf["full"].id
  policy = <<-JSON
    {
      "Id": "full",
      "Statement": {
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Condition": {
          "StringEquals": {"aws:PrincipalOrgID": ["o-1234567890"]},
          "Bool": {"aws:SecureTransport": [true]},
          "NumericLessThan": {"s3:TlsVersion": 1.2}
        },
        "Resource": "${aws_s3_bucket.shelf["full"].arn}/*",
        "Principal": {"AWS": ["210987654321", "arn:aws:iam::${local.account}:root"]},
        "Effect": "Allow"
      },
      "Version": "2012-10-17"
    }
  JSON
}

data "aws_iam_policy_document" "least" {
  statement {
    not_actions   = ["s3:DeleteObject", "s3:*Bucket*"]
    not_resources = [aws_s3_bucket.shelf["full"].arn]
    effect        = "Deny"

    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root", "210987654321"]
    }
  }

  statement {
    sid       = "logs"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.shelf["least"].arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com", "delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:s3:::b", "arn:aws:s3:::a"]
    }
  }
}

resource "aws_s3_bucket_policy" "least" {
  bucket = aws_s3_bucket.shelf["least"].id
  policy = data.aws_iam_policy_document.least.json
}

# --- what becomes of objects ----------------------------------------------------------------------

resource "aws_s3_bucket_versioning" "shelf" {
  for_each = { full = "Enabled", least = "Suspended", old = "Disabled" }

  bucket                = aws_s3_bucket.shelf[each.key].id
  expected_bucket_owner = each.key == "least" ? local.account : null

  versioning_configuration {
    status     = each.value
    mfa_delete = each.key == "full" ? "Disabled" : null
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "full" {
  bucket                = aws_s3_bucket.shelf["full"].id
  expected_bucket_owner = local.account

  rule {
    bucket_key_enabled = false

    apply_server_side_encryption_by_default {
      kms_master_key_id = aws_kms_alias.shelf.arn
      sse_algorithm     = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "least" {
  bucket = aws_s3_bucket.shelf["least"].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "old" {
  bucket = aws_s3_bucket.shelf["old"].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      kms_master_key_id = aws_kms_key.shelf.id
      sse_algorithm     = "aws:kms:dsse"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "full" {
  bucket = aws_s3_bucket.shelf["full"].id

  rule {
    id     = "tagged"
    status = "Enabled"

    filter {
      tag {
        key   = "Kind"
        value = "temporary"
      }
    }

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = "90"
      storage_class = "GLACIER"
    }

    noncurrent_version_transition {
      noncurrent_days           = 30
      newer_noncurrent_versions = 2
      storage_class             = "GLACIER_IR"
    }

    noncurrent_version_expiration {
      noncurrent_days = 365
    }
  }

  rule {
    id     = "forgotten"
    status = "Enabled"

    filter {
      tag {
        key   = "Age"
        value = "1"
      }
    }

    expiration {
      date = "2031-01-01T00:00:00Z"
    }
  }

  rule {
    id     = "dated"
    status = "Disabled"

    filter {
      prefix = ""
    }

    transition {
      date          = "2030-01-01T00:00:00Z"
      storage_class = "DEEP_ARCHIVE"
    }
  }

  rule {
    id     = "all"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.shelf]
}

resource "aws_s3_bucket_lifecycle_configuration" "least" {
  bucket                = aws_s3_bucket.shelf["least"].id
  expected_bucket_owner = local.account

  rule {
    id     = "no-filter"
    status = "Enabled"

    transition {
      days          = 0
      storage_class = "INTELLIGENT_TIERING"
    }
  }

  rule {
    id     = "old-prefix"
    prefix = "tmp/"
    status = "Enabled"

    expiration {
      days = 1
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "full" {
  bucket = aws_s3_bucket.shelf["full"].id
  role   = aws_iam_role.shelf.arn

  rule {
    id       = "all"
    priority = 7
    status   = "Enabled"

    filter {}

    source_selection_criteria {
      replica_modifications {
        status = "Enabled"
      }

      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    existing_object_replication {
      status = "Disabled"
    }

    delete_marker_replication {
      status = "Enabled"
    }

    destination {
      account = "210987654321"
      bucket  = "arn:aws:s3:::driftline-elsewhere"

      access_control_translation {
        owner = "Destination"
      }

      encryption_configuration {
        replica_kms_key_id = "arn:aws:kms:eu-west-1:210987654321:key/11111111-2222-3333-4444-555555555555"
      }

      metrics {
        status = "Enabled"

        event_threshold {
          minutes = 15
        }
      }

      replication_time {
        status = "Enabled"

        time {
          minutes = 15
        }
      }
    }
  }

  rule {
    id       = "tagged"
    priority = "3"
    status   = "Enabled"

    filter {
      tag {
        key   = "Copy"
        value = "yes"
      }
    }

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket = "arn:aws:s3:::driftline-elsewhere"
    }
  }

  depends_on = [aws_s3_bucket_versioning.shelf]
}

resource "aws_s3_bucket" "locked" {
  bucket_prefix       = "driftline-locked-"
  object_lock_enabled = true
}

resource "aws_s3_bucket_replication_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  role   = aws_iam_role.shelf.arn

  rule {
    prefix = "first/"
    status = "Enabled"

    destination {
      bucket        = aws_s3_bucket.shelf["full"].arn
      storage_class = "GLACIER"
    }
  }
}

resource "aws_iam_role" "shelf" {
  name = "shelf"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "s3.amazonaws.com" } }]
  })
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket              = aws_s3_bucket.locked.id
  object_lock_enabled = "Enabled"

  rule {
    default_retention {
      mode  = "GOVERNANCE"
      years = 2
    }
  }
}

# --- who is told ----------------------------------------------------------------------------------

resource "aws_s3_bucket_logging" "full" {
  bucket                = aws_s3_bucket.shelf["full"].id
  expected_bucket_owner = local.account
  target_bucket         = aws_s3_bucket.shelf["old"].id
  target_prefix         = ""

  target_object_key_format {
    partitioned_prefix {
      partition_date_source = "EventTime"
    }
  }

  depends_on = [aws_s3_bucket_acl.granted]
}

resource "aws_s3_bucket_logging" "old" {
  bucket        = aws_s3_bucket.shelf["old"].id
  target_bucket = aws_s3_bucket.shelf["old"].id
  target_prefix = "old/"

  target_object_key_format {
    simple_prefix {}
  }

  target_grant {
    permission = "READ"

    grantee {
      type = "Group"
      uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    }
  }

  depends_on = [aws_s3_bucket_acl.granted]
}

resource "aws_sns_topic" "shelf" {
  name = "shelf"
}

resource "aws_sqs_queue" "shelf" {
  name = "shelf"
}

resource "aws_s3_bucket_notification" "full" {
  bucket = aws_s3_bucket.shelf["full"].id

  topic {
    id            = "gone"
    topic_arn     = aws_sns_topic.shelf.arn
    events        = ["s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated"]
    filter_suffix = ".csv"
  }

  topic {
    id            = "come"
    topic_arn     = aws_sns_topic.shelf.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
  }

  queue {
    queue_arn = aws_sqs_queue.shelf.arn
    events    = ["s3:ObjectRestore:Post"]
  }
}

resource "aws_s3_bucket_notification" "least" {
  bucket      = aws_s3_bucket.shelf["least"].id
  eventbridge = true
}

resource "aws_s3_bucket_inventory" "shelf" {
  for_each = { daily = true, idle = false }

  bucket                   = aws_s3_bucket.shelf["full"].id
  name                     = each.key
  enabled                  = each.value
  included_object_versions = "Current"
  optional_fields          = each.value ? ["StorageClass", "Size", "LastModifiedDate"] : null

  schedule {
    frequency = "Daily"
  }

  destination {
    bucket {
      account_id = each.value ? local.account : null
      format     = each.value ? "Parquet" : "CSV"
      bucket_arn = aws_s3_bucket.shelf["least"].arn

      dynamic "encryption" {
        for_each = each.value ? [1] : []

        content {
          sse_kms {
            key_id = aws_kms_key.shelf.arn
          }
        }
      }
    }
  }
}

# --- who comes in ---------------------------------------------------------------------------------

resource "aws_s3_bucket_accelerate_configuration" "full" {
  bucket                = aws_s3_bucket.shelf["full"].id
  expected_bucket_owner = local.account
  status                = "Enabled"
}

resource "aws_s3_bucket_cors_configuration" "full" {
  bucket                = aws_s3_bucket.shelf["full"].id
  expected_bucket_owner = local.account

  cors_rule {
    allowed_headers = []
    allowed_methods = ["GET", "HEAD"]
    allowed_origins = ["*"]
    max_age_seconds = "0"
  }
}

resource "aws_s3_bucket_website_configuration" "full" {
  bucket                = aws_s3_bucket.shelf["full"].id
  expected_bucket_owner = local.account

  index_document {
    suffix = "index.htm"
  }

  routing_rules = jsonencode([{
    Redirect  = { HttpRedirectCode = "301", ReplaceKeyWith = "gone.htm" }
    Condition = { HttpErrorCodeReturnedEquals = "404" }
  }])
}

resource "aws_s3_bucket_website_configuration" "least" {
  bucket = aws_s3_bucket.shelf["least"].id

  redirect_all_requests_to {
    host_name = "shop.example.com"
  }
}

resource "aws_vpc" "shelf" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_s3_access_point" "inside" {
  account_id        = local.account
  bucket            = aws_s3_bucket.shelf["full"].id
  bucket_account_id = local.account
  name              = "inside"

  vpc_configuration {
    vpc_id = aws_vpc.shelf.id
  }
}

resource "aws_s3control_multi_region_access_point" "shelf" {
  details {
    name = "shelf"

    public_access_block {
      block_public_policy     = false
      restrict_public_buckets = false
    }

    region {
      bucket = aws_s3_bucket.shelf["full"].id
    }

    region {
      bucket            = aws_s3_bucket.shelf["least"].id
      bucket_account_id = local.account
    }
  }
}

# --- all in one, as before version 4 of the provider ----------------------------------------------

resource "aws_s3_bucket" "whole" {
  bucket              = "driftline-whole"
  acceleration_status = "Enabled"
  policy              = jsonencode({ Version = "2012-10-17", Statement = [] })

  grant {
    type        = "CanonicalUser"
    id          = data.aws_canonical_user_id.current.id
    permissions = ["FULL_CONTROL"]
  }

  grant {
    type        = "Group"
    uri         = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    permissions = ["WRITE", "READ_ACP"]
  }

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://shop.example.com"]
    expose_headers  = []
  }

  lifecycle_rule {
    prefix  = "tmp/"
    enabled = true
    tags    = { Kind = "tmp" }

    expiration {
      days = 3
    }

    noncurrent_version_transition {
      days          = 30
      storage_class = "GLACIER"
    }
  }

  lifecycle_rule {
    id                                     = "parts"
    enabled                                = false
    abort_incomplete_multipart_upload_days = 2

    expiration {
      expired_object_delete_marker = true
    }
  }

  logging {
    target_bucket = aws_s3_bucket.shelf["old"].id
    target_prefix = "whole/"
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  versioning {
    enabled = true
  }

  website {
    index_document = "index.html"
    error_document = "error.html"
    routing_rules  = jsonencode([{ Condition = { KeyPrefixEquals = "a/" }, Redirect = { ReplaceKeyPrefixWith = "b/" } }])
  }

  # All that moto keeps of a rule.
  replication_configuration {
    role = aws_iam_role.shelf.arn

    rules {
      id       = "all"
      priority = 1
      status   = "Enabled"

      filter {
        prefix = ""
      }

      destination {
        bucket        = aws_s3_bucket.shelf["full"].arn
        storage_class = "ONEZONE_IA"
      }
    }
  }

  tags = { Team = "whole" }

  depends_on = [aws_s3_bucket_acl.granted]
}
