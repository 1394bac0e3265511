"""Slack's incoming webhooks, whose URL is itself the secret: only its host is ever told."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from scanner.notify import NotDelivered

TIMEOUT = 15  # seconds, for one attempt
RETRIES = 2
LONGEST_WAIT = 180  # seconds, for one message with all its retries

MEANINGS = {
    "no_service": "the webhook was removed or its app is disabled; make a new one",
    "no_team": "the workspace no longer exists",
    "no_active_hooks": "the webhook is disabled",
    "invalid_token": "the webhook's URL is not whole, or was revoked; copy it again",
    "channel_not_found": "its channel no longer exists; make a webhook for another",
    "channel_is_archived": "its channel is archived; make a webhook for another",
    "action_prohibited": "an administrator restricts posting to its channel",
    "posting_to_general_channel_denied": "an administrator restricts posting to its channel",
    "invalid_payload": "the message could not be read",
    "invalid_blocks": "the message breaks one of Slack's limits",
}


async def post(webhook: str, messages: Iterable[str]) -> None:
    """Post messages, JSON objects as scanner.report.slack renders them, in their order.

    Waits as long as Slack asks (429) and tries again when Slack fails (5xx). Raises NotDelivered
    at the first message that Slack does not take.
    """
    host = _host(webhook)
    pending = [msgspec.json.decode(each, type=dict) for each in messages]
    for n, message in enumerate(pending, 1):
        which = f"message {n} of {len(pending)}" if len(pending) > 1 else "the digest"
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                status, answer = await asyncio.to_thread(_send, webhook, message)
        except TimeoutError:
            raise NotDelivered(f"{host} did not take {which} within {LONGEST_WAIT} seconds") from None
        except Exception as error:
            raise NotDelivered(f"{host} could not be reached with {which}: {_told(error, webhook)}") from None
        if status != 200 or answer != "ok":
            raise NotDelivered(f"{host} refused {which}: {_refusal(status, answer, webhook)}")


def _host(webhook: str) -> str:
    try:
        url = urlsplit(webhook)
        host = url.hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise NotDelivered("the Slack webhook is not a URL; it looks like https://hooks.slack.com/services/…")
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(host)):
        raise NotDelivered(f"the Slack webhook at {host} is not https; its URL is a secret")
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _send(webhook: str, message: dict[str, object]) -> tuple[int, str]:
    """Slack's status and answer.

    slack_sdk's synchronous client: the asynchronous one does not retry a 5xx. It logs the URL, so
    its log goes nowhere.
    """
    from slack_sdk.http_retry.builtin_handlers import (
        ConnectionErrorRetryHandler,
        RateLimitErrorRetryHandler,
        ServerErrorRetryHandler,
    )
    from slack_sdk.webhook import WebhookClient

    client = WebhookClient(
        webhook,
        timeout=TIMEOUT,
        logger=_silent(),
        retry_handlers=[
            RateLimitErrorRetryHandler(max_retry_count=RETRIES),
            ServerErrorRetryHandler(max_retry_count=RETRIES),
            ConnectionErrorRetryHandler(max_retry_count=RETRIES),
        ],
    )
    answer = client.send_dict(message)
    return answer.status_code, answer.body.strip()


def _silent() -> logging.Logger:
    return logging.Logger("slack", level=logging.CRITICAL + 1)


def _refusal(status: int, answer: str, webhook: str) -> str:
    meaning = MEANINGS.get(answer)
    if meaning:
        return f"{answer} ({status}): {meaning}"
    if status == 429:
        return "it asks for fewer messages (429); wait a minute and try again"
    if status >= 500:
        return f"it has a fault of its own ({status}); try again later"
    return f"it answered {status} {_told(answer, webhook)!r}, and Slack answers 'ok'"


def _told(said: object, webhook: str) -> str:
    """What was said, on one line, without the webhook's path in it."""
    text = re.sub(r"\S*://\S+|/services/\S+", "(URL)", str(said))
    for secret in filter(None, (urlsplit(webhook).path.strip("/"), urlsplit(webhook).query)):
        text = text.replace(secret, "(URL)")
    return " ".join(text.split())[:120]
