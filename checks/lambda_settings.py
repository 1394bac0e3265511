"""AWS Lambda: who a function acts as, what becomes of events that fail, and who may read its variables."""

from __future__ import annotations

from collections.abc import Callable

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, either, said
from checks.iam_escalation import document
from checks.policy import Policy, grants_everything, parse
from state import Inventory, Resource

MANY = 5
CALLS_LATER = ("events", "s3", "sns", "logs", "config", "iot", "ses", "codecommit", "cloudformation")
"""Services that hand a function its events and do not wait for the answer."""
INVOKE_CONFIG = "aws_lambda_function_event_invoke_config"


@check("aws_lambda_function", severity=Severity.HIGH, category=Category.IAM)
def lambda_shared_admin_role(function: Resource, inventory: Inventory) -> Fault | None:
    """Function's role is administrator or shared by many functions.

    Whoever can change a function's code, or break it, does what its role may. With a role that may do everything
    that is the account; with one that many functions share, all that any of them needs. Five functions of a region
    or more are many.

    Fix: give each function a role of its own, with what it needs.

    Fails:

        resource "aws_lambda_function" "shop" {
          function_name = "shop"
          role          = "arn:aws:iam::123456789012:role/shop"
        }

        resource "aws_iam_role_policy_attachment" "shop" {
          role       = "shop"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Fails:

        resource "aws_lambda_function" "shop" {
          function_name = "shop"
          role          = aws_iam_role.shop.arn
        }

        resource "aws_iam_role" "shop" {
          name = "shop"
        }

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "shop" {
          role       = aws_iam_role.shop.name
          policy_arn = aws_iam_policy.all.arn
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          function_name = "shop"
          role          = "arn:aws:iam::123456789012:role/shop"
        }

        resource "aws_iam_role_policy_attachment" "shop" {
          role       = "shop"
          policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        }
    """
    return any_of(lambda judge: judge(function, inventory), (_administers, _shares))


def _administers(function: Resource, inventory: Inventory) -> Fault | None:
    """What makes a function's role an administrator."""
    arn = function["role"]
    roles = inventory.near(function, "aws_iam_role", arn=arn)
    name = roles[0]["name"] if roles else str(arn).rpartition("/")[2]

    def inline(policy: Resource) -> Fault | None:
        return whole(policy, parse(policy["policy"]), "policy")

    def managed(attachment: Resource) -> Fault | None:
        return whole(attachment, document(attachment["policy_arn"], attachment, inventory), "policy_arn")

    def whole(by: Resource, policy: Policy, path: str) -> Fault | None:
        message = f"{function.name} runs as {name}, which may do everything"
        return Fault(message, evidence_of(by, path)) if grants_everything(policy) else None

    def by_parts() -> Fault | None:
        return any_of(inline, inventory.near(function, "aws_iam_role_policy", role=name))

    def by_attachments() -> Fault | None:
        return any_of(managed, inventory.near(function, "aws_iam_role_policy_attachment", role=name))

    ways: tuple[Callable[[], Fault | None], ...] = (by_parts, by_attachments)
    return any_of(lambda way: way(), ways)


def _shares(function: Resource, inventory: Inventory) -> Fault | None:
    sharing = inventory.near(function, "aws_lambda_function", role=function["role"])
    if len(sharing) < MANY:
        return None
    others = [each for each in sharing if each.id != function.id][: MANY - 1]
    evidence = {name: value for each in others for name, value in evidence_of(each, "role").items()}
    return Fault(f"{function.name} shares its role with {len(sharing) - 1} functions", evidence)


