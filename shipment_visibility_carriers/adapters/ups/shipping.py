"""Shipping: ``POST /shipments/v2409/ship``, and ``DELETE .../void/cancel/<number>``.

All parcels are one shipment under one number, the first parcel's.
"""

import html
import json
from typing import Any

from pydantic import Field

from ....shipment_visibility.canonical.schema import (
    BookingAnswer,
    Charge,
    Document,
    ParcelLabel,
    ShipmentRequest,
)
from ..errors import MalformedMessage, Refused
from ..sandbox.reading import Message, Text, documented, read
from . import common, customs, labels, request
from .charges import Itemized, ItemizedCharges, split
from .common import Amount, Coded, Json, many
from .request import PRINT_RETURN_LABEL, YES

VERSION = "v2409"
SUBVERSION = "2205"
SHIP_PATH = f"/shipments/{VERSION}/ship"
VOID_PATH = f"/shipments/{VERSION}/void/cancel/{{number}}"
MOST_PARCELS = 200
MOST_PARCELS_RETURNED = 20
# The reader of the label: what UPS asks for of who wants a picture, and its default.
_BROWSER = "Mozilla/4.5"
# UPS's codes of an alphabet by the consignee's country, where it is not the first Latin one.
_ALPHABETS = {
    "BG": "bul",
    "CZ": "ces",
    "EE": "est",
    "GR": "ell",
    "HU": "hun",
    "LT": "lit",
    "LV": "lav",
    "PL": "pol",
    "RO": "ron",
    "RU": "rus",
    "SK": "slk",
    "TR": "tur",
}
_ALREADY_VOIDED = "190117"


def build_shipment(asked: ShipmentRequest, account_number: str) -> Json:
    """The body of a purchase; of a label for the way back with ``is_return``.

    :raise Refused: it asks for what UPS is not asked for here.
    """
    request.check(asked)
    _check_count(asked)
    origin, destination = asked.shipper.address, asked.consignee.address
    # The account's holder is the one who gets a returned parcel.
    owner = asked.consignee if asked.is_return else asked.shipper
    shipment: Json = {
        "Description": _description(asked),
        "Shipper": common.party(owner, ShipperNumber=account_number),
        "ShipTo": common.party(asked.consignee),
        "ShipFrom": _sender(asked),
        "PaymentInformation": {
            "ShipmentCharge": request.charges(asked, account_number)
        },
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": YES},
        "Service": {"Code": asked.service},
        "ShipmentDate": f"{asked.ship_date:%Y%m%d}",
        "Package": _parcels(asked),
    }
    if asked.is_return:
        shipment["ReturnService"] = {"Code": PRINT_RETURN_LABEL}
    if not _names_parcels(asked):
        shipment["ReferenceNumber"] = _references(asked)
    if asked.contents == "documents" and common.is_cleared(origin, destination):
        shipment["DocumentsOnlyIndicator"] = YES
    options = request.shipment_options(asked)
    if forms := customs.build_forms(asked):
        options["InternationalForms"] = forms
    if options:
        shipment["ShipmentServiceOptions"] = options
    shipment |= _line_total(asked)
    return {
        "ShipmentRequest": {
            "Request": {
                "RequestOption": "nonvalidate",
                "SubVersion": SUBVERSION,
                "TransactionReference": {
                    "CustomerContext": asked.idempotency_key or asked.reference
                },
            },
            "Shipment": shipment,
            "LabelSpecification": _label(asked),
        }
    }


def _check_count(asked: ShipmentRequest) -> None:
    most = MOST_PARCELS_RETURNED if asked.is_return else MOST_PARCELS
    if len(asked.parcels) > most:
        raise Refused(
            f"UPS takes {most} parcels in one shipment, not {len(asked.parcels)}."
        )


def _description(asked: ShipmentRequest) -> str:
    goods = [item.description for parcel in asked.parcels for item in parcel.items]
    own = [parcel.description for parcel in asked.parcels]
    texts = dict.fromkeys(filter(None, goods or own))
    return (", ".join(texts) or asked.contents.capitalize())[:50]


