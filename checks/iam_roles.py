"""AWS IAM: who may assume a role, and which roles administer the account."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.iam_policies import ADMINISTRATOR, made_by_aws
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource

ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
BREAK_GLASS = ("breakglass", "emergencyaccess")


@check("aws_iam_role", severity=Severity.CRITICAL, category=Category.IAM)
def iam_role_trust_anyone(role: Resource, inventory: Inventory) -> str | None:
    """Role can be assumed by any AWS principal.

    Anyone with an AWS account of their own can take the role and all that it may do. An external id
    is no remedy: it is no secret. A condition on named accounts, principals or organisations is one.

    Fix: name the principals in the trust policy.

    Fails:

        resource "aws_iam_role" "partner" {
          name = "partner"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "*" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "sts:ExternalId" = "1234" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_role" "partner" {
          name = "partner"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = "*" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }

    Passes:

        resource "aws_iam_role" "function" {
          name = "function"
          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "lambda.amazonaws.com" }
              Action    = "sts:AssumeRole"
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(role["assume_role_policy"]), ASSUMING)
    return f"{statement.label} of the trust policy lets anyone assume {role.id}" if statement else None


@check("aws_iam_role_policy_attachment", severity=Severity.HIGH, category=Category.IAM)
def iam_role_administrator_access(attachment: Resource, inventory: Inventory) -> str | None:
    """Role other than a break-glass role has AdministratorAccess attached.

    A role that a pipeline or a machine holds all day should not own the account. Roles that AWS
    makes (IAM Identity Center, Control Tower, Organizations) are exempt, and those whose name says
    that they are for emergencies: break-glass, emergency-access.

    Fix: attach policies for the task instead.

    Fails:

        resource "aws_iam_role_policy_attachment" "deployer" {
          role       = "deployer"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        resource "aws_iam_role_policy_attachment" "emergency" {
          role       = "Break-Glass"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        resource "aws_iam_role_policy_attachment" "deployer" {
          role       = "deployer"
          policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        }
    """
    if made_by_aws(attachment) or not attachment["policy_arn"].endswith(ADMINISTRATOR):
        return None
    role = attachment["role"]
    name = role.lower().replace("-", "").replace("_", "")
    return None if any(word in name for word in BREAK_GLASS) else f"role {role} has AdministratorAccess"
