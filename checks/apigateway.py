"""Amazon API Gateway: REST APIs, their methods and stages."""

from __future__ import annotations

from checks import secrets
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, both, either, said, said_in, unless
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource, Unknown

INVOKE = ("execute-api:Invoke",)


def api_of(part: Resource, inventory: Inventory) -> Resource:
    for found in inventory.near(part, "aws_api_gateway_rest_api", id=part["rest_api_id"]):
        return found
    raise Unknown(f"the API of {part.id} was not read")


def is_private(api: Resource) -> bool:
    """Whether an API is reached through VPC endpoints alone."""
    kinds = [kind for each in said(api, "endpoint_configuration") or () for kind in said_in(each, "types") or ()]
    return kinds == ["PRIVATE"]


def is_closed(api: Resource, inventory: Inventory) -> bool:
    """Whether an API has a policy, and that lets not everyone in."""
    found = inventory.near(api, "aws_api_gateway_rest_api_policy", rest_api_id=api.id)
    return any(opens_to_anyone(parse(each["policy"]), INVOKE) is None for each in found)


@check(
    "aws_api_gateway_method",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC05-BP02;SEC05-BP04",
)
def apigateway_authorizer(method: Resource, inventory: Inventory) -> Fault | None:
    """Public API has a method without an authorizer.

    Whoever finds the address may call it. An API key says who pays, not who calls, and does not count.
    OPTIONS, which browsers ask before they sign in, is exempt; so are private APIs and those whose own
    policy admits named callers or networks only.

    Fix: set `authorization` to `AWS_IAM`, `COGNITO_USER_POOLS` or `CUSTOM` with an authorizer.

    Fails:

        resource "aws_api_gateway_method" "orders" {
          rest_api_id   = aws_api_gateway_rest_api.shop.id
          http_method   = "GET"
          authorization = "NONE"
        }

        resource "aws_api_gateway_rest_api" "shop" {
          endpoint_configuration {
            types = ["REGIONAL"]
          }
        }

    Passes:

        resource "aws_api_gateway_method" "orders" {
          rest_api_id   = aws_api_gateway_rest_api.shop.id
          http_method   = "GET"
          authorization = "AWS_IAM"
        }

        resource "aws_api_gateway_rest_api" "shop" {
          endpoint_configuration {
            types = ["REGIONAL"]
          }
        }

    Passes:

        resource "aws_api_gateway_method" "orders" {
          rest_api_id   = aws_api_gateway_rest_api.shop.id
          http_method   = "GET"
          authorization = "NONE"
        }

        resource "aws_api_gateway_rest_api" "shop" {
          endpoint_configuration {
            types = ["PRIVATE"]
          }
        }
    """

    def unguarded() -> Fault | None:
        free = both(lambda: method["authorization"] == "NONE", lambda: method["http_method"] != "OPTIONS")
        return Fault(f"{method['http_method']} of {method.id} asks for no authorization") if free else None

    def shut() -> bool:
        api = api_of(method, inventory)
        return either(lambda: is_private(api), lambda: is_closed(api, inventory))

    return unless(shut, unguarded)


