"""What the sandbox offers beside the transport: options, payers, papers, addresses, drivers."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from pypdf import PdfReader

from odoo.addons.shipment_visibility.canonical.schema import (
    Billing,
    CustomsItem,
    Mass,
    Money,
    Options,
    Payer,
)
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    FEATURES,
    NotSupported,
    OutcomeUnknown,
    Refused,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.numbers import (
    shipment_id,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from .samples import LONG_AGO, LYON, address, consignee, parcel, pickup, shipment

FRIDAY = dt.date(2026, 1, 30)
OTHERS = Billing(payer=Payer.RECEIVER, account_number="R-778")
SWISS = consignee(country="CH", postal_code="8001", city="Zürich")


def connected(**credentials):
    sandbox = adapter_class("sandbox")
    return sandbox(sandbox.credentials_model(**credentials), Transport())


@pytest.fixture
def sandbox():
    return connected()


def rated(sandbox, service="express", **changes):
    (quote,) = sandbox.rate(shipment(service=service, **changes))
    return quote


def charged(quote):
    return {charge.raw_code: str(charge.money.amount) for charge in quote.charges}


def declared(name="Lamp", weight="2.8"):
    item = CustomsItem(
        description=name,
        quantity=2,
        value=Money(amount=Decimal("178.00"), currency="EUR"),
        weight=Mass(value=Decimal(weight)),
        hs_code="940521",
        origin_country="NL",
    )
    return parcel().model_copy(update={"items": (item,)})


def text_of(content):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


# === OPTIONS === #


def test_it_offers_everything_but_dangerous_goods(sandbox):
    assert set(FEATURES) - sandbox.features == {"dangerous_goods"}
    dangerous = parcel("P9").model_copy(update={"is_dangerous": True})
    for operation in (sandbox.rate, sandbox.book):
        with pytest.raises(Refused, match="P9 holds dangerous goods; we carry none"):
            operation(shipment(parcels=(dangerous,)))


@pytest.mark.parametrize(
    ("options", "charge"),
    [
        ({"signature": "any"}, {"SIG": "1.50"}),
        ({"signature": "adult"}, {"ADS": "3.90"}),
        ({"saturday": True}, {"SAT": "12.00"}),
    ],
)
def test_an_option_is_a_charge_of_its_own(sandbox, options, charge):
    plain, quote = rated(sandbox), rated(sandbox, options=Options(**options))
    assert charged(quote) == {**charged(plain), **charge}
    (surcharge,) = charge.values()
    assert quote.total.amount - plain.total.amount == Decimal(surcharge)
    booked = sandbox.parse_booking(
        sandbox.book(shipment(service="express", options=Options(**options)))
    )
    assert booked.charges == quote.charges


def test_saturday_is_a_working_day_when_it_is_paid_for(sandbox):
    changes = {"service": "express12", "ship_date": FRIDAY}
    assert rated(sandbox, **changes).promised_date == dt.date(2026, 2, 2)
    saturday = rated(sandbox, **changes, options=Options(saturday=True))
    assert saturday.promised_date == dt.date(2026, 1, 31)


def test_saturday_is_offered_by_express_services_only(sandbox):
    saturday = Options(saturday=True)
    found = sandbox.rate(shipment(service="", options=saturday))
    assert {quote.service for quote in found} == {"express", "express12"}
    with pytest.raises(Refused, match="Standard is not delivered on Saturdays"):
        sandbox.book(shipment(options=saturday))


def test_prices_say_where_they_come_from(sandbox):
    found = sandbox.rate(shipment(service="", consignee=SWISS))
    sources = {quote.service: quote.source for quote in found}
    assert (sources["standard"], sources["worldwide"]) == ("account", "list")


def test_what_it_says_it_takes_is_what_it_takes(sandbox):
    limits = sandbox.limits[""]
    assert limits.excess(Mass(value=Decimal("70.1")), None) == ("weight",)
    assert limits.excess(Mass(value=Decimal(70)), None) == ()
    assert sandbox.book(shipment(parcels=(parcel(kg="70", size=(300, 1, 1)),)))


# === PAYERS === #


def test_freight_that_others_pay_is_not_charged_to_us(sandbox):
    quote = rated(sandbox, freight=OTHERS, options=Options(signature="any"))
    assert charged(quote) == {"SIG": "1.50"}
    assert quote.warnings == ("Account R-778 pays the freight.",)


def test_duties_we_pay_cost_a_fee_at_a_border(sandbox):
    duties = Billing(payer=Payer.SHIPPER)
    assert charged(rated(sandbox, consignee=SWISS, duties=duties))["DTP"] == "9.00"
    assert "DTP" not in charged(rated(sandbox, duties=duties))
    assert "DTP" not in charged(rated(sandbox, consignee=SWISS, duties=OTHERS))


@pytest.mark.parametrize("whose", ["freight", "duties"])
def test_who_pays_needs_an_account(sandbox, whose):
    nobody = Billing(payer=Payer.THIRD_PARTY)
    with pytest.raises(Refused, match=f"account that pays the {whose} is missing"):
        sandbox.book(shipment(**{whose: nobody}))


# === PAPERS === #


def test_declared_goods_travel_with_a_commercial_invoice(sandbox):
    request = shipment(
        consignee=SWISS,
        parcels=(declared("Lamp"), declared("Łampa")),
        incoterm="DAP",
        contents="gift",
    )
    answer = sandbox.book(request)
    (invoice,) = sandbox.parse_booking(answer).documents
    assert re.fullmatch(r"Commercial Invoice CI[0-9]{8}\.pdf", invoice.name)
    text = text_of(invoice.content)
    for words in ("Lamp", "Łampa", "940521", "Gift", "DAP", "356.00 EUR", "Zürich"):
        assert words in text
    assert sandbox.book(request) == answer


def test_what_crosses_no_border_or_is_not_declared_has_no_invoice(sandbox):
    for changes in (
        {"parcels": (declared(),)},
        {"consignee": SWISS},
        {"consignee": SWISS, "parcels": (declared(), parcel("P2"))},
    ):
        assert not sandbox.parse_booking(sandbox.book(shipment(**changes))).documents


def test_a_long_invoice_has_more_pages(sandbox):
    items = tuple(declared(f"Thing {index}").items[0] for index in range(45))
    packed = parcel(kg="20").model_copy(update={"items": items})
    answer = sandbox.book(shipment(consignee=SWISS, parcels=(packed,)))
    (invoice,) = sandbox.parse_booking(answer).documents
    assert len(PdfReader(io.BytesIO(invoice.content)).pages) == 2
    assert "Thing 44" in text_of(invoice.content)


def test_a_manifest_lists_its_shipments(sandbox):
    shipments = [shipment_id(str(index)) for index in range(70)]
    manifest = sandbox.manifest(shipments)
    text = text_of(manifest.document.content)
    assert all(one in text for one in shipments)
    assert "70 shipments" in text
    assert sandbox.manifest(shipments[::-1]).remote_id == manifest.remote_id
    assert sandbox.manifest(shipments[1:]).remote_id != manifest.remote_id


@pytest.mark.parametrize("shipments", [[], ["shp_1"], [shipment_id("a"), ""]])
def test_a_manifest_of_what_was_never_booked(sandbox, shipments):
    with pytest.raises(Refused):
        sandbox.manifest(shipments)


# === ADDRESSES === #


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"city": " LYON "}, {}),
        ({"city": "lyon"}, {}),
        ({"street": "12  rue de la République"}, {}),
        (
            {"country": "NL", "postal_code": "3072ap", "city": "ROTTERDAM"},
            {"country": "NL", "postal_code": "3072 AP", "city": "Rotterdam"},
        ),
        (
            {"country": "GB", "postal_code": "sw1a1aa", "city": "London"},
            {"country": "GB", "postal_code": "SW1A 1AA", "city": "London"},
        ),
        ({"postal_code": "13001"}, {"postal_code": "69002"}),
        ({"city": ""}, {"city": "Lyon"}),
    ],
)
def test_an_address_is_suggested_as_it_is_meant(sandbox, written, meant):
    assert sandbox.validate_address(address(**written)) == [address(**meant)]


def test_a_good_address_comes_back_unchanged(sandbox):
    for good in (LYON.address, address(country="PT", postal_code="9", city="x Y")):
        assert sandbox.validate_address(good) == [good]


def test_a_contradiction_has_two_solutions(sandbox):
    assert sandbox.validate_address(address(postal_code="75004")) == [
        address(postal_code="75004", city="Paris"),
        address(postal_code="69002", city="Lyon"),
    ]


def test_an_address_that_is_none(sandbox):
    assert sandbox.validate_address(address(street="Sandbox-NoAddress 1")) == []
    with pytest.raises(Refused, match="not serve the country ZZ"):
        sandbox.validate_address(address(country="ZZ"))


# === DROP-OFF POINTS === #


def test_three_points_are_near_always_the_same(sandbox):
    points = sandbox.drop_off_points(LYON.address)
    assert points == connected().drop_off_points(LYON.address)
    assert [point.id for point in points] == [f"pt_FR69002_{n}" for n in (1, 2, 3)]
    distances = [point.distance_km for point in points]
    assert distances == sorted(distances)
    locker, shop, _centre = points
    assert locker.opening_hours[7] == "00:00-24:00"
    assert 7 not in shop.opening_hours and "14:00" in shop.opening_hours[1]
    for point in points:
        assert abs(point.latitude - 45.76) < 0.05
        assert abs(point.longitude - 4.83) < 0.05


def test_a_place_it_has_no_map_of(sandbox):
    (point, *_) = sandbox.drop_off_points(address(country="PT", postal_code="4000"))
    assert (point.latitude, point.longitude) == (None, None)
    with pytest.raises(Refused, match="postal code is missing"):
        sandbox.drop_off_points(address(postal_code=""))


def test_a_parcel_goes_to_a_point_that_exists(sandbox):
    point = sandbox.drop_off_points(LYON.address)[0].id
    assert sandbox.book(shipment(options=Options(drop_off_point=point)))
    for wrong in ("pt_FR69002_4", "pt_CH8001_1"):
        with pytest.raises(Refused, match=f"no drop-off point {wrong} in FR"):
            sandbox.book(shipment(options=Options(drop_off_point=wrong)))


# === PICKUPS === #


def test_a_driver_comes_within_the_window(sandbox):
    answer = sandbox.pickup(pickup())
    assert answer.begins_at == dt.datetime(2026, 1, 30, 13, tzinfo=dt.UTC)
    assert answer.ends_at == dt.datetime(2026, 1, 30, 16, 30, tzinfo=dt.UTC)
    assert re.fullmatch(r"PU[0-9]{8}", answer.confirmation)
    assert [str(charge.money.amount) for charge in answer.charges] == ["3.50"]
    assert sandbox.pickup(pickup()) == answer
    assert sandbox.pickup(pickup(reference="other")).remote_id != answer.remote_id
    for _turn in "ab":
        sandbox.cancel_pickup(answer.remote_id)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date": dt.date(2026, 2, 1)}, "not fetch on Sundays"),
        ({"close": dt.time(14, 59)}, "at least one hour"),
        ({"zone": "Europe/Atlantis"}, "time zone Europe/Atlantis does not exist"),
        ({"place": consignee(country="ZZ")}, "not fetch in the country ZZ"),
        ({"instructions": "SANDBOX-PICKUP-REFUSE"}, "do not deliver"),
        ({"reference": ""}, "Idempotency-Key is missing"),
    ],
)
def test_nobody_comes(sandbox, changes, words):
    with pytest.raises(Refused, match=words):
        sandbox.pickup(pickup(**changes))


def test_whether_a_driver_comes_may_be_unknown(sandbox):
    with pytest.raises(OutcomeUnknown):
        sandbox.pickup(pickup(instructions="SANDBOX-PICKUP-TIMEOUT"))
    with pytest.raises(Refused, match="There is no pickup"):
        sandbox.cancel_pickup("pkp_1")


# === KINDS OF CARRIERS === #


def test_only_a_carrier_with_a_memory_looks_bookings_up():
    assert connected(base_url="http://127.0.0.1").offers("find_by_reference")
    for forgetful in (connected(), connected(base_url="http://c", lookup=False)):
        assert not forgetful.offers("find_by_reference")
        assert forgetful.offers("pickup") and not forgetful.offers("teleport")
        with pytest.raises(NotSupported):
            forgetful.find_by_reference("key")
        assert not forgetful.offers("list_purchases")
        with pytest.raises(NotSupported):
            forgetful.list_purchases(LONG_AGO)


def test_a_carrier_of_two_steps_keeps_a_draft():
    assert connected().prepare(shipment()) == ""
    aggregator = connected(two_step=True)
    draft = aggregator.prepare(shipment())
    assert draft and aggregator.prepare(shipment()) == draft
    assert aggregator.prepare(shipment(idempotency_key="other")) != draft
    assert aggregator.book(shipment(remote_id=draft))
    with pytest.raises(Refused, match="There is no draft nonsense"):
        aggregator.book(shipment(remote_id="nonsense"))
    with pytest.raises(Refused, match="street is missing"):
        aggregator.prepare(shipment(consignee=consignee(street="")))
