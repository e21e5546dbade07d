"""UPS Track Alert: one scan a message, in UPS's own forms of time and place."""

import datetime as dt
import json
import warnings

import pytest
import yaml

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Precision, Zone
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.ups import track_alert

from . import ups_specification

# A delivery, in the shape of ``TrackingEventRequest``.
MESSAGE = {
    "trackingNumber": "1Z999AA10123456784",
    "localActivityDate": "20260202",
    "localActivityTime": "095004",
    "activityLocation": {
        "city": "DEMOVILLE",
        "stateProvince": "NC",
        "postalCode": "28209",
        "country": "US",
    },
    "activityStatus": {
        "type": "D",
        "code": "FS",
        "description": "Delivered",
        "descriptionCode": "011",
    },
    "scheduledDeliveryDate": "20260203",
    "gmtActivityDate": "20260202",
    "gmtActivityTime": "145004",
    "gmtOffset": "-05.00",
    "actualDeliveryDate": "20260202",
    "actualDeliveryTime": "095004",
    "deliveryPhoto": "aGVsbG8=",
    "receivedBy": "EXAMPLE",
}
NO_GMT = {"gmtActivityDate": "", "gmtActivityTime": ""}


def read(production=False, **changes):
    body = json.dumps(MESSAGE | changes).encode()
    return track_alert.parse_webhook(body, "ups", production)


def one(**changes):
    (event,) = read(**changes)
    return event


def status(**changes):
    return MESSAGE["activityStatus"] | changes


def test_all_of_a_delivery():
    event = one()
    assert (event.carrier, event.tracking_number) == ("ups", "1Z999AA10123456784")
    assert (event.code, event.raw_code) == (Code.DELIVERED, "D/FS")
    assert (event.raw_status, event.raw_text) == ("011", "Delivered")
    assert event.occurred_at == dt.datetime(2026, 2, 2, 14, 50, 4, tzinfo=dt.UTC)
    assert event.occurred_text == "20260202 095004 -05.00"
    assert (event.zone, event.precision) == (Zone.KNOWN, Precision.SECOND)
    assert event.location == Location(
        city="DEMOVILLE", state="NC", postal_code="28209", country="US"
    )
    assert event.signer == "EXAMPLE"
    assert event.photo_url == ""
    assert event.estimated_date is None


@pytest.mark.parametrize(
    ("kind", "raw", "summary", "code"),
    [
        ("M", "MP", "003", Code.INFO_RECEIVED),
        ("MV", "VP", "", Code.CANCELLED),
        ("I", "OR", "005", Code.PICKED_UP),
        ("I", "AR", "010", Code.ARRIVED),
        ("I", "OT", "021", Code.OUT_FOR_DELIVERY),
        ("D", "OT", "021", Code.OUT_FOR_DELIVERY),
        ("D", "FS", 11, Code.DELIVERED),
        ("X", "48", 22, Code.ATTEMPT_FAILED),
        ("U", "R1", "055", Code.DELIVERY_SCHEDULED),
        # The same letters of another type are another matter.
        ("X", "AR", "", Code.UNKNOWN),
        ("X", "FS", "011", Code.UNKNOWN),
        ("D", "ZZ", "999", Code.UNKNOWN),
        ("", "", None, Code.UNKNOWN),
    ],
)
def test_type_and_code_mean_something_together(kind, raw, summary, code):
    event = one(activityStatus=status(type=kind, code=raw, descriptionCode=summary))
    assert (event.code, event.raw_code) == (code, f"{kind}/{raw}")


@pytest.mark.parametrize(
    ("offset", "hour", "zone"),
    [
        ("-04.00", 13, Zone.KNOWN),
        ("-07:00", 16, Zone.KNOWN),
        ("+05.30", 4, Zone.KNOWN),
        ("", 9, Zone.LOCAL),
        (None, 9, Zone.LOCAL),
        ("EST", 9, Zone.LOCAL),
        ("-99.99", 9, Zone.LOCAL),
    ],
)
def test_the_offset_counts_where_there_is_no_gmt(offset, hour, zone):
    event = one(gmtOffset=offset, **NO_GMT)
    assert event.occurred_at.hour == hour
    assert event.zone == zone


