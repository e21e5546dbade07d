"""Standard Webhooks: the examples and the refusals of the specification's own libraries."""

import base64
import datetime as dt

import pytest

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import (
    SignatureError,
    standard,
)

from .signature_samples import WHPK, WHSEC_OTHER, WHSK

# https://github.com/standard-webhooks/standard-webhooks, libraries/javascript, and Svix's own.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
CLAIM = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = dt.datetime.fromtimestamp(1614265330, dt.UTC)
# openssl pkeyutl -sign -rawin, with the key of RFC 8032, section 7.1, test 1.
PUBLIC_CLAIM = (
    "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbz"
    "EHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw=="
)
FOREIGN = "v1," + base64.b64encode(bytes(32)).decode()


def headers(claims=CLAIM, family="webhook", message_id=MESSAGE_ID, at="1614265330"):
    return {
        f"{family}-id": message_id,
        f"{family}-timestamp": at,
        f"{family}-signature": claims,
    }


def verify(signed, secrets=(SECRET,), body=BODY, now=NOW):
    signature.scheme("standard_webhooks").verify(signed, body, secrets, now)


def refused(signed, **options):
    with pytest.raises(SignatureError) as raised:
        verify(signed, **options)
    return str(raised.value)


def test_the_published_example():
    verify(headers())
    scheme = signature.scheme("standard_webhooks")
    assert scheme.sign_as(MESSAGE_ID, BODY, [SECRET], NOW) == headers()


def test_an_example_with_a_public_key():
    verify(headers(PUBLIC_CLAIM), secrets=[WHPK])
    scheme = signature.scheme("standard_webhooks")
    signed = scheme.sign_as(MESSAGE_ID, BODY, [WHSK], NOW)
    assert signed == headers(PUBLIC_CLAIM)


def test_headers_as_svix_names_them():
    verify(headers(family="svix"))
    verify(headers(PUBLIC_CLAIM, family="Svix"), secrets=[WHPK])


def test_the_two_families_of_headers_are_not_mixed():
    mixed = {**headers(), **headers(family="svix")}
    verify(mixed)
    for name in ("webhook-id", "webhook-timestamp"):
        rest = {key: value for key, value in mixed.items() if key != name}
        assert refused(rest) == "not signed"
    # A good pair of the other names does not excuse a bad one.
    assert refused({**mixed, **headers(FOREIGN)}) == "wrong signature"


@pytest.mark.parametrize(
    "secret", [SECRET, SECRET.removeprefix("whsec_"), SECRET + "==", SECRET + "="]
)
def test_ways_of_writing_the_secret(secret):
    verify(headers(), secrets=[secret])


def test_missing_padding_of_a_key_is_tolerated():
    verify(headers(PUBLIC_CLAIM), secrets=[WHPK.rstrip("=")])


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whpk_", "whsk_", "whsec_====", "whsec_*", "whpk_AAAA", "é"],
)
def test_a_secret_that_is_none(secret):
    assert refused(headers(), secrets=[secret]).startswith("no secret")
    with pytest.raises(SignatureError):
        signature.scheme("standard_webhooks").sign(BODY, secret, NOW)
    # It does not spoil one that is.
    verify(headers(), secrets=[secret, SECRET])


def test_one_of_several_signatures_must_fit():
    for place in range(4):
        claims = [FOREIGN, "v1,Y2VjaSBuJ2VzdCBwYXM=", "v2,AAAA", "v1a,AAAA"]
        claims.insert(place, CLAIM)
        verify(headers(" ".join(claims)))
        claims.remove(CLAIM)
        assert refused(headers(" ".join(claims))) == "wrong signature"


def test_a_rotation_signs_with_both():
    scheme = signature.scheme("standard_webhooks")
    signed = scheme.sign_as(MESSAGE_ID, BODY, [WHSEC_OTHER, SECRET, WHSK], NOW)
    assert len(signed["webhook-signature"].split(" ")) == 3
    for secret in (WHSEC_OTHER, SECRET, WHPK):
        verify(signed, secrets=[secret])


