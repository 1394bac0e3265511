# People: users with keys, passwords and papers of their own, what groups may do, and who vouches for the rest.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Owner = "platform" }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

resource "aws_iam_account_alias" "shop" {
  account_alias = "driftline-witness"
}

resource "aws_iam_user" "ann" {
  name          = "ann"
  path          = "/people/"
  force_destroy = true
  tags          = { Team = "shop" }
}

resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
}

resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.robot.name
  status = "Inactive"
}

resource "aws_iam_user_login_profile" "ann" {
  user                    = aws_iam_user.ann.name
  password_length         = 20
  password_reset_required = true
}

resource "aws_iam_user_policy" "ann" {
  name   = "read"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policy" "prefixed" {
  name_prefix = "all-"
  user        = aws_iam_user.robot.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Deny", NotAction = "iam:*", Resource = "*" }
  })
}

resource "aws_iam_policy" "read" {
  name   = "read"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policy_attachment" "robot" {
  user       = aws_iam_user.robot.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_group" "shop" {
  name = "shop"
  path = "/people/"
}

resource "aws_iam_group_membership" "shop" {
  name  = "shop"
  group = aws_iam_group.shop.name
  users = [aws_iam_user.ann.name]
}

resource "aws_iam_group_policy" "shop" {
  name   = "read"
  group  = aws_iam_group.shop.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policy_attachment" "shop" {
  group      = aws_iam_group.shop.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_ssh_key" "ann" {
  username   = aws_iam_user.ann.name
  encoding   = "SSH"
  public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDKFmeUP3jcQ5eK2rOINlgE63wlXkXgYjOFfRIau0BulT5471lpGAuK1Hk5yc/Xt3qImWw9XfZEta6vJ7iRrd92GXBurmObpMMWkrML19PDnhdILXBf1PaM6L17EfvCch27MOaajAdI29lvaoRu0rEZfraKEA0iIIGN1k6ddlR1MKViPJFa+ysK1mhEUghINzC6RpB68vWlOjJ2VGiajFEXuc92D8SS/ot9kSJjywua6mqmnR1GNu+/P8m6BGTPi7EXDh12bdJOeKbQ7zuU2Z7gIcVwduq/+FpwuKFqYPgCmxY9Ajwi+1c9vf1YrPWRtKA+8AcqGi/qhDHwm4m2McMd ann"
}

resource "aws_iam_signing_certificate" "ann" {
  user_name        = aws_iam_user.ann.name
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

resource "aws_iam_openid_connect_provider" "pipelines" {
  url             = "https://token.actions.example.com"
  client_id_list  = ["sts.amazonaws.com", "other"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { Team = "build" }
}

resource "aws_iam_saml_provider" "staff" {
  name                   = "staff"
  saml_metadata_document = "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://login.example.com\">xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</EntityDescriptor>"
}

resource "aws_iam_server_certificate" "shop" {
  name             = "shop"
  path             = "/shop/"
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
  private_key      = <<-EOT
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

resource "aws_iam_service_linked_role" "streams" {
  aws_service_name = "elasticbeanstalk.amazonaws.com"
  description      = "For the beanstalk"
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "shop"
}
