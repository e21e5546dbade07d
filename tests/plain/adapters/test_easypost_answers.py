"""Reading EasyPost's answers: prices, charges, addresses, errors, files of our own."""

import json
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import Address
from odoo.addons.shipment_visibility_carriers.adapters.easypost import (
    messages_address,
    messages_booking,
    messages_shipment,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost.problems import (
    parse_problem,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    MalformedMessage,
    NotSupported,
    Refused,
)


def rate(service="Priority", price="7.42", carrier="USPS", **changes):
    return {
        "id": f"rate_{carrier}_{service}_{price}",
        "carrier": carrier,
        "service": service,
        "rate": price,
        "currency": "USD",
        "delivery_date": None,
        **changes,
    }


def fee(kind, amount, **changes):
    return {
        "type": kind,
        "amount": amount,
        "charged": True,
        "refunded": False,
    } | changes


def shipment(**changes):
    values = {"id": "shp_1", "rates": [rate()], **changes}
    return messages_shipment.parse_shipment(json.dumps(values).encode())


BOUGHT = {
    "tracking_code": "9400",
    "postage_label": {"label_url": "https://x", "label_file_type": "application/zpl"},
    "selected_rate": rate(),
    "fees": [fee("PostageFee", "7.42000")],
}


def quoted(*shipments, service="", is_insured=False):
    return messages_shipment.quotes(shipments, service, is_insured)


def test_a_quote_of_every_service_of_every_carrier():
    quotes = quoted(
        shipment(
            rates=[
                rate("Express", "34.15"),
                rate("UPSStandard", "9.10", "UPS", currency="EUR"),
                rate("Weird", "8.00", "DhlExpress"),
                rate(),
            ]
        )
    )
    assert [
        (quote.source, quote.service, quote.service_name, str(quote.total.amount))
        for quote in quotes
    ] == [
        ("USPS", "USPS/Priority", "USPS Priority Mail", "7.42"),
        ("DhlExpress", "DhlExpress/Weird", "DhlExpress Weird", "8.00"),
        ("UPS", "UPS/UPSStandard", "UPS Standard", "9.10"),
        ("USPS", "USPS/Express", "USPS Priority Mail Express", "34.15"),
    ]
    assert quotes[2].total.currency == "EUR"


def test_several_parcels_are_summed_and_only_services_for_all_of_them_count():
    quotes = quoted(
        shipment(rates=[rate("Express", "30.00"), rate()]),
        shipment(rates=[rate(price="10.00"), rate(price="8.01")]),
    )
    assert [quote.service for quote in quotes] == ["USPS/Priority"]
    # The cheaper of two accounts is what would be bought.
    assert quotes[0].total.amount == Decimal("15.43")
    assert [str(charge.money.amount) for charge in quotes[0].charges] == [
        "7.42",
        "8.01",
    ]


def test_a_date_is_promised_when_the_carrier_names_one_for_all():
    dated = [
        shipment(rates=[rate(delivery_date=f"2026-02-0{day}T00:00:00Z")])
        for day in (3, 4)
    ]
    assert quoted(*dated)[0].promised_date.isoformat() == "2026-02-04"
    assert quoted(dated[0], shipment())[0].promised_date is None


def test_insurance_comes_on_top():
    assert quoted(shipment(), is_insured=True)[0].warnings
    assert not quoted(shipment())[0].warnings


def test_one_service_only():
    both = shipment(rates=[rate(), rate("Express", "30.00")])
    assert [quote.service for quote in quoted(both, service="USPS/Express")] == [
        "USPS/Express"
    ]
    with pytest.raises(Refused, match="“USPS/First” is not offered.*USPS/Express"):
        quoted(both, service="USPS/First")


def test_no_price_is_a_refusal_in_the_carriers_words():
    notes = [
        {"carrier": "UPS", "type": "rate_error", "message": "Missing state."},
        {"carrier": "FedEx", "type": "rate_error", "message": {"zip": ["is wrong"]}},
        {"carrier": "UPS", "type": "rate_error", "message": "Missing state."},
    ]
    with pytest.raises(Refused) as raised:
        quoted(shipment(rates=[], messages=notes))
    assert str(raised.value) == "UPS: Missing state; FedEx: zip: is wrong"
    with pytest.raises(Refused, match="No carrier offers"):
        quoted(shipment(rates=[]))


def test_one_service_in_two_currencies_is_no_price():
    with pytest.raises(MalformedMessage):
        quoted(shipment(), shipment(rates=[rate(currency="CAD")]))


def charged(**changes):
    return [
        (charge.family, charge.raw_code, str(charge.money.amount))
        for charge in messages_shipment.charges(shipment(**BOUGHT | changes))
    ]


def test_charges_come_in_families_as_they_are_split():
    assert charged(
        fees=[
            fee("LabelFee", "0.05000"),
            fee("PostageFee", "7.42000"),
            fee("InsuranceFee", "1.00000"),
            fee("TrackerFee", "0.00000"),
            fee("LabelFee", "9.00000", charged=False),
            fee("LabelFee", "9.00000", refunded=True),
        ]
    ) == [
        ("accessorial", "LabelFee", "0.05000"),
        ("freight", "PostageFee", "7.42000"),
        ("insurance", "InsuranceFee", "1.00000"),
    ]


def test_a_carrier_that_bills_its_account_holder_has_a_rate_and_no_fee():
    assert charged(fees=[fee("LabelFee", "0.05")]) == [
        ("freight", "USPS/Priority", "7.42"),
        ("accessorial", "LabelFee", "0.05"),
    ]


def test_what_the_receiver_pays_is_no_charge_of_ours():
    paid = {"payment": {"type": "RECEIVER", "account": "A1"}}
    assert charged(fees=[], options=paid) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["rate"], "NaN"),
        (["rate"], "dear"),
        (["rate"], None),
        (["currency"], "dollars"),
        (["carrier"], ""),
    ],
)
def test_prices_that_are_none(path, value):
    with pytest.raises(MalformedMessage, match=rf"rates\.0\.{path[0]}"):
        shipment(rates=[rate(**{path[0]: value})])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {
                "error": {
                    "code": "ADDRESS.VERIFY.FAILURE",
                    "message": "Unable to verify address.",
                    "errors": [
                        {"field": "address", "message": "Address not found"},
                        {
                            "field": "street1",
                            "message": "House number is missing",
                            "suggestion": "12",
                        },
                        {"field": "zip", "message": "Address not found"},
                    ],
                }
            },
            "Unable to verify address: Address not found; House number is missing "
            "(suggestion: 12) (ADDRESS.VERIFY.FAILURE)",
        ),
        (
            {"error": {"message": "No.", "errors": ["too heavy", "too long"]}},
            "No: too heavy; too long",
        ),
        ({"error": {"message": {"weight": ["is 0"]}}}, "weight: is 0"),
        ({"error": {"code": "SHIPMENT.GONE"}}, "SHIPMENT.GONE"),
        ({"error": "Slow down"}, "Slow down"),
        ({"error": None}, None),
        ({"error": {}}, None),
        ([], None),
        ({}, None),
    ],
)
def test_an_error_becomes_one_readable_line(body, words):
    assert parse_problem(json.dumps(body).encode()) == words


