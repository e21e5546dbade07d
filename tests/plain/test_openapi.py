"""The document of the interface says what the code does, as far as no server is needed."""

import datetime as dt

import pytest
import schemathesis

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Precision, Zone
from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature.standard import (
    new_secret,
)
from odoo.addons.shipment_visibility_webhooks.gateway import refusals
from odoo.addons.shipment_visibility_webhooks.outgoing import envelope

from dev.check import openapi
from dev.hostile.doors import DOORS

NOW = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
SCHEMAS = openapi.document()["components"]["schemas"]
ID = "6f1e6f6e-52a5-5d37-8a0b-5f9a3d3f7d11"
DATA = {
    "shipment": "SHP/0001",
    "direction": "outbound",
    "tracking_number": "SBX1",
    "tracking_numbers": ["SBX1"],
    "carrier": "sandbox",
    "code": "delivered",
    "milestone": "Delivered",
    "occurred_at": "2026-01-05T08:00:00+00:00",
    "precision": "second",
    "zone": "known",
    "place": None,
    "headline": "delivered",
    "deliveries": ["WH/OUT/0001"],
    "orders": [],
    "promised_at": None,
}


def sent(code="delivered", data=DATA, secrets=None):
    """Headers and body of a message as the sender builds it."""
    event = envelope.Event(ID, code, NOW, "SHP/0001", ID, data)
    body = envelope.build(event, "https://odoo.example.com")
    scheme = signature.scheme("standard_webhooks")
    headers = scheme.sign_as(ID, body, secrets or [new_secret()], NOW)
    return headers | {"Content-Type": envelope.CONTENT_TYPE}, body


def test_the_document_is_openapi():
    schemathesis.openapi.from_path(openapi.DOCUMENT).validate()


def test_a_message_and_a_test_are_as_documented():
    assert openapi.outgoing_problems(*sent()) == []
    two = [new_secret(), new_secret()]
    assert openapi.outgoing_problems(*sent(secrets=two)) == []
    data = {name: DATA[name] for name in ("occurred_at",)}
    test = {"shipment": "TEST", "code": "test", **data}
    assert openapi.outgoing_problems(*sent("test", test)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"code": "teleported"},
        {"occurred_at": "yesterday"},
        {"tracking_numbers": None},
        {"recipient": "somebody"},
    ],
)
def test_what_is_not_documented_is_noticed(change):
    assert openapi.outgoing_problems(*sent(data=DATA | change))


def test_a_missing_or_odd_signature_is_noticed():
    headers, body = sent()
    del headers["webhook-id"]
    headers["webhook-signature"] = "v2,AAAA"
    problems = openapi.outgoing_problems(headers, body)
    assert [problem.split()[0] for problem in problems] == [
        "webhook-id",
        "webhook-signature:",
    ]


def test_every_code_is_documented():
    assert SCHEMAS["Code"]["enum"] == [code.value for code in Code]
    data = SCHEMAS["ShipmentData"]["properties"]
    assert data["precision"]["enum"] == [one.value for one in Precision]
    assert data["zone"]["enum"] == [one.value for one in Zone]


def test_the_proof_of_every_scheme_is_documented():
    schemes = openapi.document()["components"]["securitySchemes"]
    documented = {
        scheme.get("name", "Authorization").lower() for scheme in schemes.values()
    }
    chosen = {"x-demo-token", "x-demo-signature", "x-demo-time"}
    expected = {
        name.lower() for door in DOORS for name in door.sign(b"{}", NOW)
    } - chosen
    assert documented - {"x-chosen-by-the-administrator"} == expected


def test_every_refusal_is_documented():
    route = openapi.document()["paths"]["/shipment/webhook/{token}"]["post"]
    reasons = (
        *(refusals.UNKNOWN, refusals.TOO_LARGE, refusals.BROKEN_OFF, refusals.ADDRESS),
        *(refusals.RATE, refusals.SOURCE, refusals.SIGNATURE),
    )
    answered = [refusals.Refusal(reason) for reason in reasons]
    assert {str(one.status) for one in answered} <= set(route["responses"])
    words = SCHEMAS["Refused"]["properties"]["status"]["enum"]
    assert sorted({one.answer for one in answered}) == sorted(words)
