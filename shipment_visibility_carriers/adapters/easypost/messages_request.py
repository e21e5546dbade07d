"""What EasyPost is told of a shipment: one EasyPost shipment a parcel.

Units, from https://docs.easypost.com/docs/parcels and /docs/customs-info: ounces and inches
with one decimal; a customs item's value and weight are those of the whole line.
Options: https://docs.easypost.com/docs/shipments/options.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from ....shipment_visibility.canonical.operations import CM_PER_UNIT
from ....shipment_visibility.canonical.schema import (
    Address,
    Billing,
    CustomsItem,
    Dimensions,
    Parcel,
    Party,
    Payer,
    ShipmentRequest,
)
from ..errors import Refused

INSURANCE_CURRENCY = "USD"

_OUNCE_KG = Decimal("0.028349523125")
_INCH_CM = Decimal("2.54")
_TENTH, _CENT = Decimal("0.1"), Decimal("0.01")
# Odoo's word for a box of one's own.
_OWN_PACKAGING = {"", "CUSTOM"}
_SIGNATURES = {"any": "SIGNATURE", "adult": "ADULT_SIGNATURE"}
_CONTENTS = {"return": "returned_goods"}
# Military posts, territories and associated states: USPS form CP 72, block 10.
_DECLARED_STATES = frozenset("AA AE AP AS GU MP PR VI FM MH PW".split())
_MILITARY_STATES = frozenset({"AA", "AE", "AP"})
# Beyond this value a line of an export from the US is filed with customs beforehand, and
# EasyPost wants the number of the filing. To Canada and to military posts it is not:
# https://www.census.gov/newsroom/blogs/global-reach/2012/12/ (exemption codes), 15 CFR 30.36
# and 30.37(a).
_UNFILED_EXPORT = Decimal(2500)


def build_shipments(
    request: ShipmentRequest, accounts: Sequence[str]
) -> list[dict[str, Any]]:
    """The bodies of ``POST /v2/shipments``, in the order of the parcels.

    :param accounts: EasyPost's ids of the carrier accounts to ask; all when empty.
    :raise Refused: EasyPost cannot be asked for this.
    """
    # https://docs.easypost.com/docs/shipments/returns: a return keeps the addresses of the
    # way out, and EasyPost switches them itself.
    out, back = request.shipper, request.consignee
    if request.is_return:
        out, back = back, out
    return [
        {
            "shipment": {
                "from_address": build_address(out),
                "to_address": build_address(back),
                "parcel": _parcel(parcel),
                "is_return": request.is_return,
                "options": _options(request, parcel),
                "reference": reference(request.idempotency_key, position)
                if request.idempotency_key
                else request.reference,
                **_customs(request, parcel),
                **({"carrier_accounts": list(accounts)} if accounts else {}),
            }
        }
        for position, parcel in enumerate(request.parcels, 1)
    ]


def reference(idempotency_key: str, position: int) -> str:
    """Under which a parcel's shipment is found again; parcels are counted from 1."""
    return f"{idempotency_key}-{position}"


def build_address(party: Party) -> dict[str, str]:
    """An address as EasyPost writes it, without what is empty."""
    place = party.address
    fields = {
        "name": party.name,
        "company": party.company,
        "street1": place.street,
        "street2": place.street2,
        "city": place.city,
        "state": place.state,
        "zip": place.postal_code,
        "country": place.country,
        "phone": party.phone,
        "email": party.email,
    }
    return {name: value for name, value in fields.items() if value}


def build_insurance(request: ShipmentRequest) -> list[Decimal]:
    """How much each parcel is insured for, in US dollars; zeros without insurance.

    The sum is the insured value: by what the parcels are worth where that is known of all,
    else in equal parts.

    :raise Refused: it is not in US dollars (https://docs.easypost.com/docs/insurance).
    """
    insured, parcels = request.insured_value, request.parcels
    if insured is None or not insured.amount:
        return [Decimal(0)] * len(parcels)
    if insured.currency != INSURANCE_CURRENCY:
        raise Refused(
            f"EasyPost insures in US dollars only, not in {insured.currency}. Ship without "
            "its insurance, or state the insured value in US dollars."
        )
    shares = _worths(parcels) or [Decimal(1)] * len(parcels)
    amounts = [
        (insured.amount * share / sum(shares)).quantize(_CENT, ROUND_DOWN)
        for share in shares
    ]
    amounts[-1] += insured.amount - sum(amounts)
    return amounts


def _worths(parcels: Sequence[Parcel]) -> list[Decimal]:
    worths = [parcel.declared_value for parcel in parcels]
    if None in worths or len({worth.currency for worth in worths}) > 1:
        return []
    amounts = [worth.amount for worth in worths]
    return amounts if sum(amounts) > 0 else []


