import pytest

from odoo.addons.shipment_visibility.canonical.address import (
    POSTAL_CODES,
    WITHOUT_POSTAL_CODES,
    fingerprint,
    is_postal_code,
    is_same,
    needs_postal_code,
)
from odoo.addons.shipment_visibility.canonical.schema import Address

GOOD = {
    "AR": ["1425", "C1425CLA"],
    "AT": ["1010"],
    "AU": ["2000"],
    "BE": ["1000"],
    "BR": ["01310-100", "01310100"],
    "CA": ["K1A 0B1", "k1a0b1"],
    "CH": ["8001"],
    "CN": ["100000"],
    "CZ": ["110 00", "11000"],
    "DE": ["10115"],
    "DK": ["1050"],
    "ES": ["28013"],
    "FR": ["69002"],
    "GB": ["SW1A 1AA", "M1 1AE", "EC1A1BB", "bt1 5gs", "GIR 0AA"],
    "GR": ["105 57"],
    "IE": ["D02 AF30", "D6W XY00"],
    "IN": ["110001"],
    "IT": ["00184"],
    "JP": ["100-0001", "1000001"],
    "LV": ["LV-1050", "1050"],
    "NL": ["3072 AP", "3072ap", " 3072  AP "],
    "PL": ["00-001", "00001"],
    "PT": ["1100-148"],
    "SE": ["111 22"],
    "US": ["94105", "94105-1234", "941051234"],
    "XX": ["whatever"],
}
BAD = {
    "CA": ["Z1A 0B1", "K1A 0O1", "12345"],
    "CH": ["80011", "CH-8001"],
    "DE": ["1011", "D-10115"],
    "FR": ["6900", "69 002"],
    "GB": ["SW1A", "12345", "SW1A 1A"],
    "IE": ["Dublin 2"],
    "JP": ["100-001"],
    "NL": ["0123 AB", "3072", "3072 A1"],
    "PL": ["000-01"],
    "PT": ["1100-14"],
    "US": ["9410", "94105-12", "SW1A 1AA"],
}


@pytest.mark.parametrize("country", GOOD)
def test_good_codes_are_let_through(country):
    assert all(is_postal_code(code, country) for code in GOOD[country])


@pytest.mark.parametrize("country", BAD)
def test_wrong_codes_are_told(country):
    assert not any(is_postal_code(code, country) for code in BAD[country])


def test_no_country_both_has_codes_and_has_none():
    assert not WITHOUT_POSTAL_CODES & POSTAL_CODES.keys()
    assert needs_postal_code("DE")
    assert not needs_postal_code("HK")


def _address(**parts):
    return Address(
        **{
            "street": "388 Townsend St",
            "street2": "Apt 20",
            "city": "San Francisco",
            "postal_code": "94107",
            "state": "CA",
            "country": "US",
            **parts,
        }
    )


def test_capitals_and_spaces_make_no_other_address():
    loud = _address(street="388  TOWNSEND ST APT 20", street2="", city="SAN FRANCISCO")
    assert fingerprint(loud) == fingerprint(_address())
    assert is_same(loud, _address())


@pytest.mark.parametrize(
    "parts",
    [
        {"street": "389 Townsend St"},
        {"city": "San Jose"},
        {"postal_code": "94108"},
        {"state": "NV"},
        {"country": "CA"},
    ],
)
def test_every_part_makes_another_address(parts):
    assert fingerprint(_address(**parts)) != fingerprint(_address())
    assert not is_same(_address(**parts), _address())


def test_an_added_extension_is_no_other_address():
    extended = _address(postal_code="94107-1670")
    assert is_same(extended, _address())
    assert is_same(_address(), extended)
    assert not is_same(extended, _address(postal_code="94107-1671"))
    assert not is_same(_address(), _address(postal_code=""))