def test_a_new_secret_is_32_random_bytes_and_signs():
    one, two = standard.new_secret(), standard.new_secret()
    assert one != two
    assert len(base64.b64decode(one.removeprefix("whsec_"), validate=True)) == 32
    scheme = signature.scheme("standard_webhooks")
    verify(scheme.sign_as(MESSAGE_ID, BODY, [one], NOW), secrets=[one])


@pytest.mark.parametrize("version", ["v2", "v1a", "v1b", "v11"])
def test_another_version_is_passed_over_however_good_it_looks(version):
    assert refused(headers(version + CLAIM[2:])) == "wrong signature"


def test_a_public_key_is_no_shared_secret():
    """Who knows the public key must not be able to sign with it as if it were shared."""
    forged = signature.scheme("standard_webhooks").sign_as(
        MESSAGE_ID, BODY, [WHPK.removeprefix("whpk_")], NOW
    )
    assert forged["webhook-signature"].startswith("v1,")
    assert refused(forged, secrets=[WHPK]) == "wrong signature"
    relabelled = headers(forged["webhook-signature"].replace("v1,", "v1a,"))
    assert refused(relabelled, secrets=[WHPK]) == "wrong signature"


def test_what_fits_a_public_key_is_not_taken_as_another_version():
    as_shared = headers(PUBLIC_CLAIM.replace("v1a,", "v1,"))
    assert refused(as_shared, secrets=[WHPK]) == "wrong signature"


def test_a_public_key_cannot_sign():
    with pytest.raises(SignatureError, match="public key cannot sign"):
        signature.scheme("standard_webhooks").sign(BODY, WHPK, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        "",
        " ",
        CLAIM[3:],
        f"{CLAIM},{CLAIM}",
        f"{CLAIM}, {CLAIM}",
        f"{CLAIM}  {CLAIM}",
        f" {CLAIM}",
        f"{CLAIM} ",
        f"{CLAIM}\t{CLAIM}",
        f"{CLAIM}\n",
        "v1,",
        "v1",
        " ".join([FOREIGN] * 16 + [CLAIM]),
    ],
    ids=repr,
)
def test_a_list_of_signatures_that_is_none(claims):
    assert refused(headers(claims)) == "unreadable signature"


@pytest.mark.parametrize(
    "message_id", ["", "msg.1", "msg,1", "msg 1", "msg\n", "x" * 257]
)
def test_an_id_that_is_none(message_id):
    assert refused(headers(message_id=message_id)) == "unreadable signature"
    with pytest.raises(SignatureError):
        signature.scheme("standard_webhooks").sign_as(message_id, BODY, [SECRET], NOW)


def test_the_id_lends_nothing_to_the_time():
    """The same signed bytes, cut at other dots, are another message."""
    later = NOW + dt.timedelta(days=1)
    body = f"{int(later.timestamp())}.{{}}".encode()
    scheme = signature.scheme("standard_webhooks")
    signed = scheme.sign_as("msg_1", body, [SECRET], NOW)
    verify(signed, body=body)
    moved = {
        **signed,
        "webhook-id": f"msg_1.{int(NOW.timestamp())}",
        "webhook-timestamp": str(int(later.timestamp())),
    }
    assert refused(moved, body=b"{}", now=later) == "unreadable signature"


@pytest.mark.parametrize("at", ["", "now", "1614265330.0", "-1", "16142653300", "١"])
def test_a_time_that_is_none(at):
    refused(headers(at=at))


def test_the_id_of_a_message_stays_when_it_is_signed_again():
    scheme = signature.scheme("standard_webhooks")
    first = scheme.sign(BODY, SECRET, NOW)
    second = scheme.sign(BODY, SECRET, NOW + dt.timedelta(hours=1))
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert scheme.sign(b"{}", SECRET, NOW)["webhook-id"] != first["webhook-id"]
