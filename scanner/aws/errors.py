"""What AWS answers when it does not answer, in words a user can act on.

    Refused            a setting, a credential or a role that ends the scan before it begins
      Elsewhere        S3 sent a call on to the region that the bucket is in; nothing was sent there

Everything else is a gap of the scan: `explain` says which kind and why.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Refused(Exception):
    """The scan cannot begin: no credentials, expired ones, a wrong role, account or region."""


class Elsewhere(Refused):
    """A call was about to be sent to another region than it was meant for."""

    def __init__(self, meant: str, region: str) -> None:
        super().__init__(f"a call meant for {meant} was signed for {region}")
        self.region = region


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


def explain(error: BaseException) -> tuple[str, str]:
    """(kind of gap, reason) of a call that failed."""
    name = code(error)
    operation = getattr(error, "operation_name", None)
    call = f"{operation}: " if operation else ""
    if name in DENIED:
        return "denied", f"{call}access denied ({name})"
    if name in EXPIRED:
        return "expired", f"{call}the credentials expired"
    if name in INVALID:
        return "unsupported", f"{call}the credentials are not valid here; the region may not be enabled ({name})"
    if name in THROTTLED:
        return "throttled", f"{call}throttled after every retry ({name})"
    if name in UNSUPPORTED:
        return "unsupported", f"{call}not offered here ({name})"
    if "Timeout" in name or isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "timeout", f"{call}no answer in time ({name})"
    if name in ("EndpointConnectionError", "ConnectionClosedError", "ProxyConnectionError", "SSLError"):
        return "unreachable", f"{call}{error}"
    if name in ("ResponseParserError", "JSONDecodeError", "UnicodeDecodeError"):
        return "malformed", f"{call}the answer could not be read ({name})"
    return "error", f"{call}{error or name}"
