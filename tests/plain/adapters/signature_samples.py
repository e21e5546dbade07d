"""Every signature scheme with secrets, settings and a way to sign, for tests over all of them."""

import base64
import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import Settings

NOW = dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
BODY = '{"id":"evt_1","name":"Zoë"}'.encode()
KEY_ID = "key-2023"

# Obviously not of anybody: base64 of "demo key one, 24 bytes.." and of another such.
WHSEC = "whsec_" + base64.b64encode(b"demo key one, 24 bytes..").decode()
WHSEC_OTHER = "whsec_" + base64.b64encode(b"demo key two, 24 bytes..").decode()
# The first test of RFC 8032, section 7.1.
WHSK = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
WHPK = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@cache
def rsa_key(number):
    """A key pair; another number is another pair."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Sample:
    """A scheme as an endpoint would use it.

    ``signed_with``, ``verified_by`` and ``other`` are secrets; the last is another endpoint's.
    """

    code: str
    signed_with: str = "sesame"
    verified_by: str = "sesame"
    other: str = "simsim"
    settings: Settings = field(default_factory=Settings)
    name: str = ""

    @property
    def scheme(self):
        return signature.scheme(self.code)

    def signed(self, body=BODY, now=NOW, secret=None):
        return self.scheme.sign(body, secret or self.signed_with, now, self.settings)

    def verify(self, headers, body=BODY, secrets=None, now=NOW):
        secrets = [self.verified_by] if secrets is None else secrets
        self.scheme.verify(headers, body, secrets, now, self.settings)


class ShipEngineSample(Sample):
    """Signed with a private key, as only ShipEngine can."""

    def signed(self, body=BODY, now=NOW, secret=None):
        key = rsa_key(1 if secret == self.other else 0)
        signed_at = now.isoformat().replace("+00:00", "Z")
        signed = signed_at.encode() + b"." + body
        proof = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return {
            "x-shipengine-rsa-sha256-signature": base64.b64encode(proof).decode(),
            "x-shipengine-rsa-sha256-key-id": KEY_ID,
            "x-shipengine-timestamp": signed_at,
        }


def _public_key(key_id):
    return rsa_key(0).public_key() if key_id == KEY_ID else None


SAMPLES = [
    Sample("hmac_sha256"),
    Sample("easypost", signed_with="gehëim", verified_by="gehëim"),
    Sample("shippo"),
    Sample("aftership"),
    ShipEngineSample("shipengine", settings=Settings(find_key=_public_key)),
    Sample("sendcloud"),
    Sample("seventeen_track"),
    Sample("ups_track_alert"),
    Sample("fedex"),
    Sample("dhl_push", settings=Settings(header="X-Demo-Token")),
    Sample(
        "easyship",
        signed_with="webh_sesame_of_the_demo_company_1",
        verified_by="webh_sesame_of_the_demo_company_1",
        other="webh_sesame_of_the_demo_company_2",
    ),
    Sample("ship24"),
    Sample("standard_webhooks", WHSEC, WHSEC, WHSEC_OTHER),
    Sample("standard_webhooks", WHSK, WHPK, WHSEC_OTHER, name="public key"),
    Sample("hmac", settings=Settings(header="X-Demo-Signature", prefix="sha256=")),
    Sample(
        "hmac",
        settings=Settings(
            header="X-Demo-Signature",
            algorithm="sha512",
            encoding="base64",
            timestamp_header="X-Demo-Time",
        ),
        name="with time",
    ),
    Sample("token", settings=Settings(header="X-Demo-Token")),
    Sample("token", name="bearer"),
]


def label(sample):
    """What a test over all is called."""
    return f"{sample.code} {sample.name}".strip()
