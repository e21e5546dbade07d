"""What the sandbox accepts for carriage, and in which words it refuses the rest."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from . import places, tariff
from .problem import Json, Problem

_Amount = Annotated[Decimal, Field(ge=0, max_digits=12)]


class Address(BaseModel):
    """A postal address; which fields must be filled depends on the country."""

    street: str = ""
    street2: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str


class Party(BaseModel):
    """Shipper or consignee."""

    name: str
    company: str = ""
    phone: str = ""
    address: Address


class Value(BaseModel):
    """What goods are worth, or insured for."""

    amount: _Amount
    currency: str


class Item(BaseModel):
    """One line of a customs declaration; value and weight are the whole line's."""

    description: str
    quantity: _Amount
    value: Value
    weight_kg: _Amount
    hs_code: str = ""
    origin_country: str | None = None


class Parcel(BaseModel):
    """One parcel, in kilograms and centimetres."""

    reference: str
    weight_kg: _Amount
    length_cm: _Amount = Decimal(0)
    width_cm: _Amount = Decimal(0)
    height_cm: _Amount = Decimal(0)
    items: list[Item] = []
    dangerous: bool = False

    @property
    def longest_cm(self) -> Decimal:
        """The longest side."""
        return max(self.length_cm, self.width_cm, self.height_cm)

    @property
    def volume_cm3(self) -> Decimal:
        """The volume; 0 when a side is not known."""
        return self.length_cm * self.width_cm * self.height_cm


class Payer(BaseModel):
    """Who pays, by which account of theirs."""

    payer: str = Field(default="shipper", pattern="^(shipper|receiver|third_party)$")
    account_number: str = ""


class Wishes(BaseModel):
    """What is asked beside the transport."""

    signature: str = Field(default="none", pattern="^(none|any|adult)$")
    saturday: bool = False
    drop_off_point: str = ""


class Order(BaseModel):
    """The body of a request for rates or for a shipment."""

    reference: str
    service: str = ""
    ship_date: dt.date = Field(lt=dt.date(3000, 1, 1))
    is_return: bool = Field(default=False, alias="return")
    label_format: str = Field(default="PDF", pattern="^(PDF|ZPL)$")
    shipper: Party
    consignee: Party
    parcels: list[Parcel] = Field(min_length=1, max_length=tariff.MAX_PARCELS)
    insured_value: Value | None = None
    incoterm: str = ""
    contents: str = "merchandise"
    options: Wishes = Wishes()
    freight: Payer = Payer()
    duties: Payer | None = None

    @property
    def countries(self) -> tuple[str, str]:
        """From where to where."""
        return self.shipper.address.country, self.consignee.address.country

    @property
    def is_declared(self) -> bool:
        """Whether it crosses a border of customs with all its goods declared."""
        return tariff.crosses_customs(*self.countries) and all(
            parcel.items for parcel in self.parcels
        )


def accepted(payload: Json) -> Order:
    """The order in ``payload``, when it can be carried.

    :raise Problem: it cannot be read, or is not taken.
    """
    try:
        order = Order.model_validate(payload)
    except ValidationError as error:
        raise unreadable(error) from None
    if order.service and order.service not in tariff.SERVICES:
        message = f"The service {order.service} does not exist."
        raise Problem(422, "service_unknown", message, "service")
    _check_country(order.shipper.address, "shipper")
    _check_country(order.consignee.address, "consignee")
    _check_postal_code(order.consignee.address)
    _check_parcels(order.parcels)
    if order.insured_value and order.insured_value.amount > tariff.MAX_INSURED:
        message = f"Shipments are insured up to {tariff.MAX_INSURED} only."
        raise Problem(422, "insurance_limit", message, "insured_value.amount")
    _check_wishes(order)
    for whose in ("freight", "duties"):
        _check_payer(getattr(order, whose), whose)
    return order


def unreadable(error: ValidationError) -> Problem:
    """The problem of a request that is not as documented, by its first wrong field."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = f"{field or 'request'}: {first['msg']}."
    return Problem(400, "invalid_request", message, field)


def _check_country(address: Address, whose: str) -> None:
    if address.country not in tariff.WORLD:
        message = f"We do not serve the {whose}'s country {address.country}."
        raise Problem(422, "country_unknown", message, f"{whose}.address.country")


def _check_postal_code(address: Address) -> None:
    if not address.postal_code and address.country not in tariff.WITHOUT_POSTAL_CODE:
        raise Problem(
            422,
            "postal_code_missing",
            "The consignee's postal code is missing.",
            "consignee.address.postal_code",
        )


def _check_parcels(parcels: list[Parcel]) -> None:
    for index, parcel in enumerate(parcels):
        if parcel.dangerous:
            raise Problem(
                422,
                "dangerous_goods",
                f"Parcel {parcel.reference} holds dangerous goods; we carry none.",
                f"parcels.{index}.dangerous",
            )
        if parcel.weight_kg > tariff.MAX_WEIGHT_KG:
            raise Problem(
                422,
                "too_heavy",
                f"Parcel {parcel.reference} weighs {parcel.weight_kg.normalize():f} kg; "
                f"we carry up to {tariff.MAX_WEIGHT_KG} kg.",
                f"parcels.{index}.weight_kg",
            )
        if parcel.longest_cm > tariff.MAX_SIDE_CM:
            raise Problem(
                422,
                "too_long",
                f"Parcel {parcel.reference} is {parcel.longest_cm.normalize():f} cm long; "
                f"we carry up to {tariff.MAX_SIDE_CM} cm.",
                f"parcels.{index}",
            )


def _check_wishes(order: Order) -> None:
    service = tariff.SERVICES.get(order.service)
    if order.options.saturday and service and not service.saturday:
        message = f"{service.name} is not delivered on Saturdays; Express is."
        raise Problem(422, "saturday_not_offered", message, "options.saturday")
    point, address = order.options.drop_off_point, order.consignee.address
    if point and not places.is_point(point, address.country):
        message = f"There is no drop-off point {point[:40]} in {address.country}."
        raise Problem(422, "point_unknown", message, "options.drop_off_point")


def _check_payer(payer: Payer | None, whose: str) -> None:
    if payer and payer.payer != "shipper" and not payer.account_number:
        message = f"The account that pays the {whose} is missing."
        raise Problem(422, "account_missing", message, f"{whose}.account_number")


def check_deliverable(address: Address) -> None:
    """Refuse to print a label nobody can deliver by. A price can be had without a street."""
    for field in ("street", "city"):
        if not getattr(address, field):
            message = f"The consignee's {field} is missing."
            raise Problem(
                422, f"{field}_missing", message, f"consignee.address.{field}"
            )
