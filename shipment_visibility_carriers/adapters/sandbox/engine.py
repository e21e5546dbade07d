"""The carrier's side of the sandbox: a request's JSON in, an answer's JSON out, or a problem.

Pure, without memory, clock or network. The adapter calls it in its own process; a carrier
simulator calls it behind HTTP and adds the memory.
"""

import base64
import datetime as dt
from decimal import Decimal

from . import label_pdf, label_zpl, numbers, papers, tariff
from .faults import Fault, find
from .labels import Label, Place
from .order import Order, Party, accepted, check_deliverable
from .problem import NO_FUNDS, Json, Problem

_RENDER = {"PDF": label_pdf.render, "ZPL": label_zpl.render}


def rates(payload: Json) -> Json:
    """``POST /v1/rates``: the prices of the service asked for, or of all, cheapest first.

    :raise Problem: this shipment is not taken.
    """
    order = accepted(payload)
    warnings = _warnings(order)
    return {
        "rates": [
            {
                "service": price.service.code,
                "name": price.service.name,
                "total": _money(price.total, price.service.currency),
                "charges": _charges(price),
                "promised_date": _date(price.promised_date),
                "warnings": warnings,
                "source": price.service.source,
            }
            for price in sorted(_prices(order), key=lambda price: price.in_eur)
        ]
    }


def draft(payload: Json, key: str) -> Json:
    """``POST /v1/drafts``: keep a shipment that can be bought. The same key, the same draft.

    :raise Problem: this shipment is not taken.
    """
    _bookable(payload, key)
    return {"id": numbers.draft_id(key)}


def book(payload: Json, key: str) -> Json:
    """``POST /v1/shipments``: numbers, labels and charges. The same key gives the same numbers.

    :param key: the value of the header Idempotency-Key.
    :raise Problem: this shipment is not taken.
    """
    order = _bookable(payload, key)
    made_before = payload.get("draft") or ""
    if made_before and not numbers.is_draft_id(str(made_before)):
        message = f"There is no draft {str(made_before)[:40]}."
        raise Problem(404, "not_found", message, "draft")
    (price,) = _prices(order)
    final = find("void", str(payload)) is Fault.REFUSE
    return {
        "id": numbers.shipment_id(key, final),
        "service": price.service.code,
        "master_number": numbers.master_number(key) if len(order.parcels) > 1 else "",
        "charges": _charges(price),
        "promised_date": _date(price.promised_date),
        "parcels": [
            _parcel(
                order, price.service, position, numbers.tracking_number(key, position)
            )
            for position in range(1, len(order.parcels) + 1)
        ],
        "documents": [_invoice(order, key)] if order.is_declared else [],
    }


def void(shipment_id: str) -> Json:
    """``POST /v1/shipments/<id>/void``. Once voided it stays so, however often it is asked.

    :raise Problem: no such shipment, or too late.
    """
    if not numbers.is_shipment_id(shipment_id):
        raise Problem(404, "not_found", f"There is no shipment {shipment_id[:40]}.")
    if numbers.is_final(shipment_id):
        raise Problem(
            409, "handed_over", "The shipment is on its way and cannot be cancelled."
        )
    return {"id": shipment_id, "status": "voided"}


def refusal() -> Problem:
    """The refusal on request."""
    return Problem(422, "not_deliverable", "We do not deliver to this address.")


def no_funds() -> Problem:
    """The empty wallet on request."""
    return Problem(NO_FUNDS, "no_funds", "Your wallet holds too little for this.")


def balance() -> Json:
    """``GET /v1/balance``: without memory nothing is ever taken from the wallet."""
    return {"balance": _money(Decimal("250.00"), "EUR")}


def track(tracking_numbers: list[str]) -> Json:
    """``GET /v1/tracking``: without memory nothing is known to have happened."""
    return {"events": []}


def _bookable(payload: Json, key: str) -> Order:
    order = accepted(payload)
    if not key:
        raise Problem(400, "key_missing", "The header Idempotency-Key is missing.")
    if not order.service:
        raise Problem(422, "service_missing", "A service is required.", "service")
    check_deliverable(order.consignee.address)
    _prices(order)
    return order


def _prices(order: Order) -> list[tariff.Price]:
    """What each service costs that was asked for and goes there. At least one."""
    zone = tariff.zone(*order.countries)
    billable = [
        tariff.billable_kg(parcel.weight_kg, parcel.volume_cm3)
        for parcel in order.parcels
    ]
    extras = _extras(order)
    prices = [
        tariff.price(
            service,
            service.rates[zone],
            billable,
            order.ship_date,
            extras,
        )
        for service in tariff.SERVICES.values()
        if zone in service.rates
        and order.service in ("", service.code)
        and service.saturday >= order.options.saturday
    ]
    if not prices:
        service = tariff.SERVICES.get(order.service)
        name = service.name if service else "Delivery on Saturday"
        message = "{} is not offered from {} to {}.".format(name, *order.countries)
        raise Problem(422, "service_not_offered", message, "service")
    return prices


def _extras(order: Order) -> tariff.Extras:
    return tariff.Extras(
        insured=order.insured_value is not None,
        is_return=order.is_return,
        signature=order.options.signature,
        saturday=order.options.saturday,
        paid_by_others=order.freight.payer != "shipper",
        duties_paid=order.duties is not None
        and order.duties.payer == "shipper"
        and tariff.crosses_customs(*order.countries),
    )


def _warnings(order: Order) -> list[str]:
    warnings = []
    if tariff.crosses_customs(*order.countries) and not order.is_declared:
        warnings.append(
            "Customs data is missing; the shipment may be held at the border."
        )
    if order.freight.payer != "shipper":
        warnings.append(f"Account {order.freight.account_number} pays the freight.")
    return warnings


def _invoice(order: Order, key: str) -> Json:
    number = numbers.invoice_number(key)
    content = papers.commercial_invoice(order, number)
    return {
        "name": f"Commercial Invoice {number}",
        "format": "PDF",
        "content": base64.b64encode(content).decode(),
    }


def _parcel(order: Order, service: tariff.Service, position: int, number: str) -> Json:
    parcel = order.parcels[position - 1]
    label = Label(
        tracking_number=number,
        service=service.name,
        sender=_place(order.shipper),
        recipient=_place(order.consignee),
        routing=f"{order.countries[1]} {order.consignee.address.postal_code}".strip(),
        reference=order.reference,
        weight_kg=parcel.weight_kg,
        position=position,
        count=len(order.parcels),
        ship_date=order.ship_date,
        is_return=order.is_return,
    )
    content = base64.b64encode(_RENDER[order.label_format](label)).decode()
    return {
        "reference": parcel.reference,
        "tracking_number": number,
        "label": {"format": order.label_format, "content": content},
    }


def _place(party: Party) -> Place:
    address = party.address
    lines = (
        party.company if party.company != party.name else "",
        address.street,
        address.street2,
        " ".join(filter(None, (address.postal_code, address.city, address.state))),
        address.country,
    )
    return Place(party.name, tuple(filter(None, lines)), party.phone)


def _charges(price: tariff.Price) -> list[Json]:
    return [
        {
            "code": line.code,
            "description": line.description,
            **_money(line.amount, price.service.currency),
        }
        for line in price.lines
    ]


def _money(amount: Decimal, currency: str) -> Json:
    return {"amount": f"{amount:f}", "currency": currency}


def _date(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
