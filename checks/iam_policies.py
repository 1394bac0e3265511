"""AWS IAM: what policies allow, and who holds them."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, unless
from checks.policy import grants_everything, parse
from state import Inventory, Resource

HOLDERS = ("role", "user", "group")
ATTACHMENTS = tuple(f"aws_iam_{kind}_policy_attachment" for kind in HOLDERS)
INLINE = tuple(f"aws_iam_{kind}_policy" for kind in HOLDERS)
ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"


def made_by_aws(resource: Resource) -> bool:
    """Whether AWS made it, as service-linked roles and those of IAM Identity Center: nobody can change such a one."""
    return (resource.owner or "").startswith("aws:")


def attached(policy: Resource, inventory: Inventory) -> Resource | None:
    """One of the attachments by which somebody holds a policy."""

    def of(type: str) -> Resource | None:
        return next(iter(inventory.near(policy, type, policy_arn=policy["arn"])), None)

    return any_of(of, ATTACHMENTS)


def holder(part: Resource) -> str:
    """Who holds an attachment or an inline policy: ``role deployer``."""
    kind = next(each for each in HOLDERS if part.type.startswith(f"aws_iam_{each}_"))
    return f"{kind} {part[kind]}"


@check(
    "aws_iam_policy",
    severity=Severity.CRITICAL,
    category=Category.IAM,
    cis_3_0="1.16",
    cis_5_0="1.15",
    cis_6_0="2.15",
    cis_7_0="2.14",
    fsbp="IAM.1",
    soc2="cc_1_3;cc_6_3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_6;ac_2_i_2;ac_3;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;"
        "ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;"
        "ac_3_7;ac_3_8;ac_4_28;ac_5_b;ac_6;ac_6_10;ac_6_2;ac_6_3;cm_5_1_a;cm_6_a;cm_9_b;mp_2;sc_23_3;sc_25"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_308_a_3_ii_b;164_308_a_4_i;164_308_a_4_ii_b;164_308_a_4_ii_c;164_312_a_1",
    gdpr="article_25",
    well_architected_security="SEC03-BP02;SEC03-BP04",
)
def iam_policy_admin_attached(policy: Resource, inventory: Inventory) -> str | Fault | None:
    """Attached customer policy allows every action on every resource.

    Whoever holds it, or steals the credentials of a holder, owns the account. A condition on MFA or
    on an address does not make the grant smaller. One that nobody holds gives nothing and passes,
    other than with AWS's own control.

    Fix: allow what the holder needs; IAM Access Analyzer writes a policy from what was used.

    Fails:

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "all" {
          role       = "deployer"
          policy_arn = aws_iam_policy.all.arn
        }

    Passes:

        resource "aws_iam_policy" "all" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_policy" "logs" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = ["logs:*"], Resource = "*" }]
          })
        }

        resource "aws_iam_role_policy_attachment" "logs" {
          role       = "deployer"
          policy_arn = aws_iam_policy.logs.arn
        }
    """

    def found() -> Fault | None:
        statement = grants_everything(parse(policy["policy"]))
        held = attached(policy, inventory) if statement else None
        if statement is None or held is None:
            return None
        return Fault(f"{statement.label} allows everything to {holder(held)}", evidence_of(held, "policy_arn"))

    return unless(lambda: made_by_aws(policy), found)


@check(
    *ATTACHMENTS,
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="1.16",
    cis_5_0="1.15",
    cis_6_0="2.15",
    cis_7_0="2.14",
    fsbp="IAM.1",
    soc2="cc_1_3;cc_6_3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_6;ac_2_i_2;ac_3;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;"
        "ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;"
        "ac_3_7;ac_3_8;ac_4_28;ac_5_b;ac_6;ac_6_10;ac_6_2;ac_6_3;cm_5_1_a;cm_6_a;cm_9_b;mp_2;sc_23_3;sc_25"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_308_a_3_ii_b;164_308_a_4_i;164_308_a_4_ii_b;164_308_a_4_ii_c;164_312_a_1",
    gdpr="article_25",
    well_architected_security="SEC03-BP02",
)
def iam_policy_admin_aws_managed(attachment: Resource, inventory: Inventory) -> str | None:
    """AWS-managed policy that allows everything is attached to a principal.

    AdministratorAccess is everything on everything. What AWS makes itself, as the roles of IAM
    Identity Center and of its organisations, is exempt: who may use them is decided elsewhere.

    Fix: attach policies for the task instead; keep administration to roles of IAM Identity Center.

    Fails:

        resource "aws_iam_user_policy_attachment" "ann" {
          user       = "ann"
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }

    Fails:

        resource "aws_iam_role_policy_attachment" "deployer" {
          role       = "deployer"
          policy_arn = "arn:aws-cn:iam::aws:policy/AdministratorAccess"
        }

    Passes:

        resource "aws_iam_user_policy_attachment" "ann" {
          user       = "ann"
          policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        }
    """
    if made_by_aws(attachment) or not attachment["policy_arn"].endswith(ADMINISTRATOR):
        return None
    return f"AdministratorAccess is attached to {holder(attachment)}"


@check(
    *INLINE,
    severity=Severity.CRITICAL,
    category=Category.IAM,
    fsbp="IAM.1",
    soc2="cc_1_3;cc_6_3",
    nist_800_53_r5=(
        "ac_24;ac_2_1;ac_2_6;ac_2_i_2;ac_3;ac_3_12_a;ac_3_13;ac_3_15_a;ac_3_15_b;ac_3_3;ac_3_3_a;ac_3_3_b_1;"
        "ac_3_3_b_2;ac_3_3_b_3;ac_3_3_b_4;ac_3_3_b_5;ac_3_3_c;ac_3_4;ac_3_4_a;ac_3_4_b;ac_3_4_c;ac_3_4_d;ac_3_4_e;"
        "ac_3_7;ac_3_8;ac_4_28;ac_5_b;ac_6;ac_6_10;ac_6_2;ac_6_3;cm_5_1_a;cm_6_a;cm_9_b;mp_2;sc_23_3;sc_25"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_308_a_3_ii_b;164_308_a_4_i;164_308_a_4_ii_b;164_308_a_4_ii_c;164_312_a_1",
    gdpr="article_25",
    well_architected_security="SEC03-BP02",
)
def iam_policy_admin_inline(policy: Resource, inventory: Inventory) -> str | None:
    """Inline policy allows every action on every resource.

    It does what AdministratorAccess does, and shows in no list of attached policies.

    Fix: allow what the holder needs, in a managed policy.

    Fails:

        resource "aws_iam_role_policy" "all" {
          role = "deployer"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = { Effect = "Allow", Action = ["s3:*", "*:*"], Resource = ["*"] }
          })
        }

    Passes:

        resource "aws_iam_role_policy" "logs" {
          role = "deployer"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = { Effect = "Allow", Action = "*", Resource = "arn:aws:s3:::acme-logs/*" }
          })
        }
    """
    if made_by_aws(policy):
        return None
    statement = grants_everything(parse(policy["policy"]))
    return f"{statement.label} allows everything to {holder(policy)}" if statement else None


@check("aws_iam_policy", *INLINE, severity=Severity.HIGH, category=Category.IAM)
def iam_policy_notaction_allow(policy: Resource, inventory: Inventory) -> str | None:
    """Policy allows all but a list of actions (Allow with NotAction).

    Whatever the list forgets is allowed, and so is each service that AWS adds. Where the statement
    names its resources, or where it denies, NotAction is no such gift.

    Fix: list the actions to allow.

    Fails:

        resource "aws_iam_policy" "most" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", NotAction = ["iam:*"], Resource = "*" }]
          })
        }

    Passes:

        resource "aws_iam_policy" "mfa" {
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              { Effect = "Allow", Action = "s3:GetObject", Resource = "*" },
              { Effect = "Deny", NotAction = ["iam:*"], Resource = "*" },
              { Effect = "Allow", NotAction = "s3:DeleteObject", Resource = "arn:aws:s3:::acme-logs/*" },
            ]
          })
        }
    """
    if made_by_aws(policy):
        return None
    found = (each for each in parse(policy["policy"]) if each.allows and each.not_actions and each.every_resource)
    statement = next(found, None)
    return f"{statement.label} allows all but {', '.join(statement.not_actions)}" if statement else None