def _parcel(parcel: Parcel) -> dict[str, Any]:
    built: dict[str, Any] = {"weight": _ounces(parcel.weight.kg)}
    if parcel.packaging not in _OWN_PACKAGING:
        # A carrier's own box; its size is known.
        return built | {"predefined_package": parcel.packaging}
    return built | _inches(parcel.dimensions)


def _inches(dimensions: Dimensions | None) -> dict[str, float]:
    if dimensions is None:
        return {}
    factor = CM_PER_UNIT[dimensions.unit] / _INCH_CM
    return {
        side: _tenth(getattr(dimensions, side) * factor)
        for side in ("length", "width", "height")
    }


def _options(request: ShipmentRequest, parcel: Parcel) -> dict[str, Any]:
    """What is printed, asked beside the transport, and paid by whom.

    ``print_custom_2`` is also how a parcel is recognised when its shipment is looked up.
    """
    options: dict[str, Any] = {
        "label_format": request.label_format,
        # A moment, kept in UTC: at noon it is the same date almost everywhere.
        "label_date": f"{request.ship_date}T12:00:00Z",
        "invoice_number": request.reference,
        "print_custom_1": request.reference,
        "print_custom_2": parcel.reference,
    }
    if request.options.signature in _SIGNATURES:
        options["delivery_confirmation"] = _SIGNATURES[request.options.signature]
    if request.options.saturday:
        options["saturday_delivery"] = True
    if request.freight.payer != Payer.SHIPPER:
        options["payment"] = _payment(request.freight, "freight")
    if request.duties is not None:
        options["duty_payment"] = _payment(request.duties, "duties")
    if incoterm := _incoterm(request):
        options["incoterm"] = incoterm
    return options


def _incoterm(request: ShipmentRequest) -> str:
    if request.incoterm or request.duties is None:
        return request.incoterm
    return "DDP" if request.duties.payer == Payer.SHIPPER else "DAP"


def _payment(billing: Billing, what: str) -> dict[str, str]:
    kind = {
        Payer.SHIPPER: "SENDER",
        Payer.RECEIVER: "RECEIVER",
        Payer.THIRD_PARTY: "THIRD_PARTY",
    }[billing.payer]
    if billing.payer != Payer.SHIPPER and not billing.account_number:
        raise Refused(
            f"Whoever pays the {what} must be named by an account number at the carrier."
        )
    fields = {
        "type": kind,
        "account": billing.account_number,
        "country": billing.country,
        "postal_code": billing.postal_code,
    }
    return {name: value for name, value in fields.items() if value}


def _customs(request: ShipmentRequest, parcel: Parcel) -> Mapping[str, Any]:
    ours, theirs = request.shipper.address, request.consignee.address
    if not parcel.items or _customs_area(ours) == _customs_area(theirs):
        return {}
    return {
        "customs_info": {
            "contents_type": _CONTENTS.get(request.contents, request.contents),
            "contents_explanation": "",
            "customs_certify": True,
            "customs_signer": request.shipper.name,
            "restriction_type": "none",
            "non_delivery_option": "return",
            **_export_filing(ours, theirs, parcel.items),
            "customs_items": [_customs_item(item) for item in parcel.items],
        }
    }


def _customs_area(address: Address) -> tuple[str, str]:
    """What goods are declared between. Within the US that is not only the country."""
    if address.country == "US" and address.state in _DECLARED_STATES:
        return "US", address.state
    return address.country, ""


def _export_filing(
    origin: Address, destination: Address, items: Sequence[CustomsItem]
) -> dict[str, str]:
    """Why an export from the US needs no filing; nothing elsewhere.

    :raise Refused: it needs one.
    """
    military = destination.country == "US" and destination.state in _MILITARY_STATES
    if origin.country != "US" or military:
        return {}
    if destination.country == "CA":
        return {"eel_pfc": "NOEEI 30.36"}
    for item in items:
        if item.value.currency == "USD" and item.value.amount > _UNFILED_EXPORT:
            raise Refused(
                f"“{item.description}” is worth more than 2,500 USD: its export from the "
                "US must be filed with customs first, which is not possible from here."
            )
    return {"eel_pfc": "NOEEI 30.37(a)"}


def _customs_item(item: CustomsItem) -> dict[str, Any]:
    fields = {
        "description": item.description,
        "quantity": _number(item.quantity),
        "weight": _ounces(item.weight.kg),
        "value": _number(item.value.amount),
        "currency": item.value.currency,
        "hs_tariff_number": item.hs_code,
        "origin_country": item.origin_country,
        "code": item.sku,
    }
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _ounces(kilograms: Decimal) -> float:
    return _tenth(kilograms / _OUNCE_KG)


def _tenth(value: Decimal) -> float:
    """With one decimal, and never nothing: EasyPost takes no zero."""
    return float(max(value.quantize(_TENTH, ROUND_HALF_UP), _TENTH))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
