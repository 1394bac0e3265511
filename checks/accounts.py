"""Whose an account is: ours, a partner's, AWS's own, or nobody's that we know."""

from __future__ import annotations

from checks.check import Terms
from checks.conditions import shuts_out, spares_only_named
from checks.doubt import all_of, any_of
from checks.policy import ACCOUNT, Policy, Statement, accounts_let_in
from state import Inventory, Resource, Unknown

LOAD_BALANCING = """
009996457667 027434742980 033677994240 037604701340 048591011584 054676820928 076674570225 098369216593
114774131450 127311923021 156460612806 190560391635 383597477331 507241528517 582318560864 589379963580
600734575887 635631232127 638102146993 652711504416 718504428378 754344448648 783225319266 797873946194
897822967062 985666609251
"""
"""AWS's accounts that write the logs of load balancers, in the regions from before August 2022.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

BILLING = "386209384616"  # writes cost and usage reports
OF_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def ours(resource: Resource, inventory: Inventory) -> frozenset[str]:
    """The accounts that are ours as far as this reading tells: its own, those it read, and our organisation's.

    Empty where it tells of none, as code alone may.
    """
    arn = str(resource.attributes.get("arn") or "").split(":")
    own = resource.account or (arn[4] if len(arn) > 4 else "")
    read = [each.id for type in ("account", "aws_organizations_account") for each in inventory.of(type)]
    return frozenset(each for each in (own, *read) if ACCOUNT.fullmatch(each))


def strangers(
    policy: Policy, resource: Resource, inventory: Inventory, terms: Terms, *, partners_too: bool = False
) -> list[tuple[str, Statement]]:
    """The accounts that a resource's policy lets in and that are not ours, each with the statement that does.

    An account that the policy binds to an organisation is as good as ours. Partners' accounts are
    left out unless asked for.
    """
    named = [(name, each) for name, each in accounts_let_in(policy) if not bound_to_organization(each, policy)]
    known = {*LOAD_BALANCING.split(), BILLING} | (set() if partners_too else set(terms.partner_accounts))
    left = [(name, each) for name, each in named if name not in known]
    mine = ours(resource, inventory)
    if left and not mine:
        raise Unknown(
            f"nobody can say whether account {left[0][0]} is ours: the code does not say which account it is for"
        )
    return [(name, each) for name, each in left if name not in mine]


def bound_to_organization(grant: Statement, policy: Policy) -> bool:
    """Whether only members of an organisation get what is granted, by its own condition or by a Deny."""
    if any(test.name in OF_ORGANIZATION and shuts_out(test) for test in grant.conditions):
        return True
    denials = (each for each in policy if not each.allows and "*" in each.principals and _by_organization(each))
    patterns = grant.actions or ("*",)
    return bool(
        any_of(
            lambda deny: all(map(deny.touches, patterns)) and all_of(spares_only_named, deny.conditions),
            (each for each in denials if each.reaches(grant.resources or ("*",))),
        )
    )


def _by_organization(deny: Statement) -> bool:
    return any(test.name in OF_ORGANIZATION for test in deny.conditions)