@check("aws_lambda_function", severity=Severity.LOW, category=Category.ENCRYPTION)
def lambda_env_cmk(function: Resource, inventory: Inventory) -> Fault | None:
    """Function environment is not encrypted with a customer key.

    AWS encrypts variables with a key of its own, which whoever may read the function may use. Only with a key of
    yours can you say who sees them, and be told who did. A function without variables is exempt.

    Fix: set `kms_key_arn`.

    CLI: `aws lambda update-function-configuration --function-name {function_name} --kms-key-arn <key>`

    Fails:

        resource "aws_lambda_function" "shop" {
          kms_key_arn = null

          environment {
            variables = { STAGE = "live" }
          }
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1"

          environment {
            variables = { STAGE = "live" }
          }
        }

    Passes:

        resource "aws_lambda_function" "shop" {
          environment = []
        }
    """
    if said(function, "kms_key_arn") or not any(each.get("variables") for each in function["environment"] or ()):
        return None
    return Fault(f"no key of yours encrypts the variables of {function.name}", {"kms_key_arn": None})


@check("aws_lambda_function", severity=Severity.LOW, category=Category.RESILIENCE)
def lambda_dead_letter(function: Resource, inventory: Inventory) -> Fault | None:
    """Asynchronous function has nowhere to send failed events.

    An event that fails three times is gone then, and nobody can tell which it was. Asynchronous is what EventBridge,
    S3, SNS or another service that does not wait for an answer has a permission to call.

    Fix: set `target_arn` in `dead_letter_config`, or `on_failure` in an `aws_lambda_function_event_invoke_config`.

    Fails:

        resource "aws_lambda_function" "thumbnails" {
          function_name      = "thumbnails"
          dead_letter_config = []
        }

        resource "aws_lambda_permission" "bucket" {
          function_name = "thumbnails"
          principal     = "s3.amazonaws.com"
        }

    Passes:

        resource "aws_lambda_function" "thumbnails" {
          function_name = "thumbnails"

          dead_letter_config {
            target_arn = "arn:aws:sqs:eu-west-1:123456789012:failed"
          }
        }

        resource "aws_lambda_permission" "bucket" {
          function_name = "thumbnails"
          principal     = "s3.amazonaws.com"
        }

    Passes:

        resource "aws_lambda_function" "thumbnails" {
          function_name      = "thumbnails"
          dead_letter_config = []
        }

        resource "aws_lambda_function_event_invoke_config" "thumbnails" {
          function_name = "thumbnails"

          destination_config {
            on_failure {
              destination = "arn:aws:sqs:eu-west-1:123456789012:failed"
            }
          }
        }

        resource "aws_lambda_permission" "bucket" {
          function_name = "thumbnails"
          principal     = "s3.amazonaws.com"
        }

    Passes:

        resource "aws_lambda_function" "api" {
          function_name      = "api"
          dead_letter_config = []
        }

        resource "aws_lambda_permission" "gateway" {
          function_name = "api"
          principal     = "apigateway.amazonaws.com"
        }
    """
    if either(lambda: _has_queue(function), lambda: _has_destination(function, inventory)):
        return None
    caller = any_of(_caller, _of(function, inventory, "aws_lambda_permission"))
    if not caller:
        return None
    evidence = {"dead_letter_config": [], INVOKE_CONFIG: None, **evidence_of(caller, "principal")}
    return Fault(f"events that fail in {function.name} are gone", evidence)


def _of(function: Resource, inventory: Inventory, type: str) -> list[Resource]:
    """The parts of a function, which name it by its name or, in code, its ARN."""
    names = dict.fromkeys((function["function_name"], function.arn or function.attributes.get("arn")))
    return [each for name in names if name for each in inventory.near(function, type, function_name=name)]


def _has_queue(function: Resource) -> bool:
    return any(each.get("target_arn") for each in function["dead_letter_config"] or ())


def _has_destination(function: Resource, inventory: Inventory) -> bool:
    def told(config: Resource) -> bool:
        ends = [end for each in config["destination_config"] or () for end in each.get("on_failure") or ()]
        return any(each.get("destination") for each in ends)

    return bool(any_of(told, _of(function, inventory, INVOKE_CONFIG)))


def _caller(permission: Resource) -> Resource | None:
    """The permission of a service that calls and does not wait."""
    return permission if str(permission["principal"]).partition(".")[0] in CALLS_LATER else None
