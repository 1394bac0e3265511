"""What people do to a bucket's settings by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State

MAIN = "driftline-witness-objects"


def _account(aws: Clients) -> str:
    found: str = aws("sts").get_caller_identity()["Account"]
    return found


def uploads_no_longer_fast(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_accelerate_configuration(Bucket=MAIN, AccelerateConfiguration={"Status": "Suspended"})


def bucket_given_up(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket(Bucket=state["aws_s3_bucket.copy"]["bucket"])


def bucket_with_settings_deleted(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket(Bucket=MAIN)


def any_page_may_write(aws: Clients, state: State) -> None:
    rules = [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]
    aws("s3").put_bucket_cors(Bucket=MAIN, CORSConfiguration={"CORSRules": rules})


def no_page_may_read(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_cors(Bucket=MAIN)


def one_rule_for_pages_kept(aws: Clients, state: State) -> None:
    rules = [each for each in aws("s3").get_bucket_cors(Bucket=MAIN)["CORSRules"] if "ID" not in each]
    aws("s3").put_bucket_cors(Bucket=MAIN, CORSConfiguration={"CORSRules": rules})


def listed_each_day(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_inventory_configuration(Bucket=MAIN, Id="weekly")["InventoryConfiguration"]
    changed = {**found, "Schedule": {"Frequency": "Daily"}, "IncludedObjectVersions": "Current"}
    aws("s3").put_bucket_inventory_configuration(Bucket=MAIN, Id="weekly", InventoryConfiguration=changed)


def list_no_longer_written(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_inventory_configuration(Bucket=MAIN, Id="weekly")["InventoryConfiguration"]
    changed = found | {"IsEnabled": False}
    aws("s3").put_bucket_inventory_configuration(Bucket=MAIN, Id="weekly", InventoryConfiguration=changed)


def _told(aws: Clients) -> dict[str, object]:
    found: dict[str, object] = aws("s3").get_bucket_notification_configuration(Bucket=MAIN)
    return {name: each for name, each in found.items() if name != "ResponseMetadata"}


def told_of_less(aws: Clients, state: State) -> None:
    queue = {"Id": "images", "QueueArn": state["aws_sqs_queue.events"]["arn"], "Events": ["s3:ObjectCreated:*"]}
    changed = _told(aws) | {"QueueConfigurations": [queue]}
    aws("s3").put_bucket_notification_configuration(Bucket=MAIN, NotificationConfiguration=changed)


def topic_no_longer_told(aws: Clients, state: State) -> None:
    kept = {name: each for name, each in _told(aws).items() if name != "TopicConfigurations"}
    aws("s3").put_bucket_notification_configuration(Bucket=MAIN, NotificationConfiguration=kept)


def nobody_told(aws: Clients, state: State) -> None:
    aws("s3").put_bucket_notification_configuration(Bucket=MAIN, NotificationConfiguration={})


def copied_less(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_replication(Bucket=MAIN)["ReplicationConfiguration"]
    rules = [each | {"Status": "Disabled"} for each in found["Rules"]]
    aws("s3").put_bucket_replication(Bucket=MAIN, ReplicationConfiguration=found | {"Rules": rules})


def rule_of_copies_removed(aws: Clients, state: State) -> None:
    found = aws("s3").get_bucket_replication(Bucket=MAIN)["ReplicationConfiguration"]
    rules = [each for each in found["Rules"] if each["ID"] != "rest"]
    aws("s3").put_bucket_replication(Bucket=MAIN, ReplicationConfiguration=found | {"Rules": rules})


def no_longer_copied(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_replication(Bucket=MAIN)


def locked_for_a_day(aws: Clients, state: State) -> None:
    retention = {"Mode": "GOVERNANCE", "Days": 1}
    aws("s3").put_object_lock_configuration(
        Bucket=state["aws_s3_bucket.copy"]["bucket"],
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )


def locked_for_years(aws: Clients, state: State) -> None:
    retention = {"Mode": "COMPLIANCE", "Years": 3}
    aws("s3").put_object_lock_configuration(
        Bucket=state["aws_s3_bucket.copy"]["bucket"],
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )


def no_longer_locked(aws: Clients, state: State) -> None:
    aws("s3").put_object_lock_configuration(
        Bucket=state["aws_s3_bucket.copy"]["bucket"], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def other_page_first(aws: Clients, state: State) -> None:
    site = {"IndexDocument": {"Suffix": "home.html"}}
    aws("s3").put_bucket_website(Bucket="driftline-witness-pages", WebsiteConfiguration=site)


def site_moved_elsewhere(aws: Clients, state: State) -> None:
    site = {"RedirectAllRequestsTo": {"HostName": "example.net"}}
    aws("s3").put_bucket_website(Bucket="driftline-witness-moved", WebsiteConfiguration=site)


def site_closed(aws: Clients, state: State) -> None:
    aws("s3").delete_bucket_website(Bucket="driftline-witness-pages")


def account_opened(aws: Clients, state: State) -> None:
    aws("s3control").delete_public_access_block(AccountId=_account(aws))


def account_half_open(aws: Clients, state: State) -> None:
    shut = {"BlockPublicAcls": False, "BlockPublicPolicy": False, "IgnorePublicAcls": True}
    aws("s3control").put_public_access_block(AccountId=_account(aws), PublicAccessBlockConfiguration=shut)


def account_shut_further(aws: Clients, state: State) -> None:
    shut = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    aws("s3control").put_public_access_block(AccountId=_account(aws), PublicAccessBlockConfiguration=shut)


COPY = "the bucket's own copy of what is declared by itself: told once, where it is declared"
ALL_OFF = "a lock that is gone is one with all of it off: told as what it lets through"
NOBODY = "an empty configuration is none to us; the provider goes on to read it"
SEAL = "moto forgets the seal, an empty block is left"

EXPLAINED: dict[str, dict[str, str]] = {
    "account_opened": {
        "ours: changed aws_s3_account_public_access_block.account block_public_acls": ALL_OFF,
        "ours: changed aws_s3_account_public_access_block.account block_public_policy": ALL_OFF,
        "terraform: missing aws_s3_account_public_access_block.account": ALL_OFF,
    },
    "any_page_may_write": {"terraform: changed aws_s3_bucket.main cors_rule": COPY},
    "copied_less": {"terraform: changed aws_s3_bucket.main replication_configuration": COPY},
    "list_no_longer_written": {"terraform: changed aws_s3_bucket_inventory.main destination": SEAL},
    "listed_each_day": {"terraform: changed aws_s3_bucket_inventory.main destination": SEAL},
    "locked_for_a_day": {"terraform: changed aws_s3_bucket.copy object_lock_configuration": COPY},
    "locked_for_years": {"terraform: changed aws_s3_bucket.copy object_lock_configuration": COPY},
    "no_longer_copied": {"terraform: changed aws_s3_bucket.main replication_configuration": COPY},
    "no_longer_locked": {"terraform: changed aws_s3_bucket.copy object_lock_configuration": COPY},
    "no_page_may_read": {"terraform: changed aws_s3_bucket.main cors_rule": COPY},
    "nobody_told": {
        "ours: missing aws_s3_bucket_notification.main": NOBODY,
        "terraform: changed aws_s3_bucket_notification.main queue": NOBODY,
        "terraform: changed aws_s3_bucket_notification.main topic": NOBODY,
    },
    "one_rule_for_pages_kept": {"terraform: changed aws_s3_bucket.main cors_rule": COPY},
    "other_page_first": {'terraform: changed aws_s3_bucket.site["pages"] website': COPY},
    "rule_of_copies_removed": {"terraform: changed aws_s3_bucket.main replication_configuration": COPY},
    "site_closed": {'terraform: changed aws_s3_bucket.site["pages"] website': COPY},
    "site_moved_elsewhere": {'terraform: changed aws_s3_bucket.site["moved"] website': COPY},
    "uploads_no_longer_fast": {"terraform: changed aws_s3_bucket.main acceleration_status": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""
