"""What holds for every signature scheme, and an example of each made by other means."""

import datetime as dt
import unicodedata

import pytest

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import (
    Assurance,
    Settings,
    SignatureError,
)

from .signature_samples import BODY, NOW, SAMPLES, label

MINUTES = dt.timedelta(minutes=1)
TIMED = {"hmac_sha256", "shippo", "shipengine", "standard_webhooks"}
SIGNING_BODY = {"easypost", "aftership", "sendcloud", "seventeen_track", "fedex"}
TOKENS = {"ups_track_alert", "dhl_push", "easyship", "ship24", "token"}

of_all = pytest.mark.parametrize("sample", SAMPLES, ids=label)
of_those_with_a_secret = pytest.mark.parametrize(
    "sample", [one for one in SAMPLES if not one.scheme.keys_url], ids=label
)
of_those_that_sign_the_body = pytest.mark.parametrize(
    "sample", [one for one in SAMPLES if one.code not in TOKENS], ids=label
)
of_those_that_sign_the_time = pytest.mark.parametrize(
    "sample",
    [one for one in SAMPLES if one.code in TIMED or one.settings.timestamp_header],
    ids=label,
)


def refused(sample, *args, **options):
    with pytest.raises(SignatureError) as raised:
        sample.verify(*args, **options)
    secrets = {sample.signed_with, sample.verified_by, sample.other}
    assert not any(secret in str(raised.value) for secret in secrets)
    return str(raised.value)


def test_each_scheme_says_what_it_proves():
    assurance = {code: one.assurance for code, one in signature.schemes().items()}
    assert assurance == {
        **dict.fromkeys(TIMED, Assurance.TIME),
        **dict.fromkeys(SIGNING_BODY | {"hmac"}, Assurance.BODY),
        **dict.fromkeys(TOKENS, Assurance.TOKEN),
    }


def test_every_scheme_is_among_the_samples():
    assert {one.code for one in SAMPLES} == set(signature.schemes())


def test_what_an_administrator_sets():
    opened = {code: one.open_settings for code, one in signature.schemes().items()}
    assert {code: names for code, names in opened.items() if names} == {
        "dhl_push": {"header"},
        "token": {"header"},
        "hmac": {"header", "algorithm", "encoding", "prefix", "timestamp_header"},
    }


@of_all
def test_what_is_signed_is_accepted(sample):
    for body in (BODY, b"", b"\xff\x00", b"a=1&b=%20"):
        sample.verify(sample.signed(body), body)


@of_all
def test_header_names_have_no_case(sample):
    headers = sample.signed()
    sample.verify({name.upper(): value for name, value in headers.items()})
    sample.verify({name.lower(): value for name, value in headers.items()})


@of_those_that_sign_the_body
def test_no_byte_of_the_body_can_be_changed(sample):
    headers = sample.signed()
    for place in range(len(BODY)):
        changed = bytearray(BODY)
        changed[place] ^= 1
        assert refused(sample, headers, bytes(changed)) == "wrong signature"


@of_those_that_sign_the_body
@pytest.mark.parametrize("change", [b"\n", b" ", b"0", b"."])
def test_nothing_can_be_put_around_the_body(sample, change):
    headers = sample.signed()
    assert refused(sample, headers, BODY + change) == "wrong signature"
    assert refused(sample, headers, change + BODY) == "wrong signature"


@of_all
def test_the_secret_of_another_endpoint(sample):
    headers = sample.signed(secret=sample.other)
    assert refused(sample, headers) == "wrong signature"


@of_those_with_a_secret
def test_two_secrets_live_during_a_rotation(sample):
    headers = sample.signed()
    sample.verify(headers, secrets=[sample.other, sample.verified_by])
    sample.verify(headers, secrets=[sample.verified_by, "", sample.other])
    refused(sample, headers, secrets=[sample.other, sample.other])


@of_those_with_a_secret
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")], ids=repr)
def test_without_a_secret_nothing_is_accepted(sample, secrets):
    headers = sample.signed()
    assert refused(sample, headers, secrets=secrets) == "no secret is set"
    empty = dict.fromkeys(headers, "")
    refused(sample, empty, secrets=secrets)


@of_all
def test_each_header_must_be_there(sample):
    headers = sample.signed()
    for missing in headers:
        rest = {name: value for name, value in headers.items() if name != missing}
        assert refused(sample, rest) == "not signed"
        refused(sample, {**rest, missing: ""})


@of_all
def test_each_header_must_be_there_once(sample):
    headers = sample.signed()
    for name, value in headers.items():
        doubled = {**headers, name.swapcase(): value}
        assert refused(sample, doubled) == "signed more than once"


