"""What a message looks like, and when it is sent again."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility_webhooks.outgoing import envelope, pauses

DAY = dt.timedelta(days=1)
EVENT = envelope.Event(
    id="5a7c",
    code="delivered",
    occurred_at=dt.datetime.fromisoformat("2026-03-02T10:00:00+01:00"),
    subject="SHP/00001",
    correlation_id="c0de",
    data={"place": "Liège"},
)


def test_a_message_is_a_cloud_event():
    assert json.loads(envelope.build(EVENT, "https://erp.example.com")) == {
        "specversion": "1.0",
        "id": "5a7c",
        "source": "https://erp.example.com",
        "type": "shipment.delivered",
        "time": "2026-03-02T09:00:00+00:00",
        "subject": "SHP/00001",
        "datacontenttype": "application/json",
        "correlationid": "c0de",
        "data": {"place": "Liège"},
    }


def test_a_time_without_a_zone_is_not_told():
    with pytest.raises(ValueError):
        envelope.moment(dt.datetime(2026, 3, 2))


def test_a_message_is_tried_for_a_day_with_growing_pauses():
    age, tried = dt.timedelta(), [dt.timedelta()]
    while pause := pauses.next_pause(len(tried), age):
        age += pause
        tried.append(age)
    assert [int(at.total_seconds()) for at in tried] == [
        0,
        5,
        305,
        2105,
        9305,
        27305,
        63305,
        86400,
    ]


def test_a_message_that_waited_for_days_gets_more_than_one_attempt():
    assert pauses.next_pause(1, 3 * DAY) == dt.timedelta(seconds=5)
    assert pauses.next_pause(3, 3 * DAY) == dt.timedelta(minutes=30)
    assert pauses.next_pause(4, 3 * DAY) is None


def test_what_the_receiver_asks_for_is_waited():
    assert pauses.next_pause(1, dt.timedelta(), 3600).total_seconds() == 3600
    assert pauses.next_pause(3, dt.timedelta(), 60).total_seconds() == 1800
    assert pauses.rest(1, 3600).total_seconds() == 3600


def test_a_receiver_that_is_down_is_left_alone_for_longer_and_longer():
    rests = [pauses.rest(failures).total_seconds() for failures in (1, 2, 3, 9, 5000)]
    assert rests == [5, 10, 20, 300, 300]
