"""AWS Lambda: who may invoke a function."""

from __future__ import annotations

from typing import Any

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource

ANYBODYS = "s3.amazonaws.com"


@check(
    "aws_lambda_permission",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_7_0="2.21",
    fsbp="Lambda.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_3;sc_7_9_a;sc_7_a;sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1;164_312_e_1",
    well_architected_security="SEC03-BP07;SEC03-BP08;SEC05-BP01;SEC06-BP02",
)
def lambda_policy_public(permission: Resource, inventory: Inventory) -> str | None:
    """Function can be invoked by anyone.

    Whoever can invoke a function makes it do its work with its role, at your cost. A permission for `*`
    is closed by a source, an account or an organisation, whatever Prowler says of the source. One for
    S3 that names neither a bucket nor an account is open as well: anyone can have a bucket of theirs
    invoke the function. AWS's own control wants the account even beside a bucket, as another account
    may take the name of one that is gone. A permission for other services is exempt, and so is one for
    another account.

    Fix: name the principal, and `source_arn` and `source_account` for a service.

    Fails:

        resource "aws_lambda_permission" "all" {
          statement_id  = "all"
          action        = "lambda:InvokeFunction"
          function_name = "thumbnails"
          principal     = "*"
        }

    Fails:

        resource "aws_lambda_permission" "bucket" {
          statement_id  = "bucket"
          action        = "lambda:InvokeFunction"
          function_name = "thumbnails"
          principal     = "s3.amazonaws.com"
        }

    Passes:

        resource "aws_lambda_permission" "bucket" {
          statement_id   = "bucket"
          action         = "lambda:InvokeFunction"
          function_name  = "thumbnails"
          principal      = "s3.amazonaws.com"
          source_arn     = "arn:aws:s3:::acme-uploads"
          source_account = "123456789012"
        }

    Passes:

        resource "aws_lambda_permission" "organization" {
          statement_id     = "organization"
          action           = "lambda:InvokeFunction"
          function_name    = "thumbnails"
          principal        = "*"
          principal_org_id = "o-a1b2c3d4e5"
        }
    """
    principal = str(permission["principal"])
    if principal != ANYBODYS and '"*"' not in principal and principal != "*":
        return None
    statement = opens_to_anyone(parse({"Statement": _statement(permission)}), ("lambda:*",))
    return f"{permission.name} lets anyone invoke {permission['function_name']}" if statement else None


def _statement(permission: Resource) -> dict[str, Any]:
    """The statement that a permission is; Lambda tests sources by ArnLike and the others by StringEquals."""
    exact = {"aws:SourceAccount": permission["source_account"], "aws:PrincipalOrgID": permission["principal_org_id"]}
    like = {"aws:SourceArn": permission["source_arn"]}
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": permission["action"],
        "Condition": {"StringEquals": _set(exact), "ArnLike": _set(like)},
    }


def _set(tests: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tests.items() if value}


@check(
    "aws_lambda_function_url",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def lambda_url_public(url: Resource, inventory: Inventory) -> str | None:
    """Function URL asks for no authentication.

    With the type NONE whoever finds the address invokes the function, and what the function does not
    check itself nobody checks. Whether a permission for such callers exists is not asked: the provider
    and the console make it with the URL.

    Fix: set `authorization_type` to AWS_IAM, or put CloudFront with origin access control before it.

    Fails:

        resource "aws_lambda_function_url" "hook" {
          function_name      = "hook"
          authorization_type = "NONE"
        }

    Passes:

        resource "aws_lambda_function_url" "hook" {
          function_name      = "hook"
          authorization_type = "AWS_IAM"
        }
    """
    return (
        f"the URL of {url['function_name']} asks for no authentication" if url["authorization_type"] == "NONE" else None
    )
