"""How a message proves that it is ours: Standard Webhooks, symmetric (``v1``).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets as randomness
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as the receiver stores it."""
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def headers(
    message_id: str, now: dt.datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of a message, signed with every secret that is live.

    :param now: when it is sent; the receiver refuses what is minutes old
    :raise ValueError: there is no secret to sign with.
    """
    if not secrets:
        raise ValueError("no secret to sign with")
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(signed, key) for key in secrets),
    }


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
