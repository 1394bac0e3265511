# The role of member-role in every account of some units of the organization, those to come included: a StackSet.
# It makes none in the management account. Apply it there, with trusted access for StackSets switched on.

variable "trusted" {
  description = "ARN of the role that may assume these: the scanner's task role."
  type        = string
}

variable "external_id" {
  description = "What the scanner has to say to be let in, at least 8 characters."
  type        = string
}

variable "units" {
  description = "Ids of the units whose accounts get the role, inner ones too: ou-…, or the root's r-… for all."
  type        = list(string)
}

variable "name" { default = "driftline-audit" }

locals {
  policies = flatten([jsondecode(file("${path.module}/../member-role/audit-policy.json"))])
  policy_resources = {
    for index, policy in local.policies : "Policy${index + 1}" => {
      Type = "AWS::IAM::ManagedPolicy"
      Properties = {
        ManagedPolicyName = "${var.name}-${index + 1}"
        PolicyDocument    = policy
        Roles             = [{ Ref = "Role" }]
      }
    }
  }
  role = {
    Type = "AWS::IAM::Role"
    Properties = {
      RoleName    = var.name
      Description = "Read-only: what Driftline reads, and nothing else."
      AssumeRolePolicyDocument = {
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { AWS = var.trusted }
          Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
        }]
      }
    }
  }
}

resource "aws_cloudformation_stack_set" "roles" {
  name             = var.name
  permission_model = "SERVICE_MANAGED"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = jsonencode({ Resources = merge({ Role = local.role }, local.policy_resources) })
  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }
  lifecycle { ignore_changes = [administration_role_arn] }
}

# In one region, the provider's: roles are the account's as a whole.
resource "aws_cloudformation_stack_set_instance" "roles" {
  stack_set_name = aws_cloudformation_stack_set.roles.name
  deployment_targets { organizational_unit_ids = var.units }
  operation_preferences { failure_tolerance_percentage = 100 }
}
