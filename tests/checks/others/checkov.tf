# github.com/bridgecrewio/checkov/tests/terraform/

## s3-bucket-public-access | pass | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { acl = "private" }
## s3-bucket-public-access | pass | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
## s3-bucket-public-access | fail | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { acl = "public-read" }
## s3-bucket-public-access | fail | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { acl = "public-read-write" }
## s3-bucket-public-access | fail | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { acl = "authenticated-read" }
## s3-bucket-public-access | pass, here unknown | graph/checks/resources/S3PublicACLRead/main.tf
variable "acl" {}
resource "aws_s3_bucket" "it" { acl = var.acl }
## s3-bucket-public-access | pass | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  acl    = "private"
}
## s3-bucket-public-access | pass, here unknown | graph/checks/resources/S3PublicACLRead/main.tf
variable "acl" {}
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  acl    = var.acl
}
## s3-bucket-public-access | fail | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  acl    = "authenticated-read"
}
## s3-bucket-public-access | pass | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  access_control_policy {
    owner { id = "abc" }
    grant {
      permission = "READ"
      grantee {
        type = "CanonicalUser"
        id   = "abc"
      }
    }
  }
}
## s3-bucket-public-access | fail | graph/checks/resources/S3PublicACLRead/main.tf
resource "aws_s3_bucket" "it" { bucket = "acme-it" }
resource "aws_s3_bucket_acl" "it" {
  bucket = aws_s3_bucket.it.id
  access_control_policy {
    owner { id = "abc" }
    grant {
      permission = "READ"
      grantee {
        type = "CanonicalUser"
        id   = "abc"
      }
    }
    grant {
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
      }
    }
  }
}

## sg-ingress-ssh-world | fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.1.0.0/16", "0.0.0.0/0"]
  }
}
## sg-ingress-ssh-world | fail, here pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf | From 0 to 0 is port 0 alone
resource "aws_security_group" "it" {
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-ssh-world | fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "peer" { name = "peer" }
resource "aws_security_group_rule" "it" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["10.1.0.0/16", "0.0.0.0/0"]
  security_group_id = aws_security_group.peer.id
}
## sg-ingress-ssh-world | fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress = [{
    from_port        = 0
    to_port          = 65535
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
    self             = false
    description      = "all"
  }]
}
## sg-ingress-ssh-world | fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "tcp"
    ipv6_cidr_blocks = ["fd00::/8", "::/0"]
  }
}
## sg-ingress-ssh-world | fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" { name = "it" }
resource "aws_vpc_security_group_ingress_rule" "it" {
  security_group_id = aws_security_group.it.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port   = 222
    to_port     = 222
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port       = 22
    to_port         = 22
    protocol        = "tcp"
    security_groups = ["sg-0a1b2c3d"]
  }
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress = [{
    from_port       = 22
    to_port         = 22
    protocol        = "tcp"
    security_groups = ["sg-0a1b2c3d"]
    cidr_blocks     = null
    description     = "peer"
  }]
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.1.0.0/16"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" { name = "it" }
resource "aws_security_group_rule" "it" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  self              = true
  security_group_id = aws_security_group.it.id
}
## sg-ingress-ssh-world | pass | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf
resource "aws_security_group" "it" {
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
}
## sg-ingress-ssh-world | pass, here fail | checks/resource/aws/example_SecurityGroupUnrestrictedIngress22/main.tf | admits its ranges beside its members
resource "aws_security_group" "it" {
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    self        = true
    cidr_blocks = ["0.0.0.0/0"]
  }
}

## nacl-ingress-admin-world | fail | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" {
  vpc_id = "vpc-1"
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 22
    to_port    = 22
  }
}
## nacl-ingress-admin-world | fail | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" {
  vpc_id = "vpc-1"
  ingress {
    rule_no         = 100
    action          = "allow"
    protocol        = "tcp"
    ipv6_cidr_block = "::/0"
    from_port       = 22
    to_port         = 22
  }
}
## nacl-ingress-admin-world | fail | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" { vpc_id = "vpc-1" }
resource "aws_network_acl_rule" "it" {
  network_acl_id = aws_network_acl.it.id
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = "0.0.0.0/0"
  from_port      = 5
  to_port        = 25
}
## nacl-ingress-admin-world | fail | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" { vpc_id = "vpc-1" }
resource "aws_network_acl_rule" "it" {
  network_acl_id = aws_network_acl.it.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}
## nacl-ingress-admin-world | pass | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" {
  vpc_id = "vpc-1"
  ingress {
    rule_no    = 100
    action     = "deny"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 22
    to_port    = 22
  }
  ingress {
    rule_no    = 110
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.0.0.1/32"
    from_port  = 3389
    to_port    = 3389
  }
}
## nacl-ingress-admin-world | pass | checks/resource/aws/example_NetworkACLUnrestrictedIngress22/main.tf
resource "aws_network_acl" "it" { vpc_id = "vpc-1" }
resource "aws_network_acl_rule" "it" {
  network_acl_id = aws_network_acl.it.id
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = "10.0.0.1/32"
  from_port      = 5
  to_port        = 25
}

## ec2-imdsv2-required | fail | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_instance" "it" {
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }
}
## ec2-imdsv2-required | pass | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_instance" "it" {
  metadata_options { http_endpoint = "disabled" }
}
## ec2-imdsv2-required | pass | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_instance" "it" {
  metadata_options { http_tokens = "required" }
}
## ec2-imdsv2-required | fail, here unknown | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_instance" "it" {
  metadata_options {}
}
## ec2-launch-template-imdsv2 | fail | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_launch_template" "it" {
  metadata_options { http_tokens = "optional" }
}
## asg-imdsv2 | pass | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_autoscaling_group" "it" { launch_configuration = aws_launch_configuration.it.name }
resource "aws_launch_configuration" "it" {
  name = "it"
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}
## asg-imdsv2 | fail | checks/resource/aws/example_IMDSv1Disabled/main.tf
resource "aws_autoscaling_group" "it" { launch_configuration = aws_launch_configuration.it.name }
resource "aws_launch_configuration" "it" {
  name = "it"
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }
}

