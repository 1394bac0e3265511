"""moto as a web application, which says at once of an operation that it does not have that it does not know it.

By itself it fails with 500, as AWS does when it is ill: then everybody asks again, and waits longer each time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

AS_JSON = json.dumps({"__type": "UnknownOperationException", "message": "moto does not have it"}).encode()
AS_XML = b"""<ErrorResponse>
  <Error><Code>UnknownOperation</Code><Message>moto does not have it</Message></Error>
</ErrorResponse>"""


def moto() -> Application:
    return plainly(DomainDispatcherApplication(backend))


def backend(name: str) -> Any:
    application = create_backend_app(name)
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


def plainly(application: Application) -> Application:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except NotImplementedError:
            form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
            start_response("400 Bad Request", [("Content-Type", "text/xml" if form else "application/json")])
            return [AS_XML if form else AS_JSON]

    return answer


@contextmanager
def served(application: Application) -> Iterator[str]:
    """The address at which it answers."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
