"""Reading the sandbox's answers: what is documented is read, and nothing else."""

import base64
import json
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import messages

RATE = {
    "service": "standard",
    "name": "Standard",
    "total": {"amount": "12.40", "currency": "EUR"},
    "charges": [
        {
            "code": "FRT",
            "description": "Freight",
            "amount": "11.40",
            "currency": "EUR",
        },
        {"code": "ZZZ", "amount": "1.00", "currency": "EUR"},
    ],
    "promised_date": "2026-02-04",
    "warnings": ["Customs data is missing."],
}
BOOKING = {
    "id": "shp_1",
    "service": "standard",
    "parcels": [
        {
            "reference": "PACK0001",
            "tracking_number": "SBX1",
            "label": {"format": "PDF", "content": base64.b64encode(b"%PDF").decode()},
        }
    ],
}


def with_change(document, path, value):
    copy = json.loads(json.dumps(document))
    place = copy
    *way, last = path
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(copy).encode()


def test_rates():
    (quote,) = messages.parse_rates(json.dumps({"rates": [RATE]}).encode())
    assert quote.total.amount == Decimal("12.40")
    assert [(charge.raw_code, charge.family) for charge in quote.charges] == [
        ("FRT", "freight"),
        ("ZZZ", "accessorial"),
    ]
    assert quote.promised_date.isoformat() == "2026-02-04"
    assert quote.warnings == ("Customs data is missing.",)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["total"], None),
        (["total", "amount"], 12.4),
        (["total", "amount"], "NaN"),
        (["total", "amount"], "1e9"),
        (["total", "amount"], "123456789.00"),
        (["total", "currency"], "euro"),
        (["charges", 0, "amount"], "twelve"),
        (["promised_date"], "04/02/2026"),
        (["warnings"], "none"),
    ],
)
def test_rates_that_are_none(path, value):
    body = with_change({"rates": [RATE]}, ["rates", 0, *path], value)
    named = ".".join(str(step) for step in ("rates", 0, *path))
    with pytest.raises(MalformedMessage, match=named):
        messages.parse_rates(body)


def test_a_booking():
    answer = messages.parse_booking(json.dumps(BOOKING).encode())
    (label,) = answer.labels
    assert (answer.remote_id, answer.master_number, answer.charges) == ("shp_1", "", ())
    assert (label.label.name, label.label.mimetype) == ("SBX1.pdf", "application/pdf")
    assert label.label.content == b"%PDF"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["id"], ""),
        (["parcels"], []),
        (["parcels", 0, "label"], None),
        (["parcels", 0, "label", "format"], "GIF"),
        (["parcels", 0, "label", "content"], "no base64!"),
        (["parcels", 0, "label", "content"], ""),
        (["parcels", 0, "tracking_number"], 1),
    ],
)
def test_a_booking_that_is_none(path, value):
    with pytest.raises(MalformedMessage, match=".".join(map(str, path))):
        messages.parse_booking(with_change(BOOKING, path, value))


@pytest.mark.parametrize("number", ["", " "])
def test_a_parcel_without_a_number(number):
    body = with_change(BOOKING, ["parcels", 0, "tracking_number"], number)
    with pytest.raises(MalformedMessage, match="parcels.*tracking_number"):
        messages.parse_booking(body)


def test_two_bookings_under_one_key_are_not_believed():
    two = json.dumps({"shipments": [BOOKING, BOOKING]}).encode()
    with pytest.raises(MalformedMessage, match="shipments"):
        messages.parse_found(two)


def test_a_void_that_did_not_happen():
    with pytest.raises(MalformedMessage, match="status"):
        messages.parse_void(b'{"status": "pending"}')


@pytest.mark.parametrize(
    "body", [b"", b"<html>404</html>", b'{"error": {"message": ""}}']
)
def test_a_problem_without_words(body):
    assert messages.parse_problem(body) is None
