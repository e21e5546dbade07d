"""EasyPost's shipment, in all its states: with prices, bought, refunded."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

from pydantic import Field

from ....shipment_visibility.canonical.schema import (
    Charge,
    Money,
    RateQuote,
)
from ..errors import MalformedMessage, Refused
from .problems import joined_errors
from .reading import Amount, Currency, Message, Text, documented, found_date, read
from .statuses import FEES, SERVICES

LABEL_TYPES = {"PDF": "application/pdf", "ZPL": "application/zpl"}
# https://docs.easypost.com/docs/shipments/shipping-refund: carriers that bill what they scan
# have nothing to refund.
_REFUNDED = frozenset({"submitted", "refunded", "not_applicable"})
# https://docs.easypost.com/docs/shipments: fees are in US dollars.
_FEE_CURRENCY = "USD"


class Rate(Message):
    """One service of one carrier account, and its price."""

    id: Text
    carrier: str = Field(min_length=1)
    service: str = Field(min_length=1)
    rate: Amount
    currency: Currency
    delivery_date: Text = ""

    @property
    def code(self) -> str:
        """The service code, such as ``USPS/Priority``."""
        return f"{self.carrier}/{self.service}"

    @property
    def name(self) -> str:
        """The service as people call it."""
        return SERVICES.get(self.code) or f"{self.carrier} {self.service}"

    @property
    def promised_date(self) -> dt.date | None:
        """The date the carrier names; a number of days is no date."""
        return found_date(self.delivery_date)


class _Label(Message):
    label_url: Text = ""
    label_pdf_url: Text = ""
    label_zpl_url: Text = ""
    label_file_type: Text = ""


class _Fee(Message):
    type: Text
    amount: Amount
    charged: bool | None = True
    refunded: bool | None = False


class _Form(Message):
    form_type: Text = ""
    form_url: Text = ""


class _Payment(Message):
    type: Text = ""


class _Options(Message):
    label_format: Text = ""
    print_custom_1: Text = ""
    print_custom_2: Text = ""
    payment: _Payment | None = None


class _Note(Message):
    carrier: Text = ""
    message: Any = None


class _ScanForm(Message):
    id: Text


class Shipment(Message):
    """What EasyPost answers to everything about a shipment."""

    id: str = Field(min_length=1, pattern=r"^[\w-]+$")
    reference: Text = ""
    tracking_code: Text = ""
    postage_label: _Label | None = None
    rates: list[Rate] = []
    selected_rate: Rate | None = None
    fees: list[_Fee] | None = None
    forms: list[_Form] | None = None
    messages: list[_Note] | None = None
    insurance: Amount | None = None
    refund_status: Text = ""
    options: _Options | None = None
    batch_id: Text = ""
    scan_form: _ScanForm | None = None

    @property
    def is_bought(self) -> bool:
        """Whether there is a label; it may have been refunded since."""
        return bool(self.postage_label and self.tracking_code and self.selected_rate)

    @property
    def is_refunded(self) -> bool:
        """Whether the carrier has been told that the label is not used."""
        return self.refund_status in _REFUNDED

    @property
    def parcel_reference(self) -> str:
        """Ours of the parcel, as it was said when the shipment was created."""
        named = self.options and self.options.print_custom_2
        return named or self.reference or self.id

    @property
    def our_reference(self) -> str:
        """What the label says of the deliveries."""
        return self.options.print_custom_1 if self.options else ""

    @property
    def label_format(self) -> str:
        """The format asked for when it was created, else one that there is."""
        asked = self.options and self.options.label_format
        there = filter(self.label_url, LABEL_TYPES)
        return asked if asked in LABEL_TYPES else next(there, "PDF")

    @property
    def is_paid_by_us(self) -> bool:
        """Whether the shipper pays the transport."""
        payment = self.options and self.options.payment
        return not payment or payment.type in ("", "SENDER")

    def label_url(self, label_format: str) -> str:
        """Where the label is in this format; empty where it is not."""
        label = self.postage_label
        if label is None:
            return ""
        if label.label_file_type == LABEL_TYPES[label_format] and label.label_url:
            return label.label_url
        return label.label_pdf_url if label_format == "PDF" else label.label_zpl_url

    def complaints(self) -> str:
        """Why carriers gave no price, in their words."""
        return "; ".join(
            dict.fromkeys(
                ": ".join(filter(None, [note.carrier, joined_errors([note.message])]))
                for note in self.messages or []
            )
        )


def parse_shipment(body: bytes) -> Shipment:
    """A shipment, in whatever state."""
    return read(Shipment, body)


def cheapest(shipment: Shipment, service: str) -> Rate:
    """What to buy for a service; several carrier accounts may offer it.

    :raise Refused: it is not offered, with the carriers' words or what is.
    """
    offered = [rate for rate in shipment.rates if rate.code == service]
    if offered:
        return min(offered, key=lambda rate: rate.rate)
    words = [f"“{service}” is not offered for this shipment.", *_instead(shipment)]
    raise Refused(" ".join(filter(None, words)))


def quotes(
    shipments: Sequence[Shipment], service: str, is_insured: bool
) -> list[RateQuote]:
    """One quote for each service that takes all parcels, cheapest first.

    :param service: only this one; empty for all.
    :raise Refused: there is none, with the carriers' words.
    """
    shared = reduce(
        lambda codes, shipment: codes & {rate.code for rate in shipment.rates},
        shipments,
        {rate.code for rate in shipments[0].rates},
    )
    if service:
        for shipment in shipments:
            cheapest(shipment, service)
        shared = {service}
    if not shared:
        words = "; ".join(
            dict.fromkeys(
                filter(None, (shipment.complaints() for shipment in shipments))
            )
        )
        raise Refused(words or "No carrier offers a service for this shipment.")
    with documented("rates"):
        found = [_quote(shipments, code, is_insured) for code in sorted(shared)]
    return sorted(found, key=lambda quote: quote.total.amount)


def charges(shipment: Shipment) -> list[Charge]:
    """What EasyPost books for a bought shipment. Fees of nothing are left out."""
    fees = [
        fee
        for fee in shipment.fees or []
        if fee.amount and fee.charged and not fee.refunded
    ]
    found = [
        Charge(
            family=FEES.get(fee.type, "accessorial"),
            money=Money(amount=fee.amount, currency=_FEE_CURRENCY),
            raw_code=fee.type,
            description=shipment.selected_rate.name if fee.type == "PostageFee" else "",
        )
        for fee in fees
    ]
    if shipment.is_paid_by_us and "PostageFee" not in {fee.type for fee in fees}:
        # The carrier bills its own account holder, at this price.
        found.insert(0, _freight(shipment.selected_rate))
    return found


def _freight(rate: Rate) -> Charge:
    return Charge(
        family="freight",
        money=Money(amount=rate.rate, currency=rate.currency),
        raw_code=rate.code,
        description=rate.name,
    )


def _quote(shipments: Sequence[Shipment], code: str, is_insured: bool) -> RateQuote:
    rates = [cheapest(shipment, code) for shipment in shipments]
    dates = [rate.promised_date for rate in rates]
    return RateQuote(
        service=code,
        service_name=rates[0].name,
        total=_sum(rates),
        charges=tuple(_freight(rate) for rate in rates),
        promised_date=max(dates) if all(dates) else None,
        warnings=("The insurance is charged on top.",) if is_insured else (),
        source=rates[0].carrier,
    )


def _sum(rates: Sequence[Rate]) -> Money:
    if len({rate.currency for rate in rates}) > 1:
        raise MalformedMessage("rates: one service in several currencies")
    return Money(
        amount=sum((rate.rate for rate in rates), Decimal(0)),
        currency=rates[0].currency,
    )


def _instead(shipment: Shipment) -> list[str]:
    offered = sorted({rate.code for rate in shipment.rates})
    return [
        f"On offer: {', '.join(offered)}." if offered else "",
        shipment.complaints(),
    ]
