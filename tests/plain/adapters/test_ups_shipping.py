"""What UPS is asked for shipments, and how labels, prices and cancellations are read."""

import json
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from odoo.addons.shipment_visibility.canonical.schema import Money, Options
from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    MalformedMessage,
    Refused,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport
from odoo.addons.shipment_visibility_carriers.adapters.ups import (
    booking,
    labels,
    shipping,
)

from . import ups_samples
from .samples import LYON, ROTTERDAM, consignee, parcel, shipment
from .ups_samples import (
    ACCOUNT,
    DECLARED,
    NEW_YORK,
    NUMBERS,
    SECRET,
    TORONTO,
    ZPL,
    amount,
    encoded,
    gif,
    item,
    package,
    shipped,
    voided,
)

KEY = "0123456789abcdef"


def built(**changes):
    request = shipment(**{"service": "11", **changes})
    return shipping.build_shipment(request, ACCOUNT)["ShipmentRequest"]


def declared(**changes):
    """The forms of a shipment to Canada."""
    request = {"consignee": TORONTO, "parcels": (DECLARED,), **changes}
    options = built(**request)["Shipment"].get("ShipmentServiceOptions", {})
    return options.get("InternationalForms", {})


def goods(**changes):
    (line,) = DECLARED.items
    return DECLARED.model_copy(update={"items": (line.model_copy(update=changes),)})


def booked(answer, **changes):
    request = shipment(**{"service": "11", **changes})
    return booking.parse_booking(booking.noted(request, answer))


def ups(server, journal=None):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client",
        client_secret=SECRET,
        account_number=ACCOUNT,
        base_url=server.url,
    )
    return adapter(credentials, Transport(5.0))


# Asking


def test_all_parcels_are_one_shipment():
    assert len(built()["Shipment"]["Package"]) == 2


def test_the_shipment_carries_our_reference_and_the_key():
    asked = built()
    assert asked["Shipment"]["ReferenceNumber"] == [
        {"Value": "WH/OUT/00042"},
        {"Value": KEY},
    ]
    context = asked["Request"]["TransactionReference"]["CustomerContext"]
    assert context == KEY


def test_within_the_united_states_the_parcels_carry_them():
    asked = built(shipper=NEW_YORK, consignee=NEW_YORK)["Shipment"]
    assert "ReferenceNumber" not in asked
    assert [
        [one["Value"] for one in parcel["ReferenceNumber"]]
        for parcel in asked["Package"]
    ] == [["WH/OUT/00042", KEY]] * 2


def test_the_key_is_the_transaction(server):
    server.answer = ups_samples.answer_of
    ups(server).book(shipment(service="11"))
    assert server.received[-1].headers["transId"] == KEY


@pytest.mark.parametrize("key", ["k" * 33, "schlüssel"])
def test_a_key_that_fits_no_header_is_the_same_transaction_each_time(server, key):
    server.answer = ups_samples.answer_of
    for _time in range(2):
        ups(server).book(shipment(service="11", idempotency_key=key))
    first, second = (
        request.headers["transId"]
        for request in server.received
        if request.path.endswith("/ship")
    )
    assert first == second
    assert len(first) == 32 and first.isascii()


def test_a_label_is_a_picture_or_zpl():
    picture = built(label_format="PDF")["LabelSpecification"]
    assert picture["LabelImageFormat"] == {"Code": "GIF"}
    assert picture["HTTPUserAgent"]
    assert built()["LabelSpecification"]["LabelImageFormat"] == {"Code": "ZPL"}


def test_the_label_has_the_consignees_alphabet():
    assert "CharacterSet" not in built()["LabelSpecification"]
    there = built(consignee=consignee(country="PL"))["LabelSpecification"]
    assert there["CharacterSet"] == "pol"


def test_a_returned_parcel_is_paid_by_who_gets_it():
    asked = built(shipper=LYON, consignee=ROTTERDAM, is_return=True)["Shipment"]
    assert asked["ReturnService"] == {"Code": "9"}
    assert asked["ShipFrom"]["Name"] == LYON.company
    assert asked["ShipTo"]["Name"] == ROTTERDAM.name
    assert asked["Shipper"]["Name"] == ROTTERDAM.name
    assert asked["Shipper"]["ShipperNumber"] == ACCOUNT
    assert all(one["Description"] for one in asked["Package"])


def test_phone_numbers_are_digits():
    asked = built(consignee=TORONTO.model_copy(update={"phone": "+1 (416) 555-0100"}))[
        "Shipment"
    ]
    assert asked["ShipTo"]["Phone"] == {"Number": "4165550100"}
    assert asked["ShipFrom"]["Phone"] == {"Number": "31100000000"}


