# Who may use a key beside what its policy says.

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}

resource "aws_iam_role" "agent" {
  name = "agent"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_kms_key" "shop" {
  description = "shop"
}

resource "aws_kms_grant" "agent" {
  name              = "agent"
  key_id            = aws_kms_key.shop.key_id
  grantee_principal = aws_iam_role.agent.arn
  operations        = ["GenerateDataKey", "Encrypt", "Decrypt"]
}

resource "aws_kms_grant" "bound" {
  key_id             = aws_kms_key.shop.arn
  grantee_principal  = "arn:aws:iam::210987654321:root"
  retiring_principal = aws_iam_role.agent.arn
  operations         = ["Decrypt", "RetireGrant"]
  retire_on_delete   = true

  constraints {
    encryption_context_equals = { Department = "Finance", Empty = "" }
  }
}

resource "aws_kms_grant" "narrow" {
  name              = "narrow"
  key_id            = aws_kms_key.shop.id
  grantee_principal = aws_iam_role.agent.arn
  operations        = ["DescribeKey", "Decrypt"]

  constraints {
    encryption_context_subset = { Department = "Sales" }
  }
}
