"""Amazon SNS: how topics keep their messages, and whether alarms reach anybody through them."""

from __future__ import annotations

from checks.alarms import COMPOSITE, METRIC, actions, has_subscriber
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource


@check(
    "aws_sns_topic",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="SNS.1",
    pci_4="3.5.1;8.3.2",
    soc2="pi_1_4",
    nist_800_53_r5="au_9_3;cp_9_d;sc_13_a;sc_28_1;sc_8_3;sc_8_4",
    hipaa="164_308_a_1_ii_b;164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP04",
)
def sns_topic_unencrypted(topic: Resource, inventory: Inventory) -> str | None:
    """Topic is not encrypted with a KMS key.

    Messages that wait for delivery then lie on Amazon's disks under no key of anybody's. Mind that alarms and
    buckets can publish to an encrypted topic only by a key whose policy lets them: not by `alias/aws/sns`.

    Fix: set `kms_master_key_id`.

    Fails:

        resource "aws_sns_topic" "orders" {
          name = "orders"
        }

    Passes:

        resource "aws_sns_topic" "orders" {
          name              = "orders"
          kms_master_key_id = "alias/topics"
        }
    """
    return None if topic["kms_master_key_id"] else f"{topic.name} is not encrypted with a KMS key"


@check("aws_sns_topic", severity=Severity.HIGH, category=Category.LOGGING)
def sns_alarm_topic_no_subscribers(topic: Resource, inventory: Inventory) -> Fault | None:
    """Topic that alarms notify has no confirmed subscriber.

    The alarm goes off and nobody hears it. Who was subscribed by e-mail counts once they followed the link. A
    topic that no alarm names is not asked.

    Fix: subscribe the people, or the tool that wakes them.

    Fails:

        resource "aws_sns_topic" "ops" {
          name = "ops"
        }

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name    = "cpu"
          alarm_actions = [aws_sns_topic.ops.arn]
        }

    Passes:

        resource "aws_sns_topic" "ops" {
          name = "ops"
        }

        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name    = "cpu"
          alarm_actions = [aws_sns_topic.ops.arn]
        }

        resource "aws_sns_topic_subscription" "people" {
          topic_arn = aws_sns_topic.ops.arn
          protocol  = "email"
          endpoint  = "ops@example.com"
        }

    Passes:

        resource "aws_sns_topic" "orders" {
          name = "orders"
        }
    """
    arn = topic["arn"]

    def names_it(alarm: Resource) -> Resource | None:
        return alarm if arn in (alarm["alarm_actions"] or ()) else None

    def alarm_of(type: str) -> Resource | None:
        return any_of(names_it, inventory.candidates(topic, type, actions, arn))

    alarm = any_of(alarm_of, (METRIC, COMPOSITE))
    if not alarm or has_subscriber(topic, inventory, arn):
        return None
    return Fault(f"{alarm.name} notifies {topic.name}, to which nobody is subscribed", {alarm.type: alarm.name})


@check("aws_sns_topic_subscription", severity=Severity.HIGH, category=Category.ENCRYPTION)
def sns_http_subscription(subscription: Resource, inventory: Inventory) -> str | None:
    """Topic delivers to a plain HTTP address.

    Messages cross the internet for everyone on the way to read, and to change: only who asks for it checks their
    signature.

    Fix: subscribe the `https` address, and delete this one.

    Fails:

        resource "aws_sns_topic_subscription" "shop" {
          topic_arn = "arn:aws:sns:eu-west-1:123456789012:orders"
          protocol  = "http"
          endpoint  = "http://shop.example.com/orders"
        }

    Passes:

        resource "aws_sns_topic_subscription" "shop" {
          topic_arn = "arn:aws:sns:eu-west-1:123456789012:orders"
          protocol  = "https"
          endpoint  = "https://shop.example.com/orders"
        }
    """
    return f"{subscription.name} delivers over plain HTTP" if subscription["protocol"] == "http" else None
