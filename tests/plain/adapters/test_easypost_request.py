"""What EasyPost is told: units, addresses, customs, options, payers, insurance."""

from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import (
    Billing,
    CustomsItem,
    Dimensions,
    Mass,
    Money,
    Options,
    Parcel,
    Payer,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost import messages_request
from odoo.addons.shipment_visibility_carriers.adapters.errors import Refused

from .samples import LYON, ROTTERDAM, parcel, shipment

US = ROTTERDAM.model_copy(
    update={
        "address": ROTTERDAM.address.model_copy(
            update={"country": "US", "state": "CA", "postal_code": "90277"}
        )
    }
)


def built(accounts=(), **changes):
    return [
        body["shipment"]
        for body in messages_request.build_shipments(shipment(**changes), accounts)
    ]


def options(**changes):
    return built(**changes)[0]["options"]


def item(value="23.25", currency="USD", **changes):
    values = {
        "description": "Sweet shirts",
        "quantity": Decimal(2),
        "value": Money(amount=Decimal(value), currency=currency),
        "weight": Mass(value=Decimal("11"), unit="oz"),
        "hs_code": "654321",
        "origin_country": "US",
        "sku": "SHIRT-1",
        **changes,
    }
    return CustomsItem(**values)


def with_items(*items):
    return (parcel().model_copy(update={"items": items}),)


def worth(*amounts, currency="USD"):
    return tuple(
        parcel(f"PACK{position}").model_copy(
            update={
                "declared_value": amount
                and Money(amount=Decimal(amount), currency=currency)
            }
        )
        for position, amount in enumerate(amounts)
    )


def test_one_shipment_a_parcel_each_findable_and_recognisable():
    bodies = built()
    assert [body["reference"] for body in bodies] == [
        "0123456789abcdef-1",
        "0123456789abcdef-2",
    ]
    assert [body["options"]["print_custom_2"] for body in bodies] == [
        "PACK0001",
        "PACK0002",
    ]
    assert bodies[0]["options"]["print_custom_1"] == "WH/OUT/00042"


def test_addresses_without_what_is_empty():
    (body, _other) = built()
    assert body["to_address"] == {
        "name": "Émile Exemple",
        "company": "Maison Exemple SARL",
        "street1": "12 rue de la République",
        "city": "Lyon",
        "zip": "69002",
        "country": "FR",
        "phone": "+33 4 72 00 00 00",
        "email": "reception@maison-exemple.example",
    }
    assert body["from_address"]["city"] == "Rotterdam"
    assert body["is_return"] is False


def test_a_return_keeps_the_addresses_of_the_way_out():
    body = built(shipper=LYON, consignee=ROTTERDAM, is_return=True)[0]
    assert body["is_return"] is True
    assert body["from_address"]["city"] == "Rotterdam"
    assert body["to_address"]["city"] == "Lyon"


@pytest.mark.parametrize(
    ("mass", "ounces"),
    [
        (Mass(value=Decimal("15.4"), unit="oz"), 15.4),
        (Mass(value=Decimal(1), unit="kg"), 35.3),
        (Mass(value=Decimal(2), unit="lb"), 32.0),
        (Mass(value=Decimal(1), unit="g"), 0.1),
        (Mass(value=Decimal(0)), 0.1),
    ],
)
def test_weights_are_ounces_and_never_nothing(mass, ounces):
    body = built(parcels=(Parcel(reference="P", weight=mass),))[0]
    assert body["parcel"] == {"weight": ounces}


@pytest.mark.parametrize(
    ("unit", "size", "inches"),
    [
        ("cm", ("25.4", "20.32", "10.16"), (10.0, 8.0, 4.0)),
        ("mm", ("254", "203.2", "101.6"), (10.0, 8.0, 4.0)),
        ("in", ("10", "8", "4"), (10.0, 8.0, 4.0)),
    ],
)
def test_sizes_are_inches(unit, size, inches):
    length, width, height = map(Decimal, size)
    box = parcel().model_copy(
        update={
            "dimensions": Dimensions(
                length=length, width=width, height=height, unit=unit
            ),
            "packaging": "CUSTOM",
        }
    )
    body = built(parcels=(box,))[0]["parcel"]
    assert (body["length"], body["width"], body["height"]) == inches
    assert "predefined_package" not in body


def test_a_carriers_own_box_has_no_size():
    box = parcel(size=(10, 10, 10)).model_copy(update={"packaging": "FlatRateEnvelope"})
    body = built(parcels=(box,))[0]["parcel"]
    assert body == {"weight": 88.2, "predefined_package": "FlatRateEnvelope"}


def test_only_the_carrier_accounts_that_are_wanted():
    assert built(accounts=["ca_1", "ca_2"])[0]["carrier_accounts"] == ["ca_1", "ca_2"]
    assert "carrier_accounts" not in built()[0]


def test_plain_options():
    assert options(label_format="PDF") == {
        "label_format": "PDF",
        "label_date": "2026-01-30T12:00:00Z",
        "invoice_number": "WH/OUT/00042",
        "print_custom_1": "WH/OUT/00042",
        "print_custom_2": "PACK0001",
    }


@pytest.mark.parametrize(
    ("signature", "word"), [("any", "SIGNATURE"), ("adult", "ADULT_SIGNATURE")]
)
def test_signatures(signature, word):
    asked = options(options=Options(signature=signature))
    assert asked["delivery_confirmation"] == word


def test_saturday():
    assert options(options=Options(saturday=True))["saturday_delivery"] is True


@pytest.mark.parametrize(
    ("payer", "kind"),
    [(Payer.RECEIVER, "RECEIVER"), (Payer.THIRD_PARTY, "THIRD_PARTY")],
)
def test_another_pays_the_transport(payer, kind):
    billing = Billing(
        payer=payer, account_number="A1B2C3", postal_code="10115", country="DE"
    )
    assert options(freight=billing)["payment"] == {
        "type": kind,
        "account": "A1B2C3",
        "country": "DE",
        "postal_code": "10115",
    }


def test_who_pays_must_have_an_account():
    with pytest.raises(Refused, match="pays the freight"):
        options(freight=Billing(payer=Payer.THIRD_PARTY))
    with pytest.raises(Refused, match="pays the duties"):
        options(duties=Billing(payer=Payer.RECEIVER))


@pytest.mark.parametrize(
    ("duties", "incoterm", "sent"),
    [
        (None, "", None),
        (None, "DAP", "DAP"),
        (Billing(), "", "DDP"),
        (Billing(), "DDP", "DDP"),
        (Billing(payer=Payer.RECEIVER, account_number="R1"), "", "DAP"),
    ],
)
def test_who_pays_duties(duties, incoterm, sent):
    asked = options(duties=duties, incoterm=incoterm)
    assert asked.get("incoterm") == sent
    if duties is None:
        assert "duty_payment" not in asked
    else:
        assert asked["duty_payment"]["type"] in ("SENDER", "RECEIVER")


def test_customs():
    body = built(shipper=US, parcels=with_items(item()), contents="gift")[0]
    assert body["customs_info"] == {
        "contents_type": "gift",
        "contents_explanation": "",
        "customs_certify": True,
        "customs_signer": "Parcel Demo Company",
        "restriction_type": "none",
        "non_delivery_option": "return",
        "eel_pfc": "NOEEI 30.37(a)",
        "customs_items": [
            {
                "description": "Sweet shirts",
                "quantity": 2,
                "weight": 11.0,
                "value": 23.25,
                "currency": "USD",
                "hs_tariff_number": "654321",
                "origin_country": "US",
                "code": "SHIRT-1",
            }
        ],
    }


def test_no_customs_within_a_country_or_without_items():
    assert "customs_info" not in built(shipper=LYON, parcels=with_items(item()))[0]
    assert "customs_info" not in built()[0]


def test_military_posts_are_abroad():
    post = US.model_copy(
        update={"address": US.address.model_copy(update={"state": "AE"})}
    )
    parcels = with_items(item("9000"))
    declared = built(shipper=US, consignee=post, parcels=parcels)[0]["customs_info"]
    assert "eel_pfc" not in declared
    assert "customs_info" not in built(shipper=US, consignee=US, parcels=parcels)[0]


def test_returned_goods_are_declared_as_such():
    body = built(parcels=with_items(item()), contents="return")[0]
    assert body["customs_info"]["contents_type"] == "returned_goods"


def test_only_exports_from_the_us_say_why_they_are_not_filed():
    assert "eel_pfc" not in built(parcels=with_items(item("9000")))[0]["customs_info"]
    canada = LYON.model_copy(
        update={"address": LYON.address.model_copy(update={"country": "CA"})}
    )
    body = built(shipper=US, consignee=canada, parcels=with_items(item("9000")))[0]
    assert body["customs_info"]["eel_pfc"] == "NOEEI 30.36"


def test_an_export_that_must_be_filed_is_refused():
    built(shipper=US, parcels=with_items(item("2500")))
    with pytest.raises(Refused, match="Sweet shirts.*filed"):
        built(shipper=US, parcels=with_items(item("2500.01")))


def insured(amount, parcels, currency="USD"):
    money = amount and Money(amount=Decimal(amount), currency=currency)
    return [
        str(part)
        for part in messages_request.build_insurance(
            shipment(parcels=parcels, insured_value=money)
        )
    ]


@pytest.mark.parametrize(
    ("amount", "worths", "parts"),
    [
        (None, ("10", "20"), ["0", "0"]),
        ("0", ("10", "20"), ["0", "0"]),
        ("100", ("10",), ["100.00"]),
        ("90", ("10", "20"), ["30.00", "60.00"]),
        ("100", ("1", "1", "1"), ["33.33", "33.33", "33.34"]),
        ("100", (None, "5", "5"), ["33.33", "33.33", "33.34"]),
        ("100", ("0", "0"), ["50.00", "50.00"]),
    ],
)
def test_what_is_insured_is_shared_out_and_nothing_is_lost(amount, worths, parts):
    assert insured(amount, worth(*worths)) == parts


def test_insurance_is_in_us_dollars():
    with pytest.raises(Refused, match="US dollars only, not in EUR"):
        insured("100", worth("10"), currency="EUR")
