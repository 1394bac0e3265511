# An organization: its units, accounts, policies and those that it lets act for it.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_organizations_organization" "all" {
  aws_service_access_principals = ["config.amazonaws.com", "cloudtrail.amazonaws.com"]
  enabled_policy_types          = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]
  feature_set                   = "ALL"
}

resource "aws_organizations_organizational_unit" "shops" {
  name      = "shops"
  parent_id = aws_organizations_organization.all.roots[0].id
  tags      = { Team = "platform" }
}

resource "aws_organizations_organizational_unit" "test" {
  name      = "test"
  parent_id = aws_organizations_organizational_unit.shops.id
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "shop@example.com"
  parent_id = aws_organizations_organizational_unit.shops.id
  role_name = "Admin"
  tags      = { Stage = "live" }

  lifecycle {
    ignore_changes = [role_name]
  }
}

resource "aws_organizations_account" "plain" {
  name  = "plain"
  email = "plain@example.com"

  depends_on = [aws_organizations_organization.all]
}

resource "aws_organizations_policy" "stay" {
  name        = "stay"
  description = "Nobody leaves"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = { Sid = "Stay", Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }
  })
  tags = { Team = "platform" }
}

resource "aws_organizations_policy" "tags" {
  name    = "tags"
  type    = "TAG_POLICY"
  content = jsonencode({ tags = { Team = { tag_key = { "@@assign" = "Team" } } } })
}

resource "aws_organizations_policy_attachment" "unit" {
  policy_id = aws_organizations_policy.stay.id
  target_id = aws_organizations_organizational_unit.shops.id
}

resource "aws_organizations_policy_attachment" "account" {
  policy_id = aws_organizations_policy.stay.id
  target_id = aws_organizations_account.plain.id
}

resource "aws_organizations_delegated_administrator" "shop" {
  account_id        = aws_organizations_account.shop.id
  service_principal = "guardduty.amazonaws.com"
}
