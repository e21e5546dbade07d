"""What UPS is asked in tests, and answers in the shape that it documents."""

import base64
import datetime as dt
import json
from decimal import Decimal
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from odoo.addons.shipment_visibility.canonical.operations import PickupRequest
from odoo.addons.shipment_visibility.canonical.schema import CustomsItem, Mass, Money

from .samples import LYON, ROTTERDAM, address, parcel

ACCOUNT = "A1B2C3"
SECRET = "tiger-42-burning"
TOKEN = "eyJraWQiOiJhLXRva2VuLW9mLW91cnMifQ"
NUMBERS = ("1ZA1B2C30400000011", "1ZA1B2C30400000029")
PRN = "2929602E9CP"
DOCUMENT_ID = "2026-01-30-12.00.00.000001"
ZPL = b"^XA^FO50,50^FDUPS^FS^XZ"

NEW_YORK = ROTTERDAM.model_copy(
    update={
        "address": address(
            street="350 5th Ave",
            city="New York",
            state="NY",
            postal_code="10118",
            country="US",
        )
    }
)
TORONTO = LYON.model_copy(
    update={
        "address": address(
            street="290 Bremner Blvd",
            city="Toronto",
            state="ON",
            postal_code="M5V 3L9",
            country="CA",
        )
    }
)
EURO_200 = Money(amount=Decimal("200"), currency="EUR")
GOODS = CustomsItem(
    description="Steel screws, 9 mm",
    quantity=Decimal(4),
    value=EURO_200,
    weight=Mass(value=Decimal("1.2")),
    hs_code="7318.15",
    origin_country="NL",
    sku="SCREW-9",
)
DECLARED = parcel(size=(40, 30, 20)).model_copy(
    update={
        "items": (GOODS,),
        "declared_value": EURO_200,
        "description": "Screws",
    }
)
PICKUP = PickupRequest(
    reference="WH/PU/00001",
    place=ROTTERDAM,
    date=dt.date(2026, 2, 2),
    ready=dt.time(14),
    close=dt.time(17, 30),
    zone="Europe/Amsterdam",
    tracking_numbers=NUMBERS,
    service="11",
    parcel_count=3,
    weight=Mass(value=Decimal("15.4")),
    countries=("FR", "DE"),
    instructions="Ring twice.",
)


_DONE = {"ResponseStatus": {"Code": "1", "Description": "Success"}}


def as_json(content):
    return json.dumps(content).encode()


def problem(message, code="120100"):
    """UPS's error."""
    return as_json({"response": {"errors": [{"code": code, "message": message}]}})


def token(text=TOKEN, seconds="14399"):
    return as_json(
        {
            "token_type": "Bearer",
            "issued_at": "1769769600000",
            "client_id": "client",
            "access_token": text,
            "expires_in": seconds,
            "status": "approved",
        }
    )


def amount(value, currency="EUR"):
    return {"CurrencyCode": currency, "MonetaryValue": value}


def item(code, value, description=""):
    text = {"Description": description} if description else {}
    return {"Code": code, **text, **amount(value)}


def rated(
    service="11", total="18.40", negotiated=None, arrival=None, alerts=(), **more
):
    """One ``RatedShipment``; ``negotiated`` is the container of the account's price."""
    content = {
        "Service": {"Code": service, "Description": "A Service of UPS"},
        "RatedShipmentAlert": [
            {"Code": code, "Description": text} for code, text in alerts
        ],
        "BillingWeight": {
            "UnitOfMeasurement": {"Code": "KGS", "Description": "Kilograms"},
            "Weight": "15.0",
        },
        "TransportationCharges": amount(total),
        "ServiceOptionsCharges": amount("0.00"),
        "TotalCharges": amount(total),
        "RatedPackage": [{"Weight": "2.5"}],
        **more,
    }
    if negotiated:
        content["NegotiatedRateCharges"] = negotiated
    if arrival:
        content["TimeInTransit"] = _time_in_transit(arrival)
    return content


def _time_in_transit(arrival):
    return {
        "PickupDate": "20260130",
        "ServiceSummary": {
            "Service": {"Description": "UPS Standard"},
            "EstimatedArrival": {
                "Arrival": {"Date": arrival, "Time": "235900"},
                "BusinessDaysInTransit": "2",
                "Pickup": {"Date": "20260130", "Time": "180000"},
                "DayOfWeek": "TUE",
            },
        },
    }


def rates(*shipments):
    return as_json(
        {"RateResponse": {"Response": _DONE, "RatedShipment": list(shipments)}}
    )


