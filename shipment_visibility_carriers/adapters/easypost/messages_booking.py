"""What ``book`` returns: EasyPost's own answers, and the files they only point to.

The form is ours, because buying several parcels and fetching their labels are many answers,
and reading them later must need no request::

    {"shipments": [{"parcel": ..., "answer": <EasyPost's, as text>, "format": "PDF",
                    "label": <base64>, "forms": [{"name": ..., "content": <base64>}],
                    "problem": <why a file is missing>}]}
"""

import json

from pydantic import Field

from ....shipment_visibility.canonical.schema import (
    BookingAnswer,
    Document,
    FileContent,
    ParcelLabel,
)
from ..errors import MalformedMessage
from .messages_shipment import LABEL_TYPES, Shipment, charges, parse_shipment
from .reading import Message, documented, read

SEPARATOR = ","


class _Form(Message):
    name: str
    content: FileContent


class Entry(Message):
    """What is kept of one parcel. Without ``label`` it cannot be read as a booking."""

    parcel: str
    answer: str
    format: str = Field(default="PDF", pattern="^(PDF|ZPL)$")
    label: FileContent | None = None
    forms: tuple[_Form, ...] = ()
    problem: str = ""


class _Kept(Message):
    shipments: list[Entry] = Field(min_length=1)


def build_booking(entries: list[Entry]) -> bytes:
    """The answer of ``book`` for these parcels."""
    return json.dumps(
        {"shipments": [entry.model_dump(mode="json") for entry in entries]}
    ).encode()


def parse_booking(answer: bytes) -> BookingAnswer:
    """What was bought.

    :raise MalformedMessage: EasyPost's answer is not what it documents, or a file of it could
        not be had.
    """
    entries = read(_Kept, answer).shipments
    bought = [parse_shipment(entry.answer.encode()) for entry in entries]
    for entry, shipment in zip(entries, bought, strict=True):
        if not shipment.is_bought:
            raise MalformedMessage(f"{shipment.id}: there is no label")
        if entry.problem:
            raise MalformedMessage(entry.problem)
    dates = [shipment.selected_rate.promised_date for shipment in bought]
    with documented("shipments"):
        return BookingAnswer(
            remote_id=SEPARATOR.join(shipment.id for shipment in bought),
            service=bought[0].selected_rate.code,
            labels=tuple(map(_label, entries, bought)),
            charges=tuple(
                charge for shipment in bought for charge in charges(shipment)
            ),
            promised_date=max(dates) if all(dates) else None,
            documents=tuple(
                Document(
                    name=f"{shipment.tracking_code}-{form.name}.pdf",
                    mimetype="application/pdf",
                    content=form.content,
                )
                for entry, shipment in zip(entries, bought, strict=True)
                for form in entry.forms
            ),
        )


def _label(entry: Entry, shipment: Shipment) -> ParcelLabel:
    if not entry.label:
        raise MalformedMessage(f"{shipment.id}: the label is missing")
    return ParcelLabel(
        parcel_reference=entry.parcel,
        tracking_number=shipment.tracking_code,
        label=Document(
            name=f"{shipment.tracking_code}.{entry.format.lower()}",
            mimetype=LABEL_TYPES[entry.format],
            content=entry.label,
        ),
    )
