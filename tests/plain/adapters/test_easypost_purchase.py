"""Buying, looking up and cancelling at a small EasyPost: all parcels or none, nothing lost."""

import json

import pytest

from odoo.addons.shipment_visibility.canonical.schema import Money
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    AuthFailed,
    MalformedMessage,
    OutcomeUnknown,
    Refused,
    Unavailable,
)

from .carrier_server import RESET
from .easypost_desk import FILES, EasyPostDesk, easypost, error
from .samples import parcel, shipment

SERVICE = "USPS/GroundAdvantage"
KEY = shipment().idempotency_key


@pytest.fixture
def desk(server):
    server.answer = EasyPostDesk(server.url)
    return server.answer


def asked_for(**changes):
    return shipment(**{"service": SERVICE, **changes})


def prepared(adapter, **changes):
    request = asked_for(**changes)
    return request.model_copy(update={"remote_id": adapter.prepare(request)})


def insured(amount="100"):
    return Money(amount=amount, currency="USD")


def sold(desk):
    """The ids of what a warehouse would have to pay for."""
    return [
        name
        for name, one in desk.shipments.items()
        if one["tracking_code"] and not one["refund_status"]
    ]


def posts(desk, what):
    return [path for method, path in desk.asked if method == "POST" and what in path]


def test_preparing_buys_nothing(server, desk):
    request = prepared(easypost(server))
    assert request.remote_id == "shp_1,shp_2"
    assert not sold(desk)


def test_booking_buys_what_was_prepared(server, desk):
    adapter = easypost(server)
    booked = adapter.parse_booking(adapter.book(prepared(adapter)))
    assert booked.remote_id == "shp_1,shp_2"
    assert booked.service == SERVICE
    assert sold(desk) == ["shp_1", "shp_2"]
    assert [
        (label.parcel_reference, label.tracking_number) for label in booked.labels
    ] == [
        ("PACK0001", "9400100208303109505601"),
        ("PACK0002", "9400100208303109505602"),
    ]
    assert len(posts(desk, "shipments")) == 4
    assert [charge.family for charge in booked.charges] == ["freight", "freight"]


@pytest.mark.parametrize("label_format", ["PDF", "ZPL"])
@pytest.mark.parametrize("prints_only", ["", "PNG"])
def test_a_label_in_the_format_asked_for(server, desk, label_format, prints_only):
    desk.prints_only = prints_only
    adapter = easypost(server)
    request = prepared(adapter, label_format=label_format)
    booked = adapter.parse_booking(adapter.book(request))
    assert [label.label.content for label in booked.labels] == [FILES[label_format]] * 2
    assert booked.labels[0].label.name.endswith(f".{label_format.lower()}")


