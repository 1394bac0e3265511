"""What AWS answers when it does not answer, in words a user can act on.

    Refused            a setting, a credential or a role that ends the scan before it begins; later, a call that
                       may not be made
      Elsewhere        S3 sent a call on to the region that the bucket is in; nothing was sent there
    Malformed          what came back is no answer of AWS's; botocore's, since it is one more way for a call to fail

Everything else is a gap of the scan: `explain` says which kind and why.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError


class Refused(Exception):
    """The scan cannot begin: no credentials, expired ones, a wrong role or account. Or a call may not be made."""


class Elsewhere(Refused):
    """A call was about to be sent to another region than it was meant for."""

    def __init__(self, meant: str, region: str) -> None:
        super().__init__(f"a call meant for {meant} was signed for {region}")
        self.region = region


class Malformed(BotoCoreError):  # type: ignore[misc]
    """What came back is no answer of AWS's: a proxy's page, half a document, an item without its id."""

    fmt = "the answer could not be read ({reason})"

    def __init__(self, reason: str, operation: str | None = None) -> None:
        super().__init__(reason=reason)
        self.operation_name = operation


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
    for codes, kind, reason in _ANSWERS:
        if name in codes:
            return kind, reason.format(name)
    if "Timeout" in name or isinstance(error, TimeoutError):
        return "timeout", f"no answer in time ({name})"
    if name in _UNREACHABLE:
        return "unreachable", str(error)
    if isinstance(error, Malformed):
        return "malformed", str(error)
    if isinstance(error, AttributeError | LookupError | TypeError | ArithmeticError):
        return "error", f"{name}: {error}"
    return "error", str(error) or name
