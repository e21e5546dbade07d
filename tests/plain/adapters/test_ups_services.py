"""UPS's pickups, address validation and paperless documents."""

import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.schema import Document, Mass
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    NotSupported,
    Refused,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport
from odoo.addons.shipment_visibility_carriers.adapters.ups import (
    address,
    documents,
    pickup,
)

from . import ups_samples
from .samples import LYON
from .ups_samples import (
    ACCOUNT,
    ALPHARETTA,
    DOCUMENT_ID,
    NEW_YORK,
    NUMBERS,
    PICKUP,
    PRN,
    SECRET,
    pickup_cancelled,
    validated,
)

INVOICE = Document(name="inv.pdf", mimetype="application/pdf", content=b"%PDF-1.4")


@pytest.fixture
def ups(server):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client",
        client_secret=SECRET,
        account_number=ACCOUNT,
        base_url=server.url,
    )
    server.answer = ups_samples.answer_of
    return adapter(credentials, Transport(5.0))


def built(**changes):
    asked = PICKUP.model_copy(update=changes)
    return pickup.build_pickup(asked, ACCOUNT)["PickupCreationRequest"]


def test_a_driver_comes_in_local_time():
    assert built()["PickupDateInfo"] == {
        "ReadyTime": "1400",
        "CloseTime": "1730",
        "PickupDate": "20260202",
    }


def test_parcels_are_counted_by_where_they_go():
    assert [
        (piece["DestinationCountryCode"], piece["Quantity"])
        for piece in built()["PickupPiece"]
    ] == [("FR", "2"), ("DE", "1")]


def test_there_are_no_more_pieces_than_parcels():
    pieces = built(parcel_count=1)["PickupPiece"]
    assert [piece["Quantity"] for piece in pieces] == ["1"]


def test_parcels_for_nowhere_stay_in_the_country():
    (piece,) = built(countries=())["PickupPiece"]
    assert piece["DestinationCountryCode"] == "NL"


def test_a_service_has_three_digits():
    assert {piece["ServiceCode"] for piece in built()["PickupPiece"]} == {"011"}
    (piece,) = built(service="", place=NEW_YORK, countries=())["PickupPiece"]
    assert piece["ServiceCode"] == "003"


@pytest.mark.parametrize(("kilograms", "heavy"), [("96", "N"), ("96.3", "Y")])
def test_heavy_parcels_are_announced(kilograms, heavy):
    asked = built(weight=Mass(value=Decimal(kilograms)))
    assert asked["OverweightIndicator"] == heavy


def test_up_to_thirty_numbers_are_named():
    assert built()["TrackingData"] == [{"TrackingNumber": number} for number in NUMBERS]
    assert "TrackingData" not in built(tracking_numbers=NUMBERS * 16)


def test_the_pickup_and_its_price_are_read():
    agreed = pickup.parse_pickup(ups_samples.picked_up(), PICKUP)
    assert (agreed.remote_id, agreed.confirmation) == (PRN, PRN)
    assert agreed.begins_at == dt.datetime(2026, 2, 2, 13, tzinfo=dt.UTC)
    assert agreed.ends_at == dt.datetime(2026, 2, 2, 16, 30, tzinfo=dt.UTC)
    assert [(line.family, line.money.amount) for line in agreed.charges] == [
        ("accessorial", Decimal("5.20")),
        ("fuel", Decimal("0.80")),
    ]


def test_a_pickup_is_called_off_by_its_number(ups, server):
    ups.cancel_pickup(PRN)
    asked = server.received[-1]
    assert (asked.method, asked.path) == ("DELETE", "/api/shipments/v2409/pickup/02")
    assert asked.headers["Prn"] == PRN


def _refusing(words):
    def answer(request):
        if request.method == "DELETE":
            return 400, {}, ups_samples.problem(words, "9510101")
        return ups_samples.answer_of(request)

    return answer


