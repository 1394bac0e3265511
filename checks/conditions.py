"""The conditions of a policy's statement: whom each of them lets in, and what it leaves of a grant.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. A key or an operator
that is not known here raises Unknown: it may shut everybody out, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from checks.ranges import is_world, network
from state import Unknown


class Condition(msgspec.Struct, frozen=True):
    """One test of a statement, its operator in small letters and cut into its parts."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False

    @property
    def name(self) -> str:
        """The key without what is chosen freely: ``aws:principaltag`` of ``aws:principaltag/team``."""
        if self.key.startswith("kms:encryptioncontext:"):
            return "kms:encryptioncontext"
        return self.key.partition("/")[0]

    @property
    def label(self) -> str:
        return f"the condition {self.operator} on {self.key}"

    @property
    def lax(self) -> bool:
        """Whether a request that leaves the key out meets it."""
        return self.if_exists or self.quantifier == "forallvalues"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLOSING = _words(
    """
    aws:ec2instancesourcevpc aws:federatedprovider aws:principalaccount aws:principalarn aws:principalorgid
    aws:principalorgpaths aws:principalservicename aws:principalservicenameslist aws:sourceaccount aws:sourcearn
    aws:sourceip aws:sourceorgid aws:sourceorgpaths aws:sourceowner aws:sourcevpc aws:sourcevpcarn aws:sourcevpce
    aws:userid aws:vpceaccount aws:vpceorgid aws:vpceorgpaths ec2:sourceinstancearn events:creatoraccount
    kms:calleraccount lambda:sourcefunctionarn s3:dataaccesspointaccount s3:dataaccesspointarn
    """
)
"""Keys that only the right caller or the right network can meet: a fixed value shuts everyone else out."""

FLAGS = {"aws:principalisawsservice": "true", "elasticfilesystem:accessedviamounttarget": "true"}
"""The same of keys that say yes or no, with the answer that shuts everyone else out."""

ENDPOINT = "sns:endpoint"
"""Where a subscription sends to: whoever asks for it, the messages go to the domain or the address that is fixed."""

CHOSEN_BY_CALLER = _words(
    """
    aws:calledvia aws:calledviafirst aws:calledvialast aws:multifactorauthage aws:multifactorauthpresent
    aws:principaltag aws:principaltype aws:referer aws:requestedregion aws:requesttag aws:resourceaccount
    aws:resourceorgid aws:resourceorgpaths aws:resourcetag aws:securetransport aws:sourceidentity aws:tagkeys
    aws:tokenissuetime aws:useragent aws:username aws:viaawsservice aws:vpcsourceip ecr:resourcetag
    elasticfilesystem:accesspointarn events:detail-type events:source kms:encryptionalgorithm kms:encryptioncontext
    kms:encryptioncontextkeys kms:grantisforawsresource kms:grantoperations kms:keyorigin kms:keyspec kms:keyusage
    kms:requestalias kms:resourcealiases kms:signingalgorithm kms:viaservice lambda:functionurlauthtype
    lambda:invokedviafunctionurl s3:authtype s3:delimiter s3:existingobjecttag s3:max-keys s3:prefix
    s3:requestobjecttag s3:requestobjecttagkeys s3:resourceaccount s3:signatureage s3:signatureversion s3:tlsversion
    s3:versionid s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-server-side-encryption s3:x-amz-storage-class
    secretsmanager:secretid secretsmanager:versionid secretsmanager:versionstage sns:protocol sts:externalid
    sts:rolesessionname sts:sourceidentity
    """
)
"""Keys that anyone can meet, from an account or a request of their own: they shut nobody out."""

LIMITING = frozenset({"aws:requesttag", "aws:resourcetag", "aws:tagkeys"})
"""Keys of `aws:` that limit which resources a grant reaches, rather than who holds it or how."""

LITERAL = {"stringequals", "stringequalsignorecase"}
LIKE = {"stringlike", "arnequals", "arnlike"}  # ArnEquals takes wildcards as ArnLike does
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
WIDEST = {4: 8, 6: 32}  # what S3 itself still calls a range and not the public
NO_BUCKET_ACCOUNT = "s3"  # a bucket's ARN names no account, so that a pattern may put a star there

# --- resources: whom a condition lets in --------------------------------------------------------


