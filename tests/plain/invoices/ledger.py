"""Short words for lines of invoices and for charges."""

import dataclasses
import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.freight import ChargeKind, FreightCharge
from odoo.addons.shipment_visibility_carriers.invoices.audit import Billed
from odoo.addons.shipment_visibility_carriers.invoices.document import (
    Invoice,
    Line,
    Parcel,
)

bounded = settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
MARCH = dt.date(2026, 3, 2)
PARCEL = {each.name for each in dataclasses.fields(Parcel) if each.init}


def billed(
    line_id,
    family,
    amount,
    number="A1",
    on=MARCH,
    account="00012A",
    original="",
    settled=False,
    adjustment=None,
    **told,
):
    head = Invoice("post", account, number, on, "EUR", original_number=original)
    parcel = {name: told.pop(name) for name in PARCEL & told.keys()}
    line = Line(
        invoice=head,
        row=line_id,
        part=0,
        family=family,
        amount=Decimal(amount),
        currency=told.pop("currency", "EUR"),
        parcel=Parcel(**{"tracking_number": "T1", **parcel}),
        **told,
    )
    return Billed(line_id, line, settled, adjustment)


def eur(**amounts):
    return {(family, "EUR"): Decimal(amount) for family, amount in amounts.items()}


def charge(
    charge_id,
    kind,
    amount,
    family="freight",
    on=MARCH,
    currency="EUR",
    shipment="S1",
    number="",
):
    return FreightCharge(
        charge_id,
        ChargeKind(kind),
        family,
        Decimal(amount),
        currency,
        on,
        shipment,
        number,
    )


cents = st.integers(-500, 2_000).map(lambda amount: Decimal(amount) / 100)
kinds = st.sampled_from(list(ChargeKind))
families = st.sampled_from(["freight", "fuel", "duty", "credit", "info"])


@st.composite
def charges(draw, kinds=kinds, families=families):
    """Charges of two shipments over three weeks, in the order they come."""
    return [
        charge(
            charge_id,
            draw(kinds),
            draw(cents),
            draw(families),
            MARCH + dt.timedelta(days=draw(st.sampled_from([0, 7, 14]))),
            draw(st.sampled_from(["EUR", "USD"])),
            draw(st.sampled_from(["S1", "S2"])),
            draw(st.sampled_from(["A1", "A2"])),
        )
        for charge_id in range(draw(st.integers(0, 12)))
    ]