@check(
    "aws_api_gateway_stage",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_7_0="4.10",
    fsbp="APIGateway.1",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_7_2;cc_7_3;cc_a_1_1;pi_1_2",
    nist_800_53_r5=(
        "ac_4_26;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;au_14_a;au_14_b;au_2_b;au_3_a;"
        "au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;ca_7_b;cm_5_1_b;ia_3_3_b;ma_4_1_a;"
        "pm_14_a_1;pm_14_b;pm_31;sc_7_9_b;si_4_17;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def apigateway_logging(stage: Resource, inventory: Inventory) -> str | None:
    """API stage logs no executions or accesses.

    Nobody can then tell who called what, or why it failed. One of the two is enough: an access log, or
    a logging level of the stage's methods, which AWS's own control asks for in any case.

    Fix: set `access_log_settings` of the stage, or `logging_level` in an `aws_api_gateway_method_settings`
    for `*/*`.

    Fails:

        resource "aws_api_gateway_stage" "live" {
          rest_api_id = "api-1"
          stage_name  = "live"
        }

    Passes:

        resource "aws_api_gateway_stage" "live" {
          rest_api_id = "api-1"
          stage_name  = "live"

          access_log_settings {
            destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:api"
            format          = "$context.requestId"
          }
        }

    Passes:

        resource "aws_api_gateway_stage" "live" {
          rest_api_id = "api-1"
          stage_name  = "live"
        }

        resource "aws_api_gateway_method_settings" "all" {
          rest_api_id = "api-1"
          stage_name  = "live"
          method_path = "*/*"

          settings {
            logging_level = "ERROR"
          }
        }
    """

    def logs(found: Resource) -> bool:
        return any(said_in(each, "logging_level") in ("ERROR", "INFO") for each in found["settings"] or ())

    def silent() -> str | None:
        return None if stage["access_log_settings"] else f"{stage.id} logs neither calls nor errors"

    where = {"rest_api_id": stage["rest_api_id"], "stage_name": stage["stage_name"]}
    return unless(lambda: bool(any_of(logs, inventory.near(stage, "aws_api_gateway_method_settings", **where))), silent)


@check(
    "aws_api_gateway_stage",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="APIGateway.4",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.1;1.4.2;1.4.4;1.5.1;6.4.1;6.4.2;A1.1.3",
    nist_800_53_r5="ac_4_21",
    well_architected_security="SEC05-BP01",
)
def apigateway_waf(stage: Resource, inventory: Inventory) -> str | None:
    """Public API stage has no web ACL.

    Nothing then stops known attacks, or one client's flood, before the functions behind it pay for
    them. Stages of private APIs are exempt.

    Fix: associate an `aws_wafv2_web_acl` by an `aws_wafv2_web_acl_association`.

    Fails:

        live "aws_api_gateway_stage" "live" {
          rest_api_id = "api-1"
          web_acl_arn = ""
        }

        live "aws_api_gateway_rest_api" "shop" {
          id                     = "api-1"
          endpoint_configuration = [{ types = ["EDGE"] }]
        }

    Passes:

        resource "aws_api_gateway_stage" "live" {
          rest_api_id = aws_api_gateway_rest_api.shop.id
        }

        resource "aws_api_gateway_rest_api" "shop" {
          endpoint_configuration {
            types = ["EDGE"]
          }
        }

        resource "aws_wafv2_web_acl_association" "live" {
          resource_arn = aws_api_gateway_stage.live.arn
          web_acl_arn  = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/api/1"
        }

    Passes:

        live "aws_api_gateway_stage" "live" {
          rest_api_id = "api-1"
          web_acl_arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/api/1"
        }

        live "aws_api_gateway_rest_api" "shop" {
          id                     = "api-1"
          endpoint_configuration = [{ types = ["EDGE"] }]
        }
    """

    def unguarded() -> str | None:
        if said(stage, "web_acl_arn"):
            return None
        if stage.declared and inventory.near(stage, "aws_wafv2_web_acl_association", resource_arn=stage.id):
            return None
        return f"{stage.id} faces the internet without a web ACL"

    return unless(lambda: is_private(api_of(stage, inventory)), unguarded)


@check("aws_api_gateway_stage", severity=Severity.HIGH, category=Category.SECRETS)
def apigateway_stage_secrets(stage: Resource, inventory: Inventory) -> Fault | None:
    """Stage variable holds what looks like a secret.

    Whoever may read the stage reads it, and it goes into logs with what it is put into. What is looked for is the
    form of known keys, and values under names like PASSWORD.

    Fix: keep it in Secrets Manager and let the integration read it; change the one that was shown.

    Fails:

        resource "aws_api_gateway_stage" "live" {
          variables = { backend_password = "hunter2" }
        }

    Passes:

        resource "aws_api_gateway_stage" "live" {
          variables = { backend_password_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:backend" }
        }
    """
    return secrets.fault(stage, secrets.in_pairs("variables", stage["variables"] or {}), "variables")