## ec2-instance-public-ip | fail | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_instance" "it" { associate_public_ip_address = true }
## ec2-instance-public-ip | pass, here unknown | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_instance" "it" { associate_public_ip_address = false }
## ec2-instance-public-ip | pass | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_subnet" "it" { assign_ipv6_address_on_creation = false }
resource "aws_instance" "it" {
  subnet_id                   = aws_subnet.it.id
  associate_public_ip_address = false
}
## ec2-instance-public-ip | pass, here unknown | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_instance" "it" { instance_type = "t3.micro" }
## ec2-launch-template-public-ip | fail | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_launch_template" "it" {
  network_interfaces { associate_public_ip_address = true }
}
## ec2-launch-template-public-ip | pass | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_launch_template" "it" {
  network_interfaces { associate_public_ip_address = false }
}
## ec2-launch-template-public-ip | pass | checks/resource/aws/example_EC2PublicIP/main.tf
resource "aws_launch_template" "it" { instance_type = "t3.micro" }

## ec2-instance-user-data-secrets | fail | checks/resource/aws/example_EC2Credentials/main.tf
resource "aws_instance" "it" {
  user_data = "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}
## ec2-instance-user-data-secrets | pass, here fail | checks/resource/aws/example_EC2Credentials/main.tf | values given to names like PASSWORD
resource "aws_instance" "it" {
  user_data = "export AWS_ACCESS_KEY_ID\nexport AWS_ACCESS_KEY_ID=FOO\nexport AWS_SECRET_ACCESS_KEY=bar"
}
## ec2-launch-template-secrets | fail | checks/resource/aws/example_EC2Credentials/main.tf
resource "aws_launch_template" "it" {
  user_data = base64encode("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
}
## ec2-launch-template-secrets | pass | checks/resource/aws/example_EC2Credentials/main.tf
resource "aws_launch_template" "it" { instance_type = "t3.micro" }
## asg-user-data-secrets | fail | checks/resource/aws/example_EC2Credentials/main.tf
resource "aws_launch_configuration" "it" {
  user_data = "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}
## asg-user-data-secrets | pass | checks/resource/aws/example_EC2Credentials/main.tf
resource "aws_launch_configuration" "it" { instance_type = "t3.micro" }

## eks-endpoint-public | pass | checks/resource/aws/example_EKSPublicAccessCIDR/main.tf
resource "aws_eks_cluster" "it" {
  vpc_config { endpoint_public_access = false }
}
## eks-endpoint-public | pass | checks/resource/aws/example_EKSPublicAccessCIDR/main.tf
resource "aws_eks_cluster" "it" {
  vpc_config { public_access_cidrs = ["10.0.0.0/16"] }
}
## eks-endpoint-public | fail | checks/resource/aws/example_EKSPublicAccessCIDR/main.tf
resource "aws_eks_cluster" "it" {
  vpc_config { subnet_ids = ["subnet-1"] }
}
## eks-endpoint-public | fail | checks/resource/aws/example_EKSPublicAccessCIDR/main.tf
resource "aws_eks_cluster" "it" {
  vpc_config { public_access_cidrs = [] }
}
## eks-endpoint-public | fail | checks/resource/aws/example_EKSPublicAccessCIDR/main.tf
resource "aws_eks_cluster" "it" {
  vpc_config { public_access_cidrs = ["0.0.0.0/0"] }
}

## sns-topic-public | pass | checks/resource/aws/example_SNSTopicPolicyAnyPrincipal/main.tf
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "sns:Publish", Resource = "*" }] })
}
## sns-topic-public | fail | checks/resource/aws/example_SNSTopicPolicyAnyPrincipal/main.tf
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = ["arn:aws:iam::111122223333:role/mail", "*"] }
    Action    = ["sns:Subscribe", "sns:Publish"]
    Resource  = "*"
  }] })
}
## sns-topic-public | fail | checks/resource/aws/example_SNSTopicPolicyAnyPrincipal/main.tf
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sns:Publish", Resource = "*" }] })
}
## sns-topic-public | fail, here unknown | checks/resource/aws/example_SNSTopicPolicyAnyPrincipal/main.tf
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::*:role/mail" }, Action = "sns:Publish", Resource = "*" }] })
}
## sns-topic-public | pass | checks/resource/aws/example_SNSTopicPolicyAnyPrincipal/main.tf
resource "aws_sns_topic_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/mail" }, Action = "sns:Publish", Resource = "*" }] })
}
## sqs-queue-public | pass | checks/resource/aws/example_SQSQueuePolicyAnyPrincipal/main.tf
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] })
}
## sqs-queue-public | fail | checks/resource/aws/example_SQSQueuePolicyAnyPrincipal/main.tf
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { AWS = ["arn:aws:iam::111122223333:role/mail", "*"] }
    Action    = "sqs:SendMessage"
    Resource  = "*"
  }] })
}
## sqs-queue-public | fail, here unknown | checks/resource/aws/example_SQSQueuePolicyAnyPrincipal/main.tf
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::*:role/mail" }, Action = "sqs:SendMessage", Resource = "*" }] })
}
## sqs-queue-public | fail | checks/resource/aws/example_SQSQueuePolicyAnyPrincipal/main.tf
resource "aws_sqs_queue_policy" "it" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] })
}
