# Logins: a user pool with all its trimmings and a bare one, clients, groups, providers, domains, identity pools.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_cognito_user_pool" "shop" {
  name                     = "shop"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = "OPTIONAL"
  deletion_protection      = "ACTIVE"

  software_token_mfa_configuration {
    enabled = true
  }
  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = false
    require_uppercase                = true
    temporary_password_validity_days = 3
  }
  schema {
    name                = "tenant"
    attribute_data_type = "String"
    mutable             = true
    string_attribute_constraints {
      min_length = 1
      max_length = 40
    }
  }
  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
  admin_create_user_config {
    allow_admin_create_user_only = true
    invite_message_template {
      email_subject = "Hello"
      email_message = "{username}: {####}"
      sms_message   = "{username}: {####}"
    }
  }
  email_configuration {
    email_sending_account = "COGNITO_DEFAULT"
  }
  username_configuration {
    case_sensitive = false
  }
  user_pool_add_ons {
    advanced_security_mode = "AUDIT"
  }
  verification_message_template {
    default_email_option = "CONFIRM_WITH_LINK"
  }
  device_configuration {
    challenge_required_on_new_device = true
  }
  tags = { Team = "shop" }
}

resource "aws_cognito_user_pool" "plain" {
  name = "plain"
}

resource "aws_cognito_user_pool_client" "web" {
  name                                 = "web"
  user_pool_id                         = aws_cognito_user_pool.shop.id
  callback_urls                        = ["https://shop.example.com/b", "https://shop.example.com/a"]
  logout_urls                          = ["https://shop.example.com/out"]
  default_redirect_uri                 = "https://shop.example.com/a"
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = ["openid", "email"]
  explicit_auth_flows                  = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  supported_identity_providers         = ["COGNITO"]
  prevent_user_existence_errors        = "ENABLED"
  read_attributes                      = ["email", "name"]
  access_token_validity                = 15
  id_token_validity                    = 1
  refresh_token_validity               = 30
  token_validity_units {
    access_token  = "minutes"
    id_token      = "hours"
    refresh_token = "days"
  }
}

resource "aws_cognito_user_pool_client" "plain" {
  name            = "plain"
  user_pool_id    = aws_cognito_user_pool.plain.id
  generate_secret = true
}

resource "aws_cognito_user_pool_domain" "shop" {
  domain       = "driftline-witness"
  user_pool_id = aws_cognito_user_pool.shop.id
}

resource "aws_cognito_user_group" "buyers" {
  name         = "buyers"
  user_pool_id = aws_cognito_user_pool.shop.id
  description  = "Who buys"
  precedence   = 10
  role_arn     = aws_iam_role.in.arn
}

resource "aws_cognito_user_group" "plain" {
  name         = "plain"
  user_pool_id = aws_cognito_user_pool.shop.id
}

resource "aws_cognito_identity_provider" "staff" {
  user_pool_id  = aws_cognito_user_pool.shop.id
  provider_name = "Staff"
  provider_type = "OIDC"
  provider_details = {
    authorize_scopes              = "openid email"
    attributes_request_method     = "GET"
    client_id                     = "id"
    client_secret                 = "hidden"
    oidc_issuer                   = "https://login.example.com"
    attributes_url_add_attributes = "false"
  }
  attribute_mapping = { email = "email", username = "sub" }
  idp_identifiers   = ["staff"]
}

resource "aws_cognito_resource_server" "api" {
  identifier   = "https://api.example.com"
  name         = "api"
  user_pool_id = aws_cognito_user_pool.shop.id

  scope {
    scope_name        = "read"
    scope_description = "Read"
  }
  scope {
    scope_name        = "write"
    scope_description = "Write"
  }
}

resource "aws_iam_role" "in" {
  name = "in"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
    }]
  })
}

resource "aws_cognito_identity_pool" "shop" {
  identity_pool_name               = "shop pool"
  allow_unauthenticated_identities = true
  allow_classic_flow               = true
  developer_provider_name          = "login.shop"
  supported_login_providers        = { "graph.facebook.com" = "7346241598935552" }

  cognito_identity_providers {
    client_id               = aws_cognito_user_pool_client.web.id
    provider_name           = aws_cognito_user_pool.shop.endpoint
    server_side_token_check = false
  }
  tags = { Team = "shop" }
}

resource "aws_cognito_identity_pool" "plain" {
  identity_pool_name = "plain"
}
