"""What the sandbox answers, in this process."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import (
    CHARGE_FAMILIES,
    CustomsItem,
    Dimensions,
    Mass,
    Money,
)
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    AuthFailed,
    NotSupported,
    OutcomeUnknown,
    Refused,
    Unavailable,
    adapter_class,
    register,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import faults, numbers
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.messages import (
    build_shipment,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.statuses import (
    CHARGES,
    STATUSES,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from .samples import ROTTERDAM, address, consignee, parcel, shipment


@pytest.fixture
def sandbox(journal):
    sandbox = adapter_class("sandbox")
    return sandbox(sandbox.credentials_model(), Transport(journal=journal.append))


def quotes(sandbox, **changes):
    request = shipment(**{"service": "", **changes})
    return {quote.service: quote for quote in sandbox.rate(request)}


def to(country, postal_code="12345"):
    return consignee(country=country, postal_code=postal_code)


# === ADAPTER === #


def test_registered_once():
    sandbox = adapter_class("sandbox")
    assert (sandbox.code, sandbox.name) == ("sandbox", "Sandbox Carrier")
    with pytest.raises(ValueError, match="already registered"):
        register("sandbox")(sandbox)


@pytest.mark.parametrize("values", [{"api_key": ""}, {"base_url": "carrier"}, {"x": 1}])
def test_credentials_that_cannot_be(values):
    with pytest.raises(ValueError):
        adapter_class("sandbox").credentials_model(**values)


def test_without_memory_nothing_is_looked_up(sandbox):
    assert sandbox.track(["SBX1"]) == []
    with pytest.raises(NotSupported):
        sandbox.find_by_reference("key")


# === RATES === #


def test_prices(sandbox):
    found = quotes(sandbox, parcels=(parcel(kg="2.5"), parcel(kg="12.1")))
    assert {code: str(quote.total.amount) for code, quote in found.items()} == {
        "economy": "33.53",
        "standard": "43.37",
        "express": "80.44",
        "express12": "100.75",
    }
    assert list(found) == ["economy", "standard", "express", "express12"]
    express12 = found["express12"]
    assert [
        (charge.family, str(charge.money.amount)) for charge in express12.charges
    ] == [
        ("freight", "86.00"),
        ("fuel", "10.75"),
        ("accessorial", "4.00"),
    ]
    assert express12.service_name == "Express 12:00"


def test_the_total_is_the_sum_of_its_charges(sandbox):
    for country in ("NL", "FR", "CH", "US"):
        for quote in quotes(sandbox, consignee=to(country)).values():
            assert {charge.money.currency for charge in quote.charges} == {
                quote.total.currency
            }
            assert sum(charge.money.amount for charge in quote.charges) == (
                quote.total.amount
            )


def test_one_service_is_priced_in_dollars(sandbox):
    found = quotes(sandbox, consignee=to("US"))
    assert {code: quote.total.currency for code, quote in found.items()} == {
        "standard": "EUR",
        "worldwide": "USD",
        "express": "EUR",
    }


def test_a_price_depends_on_weight_zone_and_parcels(sandbox):
    def standard(**changes):
        return quotes(sandbox, **changes)["standard"].total.amount

    one, heavier, two = (
        standard(parcels=parcels)
        for parcels in ((parcel(),), (parcel(kg="3.1"),), (parcel(), parcel()))
    )
    assert one < heavier < two == 2 * one
    zones = [standard(consignee=to(country)) for country in ("NL", "FR", "CH", "US")]
    assert zones == sorted(set(zones))


def test_a_bulky_parcel_costs_its_volume(sandbox):
    light = (parcel(kg="1", size=(50, 40, 30)),)
    assert quotes(sandbox, parcels=light) == quotes(sandbox, parcels=(parcel(kg="12"),))


def test_insurance_and_return_cost_extra(sandbox):
    insured = Money(amount=Decimal(2500), currency="USD")
    found = quotes(sandbox, insured_value=insured, is_return=True)["standard"]
    assert [charge.family for charge in found.charges] == [
        "freight",
        "fuel",
        "insurance",
        "return",
    ]
    with pytest.raises(Refused, match="insured up to 2500 only"):
        quotes(sandbox, insured_value=Money(amount=Decimal(2501), currency="EUR"))


def test_promises_skip_the_weekend(sandbox):
    found = quotes(sandbox, ship_date=dt.date(2026, 1, 30))  # a Friday
    assert found["express12"].promised_date == dt.date(2026, 2, 2)
    assert found["economy"].promised_date == dt.date(2026, 2, 6)
    assert quotes(sandbox, consignee=to("CH"))["economy"].promised_date is None


def test_customs_data_is_missed_at_a_border_only(sandbox):
    item = CustomsItem(
        description="Lamp",
        quantity=2,
        value=Money(amount=Decimal("178.00"), currency="EUR"),
        weight=Mass(value=Decimal("2.8")),
        hs_code="940521",
        origin_country="NL",
    )
    declared = parcel().model_copy(update={"items": (item,)})
    assert quotes(sandbox, consignee=to("CH"))["standard"].warnings
    assert not quotes(sandbox)["standard"].warnings
    assert not quotes(sandbox, consignee=to("CH"), parcels=(declared,))[
        "standard"
    ].warnings


def test_one_service_alone(sandbox):
    assert list(quotes(sandbox, service="express")) == ["express"]


# === REFUSALS === #


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consignee": to("FR", "")}, "consignee's postal code is missing"),
        ({"consignee": to("ZZ")}, "not serve the consignee's country ZZ"),
        (
            {
                "shipper": ROTTERDAM.model_copy(
                    update={"address": address(country="XX")}
                )
            },
            "not serve the shipper's country XX",
        ),
        (
            {"parcels": (parcel("P9", "70.1"),)},
            "P9 weighs 70.1 kg; we carry up to 70 kg",
        ),
        ({"parcels": (parcel("P9", size=(301, 1, 1)),)}, "P9 is 301 cm long"),
        ({"service": "pigeon"}, "service pigeon does not exist"),
        (
            {"service": "express12", "consignee": to("US")},
            "Express 12:00 is not offered from NL to US",
        ),
    ],
)
def test_what_is_not_carried(sandbox, journal, changes, words):
    for operation in (sandbox.rate, sandbox.book, sandbox.return_label):
        with pytest.raises(Refused, match=words):
            operation(shipment(**changes))
    assert [(exchange.outcome, exchange.status) for exchange in journal] == [
        ("refused", 422)
    ] * 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"service": ""}, "service is required"),
        ({"idempotency_key": ""}, "Idempotency-Key is missing"),
        ({"consignee": consignee(street="")}, "consignee's street is missing"),
        ({"consignee": consignee(city="")}, "consignee's city is missing"),
        ({"ship_date": dt.date(9999, 12, 31)}, "ship_date"),
    ],
)
def test_what_cannot_be_booked(sandbox, changes, words):
    with pytest.raises(Refused, match=words):
        sandbox.book(shipment(**changes))


def test_a_country_without_postal_codes(sandbox):
    assert quotes(sandbox, consignee=to("AE", ""))


# === BOOKING === #


def test_the_same_key_is_the_same_shipment(sandbox):
    assert sandbox.book(shipment()) == sandbox.book(shipment())
    first, second = (
        sandbox.parse_booking(sandbox.book(shipment(idempotency_key=key)))
        for key in ("one", "two")
    )
    assert first.remote_id != second.remote_id
    assert not {label.tracking_number for label in first.labels} & {
        label.tracking_number for label in second.labels
    }


def test_a_booking(sandbox):
    answer = sandbox.parse_booking(sandbox.book(shipment()))
    (quote,) = sandbox.rate(shipment())
    assert (answer.service, answer.charges) == (quote.service, quote.charges)
    assert answer.promised_date == quote.promised_date
    assert answer.master_number.startswith("SBM")
    sandbox.void(answer.remote_id)
    sandbox.void(answer.remote_id)


def test_one_parcel_has_no_master_number(sandbox):
    single = shipment(parcels=(parcel(),))
    assert sandbox.parse_booking(sandbox.book(single)).master_number == ""


@pytest.mark.parametrize("remote_id", ["", "shp_1", "../rates", "shp_" + "G" * 24])
def test_no_such_shipment(sandbox, remote_id):
    with pytest.raises(Refused, match="There is no shipment"):
        sandbox.void(remote_id)


def test_the_request_as_it_is_sent():
    sent = build_shipment(
        shipment(
            parcels=(parcel(size=(Decimal("30.04"), 20, 10)),),
            insured_value=Money(amount=Decimal("99.90"), currency="EUR"),
        )
    )
    assert json.loads(json.dumps(sent)) == {
        "reference": "WH/OUT/00042",
        "service": "standard",
        "ship_date": "2026-01-30",
        "return": False,
        "label_format": "ZPL",
        "incoterm": "",
        "shipper": {
            "name": "Parcel Demo Company",
            "company": "",
            "phone": "+31 10 000 0000",
            "email": "",
            "address": {
                "street": "Wilhelminakade 1",
                "street2": "",
                "city": "Rotterdam",
                "postal_code": "3072 AP",
                "state": "",
                "country": "NL",
            },
        },
        "consignee": {
            "name": "Émile Exemple",
            "company": "Maison Exemple SARL",
            "phone": "+33 4 72 00 00 00",
            "email": "reception@maison-exemple.example",
            "address": {
                "street": "12 rue de la République",
                "street2": "",
                "city": "Lyon",
                "postal_code": "69002",
                "state": "",
                "country": "FR",
            },
        },
        "parcels": [
            {
                "reference": "PACK0001",
                "weight_kg": "2.500",
                "length_cm": "30.0",
                "width_cm": "20.0",
                "height_cm": "10.0",
                "description": "",
                "items": [],
                "dangerous": False,
            }
        ],
        "insured_value": {"amount": "99.90", "currency": "EUR"},
        "contents": "merchandise",
        "draft": "",
        "options": {"signature": "none", "saturday": False, "drop_off_point": ""},
        "freight": {
            "payer": "shipper",
            "account_number": "",
            "postal_code": "",
            "country": None,
        },
        "duties": None,
    }


def test_units_are_converted():
    american = parcel().model_copy(
        update={
            "weight": Mass(value=Decimal(10), unit="lb"),
            "dimensions": Dimensions(length=10, width=5, height=2, unit="in"),
        }
    )
    (sent,) = build_shipment(shipment(parcels=(american,)))["parcels"]
    assert (sent["weight_kg"], sent["length_cm"]) == ("4.536", "25.4")


# === NUMBERS === #


def test_check_digits():
    # GS1's own example of an SSCC.
    assert numbers.check_digit("37610425002123456") == "9"
    number = numbers.tracking_number("key", 1)
    assert numbers.is_tracking_number(number)
    for position in range(3, len(number)):
        wrong = str((int(number[position]) + 1) % 10)
        assert not numbers.is_tracking_number(
            number[:position] + wrong + number[position + 1 :]
        )


def test_numbers_do_not_repeat():
    found = {numbers.tracking_number(f"key{k}", p) for k in range(500) for p in (1, 2)}
    assert len(found) == 1000


# === TROUBLE ON REQUEST === #


@pytest.mark.parametrize(
    "changes",
    [
        {"consignee": consignee("Sandbox-Refuse Ltd")},
        {"consignee": consignee(street="1, SANDBOX-REFUSE street")},
        {"reference": "SANDBOX-REFUSE"},
        {"shipper": consignee("SANDBOX-REFUSE")},
    ],
)
def test_the_word_may_stand_anywhere(sandbox, changes):
    with pytest.raises(Refused, match="We do not deliver to this address"):
        sandbox.book(shipment(**changes))


def test_the_word_may_name_one_operation(sandbox):
    request = shipment(consignee=consignee("SANDBOX-BOOK-TIMEOUT"))
    assert sandbox.rate(request)
    for operation in (sandbox.book, sandbox.return_label):
        with pytest.raises(OutcomeUnknown):
            operation(request)
    request = shipment(consignee=consignee("SANDBOX-RATE-DOWN"))
    with pytest.raises(Unavailable):
        sandbox.rate(request)
    assert sandbox.book(request)


def test_a_shipment_that_cannot_be_voided(sandbox):
    request = shipment(consignee=consignee("SANDBOX-VOID-REFUSE"))
    answer = sandbox.parse_booking(sandbox.book(request))
    with pytest.raises(Refused, match="on its way and cannot be cancelled"):
        sandbox.void(answer.remote_id)


def test_a_word_in_the_key_is_for_everything(journal):
    sandbox = adapter_class("sandbox")
    adapter = sandbox(
        sandbox.credentials_model(api_key="SANDBOX-AUTH"),
        Transport(journal=journal.append),
    )
    with pytest.raises(AuthFailed):
        adapter.void(numbers.shipment_id("key"))
    assert (journal[0].outcome, journal[0].status) == ("auth_failed", 401)


def test_a_slow_carrier(sandbox, monkeypatch):
    request = shipment(consignee=consignee("SANDBOX-SLOW"))
    monkeypatch.setattr(faults, "SLOW_SECONDS", 0.01)
    assert sandbox.book(request)
    sandbox.transport.timeout = 0.005
    with pytest.raises(OutcomeUnknown):
        sandbox.book(request)
    with pytest.raises(Unavailable):
        sandbox.rate(request)


@pytest.mark.parametrize("text", ["sandbox", "SANDBOX-", "SANDBOX-REFUSED", "REFUSE"])
def test_ordinary_words(text):
    assert faults.find("book", text) is None


# === TABLES === #


def test_tables_speak_the_canonical_language():
    assert set(CHARGES.values()) <= set(CHARGE_FAMILIES)
    assert all(len(code) == 3 and code.isupper() for code in STATUSES)
