"""What is said to the sandbox and what it answers: pure pairs of build and parse."""

import base64
import datetime as dt
import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ....shipment_visibility.canonical.operations import CM_PER_UNIT
from ....shipment_visibility.canonical.schema import (
    Billing,
    BookingAnswer,
    Charge,
    CustomsItem,
    Dimensions,
    Document,
    Money,
    Parcel,
    ParcelLabel,
    Party,
    RateQuote,
    ShipmentRequest,
)
from ..errors import MalformedMessage
from ..reading import Message, Text, documented, read
from .statuses import CHARGES

_LABEL_TYPES = {"PDF": "application/pdf", "ZPL": "application/zpl"}


def _checked_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("is not base64") from None
    return text


# Text, not a number: JSON's numbers may have been binary fractions on their way.
_Amount = Annotated[str, Field(pattern=r"^-?[0-9]{1,8}(\.[0-9]{1,4})?$")]
_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
_Base64 = Annotated[str, Field(min_length=1), AfterValidator(_checked_base64)]


class Priced(Message):
    """An amount as the sandbox writes it."""

    amount: _Amount
    currency: _Currency

    def canonical(self) -> Money:
        """As an amount of one currency."""
        return Money(amount=Decimal(self.amount), currency=self.currency)


class _Balance(Message):
    balance: Priced


class Booked(Priced):
    """A line of what the carrier asks."""

    code: Text
    description: Text = ""


class _Rate(Message):
    service: Text
    name: Text
    total: Priced
    charges: list[Booked] = []
    promised_date: dt.date | None = None
    warnings: list[Text] = []
    source: Text = ""


class _Rates(Message):
    rates: list[_Rate]


class _Label(Message):
    format: Literal["PDF", "ZPL"]
    content: _Base64


class Paper(Message):
    """A document on paper."""

    name: Text
    format: Literal["PDF"]
    content: _Base64

    def canonical(self) -> Document:
        """As a file."""
        return Document(
            name=f"{self.name}.pdf",
            mimetype=_LABEL_TYPES[self.format],
            content=base64.b64decode(self.content),
        )


class _Parcel(Message):
    reference: Text
    tracking_number: Text
    label: _Label


class _Booking(Message):
    id: Annotated[Text, Field(min_length=1)]
    service: Text
    master_number: Text = ""
    charges: list[Booked] = []
    promised_date: dt.date | None = None
    parcels: list[_Parcel] = Field(min_length=1)
    documents: list[Paper] = []


class _Draft(Message):
    id: Annotated[Text, Field(min_length=1)]


class _Void(Message):
    status: Literal["voided"]


class _Found(Message):
    shipments: list[dict[str, Any]] = Field(max_length=1)


class _Error(Message):
    code: Text = ""
    message: Annotated[Text, Field(min_length=1)]


class _Problem(Message):
    error: _Error


def build_shipment(request: ShipmentRequest) -> dict[str, Any]:
    """The body of ``POST /v1/rates``, ``/v1/drafts`` and ``/v1/shipments``, which are the same."""
    insured = request.insured_value
    return {
        "reference": request.reference,
        "service": request.service,
        "ship_date": request.ship_date.isoformat(),
        "return": request.is_return,
        "label_format": request.label_format,
        "incoterm": request.incoterm,
        "contents": request.contents,
        "draft": request.remote_id,
        "shipper": _party(request.shipper),
        "consignee": _party(request.consignee),
        "parcels": [_parcel(parcel) for parcel in request.parcels],
        "insured_value": insured and _money(insured),
        "options": request.options.model_dump(),
        "freight": _payer(request.freight),
        "duties": request.duties and _payer(request.duties),
    }


def parse_rates(body: bytes) -> list[RateQuote]:
    """The answer to ``POST /v1/rates``, in the carrier's order: cheapest first."""
    rates = read(_Rates, body).rates
    with documented("rates"):
        return [
            RateQuote(
                service=rate.service,
                service_name=rate.name,
                total=rate.total.canonical(),
                charges=charges(rate.charges),
                promised_date=rate.promised_date,
                warnings=tuple(rate.warnings),
                source=rate.source,
            )
            for rate in rates
        ]