def shuts_out(condition: Condition) -> bool:
    """Whether a condition of an Allow can be met only by callers or networks that it names."""
    if condition.name in CHOSEN_BY_CALLER:
        return False
    if condition.name not in CLOSING and condition.name not in FLAGS and condition.name != ENDPOINT:
        raise Unknown(f"nobody can say whom {condition.label} lets in")
    if condition.lax or condition.operator in NEGATED or condition.operator == "null":
        return False
    if condition.name in FLAGS:
        return all(value.lower() == FLAGS[condition.name] for value in condition.values)
    if condition.operator == "ipaddress":
        return _few(condition.values)
    return all(_fixed(condition, value) for value in condition.values)


def _fixed(condition: Condition, value: str) -> bool:
    if "${" in value:
        return _of_own(value)
    if condition.operator in LITERAL:
        return True
    if condition.operator in LIKE:
        return not set(_domain(value) if condition.name == ENDPOINT else _head(value)) & set("*?")
    raise Unknown(f"nobody can say what {condition.label} means")


def _of_own(value: str) -> bool:
    """A variable that stands for the account or the organisation that owns the resource."""
    if value.lower() in ("${aws:resourceaccount}", "${aws:resourceorgid}"):
        return True
    raise Unknown(f"the value {value} is known only when a request is made")


def _few(values: Sequence[str]) -> bool:
    """Whether ranges of addresses are each narrow, and together are not the internet."""
    networks = [network(value) for value in values]
    return all(each.prefixlen >= WIDEST[each.version] for each in networks) and not is_world(values)


def _head(value: str) -> str:
    """The part of a value that must hold no wildcard: an ARN's account (or bucket), an id before its path."""
    parts = value.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn":
        inner = parts[5].partition("/")[0] or "*"
        return inner if parts[2] == NO_BUCKET_ACCOUNT and not inner.startswith("accesspoint") else parts[4] or inner
    return re.split("[:/]", value)[0]


def _domain(value: str) -> str:
    """``acme.example`` of ``*@acme.example`` and of ``https://acme.example/*``."""
    if re.match(r"https?://", value):
        return value.partition("://")[2].partition("/")[0]
    return value.rpartition("@")[2]


def spares_only_named(condition: Condition) -> bool:
    """Whether a condition of a Deny leaves out nobody but callers or networks that it names."""
    if condition.name in FLAGS:
        return condition.operator == "bool" and all(
            value.lower() != FLAGS[condition.name] for value in condition.values
        )
    if condition.name in CLOSING and condition.operator not in NEGATED:
        return False
    if condition.quantifier == "foranyvalue":
        return False  # a request without the key escapes the Deny
    operator = NEGATED.get(condition.operator, condition.operator)
    return shuts_out(Condition(operator, condition.key, condition.values))


# --- identities: what a condition leaves of a grant ---------------------------------------------

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ALWAYS_HIT = frozenset({"iam:permissionsboundary", "iam:policyarn"})
"""Keys by which a Deny takes an action from all who do not bind what they make: the rest of a grant is narrow."""

OF_HOLDER = frozenset({"aws:principalaccount", "aws:principalarn", "aws:principaltag", "aws:userid", "aws:username"})


def leaves_whole(condition: Condition) -> bool:
    """Whether a grant to an identity still reaches everything under a condition.

    Who holds it and how it is used (MFA, address, region) does not make it less; which resources it reaches does.
    """
    if condition.name in LIMITING:
        return False
    if condition.name in CLOSING or condition.name in FLAGS or condition.name in CHOSEN_BY_CALLER:
        return True
    if condition.name == "iam:policyarn" and condition.operator in LIKE | LITERAL:
        return any(fnmatchcase(ADMINISTRATOR, each) for each in condition.values)
    positive = condition.operator not in NEGATED and condition.operator != "null" and not condition.if_exists
    if positive and not condition.key.startswith("aws:"):
        return False  # only the requests of one service carry such a key
    raise Unknown(f"nobody can say what {condition.label} leaves of the grant")


def takes_away(condition: Condition) -> bool:
    """Whether a Deny under a condition takes the action from whoever holds the policy, however they go about it."""
    if condition.name in ALWAYS_HIT and condition.operator in NEGATED:
        return True
    if condition.name in OF_HOLDER:
        raise Unknown(f"nobody can say whether {condition.label} spares the holder of the policy")
    if condition.name in CLOSING or condition.name in FLAGS or condition.name in CHOSEN_BY_CALLER:
        return False
    raise Unknown(f"nobody can say what {condition.label} takes away")
