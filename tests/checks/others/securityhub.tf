# github.com/awsdocs/aws-security-hub-user-guide/doc_source/

## ebs-snapshot-public | fail | ec2-controls.md EC2.1
live "aws_ebs_snapshot" "it" { public = true }
## ebs-snapshot-public | pass | ec2-controls.md EC2.1
live "aws_ebs_snapshot" "it" { public = false }
## sg-default-restricts | fail | ec2-controls.md EC2.2
resource "aws_default_security_group" "it" {
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
}
## sg-default-restricts | pass | ec2-controls.md EC2.2
resource "aws_default_security_group" "it" {}
## ebs-volume-unencrypted | fail | ec2-controls.md EC2.3
resource "aws_ebs_volume" "it" { encrypted = false }
resource "aws_volume_attachment" "it" {
  volume_id   = aws_ebs_volume.it.id
  instance_id = "i-1"
}
## ebs-volume-unencrypted | pass | ec2-controls.md EC2.3
resource "aws_ebs_volume" "it" { encrypted = true }
## ebs-volume-unencrypted | skipped, here fail | ec2-controls.md EC2.3 | One that is attached to nothing counts too
resource "aws_ebs_volume" "it" { encrypted = false }
## ec2-instance-stopped-long | fail | ec2-controls.md EC2.4
live "aws_instance" "it" {
  instance_state          = "stopped"
  state_transition_reason = "User initiated (2026-10-01 10:00:00 GMT)"
}
## ec2-instance-stopped-long | pass | ec2-controls.md EC2.4
live "aws_instance" "it" {
  instance_state          = "stopped"
  state_transition_reason = "User initiated (2026-11-10 10:00:00 GMT)"
}
## vpc-flow-logs | fail | ec2-controls.md EC2.6
resource "aws_vpc" "it" { cidr_block = "10.0.0.0/16" }
## vpc-flow-logs | pass | ec2-controls.md EC2.6
resource "aws_vpc" "it" { cidr_block = "10.0.0.0/16" }
resource "aws_flow_log" "it" {
  vpc_id          = aws_vpc.it.id
  traffic_type    = "REJECT"
  log_destination = "arn:aws:logs:eu-west-1:123456789012:log-group:flows"
}
## ebs-default-encryption | fail | ec2-controls.md EC2.7
resource "aws_ebs_encryption_by_default" "it" { enabled = false }
## ebs-default-encryption | pass | ec2-controls.md EC2.7
resource "aws_ebs_encryption_by_default" "it" { enabled = true }
## ebs-default-encryption | fail, here skipped | ec2-controls.md EC2.7 | here the check is skipped where the lists of volumes
live "aws_ebs_encryption_by_default" "it" { enabled = false }
## eip-unattached | fail | ec2-controls.md EC2.12
live "aws_eip" "it" {
  association_id    = null
  instance          = null
  network_interface = null
}
## eip-unattached | pass | ec2-controls.md EC2.12
live "aws_eip" "it" {
  association_id    = "eipassoc-1"
  instance          = null
  network_interface = "eni-1"
}
## sg-ingress-rdp-world | fail | ec2-controls.md EC2.14
resource "aws_security_group" "it" {
  ingress {
    from_port   = 3389
    to_port     = 3389
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-rdp-world | pass | ec2-controls.md EC2.14
resource "aws_security_group" "it" {
  ingress {
    from_port   = 3389
    to_port     = 3389
    protocol    = "tcp"
    cidr_blocks = ["192.0.2.0/24"]
  }
}
## subnet-auto-public-ip | fail | ec2-controls.md EC2.15
resource "aws_subnet" "it" { map_public_ip_on_launch = true }
## subnet-auto-public-ip | pass | ec2-controls.md EC2.15
resource "aws_subnet" "it" { map_public_ip_on_launch = false }
## sg-ingress-any-port-world | pass | ec2-controls.md EC2.18
resource "aws_security_group" "it" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-any-port-world | fail | ec2-controls.md EC2.18
resource "aws_security_group" "it" {
  ingress {
    from_port   = 8443
    to_port     = 8443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-legacy-world | fail | ec2-controls.md EC2.19
resource "aws_security_group" "it" {
  ingress {
    from_port   = 23
    to_port     = 23
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-legacy-world | fail | ec2-controls.md EC2.19
resource "aws_security_group" "it" {
  ingress {
    from_port        = 445
    to_port          = 445
    protocol         = "tcp"
    ipv6_cidr_blocks = ["::/0"]
  }
}
## sg-ingress-legacy-world | fail | ec2-controls.md EC2.19
resource "aws_security_group" "it" {
  ingress {
    from_port   = 8888
    to_port     = 8888
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-database-world | fail | ec2-controls.md EC2.19
resource "aws_security_group" "it" {
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-database-world | fail | ec2-controls.md EC2.19
resource "aws_security_group" "it" {
  ingress {
    from_port   = 9300
    to_port     = 9300
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

## s3-account-public-access-block | fail | s3-controls.md S3.1
resource "aws_s3_account_public_access_block" "it" {
  block_public_acls   = true
  block_public_policy = true
  ignore_public_acls  = true
}
## s3-account-public-access-block | pass | s3-controls.md S3.1
resource "aws_s3_account_public_access_block" "it" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
## s3-bucket-public-access | pass | s3-controls.md S3.2
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_public_access_block" "it" {
  bucket                  = aws_s3_bucket.it.id
  restrict_public_buckets = true
}
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-it/*" }] })
}
## s3-bucket-public-write | fail | s3-controls.md S3.3
resource "aws_s3_bucket" "it" { acl = "public-read-write" }
## s3-bucket-default-encryption | pass | s3-controls.md S3.4
live "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_server_side_encryption_configuration" "it" {
  bucket = "acme-it"
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
## s3-bucket-tls-only | pass | s3-controls.md S3.5
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({ Statement = [{
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = ["arn:aws:s3:::acme-it", "arn:aws:s3:::acme-it/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] })
}
## s3-bucket-policy-other-accounts | fail | s3-controls.md S3.6
live "aws_organizations_account" "ours" { id = "111122223333" }
resource "aws_s3_bucket_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::444455556666:root" }
    Action    = "s3:PutBucketPolicy"
    Resource  = "arn:aws:s3:::acme-it"
  }] })
}
## s3-bucket-policy-other-accounts | pass, here fail | s3-controls.md S3.6 | AWS's own control asks for five writing actions only; here every action counts
live "aws_organizations_account" "ours" { id = "111122223333" }
resource "aws_s3_bucket_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::444455556666:root" }
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::acme-it/*"
  }] })
}
## s3-bucket-policy-other-accounts | fail, here pass | s3-controls.md S3.6 | so is who a condition binds to an organisation
live "aws_organizations_account" "ours" { id = "111122223333" }
resource "aws_s3_bucket_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::444455556666:root" }
    Action    = "s3:PutObjectAcl"
    Resource  = "arn:aws:s3:::acme-it/*"
    Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
  }] })
}
## s3-bucket-replication | fail | s3-controls.md S3.7
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
## s3-bucket-public-access-block | fail | s3-controls.md S3.8
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_public_access_block" "it" {
  bucket              = aws_s3_bucket.it.id
  block_public_acls   = true
  block_public_policy = true
  ignore_public_acls  = true
}
## s3-bucket-public-access-block | fail, here pass | s3-controls.md S3.8 | A switch that is on for the whole account counts for each of its buckets
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_account_public_access_block" "it" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
## s3-bucket-access-logging | fail | s3-controls.md S3.9
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
## s3-bucket-access-logging | pass | s3-controls.md S3.9
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_logging" "it" {
  bucket        = aws_s3_bucket.it.id
  target_bucket = "acme-logs"
  target_prefix = "it/"
}
## s3-bucket-acl-in-use | fail | s3-controls.md S3.12
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_ownership_controls" "it" {
  bucket = aws_s3_bucket.it.id
  rule { object_ownership = "ObjectWriter" }
}
## s3-bucket-lifecycle | fail | s3-controls.md S3.13
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
## s3-bucket-lifecycle | pass | s3-controls.md S3.13
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_lifecycle_configuration" "it" {
  bucket = aws_s3_bucket.it.id
  rule {
    id     = "old"
    status = "Enabled"
    expiration { days = 365 }
  }
}
## s3-bucket-versioning | fail | s3-controls.md S3.14
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_versioning" "it" {
  bucket = aws_s3_bucket.it.id
  versioning_configuration { status = "Suspended" }
}
## s3-bucket-versioning | pass | s3-controls.md S3.14
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_versioning" "it" {
  bucket = aws_s3_bucket.it.id
  versioning_configuration { status = "Enabled" }
}

## rds-snapshot-public | fail | rds-controls.md RDS.1
resource "aws_db_snapshot" "it" { shared_accounts = ["all"] }
## docdb-snapshot-public | fail | rds-controls.md RDS.1
live "aws_docdb_cluster_snapshot" "it" { shared_accounts = ["all"] }
## neptune-snapshot-public | fail | rds-controls.md RDS.1
live "aws_neptune_cluster_snapshot" "it" { shared_accounts = ["all"] }
## rds-instance-public | fail | rds-controls.md RDS.2
resource "aws_db_instance" "it" { publicly_accessible = true }
## rds-instance-unencrypted | fail | rds-controls.md RDS.3
resource "aws_db_instance" "it" { storage_encrypted = false }
## rds-instance-unencrypted | pass | rds-controls.md RDS.3
resource "aws_db_instance" "it" { storage_encrypted = true }
## rds-snapshot-unencrypted | fail | rds-controls.md RDS.4
live "aws_db_cluster_snapshot" "it" {
  snapshot_type     = "manual"
  storage_encrypted = false
}
## rds-instance-single-az | fail | rds-controls.md RDS.5
resource "aws_db_instance" "it" { multi_az = false }
## rds-instance-single-az | pass | rds-controls.md RDS.5
resource "aws_db_instance" "it" { multi_az = true }
## rds-cluster-deletion-protection | fail | rds-controls.md RDS.7
resource "aws_rds_cluster" "it" { deletion_protection = false }
## rds-instance-deletion-protection | fail | rds-controls.md RDS.8
resource "aws_db_instance" "it" { engine = "postgres" }
## rds-instance-deletion-protection | pass | rds-controls.md RDS.8
resource "aws_db_instance" "it" {
  engine              = "postgres"
  deletion_protection = true
}
## rds-log-exports | fail | rds-controls.md RDS.9
resource "aws_db_instance" "it" { engine = "mysql" }
## rds-log-exports | pass | rds-controls.md RDS.9
resource "aws_db_instance" "it" {
  engine                          = "mysql"
  enabled_cloudwatch_logs_exports = ["audit", "error", "general", "slowquery"]
}
## rds-log-exports | fail, here pass | rds-controls.md RDS.9 | Any log is enough to pass; AWS's own control wants certain ones for each engine
resource "aws_db_instance" "it" {
  engine                          = "postgres"
  enabled_cloudwatch_logs_exports = ["postgresql"]
}
## rds-instance-backup-retention | fail | rds-controls.md RDS.11
resource "aws_db_instance" "it" { backup_retention_period = 6 }
## rds-instance-backup-retention | pass | rds-controls.md RDS.11
resource "aws_db_instance" "it" { backup_retention_period = 7 }
## rds-instance-minor-upgrades | fail | rds-controls.md RDS.13
resource "aws_db_instance" "it" { auto_minor_version_upgrade = false }
## rds-instance-minor-upgrades | pass | rds-controls.md RDS.13
resource "aws_db_instance" "it" { auto_minor_version_upgrade = true }

## redshift-public | fail | redshift-controls.md Redshift.1
resource "aws_redshift_cluster" "it" { publicly_accessible = true }
## redshift-public | pass | redshift-controls.md Redshift.1
resource "aws_redshift_cluster" "it" { publicly_accessible = false }
## redshift-tls | fail | redshift-controls.md Redshift.2
resource "aws_redshift_cluster" "it" { cluster_parameter_group_name = aws_redshift_parameter_group.it.name }
resource "aws_redshift_parameter_group" "it" {
  name   = "it"
  family = "redshift-1.0"
  parameter {
    name  = "require_ssl"
    value = "false"
  }
}
## redshift-snapshots | fail | redshift-controls.md Redshift.3
resource "aws_redshift_cluster" "it" { automated_snapshot_retention_period = 6 }
## redshift-snapshots | pass | redshift-controls.md Redshift.3
resource "aws_redshift_cluster" "it" { automated_snapshot_retention_period = 7 }
## opensearch-encryption-rest | fail | opensearch-controls.md Opensearch.1
resource "aws_opensearch_domain" "it" {
  encrypt_at_rest { enabled = false }
}
## opensearch-encryption-rest | pass | opensearch-controls.md Opensearch.1
resource "aws_opensearch_domain" "it" {
  encrypt_at_rest { enabled = true }
}
## opensearch-public | pass | opensearch-controls.md Opensearch.2
resource "aws_opensearch_domain" "it" {
  vpc_options { subnet_ids = ["subnet-1"] }
}
## opensearch-public | fail, here pass | opensearch-controls.md Opensearch.2 | AWS's own control asks for the VPC even then
resource "aws_opensearch_domain" "it" {
  domain_name = "it"
  advanced_security_options {
    enabled                = true
    anonymous_auth_enabled = false
  }
  access_policies = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "es:*", Resource = "*" }] })
}
## opensearch-node-to-node | fail | opensearch-controls.md Opensearch.3
resource "aws_opensearch_domain" "it" {
  node_to_node_encryption { enabled = false }
}
## opensearch-node-to-node | pass | opensearch-controls.md Opensearch.3
resource "aws_opensearch_domain" "it" {
  node_to_node_encryption { enabled = true }
}
## opensearch-audit-logs | fail | opensearch-controls.md Opensearch.5
resource "aws_opensearch_domain" "it" {
  log_publishing_options {
    log_type                 = "ES_APPLICATION_LOGS"
    cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:it"
  }
}
## opensearch-data-nodes-az | fail | opensearch-controls.md Opensearch.6
resource "aws_opensearch_domain" "it" {
  cluster_config {
    instance_count         = 2
    zone_awareness_enabled = true
  }
}
## opensearch-data-nodes-az | pass | opensearch-controls.md Opensearch.6
resource "aws_opensearch_domain" "it" {
  cluster_config {
    instance_count         = 3
    zone_awareness_enabled = true
  }
}
## opensearch-fine-grained-access | fail | opensearch-controls.md Opensearch.7
resource "aws_opensearch_domain" "it" {
  advanced_security_options { enabled = false }
}
