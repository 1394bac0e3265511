"""Terraform's state: who can read the bucket it lies in, what brings it back, and what should not stand in it.

Only what a scan was told of is judged: states that it read from S3, and those that a backend in the code names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.absence import anywhere
from checks.check import Category, Fault, Severity, Skip, Terms, check
from checks.cloudtrail_events import records_reads_of
from checks.doubt import all_of, either
from checks.s3 import s3_bucket_versioning
from checks.s3_access import s3_bucket_public_access_block
from checks.s3_keeping import s3_bucket_kms_encryption
from checks.s3_settings import logs_accesses
from state import GLOBAL, Inventory, Resource, Unknown
from state.terraform.keeping import Kept

SHOWN = 20
"""How many of many places stand in evidence."""


def state_buckets(inventory: Inventory, terms: Terms) -> Iterator[Resource]:
    """The buckets in which states lie. One that was not read stands for itself, and nothing is known of it."""
    read = {_name(each): each for each in inventory.of("aws_s3_bucket")}
    for name in sorted({each.bucket for each in terms.states}):
        unseen = {"bucket": _why_unseen(name, inventory)}
        yield read.get(name) or Resource(type="aws_s3_bucket", id=name, unknown=unseen)


def _name(bucket: Resource) -> str:
    return str(bucket.attributes.get("bucket") or bucket.id)


def _why_unseen(name: str, inventory: Inventory) -> str:
    """A bucket's name does not say whose it is: whatever could not be read of buckets may have hidden it."""
    hidden = (inventory.unseen("aws_s3_bucket", each.account, GLOBAL) for each in inventory.of("account"))
    nowhere = f"the bucket {name} is in none of the accounts and regions that were read"
    return next((f"{nowhere}: {reason}" for reason in hidden if reason), nowhere)


def states_in(bucket: Resource, terms: Terms) -> Sequence[Kept]:
    """The states in a bucket; there is at least one, or else nothing to judge."""
    found = [each for each in terms.states if each.bucket == _name(bucket)]
    if not found:
        raise Skip(f"no state is known to lie in {bucket.id}")
    return found


def _weighed(verdict: str | Fault | None, bucket: Resource, terms: Terms) -> Fault | None:
    """What is wrong with a bucket, and which states are in it."""
    if verdict is None:
        return None
    fault = Fault(verdict) if isinstance(verdict, str) else verdict
    held = _first_of([each.source for each in states_in(bucket, terms)])
    return Fault(f"{fault.message}; it holds {held}", fault.evidence)


@check("aws_s3_bucket", severity=Severity.CRITICAL, category=Category.GOVERNANCE, subjects=state_buckets)
def tfstate_bucket_public(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Bucket that holds Terraform state is not shut to the public on all four settings.

    A state tells every resource there is, and most hold passwords. One policy or ACL written by mistake
    publishes it all, unless Block Public Access overrules that, on the bucket or for the whole account.

    Fix: declare an `aws_s3_bucket_public_access_block` for the bucket with all four arguments true.

    CLI: `aws s3api put-public-access-block --bucket {id} --public-access-block-configuration
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`

    Fails:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_public_access_block" "state" {
          bucket                  = aws_s3_bucket.state.id
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = false
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_public_access_block" "state" {
          bucket                  = aws_s3_bucket.state.id
          block_public_acls       = true
          block_public_policy     = true
          ignore_public_acls      = true
          restrict_public_buckets = true
        }
    """
    return _weighed(s3_bucket_public_access_block(bucket, inventory), bucket, terms)


@check("aws_s3_bucket", severity=Severity.HIGH, category=Category.GOVERNANCE, subjects=state_buckets)
def tfstate_bucket_versioning(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Bucket that holds Terraform state has no versioning.

    A state that an interrupted run or a wrong `terraform state rm` spoiled is mended by the version before it.
    Without one, everything has to be imported again by hand.

    Fix: declare an `aws_s3_bucket_versioning` with status Enabled.

    CLI: `aws s3api put-bucket-versioning --bucket {id} --versioning-configuration Status=Enabled`

    Fails:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_versioning" "state" {
          bucket = aws_s3_bucket.state.id
          versioning_configuration {
            status = "Suspended"
          }
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_versioning" "state" {
          bucket = aws_s3_bucket.state.id
          versioning_configuration {
            status = "Enabled"
          }
        }
    """
    return _weighed(s3_bucket_versioning(bucket, inventory), bucket, terms)