@cache
def gif(width=1400, height=800, drawn=1200):
    """A label lying on its side: black from top to bottom at both ends of ``drawn`` columns."""
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 40, height), fill=0)
    draw.rectangle((drawn - 40, 0, drawn - 1, height // 2), fill=0)
    output = BytesIO()
    image.save(output, "GIF")
    return output.getvalue()


def encoded(content):
    return base64.b64encode(content).decode()


def package(number, code="GIF", image=None, **more):
    return {
        "TrackingNumber": number,
        "BaseServiceCharge": amount("8.00"),
        "ServiceOptionsCharges": amount("0.00"),
        "ShippingLabel": {
            "ImageFormat": {"Code": code, "Description": code},
            "GraphicImage": encoded(image or (gif() if code == "GIF" else ZPL)),
        },
        **more,
    }


def shipped(*packages, negotiated=None, **more):
    """UPS's answer to a purchase."""
    packages = packages or [package(number, "ZPL") for number in NUMBERS]
    results = {
        "ShipmentCharges": {
            "BaseServiceCharge": amount("16.00"),
            "TransportationCharges": amount("18.40"),
            "ItemizedCharges": [item("375", "2.40", "FUEL SURCHARGE")],
            "ServiceOptionsCharges": amount("0.00"),
            "TotalCharges": amount("18.40"),
        },
        "BillingWeight": {
            "UnitOfMeasurement": {"Code": "KGS", "Description": "Kilograms"},
            "Weight": "15.0",
        },
        "ShipmentIdentificationNumber": packages[0]["TrackingNumber"],
        "PackageResults": list(packages),
        **more,
    }
    if negotiated:
        results["NegotiatedRateCharges"] = negotiated
    return as_json(
        {"ShipmentResponse": {"Response": _DONE, "ShipmentResults": results}}
    )


def voided(code="1", description="Voided", parcels=()):
    return as_json(
        {
            "VoidShipmentResponse": {
                "Response": _DONE,
                "SummaryResult": {"Status": {"Code": code, "Description": description}},
                "PackageLevelResults": [
                    {
                        "TrackingNumber": number,
                        "Status": {"Code": one, "Description": "Status"},
                    }
                    for number, one in parcels
                ],
            }
        }
    )


def activity(kind, code, summary="", moment="20260203 104500", **more):
    """One scan in Lyon, in winter: local time one hour ahead of GMT, which is not written."""
    date, time = moment.split()
    return {
        "location": {
            "address": {
                "city": "Lyon",
                "stateProvince": "69",
                "postalCode": "69002",
                "countryCode": "FR",
                "country": "FR",
            },
            "slic": "6901",
        },
        "status": {
            "type": kind,
            "code": code,
            "description": "What UPS says",
            "simplifiedTextDescription": "What UPS says simply",
            "statusCode": summary,
        },
        "date": date,
        "time": time,
        **more,
    }


def tracked(*activities, number=NUMBERS[0], **more):
    return as_json(
        {
            "trackResponse": {
                "shipment": [
                    {
                        "inquiryNumber": number,
                        "package": [
                            {
                                "trackingNumber": number,
                                "activity": list(activities),
                                **more,
                            }
                        ],
                    }
                ]
            }
        }
    )


def untracked(number=NUMBERS[0]):
    """UPS's answer where it knows the number's form and nothing else."""
    warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
    return as_json(
        {
            "trackResponse": {
                "shipment": [{"inquiryNumber": number, "warnings": [warning]}]
            }
        }
    )


def picked_up():
    return as_json(
        {
            "PickupCreationResponse": {
                "Response": _DONE,
                "PRN": PRN,
                "RateStatus": {"Code": "01", "Description": "Rate available"},
                "RateResult": {
                    "RateType": "FD",
                    "CurrencyCode": "EUR",
                    "ChargeDetail": [
                        {
                            "ChargeCode": "B",
                            "ChargeDescription": "BASE CHARGE",
                            "ChargeAmount": "5.20",
                        },
                        {
                            "ChargeCode": "S",
                            "ChargeDescription": "FUEL SURCHARGE",
                            "ChargeAmount": "0.90",
                            "IncentedAmount": "0.80",
                        },
                    ],
                    "GrandTotalOfAllCharge": "6.10",
                },
            }
        }
    )


def pickup_cancelled(code="1", description="Success"):
    return as_json(
        {
            "PickupCancelResponse": {
                "Response": {
                    "ResponseStatus": {"Code": code, "Description": description}
                },
                "PickupType": "01",
            }
        }
    )


def validated(*candidates, indicator="ValidAddressIndicator"):
    """``candidates`` are pairs of address lines and the other fields."""
    return as_json(
        {
            "XAVResponse": {
                "Response": _DONE,
                **({indicator: ""} if indicator else {}),
                "Candidate": [
                    {"AddressKeyFormat": {"AddressLine": lines, **fields}}
                    for lines, fields in candidates
                ],
            }
        }
    )


ALPHARETTA = (
    ["26601 ALISO CREEK RD", "STE D"],
    {
        "PoliticalDivision2": "ALISO VIEJO",
        "PoliticalDivision1": "CA",
        "PostcodePrimaryLow": "92656",
        "PostcodeExtendedLow": "8765",
        "CountryCode": "US",
    },
)


def uploaded():
    return as_json(
        {
            "UploadResponse": {
                "Response": _DONE,
                "FormsHistoryDocumentID": {"DocumentID": [DOCUMENT_ID]},
            }
        }
    )


def joined(code="1"):
    status = {"ResponseStatus": {"Code": code, "Description": "Success"}}
    return as_json({"PushToImageRepositoryResponse": {"Response": status}})


def answers():
    """Path of a request -> UPS's answer, for each thing it can be asked."""
    return {
        "/security/v1/oauth/token": token(),
        "/rating/v2409/Shop": rates(
            rated("07", "42.10"),
            rated(
                "11",
                "18.40",
                arrival="20260203",
                negotiated={"TotalCharge": amount("14.20")},
            ),
        ),
        "/rating/v2409/Rate": rates(rated("11", arrival="20260203")),
        "/shipments/v2409/ship": shipped(),
        f"/shipments/v2409/void/cancel/{NUMBERS[0]}": voided(),
        f"/track/v1/details/{NUMBERS[0]}": tracked(activity("D", "FS", "011")),
        "/pickupcreation/v2409/pickup": picked_up(),
        "/shipments/v2409/pickup/02": pickup_cancelled(),
        "/addressvalidation/v2/1": validated(ALPHARETTA),
        "/paperlessdocuments/v2/upload": uploaded(),
        "/paperlessdocuments/v2/image": joined(),
    }


def answer_of(request):
    """What a carrier with all these answers says to this request, below ``/api`` or not."""
    body = answers().get(request.path.removeprefix("/api"))
    if body is None:
        return 404, {}, problem(f"no such resource: {request.path}", "250003")
    return 200, {"Content-Type": "application/json"}, body
