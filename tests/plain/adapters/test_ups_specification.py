"""The adapter's requests, and the answers of its tests, against UPS's own OpenAPI files.

Prism stands between the adapter and a carrier that gives the answers of ``ups_samples``.
"""

import datetime as dt
import warnings
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import (
    Billing,
    Document,
    Money,
    Options,
)
from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import prism, ups_samples, ups_specification
from .carrier_server import serving
from .samples import LYON, ROTTERDAM, parcel, shipment
from .ups_samples import (
    ACCOUNT,
    DECLARED,
    EURO_200,
    NEW_YORK,
    NUMBERS,
    PICKUP,
    PRN,
    SECRET,
    TORONTO,
)

THIRD = Billing(
    payer="third_party", account_number="Z9Y8X7", postal_code="1011 AB", country="NL"
)
RECEIVER = Billing(payer="receiver", account_number="Z9Y8X7", postal_code="M5V 3L9")
SIGNED = Options(signature="adult", saturday=True)
SHIPMENTS = {
    "within the European Union": {},
    "pictures for labels": {"label_format": "PDF"},
    "insured and signed for": {"insured_value": EURO_200, "options": SIGNED},
    "to be cleared": {
        "consignee": TORONTO,
        "parcels": (DECLARED, parcel("PACK0002")),
        "incoterm": "DDP",
    },
    "cleared at the receiver's cost": {
        "consignee": TORONTO,
        "parcels": (DECLARED,),
        "freight": RECEIVER,
        "duties": THIRD,
    },
    "documents abroad": {"consignee": TORONTO, "contents": "documents"},
    "within the United States": {
        "shipper": NEW_YORK,
        "consignee": NEW_YORK,
        "service": "03",
        "options": SIGNED,
        "insured_value": Money(amount=Decimal("150"), currency="USD"),
    },
    "from the United States to Canada": {
        "shipper": NEW_YORK,
        "consignee": TORONTO,
        "parcels": (DECLARED,),
    },
}
RETURNS = {
    "within the European Union": {},
    "from abroad": {
        "shipper": TORONTO,
        "consignee": ROTTERDAM,
        "parcels": (DECLARED,),
        "contents": "return",
    },
}


class Held:
    """UPS as its files describe it. ``violations`` is what Prism has found so far."""

    def __init__(self, prism_port, front):
        self.prism_port = prism_port
        self.url = front.url
        self.violations = []
        front.answer = self.pass_on

    def pass_on(self, request):
        # Prism knows the paths as they are below the address of the API.
        target = request.target.removeprefix("/api")
        answer, found = prism.forward(
            self.prism_port, request.method, target, request.headers, request.body
        )
        self.violations += [f"{request.method} {target}: {text}" for text in found]
        return answer


@pytest.fixture(scope="module")
def _held(tmp_path_factory):
    file = ups_specification.write(tmp_path_factory.mktemp("ups"))
    with serving() as carrier, serving() as front:
        carrier.answer = ups_samples.answer_of
        with prism.proxy(file, carrier.url) as port:
            yield Held(port, front)


@pytest.fixture
def held(request):
    if not ups_specification.FOLDER.is_dir():
        reason = (
            f"{ups_specification.FOLDER} is missing: UPS's messages are not held "
            "against its own files"
        )
        warnings.warn(reason, stacklevel=1)
        pytest.xfail(reason)
    held = request.getfixturevalue("_held")
    held.violations.clear()
    yield held
    assert not held.violations, "\n".join(held.violations)


@pytest.fixture
def ups(held):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client",
        client_secret=SECRET,
        account_number=ACCOUNT,
        base_url=held.url,
    )
    return adapter(credentials, Transport(timeout=30.0))


def asked(changes, **more):
    return shipment(**{"service": "11", **changes, **more})


@pytest.mark.parametrize("kind", SHIPMENTS)
def test_prices_of_all_services(ups, kind):
    quotes = ups.rate(asked(SHIPMENTS[kind], service=""))
    assert [quote.service for quote in quotes] == ["11", "07"]


@pytest.mark.parametrize("kind", SHIPMENTS)
def test_the_price_of_one_service(ups, kind):
    assert len(ups.rate(asked(SHIPMENTS[kind]))) == 1


@pytest.mark.parametrize("kind", SHIPMENTS)
def test_a_shipment_is_bought(ups, kind):
    request = asked(SHIPMENTS[kind])
    ups.book(request)


@pytest.mark.parametrize("kind", RETURNS)
def test_a_return_is_priced_and_bought(ups, kind):
    request = asked(RETURNS[kind], is_return=True)
    ups.rate(request)
    ups.return_label(request)


def test_a_shipment_is_cancelled(ups):
    ups.void(NUMBERS[0])


def test_a_number_is_tracked(ups):
    assert len(ups.track([NUMBERS[0]])) == 1


def test_a_driver_is_sent_and_called_off(ups):
    assert ups.pickup(PICKUP).remote_id == PRN
    ups.cancel_pickup(PRN)


@pytest.mark.parametrize(
    "place", [NEW_YORK.address, LYON.address], ids=["New York", "Lyon"]
)
def test_an_address_is_validated(ups, place):
    assert ups.validate_address(place)


def test_a_document_of_ours_is_sent_ahead(ups):
    document = Document(name="co.pdf", mimetype="application/pdf", content=b"%PDF-1.4")
    moment = dt.datetime(2026, 1, 30, 12)
    assert ups.add_document(NUMBERS[0], NUMBERS, moment, document, "003")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"ShipTo": {"Name": "Nobody"}},
        {"Servise": {"Code": "11"}},
    ],
    ids=["a part is missing", "a name is misspelt"],
)
def test_what_violates_the_file_is_noticed(held, ups, monkeypatch, spoilt):
    from odoo.addons.shipment_visibility_carriers.adapters.ups import shipping

    build = shipping.build_shipment

    def spoil(*arguments):
        content = build(*arguments)
        content["ShipmentRequest"]["Shipment"] |= spoilt
        return content

    monkeypatch.setattr(shipping, "build_shipment", spoil)
    ups.book(asked({}))
    found, held.violations[:] = list(held.violations), []
    assert len(found) >= 1
    assert all("/shipments/v2409/ship" in text for text in found)
