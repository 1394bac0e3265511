# Teams: who may do what, as others write it: inline and listed whole, shared out, as one text; and how they log in.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Owner = "", Stage = "live" }
  }
}

locals {
  account = "123456789012"
  read    = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Resource\":\"*\",\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\"}}"
}

resource "aws_iam_account_password_policy" "loose" {
  minimum_password_length        = "6"
  allow_users_to_change_password = false
  hard_expiry                    = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

resource "aws_iam_account_alias" "teams" {
  account_alias = "driftline-teams"
}

resource "aws_iam_policy" "all" {
  for_each = {
    text  = local.read
    bare  = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"*\",\"Action\":\"ec2:Describe*\"}}"
    order = jsonencode({ Statement = [{ Action = ["s3:Put*", "s3:Get*"], Resource = ["*"], Effect = "Allow" }], Version = "2012-10-17" })
  }

  name_prefix = "${each.key}-"
  path        = "/teams/"
  description = each.key == "text" ? "" : null
  policy      = each.value
}

resource "aws_iam_user" "all" {
  for_each = toset(["Ann", "ben", "cleo"])

  name                 = each.key
  permissions_boundary = each.key == "ben" ? "arn:aws:iam::aws:policy/PowerUserAccess" : null
  tags                 = each.key == "Ann" ? { Owner = "ann" } : {}
}

resource "aws_iam_user_login_profile" "all" {
  for_each = { Ann = true, ben = false }

  user                    = aws_iam_user.all[each.key].name
  password_reset_required = each.value
}

resource "aws_iam_user_policy_attachment" "all" {
  for_each = { one = aws_iam_policy.all["text"].arn, two = aws_iam_policy.all["bare"].arn }

  user       = aws_iam_user.all["Ann"].name
  policy_arn = each.value
}

resource "aws_iam_user_policy" "text" {
  user   = aws_iam_user.all["ben"].name
  policy = local.read
}

resource "aws_iam_user_ssh_key" "ben" {
  username   = aws_iam_user.all["ben"].name
  encoding   = "PEM"
  status     = "Inactive"
  public_key = <<-EOT
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4aqZbc7xji/Rx58DwyCY
DliFQ76DvwV8JrRSaSQKM06s3Orua6sHI+qc27/jsfZEn5KuXJnzOHe4iBDfejWY
S+xf8wAzfpOrfEl9IiO/p37XmYuRuFAgWP2TsVkFC7ovbX1Ln4lD2V9YtjZTqM8M
Z3+SCLEjum692wHELNLRgEG/1rTpHm8/WivZURm5tnMR85DUCCkuB/v/uZ0qyCju
OGW2SP/nhgVWKsTCfRSqH5WgH65eIoHAgSIrlXyIz7SilRRYnmtM5zFEL4gWLxJW
aSKzUa/EdauE7lIrjWit6m0qFDV9T1GehWSiHLpaQQchCJri/fOIAJtmBKAlMtRB
0wIDAQAB
-----END PUBLIC KEY-----
EOT
}

resource "aws_iam_signing_certificate" "ben" {
  user_name        = aws_iam_user.all["ben"].name
  status           = "Inactive"
  certificate_body = <<-EOT
-----BEGIN CERTIFICATE-----
MIIDGTCCAgGgAwIBAgIUQG3dLAc2mI5Q6oItRYSFP5GvfWcwDQYJKoZIhvcNAQEL
BQAwGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAgFw0yNjExMjEwOTQyMzBa
GA8yMTI2MTAyODA5NDIzMFowGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTCC
ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAOGqmW3O8Y4v0cefA8MgmA5Y
hUO+g78FfCa0UmkkCjNOrNzq7murByPqnNu/47H2RJ+SrlyZ8zh3uIgQ33o1mEvs
X/MAM36Tq3xJfSIjv6d+15mLkbhQIFj9k7FZBQu6L219S5+JQ9lfWLY2U6jPDGd/
kgixI7puvdsBxCzS0YBBv9a06R5vP1or2VEZubZzEfOQ1AgpLgf7/7mdKsgo7jhl
tkj/54YFVirEwn0Uqh+VoB+uXiKBwIEiK5V8iM+0opUUWJ5rTOcxRC+IFi8SVmki
s1GvxHWrhO5SK41oreptKhQ1fU9RnoVkohy6WkEHIQia4v3ziACbZgSgJTLUQdMC
AwEAAaNTMFEwHQYDVR0OBBYEFP2qsuy6FbIXqR95Eo1t2uU4tidwMB8GA1UdIwQY
MBaAFP2qsuy6FbIXqR95Eo1t2uU4tidwMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI
hvcNAQELBQADggEBACPbb57XZAdj/YcrtVfFoUC4I/CJbcofA0/NR9Ac2xVLOqpQ
EDsnZRzpiYXjyJMGAxXWumee9k0lOPbtC7GzuD2LFVlYCSRjNuEVL++aRwdFvL1C
U1bKJvTxGoYRBHSrxlF4yhlNJnyYS6dZ/D5+FOP9/HUo/pPUBGbQW+M3qxM9O9Gd
6mdslsE4N49Mnt4aCeSqbAZu9dXv1cVq5Ccvw7DPEGE0Cn9FliWG5eOY1CgefXAv
jEFOGjWzs8EYBEkoNdUJpFgp5tFzPl5VKdvRpWivI8QjFgCXpyy1duQTmQPMVBhc
LlaLT4jMzPflpPsizSwQzf5/aStWrZUXozl8zJ8=
-----END CERTIFICATE-----
EOT
}

resource "aws_iam_access_key" "ben" {
  user = aws_iam_user.all["ben"].name
}

resource "aws_iam_group" "all" {
  for_each = toset(["readers", "writers", "empty", "both"])

  name = each.key
}

resource "aws_iam_group_membership" "readers" {
  name  = "some"
  group = aws_iam_group.all["readers"].name
  users = ["cleo", "Ann"]

  depends_on = [aws_iam_user.all]
}

resource "aws_iam_group_membership" "none" {
  name  = "none"
  group = aws_iam_group.all["empty"].name
  users = []
}

resource "aws_iam_user_group_membership" "one" {
  user   = aws_iam_user.all["ben"].name
  groups = [aws_iam_group.all["writers"].name]
}

resource "aws_iam_user_group_membership" "another" {
  user   = aws_iam_user.all["ben"].name
  groups = [aws_iam_group.all["both"].id]
}

resource "aws_iam_group_policy" "text" {
  name_prefix = "text-"
  group       = aws_iam_group.all["writers"].name
  policy      = local.read
}

resource "aws_iam_group_policy" "unnamed" {
  group = aws_iam_group.all["writers"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", NotAction = ["iam:*"], NotResource = "arn:aws:s3:::b", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } } },
      { Effect = "Allow", Action = ["s3:*"], Resource = ["arn:aws:s3:::a/*", "arn:aws:s3:::a"] },
    ]
  })
}