def test_an_error_of_somebody_else_has_no_words():
    assert parse_problem(b"<html>Bad gateway</html>") is None


ADDRESS = Address(
    street="388 Townsend St",
    street2="Apt 20",
    city="San Francisco",
    state="CA",
    postal_code="94107",
    country="US",
)


def checked(verdict, **changes):
    values = {
        "street1": "388 TOWNSEND ST APT 20",
        "street2": None,
        "city": "SAN FRANCISCO",
        "state": "CA",
        "zip": "94107-1670",
        "country": "US",
        "verifications": {"delivery": verdict} if verdict else {},
        **changes,
    }
    return messages_address.parse_address_check(json.dumps(values).encode(), ADDRESS)


GOOD = {"success": True, "errors": []}


def test_an_address_that_differs_in_capitals_only_is_good():
    assert checked(GOOD) == [ADDRESS]


def test_a_better_address_is_suggested():
    (found,) = checked(GOOD, zip="94109-0001")
    assert found.postal_code == "94109-0001"
    assert found.street == "388 TOWNSEND ST APT 20"


def test_an_address_that_cannot_be_delivered_to_is_refused_with_the_reasons():
    verdict = {
        "success": False,
        "errors": [{"message": "Address not found"}, {"message": "No such street"}],
    }
    with pytest.raises(Refused, match="^Address not found; No such street$"):
        checked(verdict)
    with pytest.raises(Refused, match="cannot be delivered to"):
        checked({"success": False, "errors": None})


def test_without_a_verdict_nothing_is_said_of_an_address():
    with pytest.raises(NotSupported, match="US"):
        checked(None)


def kept(**changes):
    entry = {
        "parcel": "PACK0001",
        "answer": json.dumps({"id": "shp_1", **BOUGHT}),
        "format": "ZPL",
        "label": "XlhBXlha",
        **changes,
    }
    return json.dumps({"shipments": [entry]}).encode()


def test_what_was_kept_is_read_without_asking_anybody():
    booked = messages_booking.parse_booking(kept())
    (label,) = booked.labels
    assert (booked.remote_id, booked.service) == ("shp_1", "USPS/Priority")
    assert (label.parcel_reference, label.tracking_number) == ("PACK0001", "9400")
    assert (label.label.name, label.label.mimetype) == ("9400.zpl", "application/zpl")
    assert label.label.content == b"^XA^XZ"
    assert booked.charges[0].description == "USPS Priority Mail"


def test_customs_papers_come_along():
    forms = [{"name": "commercial_invoice", "content": "JVBERg=="}]
    (document,) = messages_booking.parse_booking(kept(forms=forms)).documents
    assert document.name == "9400-commercial_invoice.pdf"
    assert document.content == b"%PDF"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer": "<html>"}, "Invalid JSON"),
        ({"answer": json.dumps({"id": "shp_1"})}, "there is no label"),
        ({"label": None}, "the label is missing"),
        ({"label": None, "problem": "not fetched yet"}, "not fetched yet"),
        ({"label": "%%"}, "label"),
        ({"format": "PNG"}, "format"),
    ],
)
def test_what_is_no_booking(changes, words):
    with pytest.raises(MalformedMessage, match=words):
        messages_booking.parse_booking(kept(**changes))


def test_nothing_kept_is_no_booking():
    with pytest.raises(MalformedMessage):
        messages_booking.parse_booking(b'{"shipments": []}')
