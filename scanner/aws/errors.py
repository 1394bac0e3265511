"""What AWS answers when it does not answer, in words a user can act on.

    Refused            a setting, a credential or a role that ends the scan before it begins; later, a call that
                       may not be made
      Elsewhere        S3 sent a call on to the region that the bucket is in; nothing was sent there
    Stopped            the collecting was ended before it came to this
    Malformed          what came back is no answer of AWS's; botocore's, since it is one more way for a call to fail
    Expired            the account's credentials are over, and there are no newer ones; nothing was sent

Everything else is a gap of the scan: `explain` says which kind and why.
"""

from __future__ import annotations

import builtins
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ConnectionError,
    HTTPClientError,
    PaginationError,
    ProxyConnectionError,
    SSLError,
)


class Refused(Exception):
    """The scan cannot begin: no credentials, expired ones, a wrong role or account. Or a call may not be made."""


class Elsewhere(Refused):
    """A call was about to be sent to another region than it was meant for."""

    def __init__(self, meant: str, region: str) -> None:
        super().__init__(f"a call meant for {meant} was signed for {region}")
        self.region = region


class Stopped(Exception):
    """The collecting was ended before it came to this: by Ctrl-C, or by the scan's time limit."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Malformed(BotoCoreError):  # type: ignore[misc]
    """What came back is no answer of AWS's: a proxy's page, half a document, an item without its id."""

    fmt = "the answer could not be read ({reason})"

    def __init__(self, reason: str, operation: str | None = None) -> None:
        super().__init__(reason=reason)
        self.operation_name = operation


class NotOffered(BotoCoreError):  # type: ignore[misc]
    """A region has no such service: there is no host for it, and botocore knows of none."""

    fmt = "{service} is not offered in {region}: there is no {host}"

    def __init__(self, service: str, region: str, host: str) -> None:
        super().__init__(service=service, region=region, host=host)
        self.service, self.region = service, region


class Expired(BotoCoreError):  # type: ignore[misc]
    """The credentials of an account are over, and there are no newer ones: its calls are sent no more."""

    fmt = "{reason}"
    kind = "expired"


DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationError",
    "Forbidden",
    "UnauthorizedOperation",
    "403",
}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
SKEWED = {"InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}
"""What a wrong clock is answered with, among other things."""
INVALID = {"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
UNSUPPORTED = {
    "InvalidAction",
    "NotImplemented",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}


def code(error: BaseException) -> str:
    """The AWS error code of a failed call, its HTTP status where it gave no code, or the exception's name."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        return str(response.get("Error", {}).get("Code") or status or "Unknown")
    return type(error).__name__


TOLERATED = 300
"""Seconds that AWS lets a clock be wrong by."""


def skew(error: BaseException) -> str | None:
    """How wrong this machine's clock is, by the time at which AWS refused a call; None where it is right enough."""
    response: Any = getattr(error, "response", None) or {}
    said = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        seconds = (datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds()
    except (TypeError, ValueError):
        return None
    way = "ahead" if seconds > 0 else "behind"
    return (
        f"this machine's clock is {abs(seconds) / 60:.0f} minutes {way} of AWS's" if abs(seconds) > TOLERATED else None
    )


_ANSWERS = (
    (DENIED, "denied", "access denied ({})"),
    (EXPIRED, "expired", "the credentials expired"),
    (INVALID, "unsupported", "the credentials are not valid here; the region may not be enabled ({})"),
    (THROTTLED, "throttled", "throttled after every retry ({})"),
    (UNSUPPORTED, "unsupported", "not offered here ({})"),
)
_UNREACHABLE = ("EndpointConnectionError", "ConnectionClosedError", "ProxyConnectionError", "SSLError")


def explain(error: BaseException) -> tuple[str, str]:
    """(kind of gap, reason) of a call that failed."""
    kind, reason = _explained(error, code(error))
    operation = getattr(error, "operation_name", None)
    return kind, f"{operation}: {reason}" if operation else reason


def _explained(error: BaseException, name: str) -> tuple[str, str]:
    if name in SKEWED and (wrong := skew(error)):
        return "expired", f"{wrong} ({name})"
    for codes, kind, reason in _ANSWERS:
        if name in codes:
            return kind, reason.format(name)
    if "Timeout" in name or isinstance(error, TimeoutError):
        return "timeout", f"no answer in time ({name})"
    if name in _UNREACHABLE or isinstance(error, builtins.ConnectionError):
        return "unreachable", str(error) or name
    if isinstance(error, PaginationError):
        return "malformed", "the pages do not end: one pointed back to one that was read"
    if isinstance(error, Malformed):
        return "malformed", str(error)
    if isinstance(error, NotOffered):
        return "unsupported", str(error)
    if isinstance(error, Stopped | Expired):
        return error.kind, str(error)
    if isinstance(error, AttributeError | LookupError | TypeError | ArithmeticError):
        return "error", f"{name}: {error}"
    return "error", _said(error, name)


def _said(error: BaseException, name: str) -> str:
    """AWS's own sentence and its code, without botocore's around it; of a proxy's page only that it is one."""
    response: Any = getattr(error, "response", None)
    if not isinstance(response, dict):
        return str(error) or name
    text = " ".join(str(response.get("Error", {}).get("Message") or "").split())
    if text.startswith("<"):
        return f"a page came back, and no answer of AWS's (HTTP {status(error) or name})"
    return f"{text} ({name})" if text else name


class Trouble(Enum):
    """What may be over when the same is asked again."""

    THROTTLED = "throttled"
    PASSING = "passing"
    TIMEOUT = "timeout"


PASSING = {
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransientError",
    "Unavailable",
}
_PASSING = (ConnectionError, builtins.ConnectionError, HTTPClientError, Malformed)
_STATUS = {500, 502, 503, 504}


def status(error: BaseException) -> int | None:
    """The HTTP status of a refused call; None where no answer came."""
    response: Any = getattr(error, "response", None)
    found = response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(response, dict) else None
    return found if isinstance(found, int) else None


def trouble(error: BaseException) -> Trouble | None:
    """Why asking again may help; None where it cannot."""
    name = code(error)
    if name in THROTTLED:
        return Trouble.THROTTLED
    if "Timeout" in type(error).__name__ or isinstance(error, TimeoutError):
        return Trouble.TIMEOUT
    if isinstance(error, ProxyConnectionError | SSLError):
        return None
    if name in PASSING or status(error) in _STATUS or isinstance(error, _PASSING):
        return Trouble.PASSING
    return None