def test_booking_twice_buys_once(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    first = adapter.parse_booking(adapter.book(request))
    assert adapter.parse_booking(adapter.book(request)) == first
    assert len(posts(desk, "/buy")) == 2


def test_other_parcels_than_those_prepared_are_not_bought(server, desk):
    adapter = easypost(server)
    request = prepared(adapter).model_copy(update={"parcels": (parcel(),)})
    with pytest.raises(Refused, match="not those that were prepared"):
        adapter.book(request)
    assert not sold(desk)


def test_a_service_that_is_not_offered_for_all_buys_none(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.shipments["shp_2"]["rates"] = []
    with pytest.raises(Refused, match=f"“{SERVICE}” is not offered"):
        adapter.book(request)
    assert not posts(desk, "/buy")


def test_a_refused_parcel_gives_the_others_back(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["POST", "/v2/shipments/shp_2/buy"] = error("Insufficient funds.")
    with pytest.raises(Refused, match="Insufficient funds"):
        adapter.book(request)
    assert not sold(desk)
    assert desk.shipments["shp_1"]["refund_status"] == "submitted"
    # Looked up later, it is certain that nothing is booked.
    assert adapter.find_by_reference(KEY, request.remote_id) is None


def test_what_is_only_looked_at_and_not_answered_in_time_can_be_asked_again(
    server, desk
):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["GET", "/v2/shipments/shp_1"] = (408, {}, b"")
    with pytest.raises(Unavailable):
        adapter.book(request)
    desk.answers["POST", "/v2/shipments"] = (408, {}, b"")
    with pytest.raises(Unavailable):
        adapter.prepare(request)


@pytest.mark.parametrize(
    ("answer", "raised"), [((401, {}, b""), AuthFailed), ((503, {}, b""), Unavailable)]
)
def test_whatever_stops_the_second_gives_the_first_back(server, desk, answer, raised):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["POST", "/v2/shipments/shp_2/buy"] = answer
    with pytest.raises(raised):
        adapter.book(request)
    assert not sold(desk)


def test_what_cannot_be_given_back_is_told_and_not_forgotten(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["POST", "/v2/shipments/shp_2/buy"] = error("Insufficient funds.")
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = error("Too late.")
    with pytest.raises(OutcomeUnknown) as raised:
        adapter.book(request)
    for word in ("Insufficient funds", "shp_1", "Too late"):
        assert word in str(raised.value)
    with pytest.raises(OutcomeUnknown, match="shp_1"):
        adapter.find_by_reference(KEY, request.remote_id)


@pytest.mark.parametrize("lost", [RESET, (408, {}, b""), (500, {}, b"")])
def test_a_lost_answer_gives_nothing_back(server, desk, lost):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["POST", "/v2/shipments/shp_2/buy"] = lost
    with pytest.raises(OutcomeUnknown):
        adapter.book(request)
    assert sold(desk) == ["shp_1"]
    # Once it is known that the second was not bought, nothing remains.
    assert adapter.find_by_reference(KEY, request.remote_id) is None
    assert not sold(desk)


def test_a_purchase_whose_answer_was_lost_is_found_with_its_labels(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    booked = adapter.parse_booking(adapter.book(request))
    found = adapter.find_by_reference(KEY, request.remote_id)
    assert adapter.parse_booking(found) == booked


def test_what_was_only_prepared_was_not_bought(server, desk):
    adapter = easypost(server)
    assert (
        adapter.find_by_reference(KEY, adapter.prepare(asked_for()) + ",shp_9") is None
    )
    assert adapter.find_by_reference(KEY, "shp_9") is None


def test_a_cancelled_purchase_is_none(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    adapter.book(request)
    adapter.void(request.remote_id)
    assert adapter.find_by_reference(KEY, request.remote_id) is None
    with pytest.raises(Refused, match="cancelled already"):
        adapter.book(request)


def test_without_an_id_it_is_found_by_our_key(server, desk):
    adapter = easypost(server)
    booked = adapter.parse_booking(adapter.book(asked_for()))
    found = adapter.find_by_reference(KEY)
    assert adapter.parse_booking(found) == booked
    assert adapter.find_by_reference("another") is None


def test_an_unreadable_answer_is_kept_and_the_rest_not_bought(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["POST", "/v2/shipments/shp_1/buy"] = (200, {}, b"<html>\xff")
    kept = adapter.book(request)
    assert json.loads(kept)["shipments"][0]["answer"].startswith("<html>")
    assert posts(desk, "/buy") == ["/v2/shipments/shp_1/buy"]
    with pytest.raises(MalformedMessage):
        adapter.parse_booking(kept)


def test_a_label_that_cannot_be_fetched_does_not_lose_the_purchase(server, desk):
    adapter = easypost(server)
    request = prepared(adapter)
    desk.answers["GET", "/files/shp_2.zpl"] = [(500, {}, b""), (404, {}, b"")]
    kept = adapter.book(request)
    assert "9400100208303109505602" in kept.decode()
    with pytest.raises(MalformedMessage, match="is bought, but its label"):
        adapter.parse_booking(kept)
    with pytest.raises(Refused, match="not there"):
        adapter.find_by_reference(KEY, request.remote_id)
    found = adapter.find_by_reference(KEY, request.remote_id)
    assert len(adapter.parse_booking(found).labels) == 2


@pytest.mark.parametrize("url", ["http://files.example/l.zpl", "file:///etc/passwd"])
def test_a_label_at_an_unsafe_address_is_not_fetched(server, desk, url):
    adapter = easypost(server)
    request = prepared(adapter, parcels=(parcel(),))

    def bought(received):
        body = received.json
        _status, _headers, answer = desk._buy(desk.shipments["shp_1"], body)
        answer = json.loads(answer)
        answer["postage_label"]["label_url"] = url
        return 200, {}, json.dumps(answer).encode()

    desk.answers["POST", "/v2/shipments/shp_1/buy"] = bought
    with pytest.raises(MalformedMessage, match="unsafe address"):
        adapter.parse_booking(adapter.book(request))


def test_customs_papers_are_fetched(server, desk):
    adapter = easypost(server)
    request = prepared(adapter, parcels=(parcel(),))
    url = desk.file("invoice", "PDF")
    forms = [{"form_type": "commercial_invoice", "form_url": url}]
    desk.shipments["shp_1"]["forms"] = forms
    (paper,) = adapter.parse_booking(adapter.book(request)).documents
    assert paper.content == FILES["PDF"]
    assert "commercial_invoice" in paper.name


def test_insurance_is_bought_along(server, desk):
    adapter = easypost(server)
    request = prepared(adapter, insured_value=insured("100.01"))
    booked = adapter.parse_booking(adapter.book(request))
    assert [one["insurance"] for one in desk.shipments.values()] == ["50.00", "50.01"]
    assert [charge.family for charge in booked.charges].count("insurance") == 2
    assert not posts(desk, "/insure")


def uninsured(desk):
    """A purchase that passes over the insurance."""

    def bought(received):
        name = received.path.split("/")[3]
        return desk._buy(desk.shipments[name], {"rate": received.json["rate"]})

    return bought


def test_what_was_bought_without_its_insurance_is_insured_then(server, desk):
    adapter = easypost(server)
    request = prepared(adapter, parcels=(parcel(),), insured_value=insured())
    desk.answers["POST", "/v2/shipments/shp_1/buy"] = uninsured(desk)
    booked = adapter.parse_booking(adapter.book(request))
    assert desk.shipments["shp_1"]["insurance"] == "100.00"
    assert "insurance" in [charge.family for charge in booked.charges]


def test_nothing_is_shipped_without_the_insurance_that_was_asked_for(server, desk):
    adapter = easypost(server)
    request = prepared(adapter, parcels=(parcel(),), insured_value=insured())
    desk.answers["POST", "/v2/shipments/shp_1/buy"] = uninsured(desk)
    desk.answers["POST", "/v2/shipments/shp_1/insure"] = error("Not insurable.")
    with pytest.raises(Refused, match="Not insurable"):
        adapter.book(request)
    assert not sold(desk)


def test_insurance_in_another_currency_is_refused_before_anything_is_asked(
    server, desk
):
    request = asked_for(insured_value=Money(amount="100", currency="EUR"))
    for operation in (easypost(server).rate, easypost(server).prepare):
        with pytest.raises(Refused, match="US dollars"):
            operation(request)
    assert not desk.asked


def test_a_return_label_is_created_as_a_return(server, desk):
    adapter = easypost(server)
    adapter.return_label(asked_for())
    assert [one["is_return"] for one in desk.shipments.values()] == [True, True]


def test_voiding_refunds_every_parcel_and_again_does_no_harm(server, desk):
    adapter = easypost(server)
    adapter.book(prepared(adapter))
    adapter.void("shp_1,shp_2")
    assert not sold(desk)
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = error("Already refunded.")
    adapter.void("shp_1,shp_2")


@pytest.mark.parametrize("status", ["submitted", "refunded", "not_applicable"])
def test_a_refund_on_its_way_is_a_void(server, desk, status):
    adapter = easypost(server)
    adapter.book(prepared(adapter))
    answer = desk.shipments["shp_1"] | {"refund_status": status}
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = (
        *(200, {}),
        json.dumps(answer).encode(),
    )
    adapter.void("shp_1")


def test_a_rejected_refund_is_no_void_and_the_other_parcel_is_refunded(server, desk):
    adapter = easypost(server)
    adapter.book(prepared(adapter))
    answer = desk.shipments["shp_1"] | {"refund_status": "rejected"}
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = (
        *(200, {}),
        json.dumps(answer).encode(),
    )
    with pytest.raises(Refused, match="9400100208303109505601"):
        adapter.void("shp_1,shp_2")
    assert sold(desk) == ["shp_1"]


def test_a_void_that_is_refused_says_why(server, desk):
    adapter = easypost(server)
    adapter.book(prepared(adapter))
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = error("Scanned already.")
    with pytest.raises(Refused, match="Scanned already"):
        adapter.void("shp_1")


def test_a_refund_of_no_documented_kind_is_not_believed(server, desk):
    adapter = easypost(server)
    adapter.book(prepared(adapter))
    answer = json.dumps(desk.shipments["shp_1"]).encode()
    desk.answers["POST", "/v2/shipments/shp_1/refund"] = (200, {}, answer)
    with pytest.raises(MalformedMessage):
        adapter.void("shp_1")