@of_all
@pytest.mark.parametrize("joint", [",", ", ", " ", ";"], ids=repr)
def test_headers_that_a_proxy_has_joined(sample, joint):
    headers = sample.signed()
    for name, value in headers.items():
        if (joint, name) == (" ", "webhook-signature"):
            continue  # This is how the scheme itself holds several.
        refused(sample, {**headers, name: f"{value}{joint}{value}"})
        refused(sample, {**headers, name: f"{value}{joint}x"})
        refused(sample, {**headers, name: f"x{joint}{value}"})


@of_all
@pytest.mark.parametrize(
    "value",
    ["é", "\udcff", "\x00", "a" * 100_000, "[" * 4000, "9" * 4000, "=" * 100, "٣"],
    ids=lambda value: repr(value[:3]),
)
def test_a_value_that_no_sender_sends(sample, value):
    headers = sample.signed()
    for name, good in headers.items():
        for bad in (value, good + value, value + good):
            refused(sample, {**headers, name: bad})


@of_those_that_sign_the_time
def test_a_message_is_good_for_five_minutes_around_its_time(sample):
    headers = sample.signed()
    for skew in (-5 * MINUTES, MINUTES, 5 * MINUTES):
        sample.verify(headers, now=NOW + skew)
    for skew in (-5.02 * MINUTES, 5.02 * MINUTES, 9999999 * MINUTES):
        reason = refused(sample, headers, now=NOW + skew)
        assert reason == "signed too long ago, or in the future"


@of_those_that_sign_the_time
def test_a_message_is_not_made_young_by_another_time(sample):
    later = NOW + 10 * MINUTES
    old, young = sample.signed(), sample.signed(now=later)
    moved = {name: young[name] if _is_time(name) else old[name] for name in old}
    if moved == old:  # Time and signature stand in one header.
        (name,) = old
        moved = {name: young[name].split(",")[0] + "," + old[name].split(",")[1]}
    assert refused(sample, moved, now=later) == "wrong signature"


def _is_time(name):
    return name.lower().endswith(("-time", "-timestamp"))


def test_no_scheme_accepts_what_another_has_signed():
    for signed in SAMPLES:
        headers = signed.signed()
        for sample in SAMPLES:
            if (sample.code, sample.settings) != (signed.code, signed.settings):
                if not _same_by_design(signed, sample):
                    refused(sample, headers)


def _same_by_design(one, other):
    """A bearer token is Ship24's way and that of whoever chooses it."""
    return {label(one), label(other)} <= {"ship24", "token bearer"} or (
        {label(one), label(other)} <= {"dhl_push", "token"}
    )


# Each made by openssl or sha256sum, with the secret "sesame" of the body {"id":"evt_1"}.
ID_BODY = b'{"id":"evt_1"}'
BASE64 = "oZIQ/T5pdnXUlPJQx0B7XJfdvXUs9ByV+/frcjSYu0U="
HEX = "a19210fd3e697675d494f250c7407b5c97ddbd752cf41c95fbf7eb723498bb45"
TIMED_HEX = "756e4ac3aaeee290a953fc3161939d2ecd36031c13382d235ee51ecd16b9e64d"
TIMED_SHA512 = (
    "VsqI3m+JqiBtW6ufDqTO81iF8VTluvSB4Dzz/t83+T9jzqRTXGsY77dYcJ1hxnm6iYBwZAXKQo/"
    "bNzWnjQfgTQ=="
)


@pytest.mark.parametrize(
    ("code", "headers", "settings"),
    [
        ("easypost", {"X-Hmac-Signature": f"hmac-sha256-hex={HEX}"}, {}),
        ("shippo", {"Shippo-Auth-Signature": f"t=1700000000,v1={TIMED_HEX}"}, {}),
        ("aftership", {"aftership-hmac-sha256": BASE64}, {}),
        ("sendcloud", {"Sendcloud-Signature": HEX}, {}),
        (
            "seventeen_track",
            {
                "sign": "7e6c0096e4059ca14797c7ca7df694b7"
                "c5f896821264eb70d1ff44db3cbc1789"
            },
            {},
        ),
        ("fedex", {"fdx-signature": BASE64}, {}),
        ("ups_track_alert", {"x-api-key": "sesame"}, {}),
        ("ship24", {"Authorization": "Bearer sesame"}, {}),
        ("dhl_push", {"X-Ours": "sesame"}, {"header": "X-Ours"}),
        ("token", {"X-Ours": "sesame"}, {"header": "X-Ours"}),
        ("token", {"Authorization": "Bearer sesame"}, {"header": "authorization"}),
        ("token", {"Authorization": "Bearer sesame"}, {}),
        (
            "hmac",
            {"X-Ours": "9c06b3d18909fea23b6cc3b1b40d96b5b9068cec"},
            {"header": "X-Ours", "algorithm": "sha1"},
        ),
        (
            "hmac",
            {"X-Ours": f"v1={BASE64}"},
            {"header": "X-Ours", "prefix": "v1=", "encoding": "base64"},
        ),
        (
            "hmac",
            {"X-Ours": TIMED_SHA512, "X-When": "1700000000"},
            {
                "header": "X-Ours",
                "algorithm": "sha512",
                "encoding": "base64",
                "timestamp_header": "X-When",
            },
        ),
    ],
)
def test_an_example(code, headers, settings):
    scheme, settings = signature.scheme(code), Settings(**settings)
    scheme.verify(headers, ID_BODY, ["sesame"], NOW, settings)
    signed = scheme.sign(ID_BODY, "sesame", NOW, settings)
    assert {name.lower(): value for name, value in signed.items()} == {
        name.lower(): value for name, value in headers.items()
    }


