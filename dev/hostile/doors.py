"""An endpoint of every signature scheme, and what the carriers behind them know."""

import base64
import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from dev import plain_imports
from dev.client import Client

from . import keys

plain_imports.enable()

from odoo.addons.shipment_visibility_carriers.adapters import (  # noqa: E402
    signature,
)

Headers = dict[str, str]


@dataclass(frozen=True)
class Door:
    """An endpoint as its carrier knows it.

    :ivar secret: what the carrier signs with.
    :ivar other: a secret of another endpoint of the same scheme.
    :ivar known: what we verify with; empty is the secret itself.
    :ivar path: the endpoint's address on the server.
    """

    name: str
    code: str
    secret: str
    other: str
    known: str = ""
    settings: signature.Settings = signature.Settings()
    path: str = ""

    @property
    def scheme(self) -> signature.SignatureScheme:
        """How it verifies."""
        return signature.scheme(self.code)

    @property
    def is_token(self) -> bool:
        """Whether the body is not signed, so that any body may stand beside the token."""
        return self.scheme.assurance is signature.Assurance.TOKEN

    @property
    def is_timed(self) -> bool:
        """Whether the time is signed, too."""
        by_header = bool(self.settings.timestamp_header)
        return by_header or self.scheme.assurance is signature.Assurance.TIME

    def sign(self, body: bytes, at: dt.datetime, secret: str = "") -> Headers:
        """The headers of a message that is signed at some time, by default rightly."""
        return self.scheme.sign(body, secret or self.secret, at, self.settings)


class KeyDoor(Door):
    """One whose carrier signs with a key that it publishes; the "secrets" are key owners."""

    def sign(self, body, at, secret="", key_id=keys.KEY_ID):
        """Override to sign as ShipEngine does."""
        signed_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        proof = keys.private_key(secret or self.secret).sign(
            signed_at.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256()
        )
        return {
            "x-shipengine-rsa-sha256-signature": base64.b64encode(proof).decode(),
            "x-shipengine-rsa-sha256-key-id": key_id,
            "x-shipengine-timestamp": signed_at,
        }


def _shared(code: str, name: str = "", **settings: str) -> Door:
    name = name or code
    return Door(
        name,
        code,
        f"secret-of-the-door-{name}",
        f"secret-of-another-{name}",
        settings=signature.Settings(**settings),
    )


def _standard(number: int) -> str:
    return (
        "whsec_" + base64.b64encode(f"demo key {number}, 24 bytes..".encode()).decode()
    )


# The first and the second test of RFC 8032, section 7.1.
_PRIVATE = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
_PUBLIC = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_OTHER_PRIVATE = "whsk_TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs="

DOORS: tuple[Door, ...] = (
    _shared("hmac_sha256"),
    _shared("easypost"),
    _shared("shippo"),
    _shared("aftership"),
    _shared("sendcloud"),
    _shared("fedex"),
    _shared("seventeen_track"),
    _shared("ups_track_alert"),
    _shared("ship24"),
    _shared("easyship", name="easyship-with-a-long-name-for-hs256"),
    _shared("dhl_push", header="X-Demo-Token"),
    _shared("token", name="token-in-header", header="X-Demo-Token"),
    _shared("token", name="token-bearer", header="Authorization"),
    _shared("hmac", name="hmac-hex", header="X-Demo-Signature", prefix="sha256="),
    _shared(
        "hmac",
        name="hmac-timed",
        header="X-Demo-Signature",
        algorithm="sha512",
        encoding="base64",
        timestamp_header="X-Demo-Time",
    ),
    Door("standard-v1", "standard_webhooks", _standard(1), _standard(2)),
    Door("standard-v1a", "standard_webhooks", _PRIVATE, _OTHER_PRIVATE, _PUBLIC),
    KeyDoor("shipengine", "shipengine", keys.OURS, keys.STRANGERS),
)


def open_doors(admin: Client, account: int) -> list[Door]:
    """Make an endpoint for each and return them with their addresses."""
    made = admin.call(
        "shipment.webhook.endpoint",
        "create",
        [_values(door, account) for door in DOORS],
    )
    told = admin.read("shipment.webhook.endpoint", made, "token")
    tokens = {one["id"]: one["token"] for one in told}
    return [
        dataclasses.replace(door, path=f"/shipment/webhook/{tokens[endpoint]}")
        for door, endpoint in zip(DOORS, made, strict=True)
    ]


def _values(door: Door, account: int) -> dict[str, object]:
    values = {
        "name": door.name,
        "account_id": account,
        "scheme": door.code,
        "signature_header": door.settings.header,
        "signature_algorithm": door.settings.algorithm,
        "signature_encoding": door.settings.encoding,
        "signature_prefix": door.settings.prefix,
        "signature_timestamp_header": door.settings.timestamp_header,
    }
    if not door.scheme.keys_url:
        values["new_secret"] = door.known or door.secret
    return values


def by_scheme(doors: Sequence[Door], code: str) -> list[Door]:
    """Those of one scheme."""
    return [door for door in doors if door.code == code]
