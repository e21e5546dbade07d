"""What EasyPost lists as bought: paged, one entry a parcel, with what identifies a delivery."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

from .easypost_desk import EasyPostDesk, easypost
from .samples import LONG_AGO, LYON, shipment

SERVICE = "USPS/GroundAdvantage"


@pytest.fixture
def desk(server):
    server.answer = EasyPostDesk(server.url)
    return server.answer


def listed(adapter, since=LONG_AGO):
    """All pages."""
    found, page = [], ""
    while True:
        answer = adapter.list_purchases(since, page)
        found += answer.purchases
        page = answer.next_page
        if not page:
            return found


def test_all_parcels_bought_are_listed_over_all_pages_and_nothing_that_was_only_priced(
    server, desk
):
    desk.page_size = 2
    adapter = easypost(server)
    adapter.rate(shipment(service=""))
    for key in ("FIRST", "SECOND"):
        adapter.book(shipment(service=SERVICE, idempotency_key=key))
    found = listed(adapter)
    assert sorted(one.key for one in found) == ["FIRST"] * 2 + ["SECOND"] * 2
    assert desk.asked.count(("GET", "/v2/shipments")) == 2
    assert len({one.remote_id for one in found}) == 4


def test_an_entry_says_for_whom_and_for_which_delivery_it_was_bought(server, desk):
    adapter = easypost(server)
    answer = adapter.parse_booking(adapter.book(shipment(service=SERVICE)))
    one = listed(adapter)[-1]
    assert (one.remote_id, *one.tracking_numbers) == (
        answer.remote_id.split(",")[0],
        answer.labels[0].tracking_number,
    )
    assert one.reference == shipment().reference
    assert (one.consignee, one.postal_code, one.country) == (
        LYON.name,
        LYON.address.postal_code,
        "FR",
    )
    assert (one.service, one.cost.amount) == (SERVICE, Decimal("6.07"))
    assert not one.is_void and not one.is_return


def test_what_was_refunded_since_and_what_comes_back_is_told_as_such(server, desk):
    adapter = easypost(server)
    remote_id = adapter.parse_booking(adapter.book(shipment(service=SERVICE))).remote_id
    adapter.return_label(shipment(service=SERVICE, idempotency_key="BACK"))
    adapter.void(remote_id)
    *back, second, first = listed(adapter)
    assert first.is_void and second.is_void
    assert all(one.is_return and not one.is_void for one in back)
    assert {one.consignee for one in back} == {""}


def test_what_was_bought_before_is_not_asked_for(server, desk):
    adapter = easypost(server)
    adapter.book(shipment(service=SERVICE))
    since = dt.datetime(2026, 1, 30, 9, 1, tzinfo=dt.UTC)
    assert [one.remote_id for one in listed(adapter, since)] == ["shp_2"]


def test_a_reference_that_is_not_ours_is_no_key(server, desk):
    adapter = easypost(server)
    adapter.book(shipment(service=SERVICE))
    for one in desk.shipments.values():
        one |= {"reference": "Order 17", "options": None, "to_address": None}
    assert {(one.key, one.reference, one.consignee) for one in listed(adapter)} == {
        ("", "", "")
    }


def test_a_list_without_a_word_whether_there_is_more_is_not_taken_for_the_end(
    server, desk
):
    body = json.dumps({"shipments": []}).encode()
    desk.answers["GET", "/v2/shipments"] = (200, {}, body)
    with pytest.raises(MalformedMessage):
        easypost(server).list_purchases(LONG_AGO)
