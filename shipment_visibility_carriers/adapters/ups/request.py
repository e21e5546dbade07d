"""The parts of a shipment that rating and shipping write the same way."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal

from ....shipment_visibility.canonical.schema import (
    Billing,
    Money,
    Parcel,
    Payer,
    ShipmentRequest,
)
from ..errors import Refused
from . import common
from .common import Json, filled

CUSTOMER_PACKAGING = "02"
TRANSPORTATION = "01"
DUTIES = "02"
PRINT_RETURN_LABEL = "9"
# An indicator of UPS's says yes by being there.
YES = ""
_CENT = Decimal("0.01")
_SIGNATURES = {"any": 1, "adult": 2}


def check(request: ShipmentRequest) -> None:
    """Refuse what these APIs cannot be asked for.

    :raise Refused: dangerous goods need a declaration we do not make; an access point needs
        its address, which is not asked for here.
    """
    dangerous = [parcel.reference for parcel in request.parcels if parcel.is_dangerous]
    if dangerous:
        raise Refused(
            "Dangerous goods cannot be sent with UPS from here: "
            f"{', '.join(dangerous)}. Book them with UPS directly."
        )
    if request.options.drop_off_point:
        raise Refused("UPS access points cannot be chosen from here.")


def parcel_part(parcel: Parcel, imperial: bool) -> Json:
    """Size and weight of a parcel."""
    part: Json = {"PackageWeight": common.weight(parcel.weight, imperial)}
    if parcel.dimensions:
        part["Dimensions"] = common.dimensions(parcel.dimensions, imperial)
    return part


def packaging(parcel: Parcel) -> Json:
    """The kind of packaging, ours unless the parcel's is one of UPS's two-character codes."""
    code = parcel.packaging if len(parcel.packaging) == 2 else CUSTOMER_PACKAGING
    return {"Code": code, "Description": "Packaging"}


def parcel_options(request: ShipmentRequest) -> list[Json]:
    """``PackageServiceOptions`` of each parcel: declared value, and signature where it belongs."""
    signature = {}
    if signed := _signature(request):
        # Package level counts 1 as a confirmation without signature, which UPS has given up.
        signature = (
            {"DeliveryConfirmation": {"DCISType": str(signed + 1)}}
            if _signs_per_parcel(request)
            else {}
        )
    return [
        {**signature, **({"DeclaredValue": common.money(value)} if value else {})}
        for value in insured(request)
    ]


def shipment_options(request: ShipmentRequest) -> Json:
    """``ShipmentServiceOptions``: Saturday, and signature where it is not the parcels'."""
    options: Json = {}
    if request.options.saturday:
        options["SaturdayDeliveryIndicator"] = YES
    signed = _signature(request)
    if signed and not _signs_per_parcel(request):
        options["DeliveryConfirmation"] = {"DCISType": str(signed)}
    return options


def _signature(request: ShipmentRequest) -> int:
    """Shipment level's number of what is asked; UPS confirms no delivery of a return."""
    return 0 if request.is_return else _SIGNATURES.get(request.options.signature, 0)


def _signs_per_parcel(request: ShipmentRequest) -> bool:
    """Within the United States and Puerto Rico, and within Canada; else by the shipment.

    https://developer.ups.com/api/reference/shipping/appendix, "Delivery Confirmation
    Origin-Destination Pairs".
    """
    origin = request.shipper.address.country
    destination = request.consignee.address.country
    return {origin, destination} <= {"US", "PR"} or origin == destination == "CA"


def insured(request: ShipmentRequest) -> list[Money | None]:
    """What each parcel is insured for: the shipment's value by the worth of its parcels.

    In equal parts where the worth of a parcel is not known. To the cent, in all exactly it.
    """
    total = request.insured_value
    if total is None or total.amount <= 0:
        return [None] * len(request.parcels)
    values = [parcel.declared_value for parcel in request.parcels]
    shares = [value.amount for value in values if value and value.amount > 0]
    if len(shares) < len(values) or len({value.currency for value in values}) > 1:
        shares = [Decimal(1)] * len(values)
    amounts = [
        (total.amount * share / sum(shares)).quantize(_CENT, ROUND_DOWN)
        for share in shares
    ]
    amounts[0] += total.amount.quantize(_CENT) - sum(amounts)
    return [Money(amount=amount, currency=total.currency) for amount in amounts]


def charges(request: ShipmentRequest, account_number: str) -> list[Json]:
    """Who pays transport, and duties where they are not the consignee's anyway.

    UPS bills duties to the receiver unless told otherwise, and takes no word about them
    where nothing is cleared.
    """
    result = [{"Type": TRANSPORTATION, **_payer(request.freight, account_number)}]
    duties = _duties(request)
    if duties and common.is_cleared(request.shipper.address, request.consignee.address):
        result.append({"Type": DUTIES, **_payer(duties, account_number)})
    return result


def _duties(request: ShipmentRequest) -> Billing | None:
    if request.duties is None:
        return Billing() if request.incoterm == "DDP" else None
    if request.duties.payer == Payer.RECEIVER and not request.duties.account_number:
        return None
    return request.duties


def _payer(billing: Billing, account_number: str) -> Json:
    if billing.payer == Payer.SHIPPER:
        return {"BillShipper": {"AccountNumber": account_number}}
    code = "".join(filter(str.isalnum, billing.postal_code.upper()))[:9]
    if billing.payer == Payer.RECEIVER:
        address = {"Address": {"PostalCode": code}} if code else {}
        return {"BillReceiver": {"AccountNumber": billing.account_number, **address}}
    return {
        "BillThirdParty": {
            "AccountNumber": billing.account_number,
            "Address": filled(PostalCode=code, CountryCode=billing.country),
        }
    }


def worth(request: ShipmentRequest) -> Money | None:
    """What the shipment is worth: by its customs lines, else its parcels, else its insurance."""
    lines = [item.value for parcel in request.parcels for item in parcel.items]
    parcels = [parcel.declared_value for parcel in request.parcels]
    return (
        _sum(lines)
        or (_sum(parcels) if all(parcels) else None)
        or request.insured_value
    )


def _sum(values: Iterable[Money | None]) -> Money | None:
    known = [value for value in values if value]
    if len({value.currency for value in known}) != 1:
        return None
    total = sum(value.amount for value in known)
    return Money(amount=total, currency=known[0].currency) if total > 0 else None
