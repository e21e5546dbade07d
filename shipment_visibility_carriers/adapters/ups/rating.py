"""Rating: ``POST /rating/v2409/Shop`` for all services, ``.../Rate`` for one.

Always with time in transit where it can be had, so that a price comes with its date.
"""

import datetime as dt
from typing import Annotated

from pydantic import Field

from ....shipment_visibility.canonical.schema import (
    Party,
    RateQuote,
    ShipmentRequest,
)
from ..reading import Message, documented, read
from . import common, request
from .charges import Itemized, ItemizedCharges, split
from .common import Amount, Coded, Json, filled, many
from .request import PRINT_RETURN_LABEL, YES
from .statuses import SERVICES

VERSION = "v2409"
SUBVERSION = "2409"
_DOCUMENTS, _GOODS = "02", "03"
# "Your invoice may vary from the displayed reference rates" is said of every price.
_SAID_ALWAYS = frozenset({"110971"})


def path(asked: ShipmentRequest) -> str:
    """Below ``/api``."""
    return f"/rating/{VERSION}/{_option(asked)}"


def _option(asked: ShipmentRequest) -> str:
    return "Rate" if asked.service else "Shop"


def params(asked: ShipmentRequest) -> dict[str, str]:
    """Asks for dates too. Across a border UPS gives none without the value of the goods."""
    return {"additionalinfo": "timeintransit"} if _dated(asked) else {}


def build_rate(asked: ShipmentRequest, account_number: str) -> Json:
    """The body of a request for prices.

    :raise Refused: it asks for what UPS is not asked for here.
    """
    request.check(asked)
    owner = asked.consignee if asked.is_return else asked.shipper
    shipment: Json = {
        "Shipper": {**_place(owner), "ShipperNumber": account_number},
        "ShipTo": _place(asked.consignee),
        "ShipFrom": _place(asked.shipper),
        "PaymentDetails": {"ShipmentCharge": request.charges(asked, account_number)},
        "Package": _parcels(asked),
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": YES},
    }
    if asked.service:
        shipment["Service"] = {"Code": asked.service}
    options = request.shipment_options(asked)
    if asked.is_return:
        options["ReturnService"] = {"Code": PRINT_RETURN_LABEL}
    if options:
        shipment["ShipmentServiceOptions"] = options
    if _dated(asked):
        shipment |= _time_in_transit(asked)
    return {
        "RateRequest": {
            "Request": {
                "RequestOption": _option(asked),
                "SubVersion": SUBVERSION,
                "TransactionReference": {"CustomerContext": asked.reference[:512]},
            },
            "Shipment": shipment,
        }
    }


def _dated(asked: ShipmentRequest) -> bool:
    abroad = common.is_international(asked.shipper.address, asked.consignee.address)
    return not abroad or request.worth(asked) is not None


def _place(party: Party) -> Json:
    return {
        **filled(
            Name=(party.company or party.name)[: common.LINE],
            AttentionName=party.name[: common.LINE],
        ),
        "Address": common.address(party.address, state_length=2),
    }


def _parcels(asked: ShipmentRequest) -> list[Json]:
    imperial = common.is_imperial(asked.shipper.address.country)
    return [
        {
            "PackagingType": request.packaging(parcel),
            **request.parcel_part(parcel, imperial),
            **({"PackageServiceOptions": options} if options else {}),
        }
        for parcel, options in zip(
            asked.parcels, request.parcel_options(asked), strict=True
        )
    ]


def _time_in_transit(asked: ShipmentRequest) -> Json:
    imperial = common.is_imperial(asked.shipper.address.country)
    kilograms = sum(parcel.weight.kg for parcel in asked.parcels)
    total = asked.parcels[0].weight.model_copy(
        update={"value": kilograms, "unit": "kg"}
    )
    value = request.worth(asked)
    return {
        "DeliveryTimeInformation": {
            "PackageBillType": _DOCUMENTS if asked.contents == "documents" else _GOODS,
            "Pickup": {"Date": f"{asked.ship_date:%Y%m%d}"},
        },
        "ShipmentTotalWeight": common.weight(total, imperial),
        **({"InvoiceLineTotal": common.money(value)} if value else {}),
    }


class _Arrival(Message):
    Date: Annotated[str, Field(pattern="^[0-9]{8}$")]


class _EstimatedArrival(Message):
    Arrival: _Arrival


class _ServiceSummary(Message):
    EstimatedArrival: _EstimatedArrival


class _TimeInTransit(Message):
    ServiceSummary: _ServiceSummary


class _Negotiated(Message):
    TotalCharge: Amount
    BaseServiceCharge: many(Amount)
    ItemizedCharges: many(Itemized)


class _RatedPackage(ItemizedCharges):
    NegotiatedCharges: ItemizedCharges | None = None


class _RatedShipment(Message):
    Service: Coded
    RatedShipmentAlert: many(Coded)
    TotalCharges: Amount
    BaseServiceCharge: Amount | None = None
    ItemizedCharges: many(Itemized)
    NegotiatedRateCharges: _Negotiated | None = None
    RatedPackage: many(_RatedPackage)
    TimeInTransit: _TimeInTransit | None = None


class _RateResponse(Message):
    RatedShipment: many(_RatedShipment)


class _Answer(Message):
    RateResponse: _RateResponse


def parse_rates(body: bytes) -> list[RateQuote]:
    """A quote a service, cheapest first: at the account's price where it has one."""
    rated = read(_Answer, body).RateResponse.RatedShipment
    with documented("RateResponse.RatedShipment"):
        quotes = [_quote(shipment) for shipment in rated]
    return sorted(quotes, key=lambda quote: quote.total.amount)


def _quote(rated: _RatedShipment) -> RateQuote:
    negotiated = rated.NegotiatedRateCharges
    if negotiated:
        total = negotiated.TotalCharge.canonical()
        bases = [base.canonical() for base in negotiated.BaseServiceCharge]
        base = bases[0] if len(bases) == 1 else None
        items = list(negotiated.ItemizedCharges)
        for parcel in rated.RatedPackage:
            own = parcel.NegotiatedCharges
            items += own.ItemizedCharges if own else []
    else:
        total = rated.TotalCharges.canonical()
        base = rated.BaseServiceCharge and rated.BaseServiceCharge.canonical()
        items = list(rated.ItemizedCharges)
        for parcel in rated.RatedPackage:
            items += parcel.ItemizedCharges
    code = rated.Service.Code
    return RateQuote(
        service=code,
        service_name=SERVICES.get(code) or rated.Service.Description or f"UPS {code}",
        total=total,
        charges=split(total, base, items),
        promised_date=_promised(rated.TimeInTransit),
        warnings=tuple(
            alert.Description
            for alert in rated.RatedShipmentAlert
            if alert.Code not in _SAID_ALWAYS
        ),
        source="account" if negotiated else "retail",
    )


def _promised(transit: _TimeInTransit | None) -> dt.date | None:
    if transit is None:
        return None
    return common.day(transit.ServiceSummary.EstimatedArrival.Arrival.Date)