def test_the_example_that_sendcloud_publishes():
    # https://www.sendcloud.dev/api/v2/webhooks
    digest = "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"
    signature.scheme("sendcloud").verify(
        {"Sendcloud-Signature": digest}, b'{"key": "value"}', ["secretkey"], NOW
    )


def test_easypost_normalises_an_accented_secret():
    # openssl, keyed by the bytes of "gehe", U+0308 and "im".
    digest = "4280683f43ef34aa897b88b4d53317cbc048189233cad7e9f0d55701f5680be1"
    headers = {"X-Hmac-Signature": f"hmac-sha256-hex={digest}"}
    for form in ("NFC", "NFD", "NFKD"):
        secret = unicodedata.normalize(form, "gehëim")
        signature.scheme("easypost").verify(headers, ID_BODY, [secret], NOW)


def test_fedex_is_not_accepted_in_hexadecimal():
    with pytest.raises(SignatureError):
        signature.scheme("fedex").verify(
            {"fdx-signature": HEX}, ID_BODY, ["sesame"], NOW
        )


class TestUps:
    def verify(self, headers):
        secrets = ["sesame", "simsim"]
        signature.scheme("ups_track_alert").verify(headers, b"{}", secrets, NOW)

    def test_the_first_version_sends_the_token_as_credential(self):
        self.verify({"Credential": "sesame"})

    def test_where_both_headers_are_there_both_must_be_right(self):
        self.verify({"credential": "sesame", "x-api-key": "simsim"})
        for headers in (
            {"credential": "sesame", "x-api-key": "wrong"},
            {"credential": "wrong", "x-api-key": "sesame"},
            {"credential": "", "x-api-key": "sesame"},
        ):
            with pytest.raises(SignatureError):
                self.verify(headers)

    def test_the_name_of_the_program_is_no_proof(self):
        with pytest.raises(SignatureError, match="not signed"):
            self.verify({"User-Agent": "UPSPubSubTrackingService"})


class TestBearer:
    @pytest.mark.parametrize("code", ["ship24", "token"])
    def test_the_word_bearer_has_no_case(self, code):
        for word in ("Bearer", "bearer", "BEARER"):
            headers = {"Authorization": f"{word} sesame"}
            signature.scheme(code).verify(headers, b"", ["sesame"], NOW)

    @pytest.mark.parametrize(
        "value", ["sesame", "Basic sesame", "Bearersesame", "Bearer", "Bearer "]
    )
    def test_ship24_sends_nothing_else(self, value):
        with pytest.raises(SignatureError, match="unreadable"):
            signature.scheme("ship24").verify(
                {"Authorization": value}, b"", ["sesame", "Bearer"], NOW
            )

    def test_a_chosen_token_may_be_the_whole_value(self):
        headers = {"Authorization": "Basic c2VzYW1l"}
        signature.scheme("token").verify(headers, b"", ["Basic c2VzYW1l"], NOW)

    def test_in_another_header_the_word_is_part_of_the_token(self):
        with pytest.raises(SignatureError):
            signature.scheme("token").verify(
                {"X-Ours": "Bearer sesame"}, b"", ["sesame"], NOW, Settings("X-Ours")
            )