def _sender(asked: ShipmentRequest) -> Json:
    sender = common.party(asked.shipper)
    # The one party of whom UPS takes no mail address.
    sender.pop("EMailAddress", None)
    return sender


def _parcels(asked: ShipmentRequest) -> list[Json]:
    imperial = common.is_imperial(asked.shipper.address.country)
    references = (
        {"ReferenceNumber": _references(asked)} if _names_parcels(asked) else {}
    )
    return [
        {
            "Description": (parcel.description or _description(asked))[:35],
            "Packaging": request.packaging(parcel),
            **request.parcel_part(parcel, imperial),
            **references,
            **({"PackageServiceOptions": options} if options else {}),
        }
        for parcel, options in zip(
            asked.parcels, request.parcel_options(asked), strict=True
        )
    ]


def _names_parcels(asked: ShipmentRequest) -> bool:
    """Whether references go with the parcels: within the US and within Puerto Rico."""
    origin = asked.shipper.address.country
    return origin in ("US", "PR") and origin == asked.consignee.address.country


def _references(asked: ShipmentRequest) -> list[Json]:
    """Ours, printed on the label, and the key by which a person finds an unknown booking."""
    texts = dict.fromkeys(filter(None, (asked.reference, asked.idempotency_key)))
    return [{"Value": text[:35]} for text in texts]


def _line_total(asked: ShipmentRequest) -> Json:
    """The value of the goods, which UPS wants from the US to Puerto Rico and Canada only."""
    countries = asked.shipper.address.country, asked.consignee.address.country
    value = request.worth(asked)
    if asked.is_return or not value or countries not in (("US", "PR"), ("US", "CA")):
        return {}
    return {"InvoiceLineTotal": common.money(value)}


def _label(asked: ShipmentRequest) -> Json:
    """4 by 6 inches. UPS draws no PDF; one is made of its picture."""
    stock = {"LabelStockSize": {"Height": "6", "Width": "4"}}
    alphabet = _ALPHABETS.get(asked.consignee.address.country)
    if alphabet:
        stock["CharacterSet"] = alphabet
    if asked.label_format == "ZPL":
        return {"LabelImageFormat": {"Code": "ZPL"}, **stock}
    picture = {"LabelImageFormat": {"Code": "GIF"}, "HTTPUserAgent": _BROWSER}
    return {**picture, **stock}


class _Format(Message):
    Code: Text


class _Image(Message):
    ImageFormat: _Format
    GraphicImage: str = Field(min_length=1)


class _Form(Message):
    Image: _Image | None = None


class _Package(ItemizedCharges):
    TrackingNumber: Text = Field(min_length=1)
    ShippingLabel: _Image
    NegotiatedCharges: ItemizedCharges | None = None
    Form: _Form | None = None


class _Published(Message):
    BaseServiceCharge: Amount | None = None
    ItemizedCharges: many(Itemized)
    TotalCharges: Amount


class _Negotiated(Message):
    ItemizedCharges: many(Itemized)
    TotalCharge: Amount | None = None


class _Results(Message):
    ShipmentIdentificationNumber: Text = ""
    ShipmentCharges: _Published | None = None
    NegotiatedRateCharges: _Negotiated | None = None
    PackageResults: many(_Package)
    Form: _Form | None = None
    HighValueReport: _Form | None = None
    ControlLogReceipt: many(_Image)


class _ShipmentResponse(Message):
    ShipmentResults: _Results


class _Answer(Message):
    ShipmentResponse: _ShipmentResponse


class _Note(Message):
    service: Text
    parcels: list[Text] = Field(min_length=1)


def noted(asked: ShipmentRequest, answer: bytes) -> bytes:
    """UPS's answer below one line of what was asked: it repeats neither service nor parcels."""
    note = {
        "service": asked.service,
        "parcels": [parcel.reference for parcel in asked.parcels],
    }
    return json.dumps(note).encode() + b"\n" + answer