@check("aws_s3_bucket", severity=Severity.HIGH, category=Category.GOVERNANCE, subjects=state_buckets)
def tfstate_bucket_encryption(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Bucket that holds Terraform state is not encrypted with a KMS key.

    S3 encrypts everything with a key of its own, which opens to whoever may read the object. A KMS key asks a
    second time, by its own policy, and CloudTrail records each use. What counts is the bucket's own rule: the
    `kms_key_id` of a backend holds for what that one backend writes.

    Fix: declare an `aws_s3_bucket_server_side_encryption_configuration` with `aws:kms` and a key of your own.

    Fails:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
          bucket = aws_s3_bucket.state.id
          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm = "AES256"
            }
          }
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
          bucket = aws_s3_bucket.state.id
          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm     = "aws:kms"
              kms_master_key_id = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
            }
          }
        }
    """
    return _weighed(s3_bucket_kms_encryption(bucket, inventory), bucket, terms)


@check("aws_s3_bucket", severity=Severity.MEDIUM, category=Category.GOVERNANCE, subjects=state_buckets)
def tfstate_bucket_logging(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Reads of the Terraform state bucket leave no trace in access logs or data events.

    Whoever takes the state has the passwords in it, and nobody could say afterwards that it was read. Server access
    logs of the bucket will do, and so will a trail whose data events cover reads of each state in it, in the
    bucket's region. A trail of another account is not seen.

    Fix: declare an `aws_s3_bucket_logging` for the bucket, or a selector of data events for it.

    Fails:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_s3_bucket_logging" "state" {
          bucket        = aws_s3_bucket.state.id
          target_bucket = "acme-access-logs"
          target_prefix = "state/"
        }
    """
    names = [each.source.removeprefix("s3://") for each in states_in(bucket, terms)]

    def traced(name: str) -> bool:
        return bool(anywhere(lambda trail: _covers(trail, bucket, name), bucket, inventory, "aws_cloudtrail"))

    if either(lambda: logs_accesses(bucket, inventory), lambda: all_of(traced, names)):
        return None
    evidence = {"aws_s3_bucket_logging.target_bucket": None, "aws_cloudtrail.event_selector": None}
    return _weighed(Fault(f"nothing tells who reads {bucket.id}", evidence), bucket, terms)


def _covers(trail: Resource, bucket: Resource, name: str) -> bool:
    """Whether a trail is at work in a bucket's region, and records reads of one object in it."""
    here = either(lambda: trail.region == bucket.region, lambda: trail["is_multi_region_trail"])
    return here and records_reads_of(trail, name)


@check("aws_s3_bucket", severity=Severity.MEDIUM, category=Category.GOVERNANCE, subjects=state_buckets)
def tfstate_lock_missing(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Terraform state bucket shows neither a lock table nor native lock files.

    Two runs at once overwrite one another's state, and what only one of them wrote down is in no state any
    more. Told by the backends in the code that was read: a state whose backend was not read is unknown.

    Fix: set `use_lockfile = true` in the backend (Terraform 1.10, OpenTofu 1.10), or `dynamodb_table` before that.

    Fails:

        terraform {
          backend "s3" {
            bucket = "acme-state"
            key    = "live.tfstate"
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }
    """
    found = states_in(bucket, terms)
    if loose := [each for each in found if each.locked is False]:
        evidence = {each.said_in: "neither use_lockfile nor dynamodb_table" for each in loose[:SHOWN]}
        return Fault(f"nothing locks {_first_of([each.source for each in loose])}", evidence)
    if unsure := [each.source for each in found if each.locked is None]:
        raise Unknown(f"no code that was read says whether {_first_of(unsure)} is locked; add its folder with --from")
    return None


@check("aws_s3_bucket", severity=Severity.HIGH, category=Category.SECRETS, subjects=state_buckets)
def tfstate_secrets_plain(bucket: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """State file holds plain secrets.

    Whatever Terraform sets or reads stands in its state as it is, marked `sensitive` or not: whoever may read
    the state has it. Looked into are all resources, data sources and outputs of the states that were read,
    for what has the form of a secret or the name of one. What is told is the place; the value is neither stored nor
    shown.

    Fix: let AWS keep the secret (`manage_master_user_password`), set it by a write-only argument
    (`password_wo`), or read it by an `ephemeral` block; then change it, since old versions of the state have it.

    Fails:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_db_instance" "orders" {
          identifier = "orders"
          password   = "correct horse"
        }

    Passes:

        terraform {
          backend "s3" {
            bucket       = "acme-state"
            key          = "live.tfstate"
            use_lockfile = true
          }
        }

        resource "aws_s3_bucket" "state" {
          bucket = "acme-state"
        }

        resource "aws_db_instance" "orders" {
          identifier                  = "orders"
          manage_master_user_password = true
        }
    """
    found = states_in(bucket, terms)
    evidence = {f"{each.source} {path}": kind for each in found for path, kind in (each.secrets or {}).items()}
    if evidence:
        holding = [each.source for each in found if each.secrets]
        kinds = ", ".join(sorted(set(evidence.values())))
        places = "1 place" if len(evidence) == 1 else f"{len(evidence):,} places"
        message = f"{_first_of(holding)} holds in {places} what looks like {kinds}"
        return Fault(message, dict(list(evidence.items())[:SHOWN]))
    if unread := [each.source for each in found if each.secrets is None]:
        raise Unknown(f"{_first_of(unread)} was not read; add --from {unread[0]}")
    return None


def _first_of(sources: Sequence[str]) -> str:
    """The first of some states, and how many there are beside it."""
    more = len(sources) - 1
    return sources[0] if not more else f"{sources[0]} and {more} more" if more > 1 else " and ".join(sources)