def test_a_time_with_colons_and_without_the_zero_of_the_morning():
    assert one(gmtActivityTime="14:50:04").occurred_at.hour == 14
    morning = one(localActivityTime="91519", gmtOffset="-04.00", **NO_GMT)
    assert morning.occurred_at == dt.datetime(2026, 2, 2, 13, 15, 19, tzinfo=dt.UTC)


def test_gmt_alone_is_enough():
    event = one(localActivityDate="", localActivityTime=None, gmtOffset="")
    assert event.occurred_at == dt.datetime(2026, 2, 2, 14, 50, 4, tzinfo=dt.UTC)
    assert event.occurred_text == "20260202 145004 GMT"


def test_a_date_without_a_time_is_a_day():
    event = one(localActivityTime="", gmtOffset="", **NO_GMT)
    assert event.occurred_at == dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
    assert (event.precision, event.zone) == (Precision.DAY, Zone.LOCAL)


def test_a_parcel_on_its_way_has_a_promised_date_and_no_signer():
    transit = status(type="I", code="OT", descriptionCode="021")
    event = one(activityStatus=transit)
    assert (event.estimated_date, event.signer) == (dt.date(2026, 2, 3), "")
    assert one(activityStatus=transit, scheduledDeliveryDate="").estimated_date is None


def test_empty_texts_are_nothing():
    empty = dict.fromkeys(MESSAGE["activityLocation"], "")
    event = one(activityLocation=empty, receivedBy="", scheduledDeliveryDate="")
    assert (event.location, event.signer) == (None, "")


def test_the_least_of_an_alert():
    body = json.dumps(
        {
            "trackingNumber": "1Z999AA10123456784",
            "activityStatus": {},
            "localActivityDate": "20260202",
        }
    ).encode()
    (event,) = track_alert.parse_webhook(body, "ups", production=True)
    assert (event.code, event.precision) == (Code.UNKNOWN, Precision.DAY)


def test_a_test_number_says_nothing_in_production():
    number = "1ZCIETST0111111114"
    assert read(production=True, trackingNumber=number) == []
    assert one(trackingNumber=number).tracking_number == number
    assert read(production=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"trackingNumber": ""}, "trackingNumber"),
        ({"trackingNumber": None}, "trackingNumber"),
        ({"activityStatus": None}, "activityStatus"),
        ({"activityStatus": "D"}, "activityStatus"),
        ({"activityLocation": []}, "activityLocation"),
        ({"localActivityDate": "", **NO_GMT}, "localActivityDate"),
        ({"localActivityDate": "20260230", **NO_GMT}, "date"),
        ({"gmtActivityTime": "256199"}, "time"),
        ({"gmtActivityDate": "19991231"}, "occurred_at"),
        ({"receivedBy": "a\0b"}, "receivedBy"),
    ],
)
def test_what_is_wrong_is_named(change, named):
    with pytest.raises(MalformedMessage, match=named):
        read(**change)


# === UPS'S OWN FILE === #


@pytest.fixture(scope="module")
def specification():
    """UPS's own file, all values as texts: its summaries begin with zeros."""
    file = ups_specification.FOLDER / "UPSTrackAlert.yaml"
    if not file.is_file():
        reason = f"{file} is missing: Track Alert is not held against UPS's own file"
        warnings.warn(reason, stacklevel=1)
        pytest.xfail(reason)
    text = file.read_text().replace("\t", "    ")
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 texts only


def test_the_files_own_samples_are_read(specification):
    samples = [
        sample["value"]
        for webhook in specification["webhooks"].values()
        for content in webhook["post"]["requestBody"]["content"].values()
        for sample in content["examples"].values()
    ]
    codes = [
        event.code
        for sample in samples
        for event in track_alert.parse_webhook(json.dumps(sample).encode(), "ups", True)
    ]
    assert codes == [Code.OUT_FOR_DELIVERY, Code.DELIVERED]


def test_the_sample_here_has_the_files_fields_and_no_others(specification):
    documented = specification["components"]["schemas"]["TrackingEventRequest"]
    assert set(MESSAGE) <= set(documented["properties"])
    place = documented["properties"]["activityLocation"]["properties"]
    assert set(MESSAGE["activityLocation"]) == set(place)