def parse_booking(answer: bytes) -> BookingAnswer:
    """What :func:`noted` returned.

    :raise MalformedMessage: it is not what UPS documents, or holds another number of parcels.
    """
    head, _newline, body = answer.partition(b"\n")
    note = read(_Note, head)
    results = read(_Answer, body).ShipmentResponse.ShipmentResults
    packages = results.PackageResults
    if len(packages) != len(note.parcels):
        raise MalformedMessage(
            f"{len(packages)} labels for {len(note.parcels)} parcels"
        )
    number = results.ShipmentIdentificationNumber or packages[0].TrackingNumber
    with documented("ShipmentResults"):
        return BookingAnswer(
            remote_id=number,
            master_number=number,
            service=note.service,
            labels=tuple(
                _parcel_label(reference, package)
                for reference, package in zip(note.parcels, packages, strict=True)
            ),
            charges=_charges(results),
            documents=tuple(_documents(results, number)),
        )


def _parcel_label(reference: str, package: _Package) -> ParcelLabel:
    image = package.ShippingLabel
    return ParcelLabel(
        parcel_reference=reference,
        tracking_number=package.TrackingNumber,
        label=labels.label(
            package.TrackingNumber, image.ImageFormat.Code, image.GraphicImage
        ),
    )


def _charges(results: _Results) -> tuple[Charge, ...]:
    """What the account pays; UPS's published price where it has no contract."""
    negotiated = results.NegotiatedRateCharges
    if negotiated and negotiated.TotalCharge:
        items = list(negotiated.ItemizedCharges)
        for package in results.PackageResults:
            own = package.NegotiatedCharges
            items += own.ItemizedCharges if own else []
        return split(negotiated.TotalCharge.canonical(), None, items)
    published = results.ShipmentCharges
    if published is None:
        return ()
    items = list(published.ItemizedCharges)
    for package in results.PackageResults:
        items += package.ItemizedCharges
    base = published.BaseServiceCharge
    return split(published.TotalCharges.canonical(), base and base.canonical(), items)


def _documents(results: _Results, number: str) -> list[Document]:
    """The commercial invoice and what else is to be printed beside the labels."""
    forms = [results.Form, *(package.Form for package in results.PackageResults)]
    pictures: list[tuple[str, Any]] = [
        ("customs", form.Image) for form in forms if form and form.Image
    ]
    if results.HighValueReport:
        pictures.append(("high-value", results.HighValueReport.Image))
    pictures += [("high-value", image) for image in results.ControlLogReceipt]
    return [
        labels.document(f"{number}-{kind}-{index}", *_content(image))
        for index, (kind, image) in enumerate(pictures, 1)
        if image
    ]


def _content(image: _Image) -> tuple[str, str]:
    return image.ImageFormat.Code, image.GraphicImage


class _Status(Message):
    Status: Coded


class _Voided(Message):
    SummaryResult: _Status
    PackageLevelResults: many(_Status)


class _VoidAnswer(Message):
    VoidShipmentResponse: _Voided


def parse_void(body: bytes) -> None:
    """The answer to a cancellation: a success when all is voided, now or earlier.

    :raise Refused: something is not.
    """
    voided = read(_VoidAnswer, body).VoidShipmentResponse
    if _is_one(voided.SummaryResult.Status):
        return
    parcels = voided.PackageLevelResults
    if not parcels or not all(_is_one(parcel.Status) for parcel in parcels):
        said = voided.SummaryResult.Status.Description
        raise Refused(
            f"UPS has not cancelled the shipment: {said or 'no reason given'}"
        )


def _is_one(status: Coded) -> bool:
    # UPS has answered "&#xD;1": https://github.com/UPS-API/api-documentation/issues/63
    return html.unescape(status.Code).strip() == "1"


def is_voided_already(problem: list[tuple[str, str]]) -> bool:
    """Whether UPS refuses only because the shipment is cancelled already."""
    return any(
        code == _ALREADY_VOIDED
        or ("already" in text.lower() and "void" in text.lower())
        for code, text in problem
    )
