import datetime as dt
from decimal import Decimal

import pytest
from pydantic import ValidationError

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import (
    Address,
    BookingAnswer,
    Document,
    Mass,
    Money,
    TrackingEvent,
)


def _event(**facts):
    facts.setdefault("occurred_at", dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    facts.setdefault("tracking_number", "SB1")
    return TrackingEvent(carrier="sandbox", **facts)


def test_a_time_is_brought_to_utc():
    tokyo = dt.timezone(dt.timedelta(hours=9))
    event = _event(occurred_at=dt.datetime(2026, 3, 2, 9, tzinfo=tokyo))
    assert event.occurred_at == dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert event.occurred_at.tzinfo == dt.UTC


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 3, 2, 9),
        dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=5))),
    ],
    ids=["without a zone", "outside the calendar"],
)
def test_a_time_that_cannot_be_told_in_utc_is_refused(moment):
    with pytest.raises(ValidationError):
        _event(occurred_at=moment)


def test_what_an_adapter_does_not_say_is_unknown():
    event = _event(raw_code="  DP ")
    assert (event.code, event.raw_code, event.signer) == (Code.UNKNOWN, "DP", "")


def test_a_misspelt_field_is_refused():
    with pytest.raises(ValidationError):
        _event(signed_by="M. Weber")


def test_canonical_objects_do_not_change():
    with pytest.raises(ValidationError):
        _event().signer = "M. Weber"


def test_a_file_survives_json():
    label = Document(name="a.zpl", mimetype="text/plain", content=b"\xff^XA")
    assert Document.model_validate_json(label.model_dump_json()) == label


def test_money_survives_json_to_the_last_digit():
    price = Money(amount=Decimal("12.340"), currency="EUR")
    again = Money.model_validate_json(price.model_dump_json())
    assert str(again.amount) == "12.340"


@pytest.mark.parametrize(
    ("value", "unit", "kg"),
    [("2", "kg", "2"), ("500", "g", "0.5"), ("16", "oz", "0.45359237")],
)
def test_a_weight_in_kilograms(value, unit, kg):
    assert Mass(value=Decimal(value), unit=unit).kg == Decimal(kg)


def test_a_country_is_its_code_and_a_postal_code_is_text():
    assert Address(postal_code="01067", country="DE").postal_code == "01067"
    with pytest.raises(ValidationError):
        Address(country="Germany")


def test_a_booking_without_a_label_is_no_booking():
    with pytest.raises(ValidationError):
        BookingAnswer(remote_id="1", service="std", labels=())


def test_what_no_database_takes_and_nobody_reads_is_left_out():
    told = _event(raw_text="a\x00b\x07c\nd", signer="\x00", raw_code="X\x00Y")
    assert (told.raw_text, told.signer, told.raw_code) == ("abc\nd", "", "XY")


def test_a_text_of_megabytes_is_cut():
    told = _event(
        raw_text="x" * 10_000_000, raw_status="y" * 10_000, raw_code="配" * 999
    )
    assert (len(told.raw_text), len(told.raw_status)) == (10_000, 1_000)
    assert len(told.raw_code) == 250


@pytest.mark.parametrize("text", ["تم التسليم", "delivered 📦✅", "配達完了"])
def test_every_script_is_kept(text):
    assert _event(raw_text=text).raw_text == text


@pytest.mark.parametrize("year", [1, 1970, 1999, 2100, 9999])
def test_an_absurd_date_is_refused(year):
    with pytest.raises(ValidationError):
        _event(occurred_at=dt.datetime(year, 6, 1, tzinfo=dt.UTC))


def test_a_number_is_kept_as_it_was_written_but_not_empty():
    assert _event(tracking_number=" 1 Z-9 ").tracking_number == "1 Z-9"
    for number in ("", "  ", "\x00", "9" * 129):
        with pytest.raises(ValidationError):
            _event(tracking_number=number)
