"""The credentials of an account: where they come from, how long they last, and what is said when they do not.

botocore renews what expires. What it cannot renew may have been written anew by whoever wrote it (a log-in,
a tool, another process), and so it is read once more; then it is over, and nothing more is sent with it.
"""

from __future__ import annotations

import asyncio
import getpass
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError
from botocore.utils import JSONFileCache

from scanner.asking import asking
from scanner.aws.errors import EXPIRED, Expired, Refused, code, explain, skew, trouble

Item = dict[str, Any]
Load = Callable[[bool], Awaitable[Any]]
"""Gets credentials, from wherever they come; of all but the first time it is told that it is not."""


class Keys:
    """The credentials of one account, as botocore's signers ask for them.

    ``ids`` are all access keys that they have had: what they are renewed with in mid-scan is as much theirs
    as what they began with.
    """

    def __init__(self, load: Load, name: str = "") -> None:
        self.ids: set[str] = set()
        self.current = ""
        self._load, self._name = load, name
        self._credentials: Any = None
        self._over: Expired | None = None
        self._loading = asyncio.Lock()

    async def ready(self) -> Keys:
        """Themselves, once there. Raises NoCredentialsError where there are none, and what getting them raises."""
        self.usable()
        async with self._loading:
            if self._credentials is None:
                self._credentials = await self._loaded(again=False)
        await self._frozen(self._credentials)
        return self

    def usable(self) -> str:
        """The access key of the moment. Raises Expired where there is none any more."""
        if self._over:
            raise self._over
        return self.current

    async def get_frozen_credentials(self) -> Any:
        """What botocore signs with. Raises Expired where nothing is left, and to the first what AWS answered."""
        self.usable()
        used = self._credentials
        try:
            return await self._frozen(used)
        except Exception as error:
            if trouble(error) is not None:
                raise
            async with self._loading:
                if self._credentials is used and not self._over:
                    await self._replace(error)
            if self._over is None:
                return await self._frozen(self._credentials)
            if isinstance(error, ClientError):
                raise
            raise self._over from error

    async def anew(self, key: str, error: ClientError) -> bool:
        """Whether there are other credentials now than the key that AWS found expired; the files are read once more."""
        if code(error) not in EXPIRED or skew(error):
            return False
        async with self._loading:
            if not self._over and self.current == key:
                await self._replace(error)
        return self._over is None

    async def _replace(self, error: Exception) -> None:
        """Newer credentials in place of those that failed; where there are none, that it is over, and why."""
        known = set(self.ids)
        try:
            newer = await self._loaded(again=True)
            found = (await self._frozen(newer)).access_key
        except Exception as raised:
            if trouble(raised) is None:
                self._over = Expired(reason=over(error, self._name))
        else:
            if found in known:
                self._over = Expired(reason=over(error, self._name))
            self._credentials = newer

    async def _loaded(self, again: bool) -> Any:
        found = await _told(self._load(again))
        if found is None:
            raise NoCredentialsError
        return found

    async def _frozen(self, credentials: Any) -> Any:
        frozen = await _told(credentials.get_frozen_credentials())
        self.current = frozen.access_key
        self.ids.add(frozen.access_key)
        return frozen


async def _told(work: Awaitable[Any]) -> Any:
    """What it comes to; what botocore does not see to itself is CredentialRetrievalError, of its own."""
    try:
        return await work
    except (ResponseParserError, LookupError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise CredentialRetrievalError(provider="where they are kept", error_msg=reason) from error
    except RuntimeError as error:
        if "still expired" not in str(error):
            raise
        raise Expired(reason="the credentials had expired when they came; is this machine's clock right?") from error


# --- in words ---------------------------------------------------------------------------------------


def over(error: Exception, profile: str) -> str:
    """Why nothing more can be sent with some credentials."""
    if said := unavailable(error, profile):
        return said
    kind, reason = explain(error)
    if kind == "expired":
        return "the credentials have expired, and there are no newer ones; log in again, and repeat the scan"
    return f"the credentials could not be renewed: {reason}"


def unavailable(error: BaseException, profile: str) -> str | None:
    """What to do about credentials that are not to be had; None where the error speaks for itself."""
    if isinstance(error, Expired):
        return str(error)
    if isinstance(error, SSOError | TokenRetrievalError):
        option = f" --profile {profile}" if profile else ""
        return f"the SSO session is not open, or has expired; run `aws sso login{option}`, and repeat the scan"
    if isinstance(error, RefreshWithMFAUnsupportedError):
        return "the session that the MFA code opened is over; repeat the scan, with a new code"
    return None


# --- the MFA code, and what it opens ------------------------------------------------------------------


def typed(prompt: str) -> str:
    """The MFA code, from the terminal. Raises Refused where there is none to ask on: a read would wait for ever."""
    try:
        with asking(), warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (EOFError, OSError, getpass.GetPassWarning) as error:
        raise Refused(
            "the profile asks for an MFA code, and there is no terminal to type it on; "
            "open its session first with `aws sts get-caller-identity`, or use a profile without mfa_serial"
        ) from error


def untyped(prompt: str) -> str:
    raise Refused("the profile asks for another MFA code; repeat the scan")


class Remembered(JSONFileCache):  # type: ignore[misc]
    """The sessions of assumed roles as the AWS CLI keeps them, under its names: what it opened asks no code again.

    A file that cannot be read is none. What cannot be written is kept until the process ends.
    """

    unwritten: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        JSONFileCache.__init__(self, str(Path("~/.aws/cli/cache").expanduser()))

    def __contains__(self, key: str) -> bool:
        try:
            return "Expiration" in self[key]["Credentials"]
        except (LookupError, TypeError):
            return False

    def __getitem__(self, key: str) -> Any:
        path = self._convert_cache_key(key)
        return self.unwritten[path] if path in self.unwritten else JSONFileCache.__getitem__(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        path = self._convert_cache_key(key)
        self.unwritten.pop(path, None)
        try:
            JSONFileCache.__setitem__(self, key, value)
        except (OSError, ValueError):
            self.unwritten[path] = value
