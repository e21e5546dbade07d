"""Short words for lines of invoices."""

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, settings

from odoo.addons.shipment_visibility_carriers.invoices.audit import Billed
from odoo.addons.shipment_visibility_carriers.invoices.document import Invoice, Line

bounded = settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
MARCH = dt.date(2026, 3, 2)


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
    values = {"currency": "EUR", "tracking_number": "T1", "row": line_id, "part": 0}
    line = Line(
        invoice=head, family=family, amount=Decimal(amount), **{**values, **told}
    )
    return Billed(line_id, line, settled, adjustment)


def eur(**amounts):
    return {(family, "EUR"): Decimal(amount) for family, amount in amounts.items()}
