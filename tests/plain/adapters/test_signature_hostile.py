"""Whatever stands in the headers, a scheme refuses; nothing else ever comes out of it."""

import datetime as dt
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.adapters.signature import SignatureError

from .signature_samples import BODY, NOW, SAMPLES, label

bounded = settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
of_all = pytest.mark.parametrize("sample", SAMPLES, ids=label)

# Text of every kind, and text of the letters that signatures are made of.
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.text('0123456789abcdefv1t=,. +/_-ZT:[]{}"', max_size=120),
    st.sampled_from(["", "0", "v1,", "t=,v1=", "..", "e30.e30.", "Bearer ", "nan"]),
)


@st.composite
def tampered(draw, headers):
    """The headers of a good message, of which something is put elsewhere or otherwise."""
    changed = dict(headers)
    name = draw(st.sampled_from(sorted(headers)))
    value = headers[name]
    place = draw(st.integers(0, len(value)))
    piece = draw(_TEXTS)
    changed[name] = draw(
        st.sampled_from(
            [
                piece,
                value[:place] + piece + value[place:],
                value[:place],
                value[place:],
                value[:place] + value[place + 1 :],
                value * 2,
                value.swapcase(),
            ]
        )
    )
    return changed


def _accepted(sample, headers, body=BODY, **options):
    try:
        sample.verify(headers, body, **options)
    except SignatureError:
        return False
    return True


@of_all
def test_arbitrary_headers_are_refused(sample):
    names = sorted(sample.signed())

    @bounded
    @given(st.lists(_TEXTS, min_size=len(names), max_size=len(names)), st.binary())
    def arbitrary(values, body):
        headers = dict(zip(names, values, strict=True))
        assert not _accepted(sample, headers, body)

    arbitrary()


@of_all
def test_a_tampered_signature_is_refused(sample):
    headers = sample.signed()

    @bounded
    @given(tampered(headers))
    def tampering(changed):
        if _accepted(sample, changed):
            # Only what says the same may pass.
            assert _meaning(sample, changed) == _meaning(sample, headers)

    tampering()


def _meaning(sample, headers):
    """What the sender would be held to: without case and spaces where they say nothing."""
    if "Authorization" in headers:
        return re.sub("^bearer +", "", headers["Authorization"], flags=re.IGNORECASE)
    if sample.code == "hmac" and sample.settings.encoding == "hex":
        prefix = sample.settings.prefix
        return {
            name: (value.startswith(prefix), value.removeprefix(prefix).lower())
            for name, value in headers.items()
        }
    return headers


@of_all
def test_arbitrary_secrets_raise_nothing_else(sample):
    headers = sample.signed()

    @settings(bounded, max_examples=15)
    @given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=60))
    def arbitrary(secrets, secret):
        if not sample.scheme.keys_url:
            assert sample.verified_by in secrets or not _accepted(
                sample, headers, secrets=secrets
            )
        try:
            sample.scheme.sign(BODY, secret, NOW, sample.settings)
        except SignatureError as error:
            assert len(secret) < 8 or secret not in str(error)

    arbitrary()


@of_all
def test_arbitrary_times_of_reception(sample):
    headers = sample.signed()

    @settings(bounded, max_examples=15)
    @given(st.datetimes(timezones=st.just(dt.UTC)))
    def at(now):
        _accepted(sample, headers, now=now)

    at()