resource "aws_iam_group_policy_attachment" "all" {
  for_each = toset(["text", "bare"])

  group      = aws_iam_group.all["writers"].name
  policy_arn = aws_iam_policy.all[each.key].arn
}

# --- roles

resource "aws_iam_role" "whole" {
  name_prefix           = "whole-"
  description           = "With all in it"
  max_session_duration  = "7200"
  force_detach_policies = true
  permissions_boundary  = "arn:aws:iam::aws:policy/PowerUserAccess"
  managed_policy_arns   = [aws_iam_policy.all["order"].arn, aws_iam_policy.all["bare"].arn]
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Sid       = ""
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Principal = { AWS = local.account }
      Condition = { StringEquals = { "sts:ExternalId" = ["b", "a"] } }
    }
  })

  inline_policy {
    name   = "one"
    policy = local.read
  }
  inline_policy {
    name   = "two"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })
  }
}

resource "aws_iam_role" "empty" {
  name                = "empty"
  managed_policy_arns = []
  assume_role_policy  = <<-EOT
    {"Statement": [{"Principal": {"Service": "ec2.amazonaws.com"},
      "Action": "sts:AssumeRole", "Effect": "Allow"}], "Version": "2008-10-17"}
  EOT

  inline_policy {}
}

resource "aws_iam_role" "apart" {
  assume_role_policy = aws_iam_role.empty.assume_role_policy
}