def parse_booking(body: bytes) -> BookingAnswer:
    """The answer to ``POST /v1/shipments``."""
    booking = read(_Booking, body)
    with documented("parcels"):
        return BookingAnswer(
            remote_id=booking.id,
            service=booking.service,
            master_number=booking.master_number,
            labels=tuple(_parcel_label(parcel) for parcel in booking.parcels),
            charges=charges(booking.charges),
            promised_date=booking.promised_date,
            documents=tuple(paper.canonical() for paper in booking.documents),
        )


def parse_draft(body: bytes) -> str:
    """The answer to ``POST /v1/drafts``: the draft's id."""
    return read(_Draft, body).id


def parse_balance(body: bytes) -> Money:
    """The answer to ``GET /v1/balance``."""
    answer = read(_Balance, body)
    with documented("balance"):
        return answer.balance.canonical()


def parse_void(body: bytes) -> None:
    """The answer to a cancellation, which has only one good form."""
    read(_Void, body)


def parse_found(body: bytes) -> bytes | None:
    """The booking in the answer to ``GET /v1/shipments``, as :func:`parse_booking` reads it."""
    shipments = read(_Found, body).shipments
    return json.dumps(shipments[0]).encode() if shipments else None


def parse_problem(body: bytes) -> str | None:
    """The carrier's words in an error, or ``None`` when the error does not come from it."""
    try:
        return read(_Problem, body).error.message
    except MalformedMessage:
        return None


def _party(party: Party) -> dict[str, Any]:
    return party.model_dump(mode="json")


def _payer(billing: Billing) -> dict[str, Any]:
    return billing.model_dump(mode="json")


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "reference": parcel.reference,
        "weight_kg": kilograms(parcel.weight.kg),
        **_dimensions(parcel.dimensions),
        "description": parcel.description,
        "items": [_item(item) for item in parcel.items],
        "dangerous": parcel.is_dangerous,
    }


def _dimensions(dimensions: Dimensions | None) -> dict[str, str]:
    if dimensions is None:
        return {}
    factor = CM_PER_UNIT[dimensions.unit]
    return {
        "length_cm": _rounded(dimensions.length * factor, "0.1"),
        "width_cm": _rounded(dimensions.width * factor, "0.1"),
        "height_cm": _rounded(dimensions.height * factor, "0.1"),
    }


def _item(item: CustomsItem) -> dict[str, Any]:
    return {
        "description": item.description,
        "quantity": f"{item.quantity:f}",
        "value": _money(item.value),
        "weight_kg": kilograms(item.weight.kg),
        "hs_code": item.hs_code,
        "origin_country": item.origin_country,
        "sku": item.sku,
    }


def _money(money: Money) -> dict[str, str]:
    return {"amount": f"{money.amount:f}", "currency": money.currency}


def kilograms(weight: Decimal) -> str:
    """A weight as the messages carry it: to the gram."""
    return _rounded(weight, "0.001")


def _rounded(value: Decimal, step: str) -> str:
    return f"{value.quantize(Decimal(step), ROUND_HALF_UP):f}"


def charges(lines: list[Booked]) -> tuple[Charge, ...]:
    """The lines, each in its family."""
    return tuple(
        Charge(
            family=CHARGES.get(line.code, "accessorial"),
            money=line.canonical(),
            raw_code=line.code,
            description=line.description,
        )
        for line in lines
    )


def _parcel_label(parcel: _Parcel) -> ParcelLabel:
    return ParcelLabel(
        parcel_reference=parcel.reference,
        tracking_number=parcel.tracking_number,
        label=Document(
            name=f"{parcel.tracking_number}.{parcel.label.format.lower()}",
            mimetype=_LABEL_TYPES[parcel.label.format],
            content=base64.b64decode(parcel.label.content),
        ),
    )
