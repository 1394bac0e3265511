# Portals: a search that people enter through their company's sign-in.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_opensearch_domain" "shop" {
  domain_name    = "shop"
  engine_version = "OpenSearch_2.11"

  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }
}

resource "aws_opensearch_domain_saml_options" "shop" {
  domain_name = aws_opensearch_domain.shop.domain_name

  saml_options {
    enabled                 = true
    session_timeout_minutes = 120

    idp {
      entity_id        = "https://people.example.com"
      metadata_content = "<EntityDescriptor/>"
    }
  }
}
