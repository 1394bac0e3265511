"""A moto server as a process of its own: prints its address, and serves until it is ended.

Where moto itself fails it says 400 at once: after a 500 everybody waits and asks again, and waiting would be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event
from typing import Any

from tests.witness.moto_server import AS_JSON, Application, moto, served


def outright(application: Application) -> Application:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Exception:
            start_response("400 Bad Request", [("Content-Type", "application/json")])
            return [AS_JSON]

    return answer


def main() -> None:
    with served(outright(moto())) as address:
        print(address, flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
