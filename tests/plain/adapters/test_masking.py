import json
import time

import pytest
from pydantic import BaseModel, SecretStr

from odoo.addons.shipment_visibility_carriers.adapters.masking import (
    MASK,
    Masker,
    is_secret_name,
    secret_values,
)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "X-API-Key",
        "apiKey",
        "api_key",
        "Set-Cookie",
        "password",
        "newPassword",
        "client_secret",
        "access_token",
        "LicenseKey",
        "userCredentials",
    ],
)
def test_telling_names(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["key", "postal_code", "signer", "reference", "author"]
)
def test_ordinary_names(name):
    assert not is_secret_name(name)


def test_values_of_credentials():
    class Login(BaseModel):
        user: str = "parcel"
        word: SecretStr = SecretStr("hidden one")

    assert secret_values(Login()) == ["hidden one"]


def test_json_by_name_and_by_value():
    masked = Masker(["tiger-42"]).body(
        json.dumps(
            {
                "auth": {"api_key": "a", "password": None, "tokens": ["b", "c"]},
                "note": "your tiger-42 is old",
                "rates": [{"tiger-42": 1, "amount": 12.5}],
            }
        ).encode()
    )
    assert json.loads(masked) == {
        "auth": {"api_key": MASK, "password": None, "tokens": MASK},
        "note": f"your {MASK} is old",
        "rates": [{MASK: 1, "amount": 12.5}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "grant_type=client&client_secret=HIDDEN&x=1",
        "https://carrier.example/v1?api-key=HIDDEN&x=1",
        "<Login><ns:Password>HIDDEN</ns:Password></Login>",
        '<Login password="HIDDEN and more" user="x"/>',
        '{"password": "HIDDEN \\" and more", "broken',
        "{'token': 'HIDDEN'",
        "apiKey: HIDDEN",
    ],
)
def test_other_texts_by_name(text):
    masked = Masker().body(text)
    assert "HIDDEN" not in masked and "more" not in masked
    assert MASK in masked


def test_a_value_as_it_looks_elsewhere():
    masker = Masker(["p&ss w/rd"])
    text = "p&ss w/rd p%26ss%20w%2Frd p%26ss+w%2Frd cCZzcyB3L3Jk"
    assert masker.values(text) == " ".join([MASK] * 4)


def test_a_value_within_another():
    assert Masker(["long", "long secret"]).values("a long secret!") == f"a {MASK}!"


def test_short_values_do_not_eat_words():
    assert Masker(["a", ""]).values("a parcel") == "a parcel"


def test_headers():
    text = Masker(["tiger-42"]).headers(
        {"Authorization": "Bearer x", "X-Id": "tiger-42"}
    )
    assert text == f"Authorization: {MASK}\nX-Id: {MASK}"


def test_files_are_cut():
    label = "A" * 50_000
    masked = Masker().body(json.dumps({"label": label, "id": "1"}))
    assert (
        len(masked) < 300 and "[50000 characters]" in masked and '"id": "1"' in masked
    )
    assert len(Masker().body("B" * 100_000)) < 70_000


@pytest.mark.parametrize(
    "text", ["A" * 1_000_000, "token" * 100_000, '{"a":' * 50_000, '"\\' * 100_000]
)
def test_long_texts_take_no_time(text):
    begin = time.monotonic()
    Masker(["tiger-42"]).body(text)
    assert time.monotonic() - begin < 3
