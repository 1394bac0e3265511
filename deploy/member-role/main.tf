# The role that a scan assumes in an account: this one's, and one in every other account to be scanned.

variable "trusted" {
  description = "ARN of the role that may assume this one: the scanner's task role."
  type        = string
}

variable "external_id" {
  description = "What the scanner has to say to be let in: without it anyone whom the scanner serves could point it here."
  type        = string
  validation {
    condition     = length(var.external_id) >= 8
    error_message = "external_id needs at least 8 characters."
  }
}

variable "name" {
  type    = string
  default = "driftline-audit"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.trusted]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "audit" {
  name               = var.name
  description        = "Read-only: what Driftline reads, and nothing else."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# Generated: driftline iam-policy. One policy, or a list of them where one would be too large for IAM.
locals {
  policies = flatten([jsondecode(file("${path.module}/audit-policy.json"))])
}

resource "aws_iam_policy" "audit" {
  count  = length(local.policies)
  name   = "${var.name}-${count.index + 1}"
  policy = jsonencode(local.policies[count.index])
}

resource "aws_iam_role_policy_attachment" "audit" {
  count      = length(local.policies)
  role       = aws_iam_role.audit.name
  policy_arn = aws_iam_policy.audit[count.index].arn
}

output "role_arn" { value = aws_iam_role.audit.arn }
