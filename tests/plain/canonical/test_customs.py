import pytest

from odoo.addons.shipment_visibility.canonical.customs import (
    duties_payer,
    needs_customs,
)
from odoo.addons.shipment_visibility.canonical.schema import Address, Payer

PLACES = {
    "Åland": ("FI", "22100"),
    "Åland by its own code": ("AX", "22100"),
    "Berlin": ("DE", "10115"),
    "Belfast": ("GB", "BT1 5GS"),
    "Büsingen": ("DE", "78266"),
    "Campione": ("IT", "22061"),
    "Ceuta": ("ES", "51001"),
    "Douglas": ("IM", "IM1 1AA"),
    "Dublin": ("IE", "D02 AF30"),
    "Guam": ("US", "96910"),
    "Heligoland": ("DE", "27498"),
    "Istanbul": ("TR", "34000"),
    "Las Palmas": ("ES", "35001"),
    "Livigno": ("IT", "23041"),
    "London": ("GB", "SW1A 1AA"),
    "Lyon": ("FR", "69002"),
    "Madeira": ("PT", "9000-001"),
    "Madrid": ("ES", "28013"),
    "Monaco": ("MC", "98000"),
    "New York": ("US", "10001"),
    "Oslo": ("NO", "0150"),
    "Réunion": ("FR", "97400"),
    "Réunion by its own code": ("RE", "97400"),
    "San Juan": ("PR", "00901"),
    "St Helier": ("GB", "JE2 3AB"),
    "Svalbard": ("NO", "9170"),
    "Tenerife": ("ES", "38001"),
    "Vaduz": ("LI", "9490"),
    "Zürich": ("CH", "8001"),
}
FREE = [
    ("Berlin", "Lyon"),
    ("Berlin", "Monaco"),
    ("Berlin", "Madeira"),
    ("Berlin", "Belfast"),
    ("Belfast", "London"),
    ("London", "Belfast"),
    ("London", "Douglas"),
    ("Vaduz", "Zürich"),
    ("Büsingen", "Zürich"),
    ("Las Palmas", "Tenerife"),
    ("New York", "San Juan"),
    ("Åland", "Åland by its own code"),
    ("Réunion", "Réunion by its own code"),
    ("Oslo", "Oslo"),
]
DECLARED = [
    ("Berlin", "London"),
    ("Dublin", "London"),
    ("Berlin", "Zürich"),
    ("Berlin", "Büsingen"),
    ("Berlin", "Heligoland"),
    ("Berlin", "Istanbul"),
    ("Madrid", "Las Palmas"),
    ("Madrid", "Ceuta"),
    ("Las Palmas", "Ceuta"),
    ("Berlin", "Livigno"),
    ("Berlin", "Campione"),
    ("Berlin", "Åland"),
    ("Lyon", "Réunion"),
    ("London", "St Helier"),
    ("Lyon", "Oslo"),
    ("Oslo", "Svalbard"),
    ("Zürich", "Belfast"),
    ("New York", "Guam"),
    ("New York", "Berlin"),
]


def _place(name):
    country, code = PLACES[name]
    return Address(country=country, postal_code=code)


@pytest.mark.parametrize(("here", "there"), FREE)
def test_no_declaration_within_a_customs_area(here, there):
    assert not needs_customs(_place(here), _place(there))
    assert not needs_customs(_place(there), _place(here))


@pytest.mark.parametrize(("here", "there"), DECLARED)
def test_a_declaration_across_a_border(here, there):
    assert needs_customs(_place(here), _place(there))
    assert needs_customs(_place(there), _place(here))


def test_a_territory_of_the_usa_may_be_written_as_a_state():
    assert needs_customs(
        Address(country="US", state="NY"), Address(country="US", state="VI")
    )


@pytest.mark.parametrize(
    ("incoterm", "payer"),
    [
        ("DDP", Payer.SHIPPER),
        ("ddp", Payer.SHIPPER),
        ("DAP", Payer.RECEIVER),
        ("EXW", Payer.RECEIVER),
        ("", Payer.RECEIVER),
    ],
)
def test_the_incoterm_says_who_pays_duties(incoterm, payer):
    assert duties_payer(incoterm) is payer
