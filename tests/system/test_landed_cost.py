"""Inbound freight becomes a part of what goods cost, where landed costs are installed."""

import subprocess

import pytest

from dev import shell
from dev.environment import databases, odoo, postgres

PREPARE = """
import datetime as dt
from decimal import Decimal
from odoo import Command
from odoo.addons.shipment_visibility_carriers.invoices.document import (
    Invoice, InvoiceKind, Line, Parcel,
)

company = env.company
currency = company.currency_id
vendor = env["res.partner"].create({"name": "Example Parcels"})
carrier = env["shipment.carrier"].create(
    {"name": "Example Parcels", "code": "parcels", "vendor_id": vendor.id}
)
account = env["account.account"].create(
    {"name": "Freight", "code": "FR1000", "account_type": "expense_direct_cost"}
)
service = env["product.product"].create(
    {"name": "Inbound Freight", "type": "service", "landed_cost_ok": True}
)
policy = env["shipment.freight.policy"]._of(company)
policy.account_ids = [
    Command.create({"account_id": account.id, "landed_product_id": service.id}),
    Command.create({"account_id": account.id, "family": "handling", "sequence": 1}),
]
category = env["product.category"].create(
    {"name": "At Average Cost", "property_cost_method": "average"}
)
light, heavy = env["product.product"].create([
    {"name": name, "is_storable": True, "categ_id": category.id, "weight": weight,
     "standard_price": 10}
    for name, weight in (("Light", 1), ("Heavy", 3))
])
kind = env["stock.picking.type"].search(
    [("code", "=", "incoming"), ("company_id", "=", company.id)], limit=1
)
supplier = env.ref("stock.stock_location_suppliers")

def receive():
    receipt = env["stock.picking"].create({
        "picking_type_id": kind.id, "location_id": supplier.id,
        "location_dest_id": kind.default_location_dest_id.id,
        "move_ids": [
            Command.create({
                "product_id": product.id, "product_uom_qty": 10, "price_unit": 10,
                "location_id": supplier.id,
                "location_dest_id": kind.default_location_dest_id.id,
            })
            for product in (light, heavy)
        ],
    })
    receipt.action_confirm()
    receipt.move_ids.write({"quantity": 10, "picked": True})
    receipt.button_validate()
    return receipt

def ship(number, receipt, direction="inbound"):
    env["shipment.shipment"].create({
        "company_id": company.id, "carrier_id": carrier.id, "direction": direction,
        "picking_ids": [Command.set(receipt.ids)],
        "package_ids": [Command.create({"tracking_number": number})],
    })

def bill(number, *charges, kind="invoice"):
    head = Invoice(
        carrier="parcels", account="A1", number=number, date=dt.date(2026, 3, 2),
        currency=currency.name, total=None, kind=InvoiceKind(kind),
    )
    lines = [
        (Line(
            invoice=head, row=row, part=0, family=family, amount=Decimal(amount),
            currency=currency.name, parcel=Parcel(tracking_number=tracking),
            raw_code=family, description=family,
        ), 0)
        for row, (tracking, family, amount) in enumerate(charges, 1)
    ]
    terms = env["shipment.carrier.invoice"]._get_terms(
        company, lambda _code: carrier, {(head, currency.name)}, currency
    )
    stored = env["shipment.carrier.invoice.line"]._store(lines, terms)
    return env["shipment.carrier.invoice"].browse(sorted(stored.invoice_ids))

first, second = receive(), receive()
ship("IN1", first)
ship("IN2", second)
ship("OUT1", env["stock.picking"], "outbound")
env["res.users"].with_context(no_reset_password=True).create({
    "name": "Clerk", "login": "clerk",
    "group_ids": [Command.set([
        env.ref("base.group_user").id, env.ref("account.group_account_invoice").id,
    ])],
})
clerk = env["res.users"].search([("login", "=", "clerk")])
"""
BY_HAND = (
    PREPARE
    + """
from odoo.exceptions import UserError

def lines(cost):
    return sorted((l.name.split(": ")[-1], l.price_unit, l.split_method,
                   l.account_id == account, l.product_id == service)
                  for l in cost.cost_lines)

def refusal(action):
    try:
        with env.cr.savepoint():
            action()
    except UserError as error:
        return str(error)

invoice = bill(
    "INV-1", ("IN1", "freight", "40.00"), ("IN1", "fuel", "4.00"),
    ("IN2", "freight", "20.00"), ("IN2", "tax", "9.00"), ("IN2", "handling", "3.00"),
    ("OUT1", "freight", "7.00"),
)
as_clerk = invoice.with_user(clerk)
told = {"early": refusal(as_clerk.action_make_landed_costs)}
invoice.action_approve()
told["offered"] = as_clerk.can_make_landed_costs
as_clerk.action_make_landed_costs()
costs = env["stock.landed.cost"].search([], order="id")
told["states"] = costs.mapped("state")
told["receipts"] = [cost.picking_ids == receipt
                    for cost, receipt in zip(costs, (first, second))]
told["lines"] = [lines(cost) for cost in costs]
told["again"] = refusal(as_clerk.action_make_landed_costs)
told["offered_again"] = as_clerk.can_make_landed_costs
told["count"] = as_clerk.landed_cost_count

before = heavy.total_value
costs[0].button_validate()
shares = costs[0].valuation_adjustment_lines
told["shares"] = {
    product.name: sum(shares.filtered(lambda s: s.product_id == product).mapped(
        "additional_landed_cost"))
    for product in (light, heavy)
}
env.invalidate_all()
told["dearer"] = heavy.total_value - before

costs[1].button_cancel()
env.invalidate_all()
as_clerk.action_make_landed_costs()
third = env["stock.landed.cost"].search([], order="id") - costs
told["made_anew"] = lines(third)

credit = bill("CN-1", ("IN1", "freight", "-10.00"), kind="credit_note")
credit.action_approve()
credit.with_user(clerk).action_make_landed_costs()
last = env["stock.landed.cost"].search([], order="id") - costs - third
told["given_back"] = lines(last)
answer(told)
"""
)
AUTOMATIC = (
    PREPARE
    + """
policy.landed_automatic = True
invoice = bill("INV-1", ("IN1", "freight", "40.00"))
invoice.with_user(clerk).action_approve()
made = env["stock.landed.cost"].search([])
told = {"amounts": made.mapped("amount_total"), "states": made.mapped("state")}
late = bill("INV-2", ("NOBODY", "freight", "6.00"))
late.action_approve()
told["unmatched"] = len(env["stock.landed.cost"].search([]) - made)
late.line_ids.shipment_id = env["shipment.shipment"].search(
    [("picking_ids", "in", second.ids)]
)
found = env["stock.landed.cost"].search([]) - made
told["found"] = found.mapped("amount_total")
told["receipt"] = found.picking_ids == second
answer(told)
"""
)


