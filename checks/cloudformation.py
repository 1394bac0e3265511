"""AWS CloudFormation: stacks."""

from __future__ import annotations

from checks import secrets
from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource, Unknown


@check(
    "aws_cloudformation_stack",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    well_architected_security="SEC02-BP03",
)
def cloudformation_output_secrets(stack: Resource, inventory: Inventory) -> Fault | None:
    """Stack output holds what looks like a secret.

    Whoever may describe stacks reads the outputs, and other stacks import them. What is looked for is
    the form of known keys, and values under names like Password.

    Fix: put out the ARN of the secret in place of its value; change the one that was shown.

    Fails:

        live "aws_cloudformation_stack" "shop" {
          outputs = { DbPassword = "hunter2" }
        }

    Passes:

        live "aws_cloudformation_stack" "shop" {
          outputs = { DbPasswordArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" }
        }
    """
    return secrets.fault(stack, secrets.in_pairs("outputs", stack["outputs"] or {}))


@check(
    "aws_cloudformation_stack",
    severity=Severity.MEDIUM,
    category=Category.GOVERNANCE,
    well_architected_reliability="REL09-BP03",
)
def cloudformation_termination_protection(stack: Resource, inventory: Inventory) -> str | None:
    """Stack can be deleted by one call.

    What the stack made goes with it, but for what its template retains. Terraform cannot say this of a stack, so
    that only what is live is judged. A stack inside another takes the protection of the outermost, and one of a
    stack set is the set's: both are exempt.

    Fix: turn on the stack's termination protection, and give what holds data `DeletionPolicy: Retain`.

    CLI: `aws cloudformation update-termination-protection --enable-termination-protection --stack-name {name}`

    Fails:

        live "aws_cloudformation_stack" "shop" {
          enable_termination_protection = false
        }

    Passes:

        live "aws_cloudformation_stack" "shop" {
          enable_termination_protection = true
        }
    """
    if (stack.owner or "").startswith("cloudformation:"):
        return None
    return None if stack.fact("enable_termination_protection") else f"{stack.name} is not protected from deletion"


@check("aws_cloudformation_stack", severity=Severity.MEDIUM, category=Category.GOVERNANCE)
def cloudformation_stack_drift(stack: Resource, inventory: Inventory) -> str | None:
    """Stack has drifted from its template.

    Somebody changed by hand what the stack made: the next update undoes that, or fails on it. What CloudFormation
    found when it was last asked is told; it is not asked anew, so that a stack that nobody had it look at is
    unknown. Terraform knows nothing of this, so that only what is live is judged.

    Fix: take what changed into the template or back, then run `aws cloudformation detect-stack-drift` again.

    Fails:

        live "aws_cloudformation_stack" "shop" {
          drift_status = "DRIFTED"
        }

    Passes:

        live "aws_cloudformation_stack" "shop" {
          drift_status = "IN_SYNC"
        }
    """
    status = stack.fact("drift_status")
    if status not in ("DRIFTED", "IN_SYNC"):
        raise Unknown(f"CloudFormation was not asked whether {stack.name} has drifted ({status or 'no answer'})")
    return f"{stack.name} has drifted from its template" if status == "DRIFTED" else None
