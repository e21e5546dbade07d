"""Shipping: ``POST /shipments/v2409/ship``, and ``DELETE .../void/cancel/<number>``.

All parcels are one shipment under one number, the first parcel's. What is answered:
:mod:`.booking`.
"""

from ....shipment_visibility.canonical.schema import ShipmentRequest
from ..errors import Refused
from . import common, customs, request
from .common import Json
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