resource "aws_iam_role_policy" "all" {
  for_each = { text = local.read, twice = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:a", "s3:A"], Resource = ["*"] }] }) }

  name_prefix = "${each.key}-"
  role        = aws_iam_role.apart.name
  policy      = each.value
}

resource "aws_iam_role_policy" "unnamed" {
  role   = aws_iam_role.apart.id
  policy = " ${local.read} "
}

resource "aws_iam_role_policies_exclusive" "apart" {
  role_name    = aws_iam_role.apart.name
  policy_names = concat([for each in aws_iam_role_policy.all : each.name], [aws_iam_role_policy.unnamed.name])
}

resource "aws_iam_role_policy_attachment" "aws" {
  role       = aws_iam_role.apart.id
  policy_arn = aws_iam_policy.all["text"].arn
}

resource "aws_iam_role_policy_attachments_exclusive" "apart" {
  role_name   = aws_iam_role.apart.name
  policy_arns = [aws_iam_role_policy_attachment.aws.policy_arn]
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.all["order"].arn
  roles      = [aws_iam_role.whole.name]
  groups     = [aws_iam_group.all["readers"].name]
  users      = []
}

resource "aws_iam_instance_profile" "bare" {
  name_prefix = "bare-"
  path        = "/teams/"
}

# --- who vouches

resource "aws_iam_openid_connect_provider" "all" {
  for_each = { plain = "https://Login.example.com/Realm", slash = "https://accounts.example.com/a/b" }

  url             = each.value
  client_id_list  = each.key == "plain" ? ["sts.amazonaws.com"] : ["c", "a", "b"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "6938fd4d98bab03faadb97b34396831e3780aea1"]
}

resource "aws_iam_saml_provider" "partners" {
  name                   = "Partners_1"
  tags                   = { Owner = "partners" }
  saml_metadata_document = <<-EOT
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.example.com">xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</EntityDescriptor>
EOT
}

resource "aws_iam_server_certificate" "prefixed" {
  name_prefix       = "teams-"
  certificate_body  = <<-EOT
-----BEGIN CERTIFICATE-----
MIIDGTCCAgGgAwIBAgIUQG3dLAc2mI5Q6oItRYSFP5GvfWcwDQYJKoZIhvcNAQEL
BQAwGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAgFw0yNjExMjEwOTQyMzBa
GA8yMTI2MTAyODA5NDIzMFowGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTCC
ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAOGqmW3O8Y4v0cefA8MgmA5Y
hUO+g78FfCa0UmkkCjNOrNzq7murByPqnNu/47H2RJ+SrlyZ8zh3uIgQ33o1mEvs
X/MAM36Tq3xJfSIjv6d+15mLkbhQIFj9k7FZBQu6L219S5+JQ9lfWLY2U6jPDGd/
kgixI7puvdsBxCzS0YBBv9a06R5vP1or2VEZubZzEfOQ1AgpLgf7/7mdKsgo7jhl
tkj/54YFVirEwn0Uqh+VoB+uXiKBwIEiK5V8iM+0opUUWJ5rTOcxRC+IFi8SVmki
s1GvxHWrhO5SK41oreptKhQ1fU9RnoVkohy6WkEHIQia4v3ziACbZgSgJTLUQdMC
AwEAAaNTMFEwHQYDVR0OBBYEFP2qsuy6FbIXqR95Eo1t2uU4tidwMB8GA1UdIwQY
MBaAFP2qsuy6FbIXqR95Eo1t2uU4tidwMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI
hvcNAQELBQADggEBACPbb57XZAdj/YcrtVfFoUC4I/CJbcofA0/NR9Ac2xVLOqpQ
EDsnZRzpiYXjyJMGAxXWumee9k0lOPbtC7GzuD2LFVlYCSRjNuEVL++aRwdFvL1C
U1bKJvTxGoYRBHSrxlF4yhlNJnyYS6dZ/D5+FOP9/HUo/pPUBGbQW+M3qxM9O9Gd
6mdslsE4N49Mnt4aCeSqbAZu9dXv1cVq5Ccvw7DPEGE0Cn9FliWG5eOY1CgefXAv
jEFOGjWzs8EYBEkoNdUJpFgp5tFzPl5VKdvRpWivI8QjFgCXpyy1duQTmQPMVBhc
LlaLT4jMzPflpPsizSwQzf5/aStWrZUXozl8zJ8=
-----END CERTIFICATE-----
EOT
  certificate_chain = <<-EOT
-----BEGIN CERTIFICATE-----
MIIDGTCCAgGgAwIBAgIUQG3dLAc2mI5Q6oItRYSFP5GvfWcwDQYJKoZIhvcNAQEL
BQAwGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAgFw0yNjExMjEwOTQyMzBa
GA8yMTI2MTAyODA5NDIzMFowGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTCC
ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAOGqmW3O8Y4v0cefA8MgmA5Y
hUO+g78FfCa0UmkkCjNOrNzq7murByPqnNu/47H2RJ+SrlyZ8zh3uIgQ33o1mEvs
X/MAM36Tq3xJfSIjv6d+15mLkbhQIFj9k7FZBQu6L219S5+JQ9lfWLY2U6jPDGd/
kgixI7puvdsBxCzS0YBBv9a06R5vP1or2VEZubZzEfOQ1AgpLgf7/7mdKsgo7jhl
tkj/54YFVirEwn0Uqh+VoB+uXiKBwIEiK5V8iM+0opUUWJ5rTOcxRC+IFi8SVmki
s1GvxHWrhO5SK41oreptKhQ1fU9RnoVkohy6WkEHIQia4v3ziACbZgSgJTLUQdMC
AwEAAaNTMFEwHQYDVR0OBBYEFP2qsuy6FbIXqR95Eo1t2uU4tidwMB8GA1UdIwQY
MBaAFP2qsuy6FbIXqR95Eo1t2uU4tidwMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI
hvcNAQELBQADggEBACPbb57XZAdj/YcrtVfFoUC4I/CJbcofA0/NR9Ac2xVLOqpQ
EDsnZRzpiYXjyJMGAxXWumee9k0lOPbtC7GzuD2LFVlYCSRjNuEVL++aRwdFvL1C
U1bKJvTxGoYRBHSrxlF4yhlNJnyYS6dZ/D5+FOP9/HUo/pPUBGbQW+M3qxM9O9Gd
6mdslsE4N49Mnt4aCeSqbAZu9dXv1cVq5Ccvw7DPEGE0Cn9FliWG5eOY1CgefXAv
jEFOGjWzs8EYBEkoNdUJpFgp5tFzPl5VKdvRpWivI8QjFgCXpyy1duQTmQPMVBhc
LlaLT4jMzPflpPsizSwQzf5/aStWrZUXozl8zJ8=
-----END CERTIFICATE-----
EOT
  private_key       = <<-EOT
-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDhqpltzvGOL9HH
nwPDIJgOWIVDvoO/BXwmtFJpJAozTqzc6u5rqwcj6pzbv+Ox9kSfkq5cmfM4d7iI
EN96NZhL7F/zADN+k6t8SX0iI7+nfteZi5G4UCBY/ZOxWQULui9tfUufiUPZX1i2
NlOozwxnf5IIsSO6br3bAcQs0tGAQb/WtOkebz9aK9lRGbm2cxHzkNQIKS4H+/+5
nSrIKO44ZbZI/+eGBVYqxMJ9FKoflaAfrl4igcCBIiuVfIjPtKKVFFiea0znMUQv
iBYvElZpIrNRr8R1q4TuUiuNaK3qbSoUNX1PUZ6FZKIculpBByEImuL984gAm2YE
oCUy1EHTAgMBAAECggEAJmwsJHisQzfcIX9vHg2SJjsnMZIiD2epLFPehj1XKUY3
g4PSpW1g0Vo0a+v/okDajUrluimSMmab+jrZOg8fB6pO6ep6Wg5dj9NZZXMtwiCE
KAYOARJPd6dxOqx8AfOo+JzxP9AYx82GpruYQfFC3OppHGbAvRD27W+fDby1Y/88
BcWlkmpgrZt69Uf7BGvALPWZT87t8UuMkFr2zctQh2gyZWggV2Noxz6I7XvJ4Ntb
fdF/Gnj2U9xC85s+uIhDcUUpjZVW19U+nlzugQrpjNpOCZdj8oDuFyC/wU8fs8Ii
mW+VMtjr26R9LbvB5G2NGdVrfiYl/MtSeUEKHL9i2QKBgQDz2uLrBEkBDL/AnbVr
L/BuWMn9PrXZBmnwNZTROvlnQa4KczQ3L0GENZYPJcy3+S1E5sJOfkjgfF6+2M8z
NmVwMcgJD1PX9jnWBLckQUcKMB75LDwsqjZ8bS2D5ATIZYxM5YlSXGOqXC4Z3YLg
eDX6kY6EJh7tk0QvNf8Dc0rriwKBgQDs58+TZZKng/atU1KuKXw2i1SRxIA+I53s
yJVHoLTqu+xLJ4+b7nnCUbNwnP9NgJlr7oJv7i+oK4WoRmIB/cX96xz8NFiu2tNJ
PUiRhswZPTpPHLB1JJ/o8jqOTyxI1p0PzXNzoZu5cGfxNrH2Aw6Tw5sWC8qNKvkw
5dXJgY7r2QKBgQDRgP+trDvQZBSmNphz43bsRuoa4fK35xPDJTWa4ND/TmVpYvq8
YqQmIyeuEeqlMLYc2Sic6VBRVWjNDFZPiG90CcDzT7DX/RpJbjmuM0sGTLt/leqI
8R/onKAbDR6y0NPOCPKGyQtzhMiyviXAFmdBxCYuENZHhFtzOC/E1hvK6wKBgF5F
dI2D6tLsKVoZgRo6+em+kf2bgyi3BZ32x6iEI9oQw9u4N2ZmhF82IcCbSOCvXt3b
QF6IGsDB6OLodxGxyXrcd2FI901FWLSZRWpbiJY2jiBzGyjSVSveUDzW9plZhZCH
Qfzuf0hQmZwcFr79wmw8d1dTg9ufESBLJUKVYqkpAoGBAKwnHoMB92hfwgsvt9ev
JSjx8RA2TvRFrvMHWelvo6OoV3urSc5319r9RymhNoXJrxCKM6FUfg6GPvD9jBbQ
BvvecEOa8HFy3FyDy+DEwDIzo8AkRc7nHfUXP/1qqdG95WuYp155NbCwE2j7LUp3
qKsvCQ6BTzRcTplX2H2Z0NgL
-----END PRIVATE KEY-----
EOT
}

# --- an organization

resource "aws_organizations_organization" "all" {}

resource "aws_organizations_account" "all" {
  for_each = toset(["logs", "audit"])

  name                       = each.key
  email                      = "${each.key}@example.com"
  close_on_deletion          = true
  iam_user_access_to_billing = "DENY"

  lifecycle {
    ignore_changes = [iam_user_access_to_billing, role_name]
  }
  depends_on = [aws_organizations_organization.all]
}

resource "aws_organizations_delegated_administrator" "all" {
  for_each = toset(["config-multiaccountsetup.amazonaws.com", "guardduty.amazonaws.com"])

  account_id        = aws_organizations_account.all["audit"].id
  service_principal = each.key
}

resource "aws_organizations_policy" "text" {
  name        = "text"
  type        = "SERVICE_CONTROL_POLICY"
  description = ""
  content     = "{ \"Version\": \"2012-10-17\", \"Statement\": [ {\"Resource\": [\"*\"], \"Action\": [\"*\"], \"Effect\": \"Allow\"} ] }"

  depends_on = [aws_organizations_organization.all]
}

resource "aws_organizations_policy_attachment" "root" {
  policy_id    = aws_organizations_policy.text.id
  target_id    = aws_organizations_organization.all.roots[0].id
  skip_destroy = true
}

# --- how people log in

resource "aws_cognito_user_pool" "all" {
  for_each = toset(["one", "two"])

  name                     = each.key
  alias_attributes         = each.key == "one" ? ["preferred_username", "email"] : null
  mfa_configuration        = "OFF"
  auto_verified_attributes = []

  schema {
    name                = "age"
    attribute_data_type = "Number"
    number_attribute_constraints {
      min_value = "1"
      max_value = "150"
    }
  }
  schema {
    name                     = "born"
    attribute_data_type      = "DateTime"
    developer_only_attribute = false
    mutable                  = false
    required                 = false
  }
}

resource "aws_cognito_user_pool_client" "machines" {
  name                                 = "machines"
  user_pool_id                         = aws_cognito_user_pool.all["one"].id
  generate_secret                      = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = aws_cognito_resource_server.all["machines"].scope_identifiers
  explicit_auth_flows                  = []
  callback_urls                        = []
  enable_token_revocation              = false
  auth_session_validity                = 5
}

resource "aws_cognito_user_pool_domain" "all" {
  for_each = { one = null, two = aws_acm_certificate.login.arn }

  domain          = each.value == null ? "driftline-teams" : "login.example.com"
  user_pool_id    = aws_cognito_user_pool.all[each.key].id
  certificate_arn = each.value
}

resource "aws_acm_certificate" "login" {
  domain_name       = "login.example.com"
  validation_method = "DNS"
}

resource "aws_cognito_identity_provider" "google" {
  user_pool_id      = aws_cognito_user_pool.all["one"].id
  provider_name     = "Google"
  provider_type     = "Google"
  attribute_mapping = { username = "sub" }
  provider_details = {
    authorize_scopes              = "email"
    client_id                     = "id.apps.googleusercontent.com"
    client_secret                 = "hidden"
    attributes_url                = "https://people.googleapis.com/v1/people/me?personFields="
    attributes_url_add_attributes = "true"
    authorize_url                 = "https://accounts.google.com/o/oauth2/v2/auth"
    oidc_issuer                   = "https://accounts.google.com"
    token_request_method          = "POST"
    token_url                     = "https://www.googleapis.com/oauth2/v4/token"
  }
}

resource "aws_cognito_identity_provider" "saml" {
  user_pool_id     = aws_cognito_user_pool.all["two"].id
  provider_name    = "Partners"
  provider_type    = "SAML"
  idp_identifiers  = []
  provider_details = { MetadataURL = "https://login.example.com/saml", SSORedirectBindingURI = "https://login.example.com/in" }
}

resource "aws_cognito_resource_server" "all" {
  for_each = { bare = [], machines = ["write", "read", "all"] }

  identifier   = each.key
  name         = each.key
  user_pool_id = aws_cognito_user_pool.all["one"].id

  dynamic "scope" {
    for_each = each.value
    content {
      scope_name        = scope.value
      scope_description = "May ${scope.value}"
    }
  }
}

resource "aws_cognito_user_group" "all" {
  count = 2

  name         = "group-${count.index}"
  description  = count.index == 0 ? "" : null
  precedence   = count.index
  user_pool_id = aws_cognito_user_pool.all["two"].id
}

resource "aws_cognito_identity_pool" "teams" {
  identity_pool_name               = "teams"
  allow_unauthenticated_identities = false
  openid_connect_provider_arns     = [for each in aws_iam_openid_connect_provider.all : each.arn]
  saml_provider_arns               = [aws_iam_saml_provider.partners.arn]
  supported_login_providers        = {}
}
