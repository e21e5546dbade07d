"""Shipments to ask carriers about. The people and companies are made up."""

import datetime as dt
from decimal import Decimal

from odoo.addons.shipment_visibility.canonical.operations import PickupRequest
from odoo.addons.shipment_visibility.canonical.schema import (
    Address,
    Dimensions,
    Mass,
    Parcel,
    Party,
    ShipmentRequest,
)

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
ROTTERDAM = Party(
    name="Parcel Demo Company",
    phone="+31 10 000 0000",
    address=Address(
        street="Wilhelminakade 1",
        city="Rotterdam",
        postal_code="3072 AP",
        country="NL",
    ),
)
LYON = Party(
    name="Émile Exemple",
    company="Maison Exemple SARL",
    phone="+33 4 72 00 00 00",
    email="reception@maison-exemple.example",
    address=Address(
        street="12 rue de la République",
        city="Lyon",
        postal_code="69002",
        country="FR",
    ),
)


def address(**changes):
    """Lyon's address with changes."""
    return LYON.address.model_copy(update=changes)


def consignee(name=LYON.name, **changes):
    """The consignee in Lyon with another name or address."""
    return LYON.model_copy(update={"name": name, "address": address(**changes)})


def parcel(reference="PACK0001", kg="2.5", size=None):
    dimensions = size and Dimensions(length=size[0], width=size[1], height=size[2])
    return Parcel(
        reference=reference, weight=Mass(value=Decimal(kg)), dimensions=dimensions
    )


def shipment(**changes):
    """Two parcels from Rotterdam to Lyon, on a Friday. ZPL, because it is made quickly."""
    values = {
        "reference": "WH/OUT/00042",
        "idempotency_key": "0123456789abcdef",
        "service": "standard",
        "shipper": ROTTERDAM,
        "consignee": LYON,
        "parcels": (parcel(), parcel("PACK0002", "12.1")),
        "ship_date": dt.date(2026, 1, 30),
        "label_format": "ZPL",
        **changes,
    }
    return ShipmentRequest(**values)


def pickup(**changes):
    """Two parcels are fetched in Rotterdam, on a Friday afternoon."""
    values = {
        "reference": "PICK/00007",
        "place": ROTTERDAM,
        "date": dt.date(2026, 1, 30),
        "ready": dt.time(14),
        "close": dt.time(17, 30),
        "zone": "Europe/Amsterdam",
        "parcel_count": 2,
        "weight": Mass(value=Decimal("14.6")),
        **changes,
    }
    return PickupRequest(**values)