class TestChoices:
    @pytest.mark.parametrize("code", ["dhl_push", "hmac"])
    def test_without_a_header_nothing_is_accepted(self, code):
        scheme = signature.scheme(code)
        with pytest.raises(SignatureError, match="no header is set"):
            scheme.verify({"": "sesame"}, b"", ["sesame"], NOW)
        with pytest.raises(SignatureError, match="no header is set"):
            scheme.sign(b"", "sesame", NOW)

    @pytest.mark.parametrize("name", ["X Ours", "X:", "X\r\nY", "é", "x" * 101])
    @pytest.mark.parametrize("code", ["dhl_push", "token", "hmac"])
    def test_a_name_that_no_header_has(self, code, name):
        scheme = signature.scheme(code)
        with pytest.raises(SignatureError, match="no header can have the name"):
            scheme.sign(b"", "sesame", NOW, Settings(header=name))
        with pytest.raises(SignatureError, match="no header can have the name"):
            scheme.verify({name: "sesame"}, b"", ["sesame"], NOW, Settings(name))

    @pytest.mark.parametrize(
        "secret", ["sesame\r\nX: y", "gehëim", " sesame", "sesame ", ""], ids=repr
    )
    @pytest.mark.parametrize("code", ["dhl_push", "token", "ship24", "ups_track_alert"])
    def test_a_token_that_no_header_carries(self, code, secret):
        with pytest.raises(SignatureError, match="cannot carry") as raised:
            signature.scheme(code).sign(b"", secret, NOW, Settings("X-Ours"))
        assert not secret or secret not in str(raised.value)

    @pytest.mark.parametrize(
        "wrong", [{"algorithm": "md5"}, {"algorithm": ""}, {"encoding": "rot13"}]
    )
    def test_an_unknown_algorithm_or_encoding(self, wrong):
        settings = Settings(header="X-Ours", **wrong)
        scheme = signature.scheme("hmac")
        with pytest.raises(SignatureError, match="is unknown"):
            scheme.verify({"X-Ours": HEX}, ID_BODY, ["sesame"], NOW, settings)
        with pytest.raises(SignatureError, match="is unknown"):
            scheme.sign(ID_BODY, "sesame", NOW, settings)

    def test_hexadecimal_may_be_in_capitals_and_base64_not(self):
        scheme = signature.scheme("hmac")
        hexadecimal = Settings(header="X-Ours")
        scheme.verify({"X-Ours": HEX.upper()}, ID_BODY, ["sesame"], NOW, hexadecimal)
        base64 = Settings(header="X-Ours", encoding="base64")
        with pytest.raises(SignatureError, match="wrong"):
            scheme.verify({"X-Ours": BASE64.upper()}, ID_BODY, ["sesame"], NOW, base64)

    def test_the_prefix_must_be_there(self):
        settings = Settings(header="X-Ours", prefix="sha256=")
        for value in (HEX, f"sha1={HEX}", f"SHA256={HEX}"):
            with pytest.raises(SignatureError, match="unreadable"):
                signature.scheme("hmac").verify(
                    {"X-Ours": value}, ID_BODY, ["sesame"], NOW, settings
                )


class TestTimes:
    settings = Settings(header="X-Ours", timestamp_header="X-When")

    def verify(self, when, now=NOW):
        plain = Settings(header="X-Ours")
        scheme = signature.scheme("hmac")
        signed = when.encode() + b"." + ID_BODY
        headers = {**scheme.sign(signed, "sesame", now, plain), "X-When": when}
        scheme.verify(headers, ID_BODY, ["sesame"], now, self.settings)

    @pytest.mark.parametrize(
        "when",
        [
            "1700000000",
            "1700000000123",
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.5Z",
            "2023-11-14T22:13:20.123456789+00:00",
            "2023-11-14T17:13:20-05:00",
        ],
    )
    def test_ways_of_writing_a_time(self, when):
        self.verify(when)
        with pytest.raises(SignatureError, match="too long ago"):
            self.verify(when, now=NOW + 6 * MINUTES)

    @pytest.mark.parametrize(
        "when",
        [
            "17000000001",
            "17000000001234",
            "-1700000000",
            "+1700000000",
            "1700000000.0",
            "1_700_000_000",
            "1.7e9",
            "inf",
            "nan",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-11-14",
            "20231114T221320Z",
            "2023-11-31T22:13:20Z",
            "2023-11-14T25:13:20Z",
            "2023-11-14T22:13:20+99:00",
            "0001-01-01T00:00:00+14:00",
            "1700000000 ",
            "1700000000\n",
        ],
    )
    def test_what_is_no_time(self, when):
        with pytest.raises(SignatureError):
            self.verify(when)

    def test_the_body_lends_nothing_to_the_time(self):
        """What is signed is the same bytes, cut at another place."""
        plain = Settings(header="X-Ours")
        scheme = signature.scheme("hmac")
        headers = scheme.sign(b"1700000000.5.{}", "sesame", NOW, plain)
        scheme.verify(
            {**headers, "X-When": "1700000000"}, b"5.{}", ["sesame"], NOW, self.settings
        )
        with pytest.raises(SignatureError, match="unreadable time"):
            scheme.verify(
                {**headers, "X-When": "1700000000.5"},
                b"{}",
                ["sesame"],
                NOW,
                self.settings,
            )
