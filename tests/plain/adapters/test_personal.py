"""What of a message may be read by who looks for a fault."""

import json

import pytest

from odoo.addons.shipment_visibility_carriers.adapters import personal
from odoo.addons.shipment_visibility_carriers.adapters.personal import readable

MESSAGE = {
    "tracking_number": "SBX0000000000000001",
    "carrier_name": "Example Post",
    "api_token": "tok-1234567890",
    "recipient": {
        "name": "Erika Musterfrau",
        "street1": "Beispielweg 7",
        "city": "Liège",
        "country": "BE",
        "phone": "0170 000000",
        "emailAddress": "erika@example.com",
    },
    "addressLines": ["Hinterhaus", "Beispielweg 7"],
    "events": [
        {
            "code": "DLV",
            "description": "Delivered, signed for by: E Musterfrau",
            "note": "call +49 170 0000000 or write to max@example.com",
            "occurred_at": "2026-03-05T10:00:00+01:00",
            "signed_by": "E MUSTERFRAU",
            "location": {"city": "Liège", "latitude": 50.63, "longitude": 5.57},
        }
    ],
}
PEOPLE = (
    "Musterfrau",
    "MUSTERFRAU",
    "Beispielweg",
    "Hinterhaus",
    "0170",
    "erika",
    "max@",
)


def test_json_is_laid_out_without_secrets_and_people():
    text = readable(json.dumps(MESSAGE).encode())
    for hidden in (*PEOPLE, "tok-1234567890", "50.63", "170 000"):
        assert hidden not in text
    shown = json.loads(text)
    assert shown["tracking_number"] == "SBX0000000000000001"
    assert shown["carrier_name"] == "Example Post"
    assert shown["recipient"]["city"] == "Liège"
    event = shown["events"][0]
    assert event["occurred_at"] == "2026-03-05T10:00:00+01:00"
    assert event["code"] == "DLV"
    assert event["description"] == "Delivered, signed for by: ***"
    assert "\n  " in text


@pytest.mark.parametrize(
    ("body", "shown", "hidden"),
    [
        (b"number=SBX1&name=Erika&status=OK%20so", "status = OK so", "Erika"),
        (b'payload={"number":"SBX1","signed_by":"Erika"}', '"number": "SBX1"', "Erika"),
        (b"<a><Number>SBX1</Number><Name>Erika</Name></a>", "SBX1", "Erika"),
        (b"SBX1 password=hunter22 received by Erika", "SBX1", "Erika"),
        (b'{"number": "SBX1", "token": "hunter22"', "SBX1", "hunter22"),
        (b'[{"secrets": {"a": {"b": ["hunter22"]}}}, "SBX1"]', "SBX1", "hunter22"),
        (b"SBX1 \xff\x00 name@example.com", "SBX1", "name@"),
    ],
)
def test_other_texts_hide_them_too(body, shown, hidden):
    text = readable(body)
    assert shown in text
    assert hidden not in text
    assert "hunter22" not in text


def test_a_long_message_is_cut():
    body = json.dumps([{"code": "PUP", "at": number} for number in range(20_000)])
    text = readable(body.encode())
    assert len(text) < personal.LONGEST_TEXT + 100
    assert text.endswith("characters]")


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b"a" * 2_000_000, b"=" * 100_000, b"<a>" * 300_000, b""]
)
def test_nothing_makes_it_stumble(body):
    assert len(readable(body)) < personal.LONGEST_TEXT + 100
