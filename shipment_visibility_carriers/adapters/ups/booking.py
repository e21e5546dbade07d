"""What UPS answers to a purchase and to its cancellation. What is asked: :mod:`.shipping`."""

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
from ..reading import Message, Text, documented, read
from . import labels
from .charges import Itemized, ItemizedCharges, split
from .common import Amount, Coded, many

_ALREADY_VOIDED = "190117"


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
