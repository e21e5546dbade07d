"""The customs declaration: UPS makes the commercial invoice of it and sends it ahead."""

import re
from decimal import Decimal

from ....shipment_visibility.canonical.schema import CustomsItem, ShipmentRequest
from ..errors import Refused
from . import common
from .common import Json, filled

INVOICE = "01"
# The only form of a shipment with return service.
PARTIAL_INVOICE = "05"
PIECES = "PCS"
_REASONS = {
    "merchandise": "SALE",
    "gift": "GIFT",
    "sample": "SAMPLE",
    "documents": "DOCUMENTS",
    "return": "RETURN",
}
_TERMS = frozenset("CFR CIF CIP CPT DAF DAP DDP DEQ DES EXW FAS FCA FOB".split())
# One of the examples of UPS's own description of the field.
DECLARATION = (
    "I hereby certify that the information on this invoice is true and correct "
    "and the contents and value of this shipment is as stated above."
)
_MOST_UNITS = Decimal(9_999_999)


def build_forms(request: ShipmentRequest) -> Json:
    """``InternationalForms``; empty where nothing is declared.

    :raise Refused: an invoice has one currency.
    """
    items = [item for parcel in request.parcels for item in parcel.items]
    cleared = common.is_cleared(request.shipper.address, request.consignee.address)
    if not items or not cleared or request.contents == "documents":
        return {}
    currencies = {item.value.currency for item in items}
    if len(currencies) > 1:
        raise Refused(
            "UPS takes one currency in a customs declaration, not "
            f"{', '.join(sorted(currencies))}."
        )
    return {
        "FormType": [PARTIAL_INVOICE if request.is_return else INVOICE],
        "Contacts": {"SoldTo": _sold_to(request)},
        "Product": [_product(item) for item in items],
        "InvoiceNumber": request.reference[:35],
        "InvoiceDate": f"{request.ship_date:%Y%m%d}",
        "ReasonForExport": _REASONS[request.contents],
        "CurrencyCode": currencies.pop(),
        "DeclarationStatement": DECLARATION,
        **filled(
            TermsOfShipment=request.incoterm if request.incoterm in _TERMS else ""
        ),
    }


def _sold_to(request: ShipmentRequest) -> Json:
    return common.party(request.consignee)


def _product(item: CustomsItem) -> Json:
    """One line. UPS multiplies the value of a unit, of which there is a whole number."""
    whole = item.quantity == int(item.quantity) and item.quantity <= _MOST_UNITS
    units = item.quantity if whole else Decimal(1)
    value = (item.value.amount / units).quantize(Decimal("0.000001"))
    code = re.sub(r"[^0-9A-Z]", "", item.hs_code.upper())
    return {
        "Description": [item.description[:35]],
        "Unit": {
            "Number": f"{int(units)}",
            "UnitOfMeasurement": {"Code": PIECES},
            "Value": _trimmed(value),
        },
        **filled(
            CommodityCode=code if 6 <= len(code) <= 15 else "",
            PartNumber=item.sku[:35],
            OriginCountryCode=item.origin_country,
        ),
    }


def _trimmed(value: Decimal) -> str:
    text = f"{value:f}".rstrip("0")
    whole, _point, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"