@pytest.fixture(scope="module")
def database():
    """The suite beside landed costs, which it does not depend on."""
    with databases.copied(databases.template(), "system_landed") as database:
        subprocess.run(
            odoo.command(
                *("-d", database, "-i", "stock_landed_costs"),
                *("--stop-after-init", "--no-http"),
            ),
            check=True,
            capture_output=True,
            env=postgres.environment(),
        )
        yield database


def test_inbound_freight_becomes_landed_costs_once(database):
    told = shell.run(database, BY_HAND)
    assert "Approve" in told["early"]
    assert told["offered"] is True
    assert told["states"] == ["draft", "draft"]
    assert told["receipts"] == [True, True]
    own = ["by_weight", True, True]
    assert told["lines"] == [
        [["Freight", 40.0, *own], ["Fuel", 4.0, *own]],
        [["Freight", 20.0, *own]],
    ]
    assert "No inbound freight is left" in told["again"]
    assert told["offered_again"] is False
    assert told["count"] == 2
    # 44.00 by weight, 10 kg and 30 kg.
    assert told["shares"] == {"Light": 11.0, "Heavy": 33.0}
    assert told["dearer"] == pytest.approx(33)
    assert told["made_anew"] == told["lines"][1]
    assert told["given_back"] == [["Freight", -10.0, *own]]


def test_they_are_made_at_the_approval_where_the_policy_says_so(database):
    told = shell.run(database, AUTOMATIC)
    assert (told["amounts"], told["states"]) == ([40.0], ["draft"])
    assert (told["unmatched"], told["found"], told["receipt"]) == (0, [6.0], True)