def test_goods_that_leave_are_declared():
    forms = declared(incoterm="DAP")
    assert forms["FormType"] == ["01"]
    assert forms["InvoiceNumber"] == "WH/OUT/00042"
    assert forms["InvoiceDate"] == "20260130"
    assert forms["ReasonForExport"] == "SALE"
    assert forms["TermsOfShipment"] == "DAP"
    assert forms["CurrencyCode"] == "EUR"
    assert forms["Contacts"]["SoldTo"]["Address"]["CountryCode"] == "CA"
    assert forms["Product"] == [
        {
            "Description": ["Steel screws, 9 mm"],
            "Unit": {
                "Number": "4",
                "UnitOfMeasurement": {"Code": "PCS"},
                "Value": "50.00",
            },
            "CommodityCode": "731815",
            "PartNumber": "SCREW-9",
            "OriginCountryCode": "NL",
        }
    ]


def test_a_value_that_does_not_divide_keeps_six_decimals():
    value = Money(amount=Decimal("10"), currency="EUR")
    forms = declared(parcels=(goods(quantity=Decimal(3), value=value),))
    assert forms["Product"][0]["Unit"]["Value"] == "3.333333"


def test_half_a_piece_is_declared_as_one_lot():
    forms = declared(parcels=(goods(quantity=Decimal("2.5")),))
    assert forms["Product"][0]["Unit"]["Number"] == "1"
    assert forms["Product"][0]["Unit"]["Value"] == "200.00"


@pytest.mark.parametrize(
    "changes",
    [
        {"consignee": LYON},
        {"parcels": (parcel(),)},
        {"contents": "documents"},
        {"shipper": NEW_YORK, "consignee": consignee(country="PR")},
    ],
    ids=["within the EU", "nothing to declare", "documents", "to Puerto Rico"],
)
def test_nothing_is_declared_where_nothing_is_cleared(changes):
    assert declared(**changes) == {}


def test_a_returned_parcel_has_a_partial_invoice():
    forms = declared(
        shipper=TORONTO, consignee=ROTTERDAM, is_return=True, contents="return"
    )
    assert forms["FormType"] == ["05"]
    assert forms["ReasonForExport"] == "RETURN"


def test_an_invoice_in_two_currencies_is_refused():
    dollars = goods(value=Money(amount=Decimal(1), currency="USD"))
    with pytest.raises(Refused, match="EUR, USD"):
        declared(parcels=(DECLARED, dollars))


def test_documents_abroad_are_said_to_be_documents():
    abroad = built(consignee=TORONTO, contents="documents")["Shipment"]
    assert "DocumentsOnlyIndicator" in abroad
    assert "DocumentsOnlyIndicator" not in built(contents="documents")["Shipment"]


@pytest.mark.parametrize(
    ("sender", "receiver", "told"),
    [(NEW_YORK, TORONTO, True), (NEW_YORK, LYON, False), (ROTTERDAM, TORONTO, False)],
)
def test_the_value_of_the_goods_is_told_from_the_us_to_canada(sender, receiver, told):
    asked = built(shipper=sender, consignee=receiver, parcels=(DECLARED,))["Shipment"]
    assert ("InvoiceLineTotal" in asked) == told


def test_too_many_parcels_are_refused():
    with pytest.raises(Refused, match="20 parcels"):
        built(is_return=True, parcels=tuple(parcel(f"P{i}") for i in range(21)))


def test_saturday_and_forms_stand_beside_each_other():
    asked = built(
        consignee=TORONTO, parcels=(DECLARED,), options=Options(saturday=True)
    )
    options = asked["Shipment"]["ShipmentServiceOptions"]
    assert set(options) == {"SaturdayDeliveryIndicator", "InternationalForms"}


# Reading


def test_each_parcel_gets_its_number_and_label():
    answer = booked(shipped())
    assert answer.remote_id == answer.master_number == NUMBERS[0]
    assert answer.service == "11"
    assert [
        (label.parcel_reference, label.tracking_number) for label in answer.labels
    ] == [("PACK0001", NUMBERS[0]), ("PACK0002", NUMBERS[1])]
    assert {label.label.content for label in answer.labels} == {ZPL}
    assert answer.labels[0].label.name == f"{NUMBERS[0]}.zpl"


def test_a_picture_becomes_a_page_of_four_by_six_inches():
    answer = booked(shipped(package(NUMBERS[0])), parcels=(parcel(),))
    (label,) = answer.labels
    assert label.label.mimetype == "application/pdf"
    (page,) = PdfReader(BytesIO(label.label.content)).pages
    assert (page.mediabox.width, page.mediabox.height) == (288, 432)


def test_the_picture_is_turned_upright_and_fills_the_page():
    (page,) = PdfReader(BytesIO(labels.picture_to_pdf(gif()))).pages
    image = page.images[0].image.convert("L")
    assert image.size == (800, 1200)
    # Its left edge, black all along, is on top now; its lower half of the end right is white.
    assert image.getpixel((400, 5)) == 0
    assert image.getpixel((790, 1195)) == 0
    assert image.getpixel((10, 1195)) == 255


def test_what_is_printed_behind_the_label_is_kept():
    (page,) = PdfReader(BytesIO(labels.picture_to_pdf(gif(drawn=1400)))).pages
    assert page.images[0].image.size == (800, 1400)


def test_a_picture_is_always_the_same_file():
    assert labels.picture_to_pdf(gif()) == labels.picture_to_pdf(gif())


