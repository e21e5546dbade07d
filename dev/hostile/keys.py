"""Publishes keys as ShipEngine does, and notes who asks for what.

It is also the address that hostile requests name: whatever it is asked beside its keys was
asked because a stranger said so.
"""

import base64
import json
import threading
from collections import Counter
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID = "demo-key-1"
PATH = "/jwks"
OURS, STRANGERS = "ours", "the stranger's"


@cache
def private_key(owner: str) -> rsa.RSAPrivateKey:
    """The key pair of an owner; only that of :data:`OURS` is published."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> bytes:
    """The published key as a file."""
    return (
        private_key(OURS)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def jwk(owner: str, key_id: str) -> dict[str, str]:
    """A public key as RFC 7517 writes it."""
    numbers = private_key(owner).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id,
        "n": _base64(numbers.n),
        "e": _base64(numbers.e),
    }


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class KeyServer(ThreadingHTTPServer):
    """On loopback, for as long as the ``with`` block lasts.

    :ivar asked: how often each path was asked for.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "KeyServer":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        # A stranger's keys are there to be found, should anybody look for them.
        owner = OURS if self.path == PATH else STRANGERS
        body = json.dumps({"keys": [jwk(owner, KEY_ID)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Override of http.server to keep quiet."""