def test_calling_off_what_is_called_off_already_is_a_success(ups, server):
    server.answer = _refusing("The pickup has already been cancelled.")
    ups.cancel_pickup(PRN)


def test_calling_off_too_late_is_refused(ups, server):
    server.answer = _refusing("The driver is on the way.")
    with pytest.raises(Refused, match="on the way"):
        ups.cancel_pickup(PRN)


def test_a_cancellation_that_failed_is_refused():
    with pytest.raises(Refused, match="Too late"):
        pickup.parse_cancelled(pickup_cancelled("0", "Too late"))


def test_an_american_postal_code_is_sent_in_its_two_parts():
    place = NEW_YORK.address.model_copy(update={"postal_code": "10118-0110"})
    key = address.build_validation(place)["XAVRequest"]["AddressKeyFormat"]
    assert (key["PostcodePrimaryLow"], key["PostcodeExtendedLow"]) == ("10118", "0110")


def test_candidates_are_addresses():
    (found,) = address.parse_validation(validated(ALPHARETTA), LYON.address)
    assert (found.street, found.street2) == ("26601 ALISO CREEK RD", "STE D")
    assert (found.city, found.state) == ("ALISO VIEJO", "CA")
    assert (found.postal_code, found.country) == ("92656-8765", "US")


def test_a_good_address_without_candidates_is_itself():
    assert address.parse_validation(validated(), LYON.address) == [LYON.address]


def test_an_address_that_nobody_knows_is_refused():
    answer = validated(indicator="NoCandidatesIndicator")
    with pytest.raises(Refused, match="no such address"):
        address.parse_validation(answer, LYON.address)


def test_where_ups_has_no_list_of_addresses_none_is_called_wrong(ups, server):
    def answer(request):
        if "/addressvalidation/" in request.path:
            return 400, {}, ups_samples.problem("Country code is invalid.", "264003")
        return ups_samples.answer_of(request)

    server.answer = answer
    with pytest.raises(NotSupported, match=r"in FR: Country code is invalid."):
        ups.validate_address(LYON.address)


def test_a_document_is_uploaded_and_joined_to_the_shipment(ups, server):
    moment = dt.datetime(2026, 1, 30, 14, 5)
    document_id = ups.add_document(NUMBERS[0], NUMBERS, moment, INVOICE, "002")
    assert document_id == DOCUMENT_ID
    upload, join = (
        request for request in server.received if "paperless" in request.path
    )
    assert upload.headers["ShipperNumber"] == ACCOUNT
    (form,) = upload.json["UploadRequest"]["UserCreatedForm"]
    assert form["UserCreatedFormDocumentType"] == "002"
    assert form["UserCreatedFormFile"] == ups_samples.encoded(INVOICE.content)
    joined = join.json["PushToImageRepositoryRequest"]
    assert joined["FormsHistoryDocumentID"] == {"DocumentID": [DOCUMENT_ID]}
    assert joined["TrackingNumber"] == list(NUMBERS)
    assert joined["ShipmentDateAndTime"] == "2026-01-30-14.05.00"


def test_a_document_that_ups_does_not_take_is_refused():
    film = INVOICE.model_copy(update={"mimetype": "video/mp4"})
    with pytest.raises(Refused, match="video/mp4"):
        documents.build_upload(film, "008", ACCOUNT)
    large = INVOICE.model_copy(update={"content": b"x" * (10 * 1024 * 1024 + 1)})
    with pytest.raises(Refused, match="10 MB"):
        documents.build_upload(large, "008", ACCOUNT)


def test_a_document_that_is_not_joined_is_refused():
    with pytest.raises(Refused):
        documents.parse_join(ups_samples.joined("0"))


def test_the_limits_are_those_that_ups_publishes():
    (limits,) = adapter_class("ups").limits.values()
    assert not limits.excess(Mass(value=Decimal("150"), unit="lb"), None)
    assert limits.excess(Mass(value=Decimal("150.1"), unit="lb"), None) == ("weight",)