def test_the_price_of_the_account_is_what_was_paid():
    negotiated = {
        "ItemizedCharges": [item("375", "1.20")],
        "TotalCharge": amount("14.20"),
    }
    charges = booked(shipped(negotiated=negotiated)).charges
    assert [(line.family, line.money.amount) for line in charges] == [
        ("freight", Decimal("13.00")),
        ("fuel", Decimal("1.20")),
    ]


def test_without_a_contract_the_published_price_was_paid():
    charges = booked(shipped()).charges
    assert [(line.family, line.money.amount) for line in charges] == [
        ("freight", Decimal("16.00")),
        ("fuel", Decimal("2.40")),
    ]


def test_who_does_not_pay_is_told_no_price():
    answer = json.loads(shipped())
    del answer["ShipmentResponse"]["ShipmentResults"]["ShipmentCharges"]
    assert booked(ups_samples.as_json(answer)).charges == ()


def test_the_commercial_invoice_comes_with_the_labels():
    form = {
        "Code": "01",
        "Image": {
            "ImageFormat": {"Code": "PDF", "Description": "PDF"},
            "GraphicImage": encoded(b"%PDF-1.4 invoice"),
        },
    }
    (document,) = booked(shipped(Form=form)).documents
    assert document.content == b"%PDF-1.4 invoice"
    assert document.mimetype == "application/pdf"
    assert NUMBERS[0] in document.name


def test_an_answer_with_other_parcels_is_not_believed():
    with pytest.raises(MalformedMessage, match="1 labels for 2 parcels"):
        booked(shipped(package(NUMBERS[0], "ZPL")))


@pytest.mark.parametrize(
    "image",
    [{"GraphicImage": "%%%"}, {"GraphicImage": encoded(b"no picture")}],
)
def test_a_label_that_is_none_is_malformed(image):
    broken = package(NUMBERS[0])
    broken["ShippingLabel"] |= image
    with pytest.raises(MalformedMessage):
        booked(shipped(broken), parcels=(parcel(),))


@pytest.mark.parametrize("answer", [b"", b"{}", b"null", shipped()])
def test_bytes_that_are_no_booking_of_ours_are_malformed(answer):
    with pytest.raises(MalformedMessage):
        booking.parse_booking(answer)


def test_one_parcel_alone_may_stand_without_its_list():
    answer = json.loads(shipped(package(NUMBERS[0], "ZPL")))
    results = answer["ShipmentResponse"]["ShipmentResults"]
    (results["PackageResults"],) = results["PackageResults"]
    read = booked(ups_samples.as_json(answer), parcels=(parcel(),))
    assert read.remote_id == NUMBERS[0]


# Cancelling


@pytest.mark.parametrize(
    "answer",
    [
        voided(),
        voided("0", "Partially voided", parcels=[(number, "1") for number in NUMBERS]),
        voided("&#xD;&#xD;1"),
    ],
)
def test_what_is_voided_now_or_earlier_is_voided(answer):
    booking.parse_void(answer)


@pytest.mark.parametrize(
    "answer",
    [
        voided("0", "Not voided"),
        voided("0", "Not voided", parcels=[(NUMBERS[0], "1"), (NUMBERS[1], "0")]),
    ],
)
def test_what_is_not_voided_is_refused(answer):
    with pytest.raises(Refused, match="Not voided"):
        booking.parse_void(answer)


def test_voiding_what_is_voided_already_is_a_success(server):
    refused = 400, {}, ups_samples.problem("The shipment is voided already.", "190117")

    def answer(request):
        return refused if "/void/" in request.path else ups_samples.answer_of(request)

    server.answer = answer
    ups(server).void(NUMBERS[0])


def test_voiding_what_is_on_its_way_is_refused_in_the_words_of_ups(server):
    words = "No shipment found within the allowed void period"
    refused = 400, {}, ups_samples.problem(words, "190102")

    def answer(request):
        return refused if "/void/" in request.path else ups_samples.answer_of(request)

    server.answer = answer
    with pytest.raises(Refused, match=rf"{words} \(190102\)"):
        ups(server).void(NUMBERS[0])


def test_all_reasons_are_told_at_once(server):
    errors = [
        {"code": "120202", "message": "The city is missing."},
        {"code": "120206", "message": "The postal code is missing."},
    ]
    refused = 400, {}, ups_samples.as_json({"response": {"errors": errors}})

    def answer(request):
        return refused if "/ship" in request.path else ups_samples.answer_of(request)

    server.answer = answer
    with pytest.raises(Refused) as raised:
        ups(server).book(shipment(service="11"))
    assert str(raised.value) == (
        "The city is missing. (120202) The postal code is missing. (120206)"
    )


def test_a_refusal_without_reasons_says_so(server):
    def answer(request):
        if "/ship" in request.path:
            return 400, {}, b"<html>"
        return ups_samples.answer_of(request)

    server.answer = answer
    with pytest.raises(Refused, match=r"gave no reason \(400\)"):
        ups(server).book(shipment(service="11"))
