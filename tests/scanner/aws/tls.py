"""Certificates of an authority of our own, and a proxy that leads everywhere to one address."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from select import select
from socket import create_connection, socket
from threading import Thread
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])


class Papers:
    """An authority, and what it certifies. ``authority`` is the path of its own certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.authority = str(folder / "authority.pem")
        own = self._certificate(NAME, self.key, x509.BasicConstraints(ca=True, path_length=None))
        Path(self.authority).write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def served(self, *hosts: str) -> ssl.SSLContext:
        """What a server needs to be these hosts."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        certificate = self._certificate(name, key, x509.SubjectAlternativeName([_name(each) for each in hosts]))
        path = self.folder / f"{hosts[0]}.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + _text(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        new = x509.CertificateBuilder(NAME, name, key.public_key(), x509.random_serial_number())
        new = new.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return new.add_extension(extension, critical=False).sign(self.key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    return x509.DNSName(host) if host[-1].isalpha() else x509.IPAddress(ip_address(host))


def _text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Tunnel:
    """A proxy's URL, and who was asked of it, with what it was told of whoever asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str | None]] = []


@contextmanager
def tunnel(to: str) -> Iterator[Tunnel]:
    it, behind = Tunnel(), (urlsplit(to).hostname or "", urlsplit(to).port or 0)

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            it.asked.append((self.path, self.headers["Proxy-Authorization"]))
            with create_connection(behind) as other:
                self.send_response(200)
                self.end_headers()
                _both_ways(self.connection, other)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()


def _both_ways(one: socket, other: socket) -> None:
    while True:
        for each in select([one, other], [], [])[0]:
            try:
                data = each.recv(65536)
            except OSError:
                return
            if not data:
                return
            (other if each is one else one).sendall(data)
