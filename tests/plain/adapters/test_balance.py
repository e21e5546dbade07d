"""What is left in the wallet, and what is said when it is too little."""

from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    MalformedMessage,
    NoFunds,
    Refused,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost.messages_balance import (
    parse_balance,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import faults
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import samples
from .easypost_desk import EasyPostDesk, easypost, error


@pytest.mark.parametrize(
    ("told", "amount"),
    [("41.25000", "41.25"), ("0.00000", "0"), ("-3.10000", "-3.1"), ("7", "7")],
)
def test_easypost_tells_dollars_as_a_text(told, amount):
    balance = parse_balance(b'{"object": "User", "balance": "%s"}' % told.encode())
    assert (balance.amount, balance.currency) == (Decimal(amount), "USD")


@pytest.mark.parametrize("told", ['"1,000.00"', '""', "null", "12.5", '"NaN"', '"1e9"'])
def test_another_form_of_it_is_not_guessed(told):
    with pytest.raises(MalformedMessage):
        parse_balance(b'{"balance": %s}' % told.encode())


def test_easypost_tells_it_to_production_keys_alone(server):
    server.answer = EasyPostDesk(server.url)
    assert not easypost(server).offers("read_balance")
    production = easypost(server, production=True, api_key="EZAKtiger42burning")
    assert production.offers("read_balance")
    assert production.read_balance().amount == Decimal("41.25")


def test_easypost_without_funds_sells_nothing(server):
    desk = EasyPostDesk(server.url)
    server.answer = desk
    desk.answers["POST", "/v2/shipments/shp_1/buy"] = error(
        "Add funds to your account.", "PAYMENT_REQUIRED", 402
    )
    adapter = easypost(server)
    request = samples.shipment(service="USPS/GroundAdvantage")
    request = request.model_copy(update={"parcels": request.parcels[:1]})
    request = request.model_copy(update={"remote_id": adapter.prepare(request)})
    with pytest.raises(NoFunds, match="Add funds"):
        adapter.book(request)


def test_the_sandbox_has_an_empty_wallet_on_request():
    sandbox = adapter_class("sandbox")
    adapter = sandbox(
        sandbox.credentials_model(api_key="SANDBOX-BOOK-FUNDS"), Transport()
    )
    with pytest.raises(NoFunds, match="too little"):
        adapter.book(samples.shipment())
    assert adapter.rate(samples.shipment())
    assert adapter.read_balance().amount > 0


def test_no_funds_is_a_refusal_for_those_who_know_no_better():
    assert issubclass(NoFunds, Refused)
    assert faults.find("book", "SANDBOX-FUNDS") is faults.Fault.FUNDS
