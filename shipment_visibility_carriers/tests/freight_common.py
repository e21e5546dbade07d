import dataclasses
import datetime as dt
from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from ..invoices.document import Invoice, InvoiceKind, Line, Parcel
from ..models import shipment_carrier_invoice_reading as reading

BILLED_ON = dt.date(2026, 3, 2)


class FreightCase(TransactionCase):
    """Shipments of one carrier with what was booked for them, and lines of its invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A test has one connection to the database.
        cls.enterClassContext(patch.object(reading, "LANES", 1))
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env.company
        cls.currency = cls.company.currency_id
        cls.vendor = cls.env["res.partner"].create(
            {"name": "Example Parcels", "email": "billing@parcels.example"}
        )
        cls.carrier = cls.env["shipment.carrier"].create(
            {"name": "Example Parcels", "code": "parcels", "vendor_id": cls.vendor.id}
        )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Maison Exemple",
                "is_company": True,
                "country_id": cls.env.ref("base.fr").id,
            }
        )
        cls.expense, cls.dispute_account = cls.env["account.account"].create(
            [
                {
                    "name": name,
                    "code": code,
                    "account_type": "expense_direct_cost",
                }
                for name, code in (("Freight", "FR1000"), ("Disputes", "FR2000"))
            ]
        )
        cls.policy = cls.env["shipment.freight.policy"]._of(cls.company)
        cls.policy.account_ids = [Command.create({"account_id": cls.expense.id})]
        cls.clerk = new_test_user(
            cls.env, login="freight_clerk", groups="account.group_account_invoice"
        )

    def setUp(self):
        super().setUp()
        # What is written in own transactions must see, and be seen by, the test's.
        if not self._registry_patched:
            self.enterContext(self.enter_registry_test_mode())

    @classmethod
    def make_shipment(cls, number, booked=None, **values):
        """A shipment of one parcel, with amounts by family that were booked for it."""
        shipment = cls.env["shipment.shipment"].create(
            {
                "company_id": cls.company.id,
                "carrier_id": cls.carrier.id,
                "partner_id": cls.customer.id,
                "package_ids": [
                    Command.create({"tracking_number": number, "weight_kg": 2})
                ],
                "charge_ids": [
                    Command.create(
                        {
                            "kind": "booked",
                            "family": family,
                            "amount": amount,
                            "currency_id": cls.currency.id,
                            "date": "2026-02-20",
                        }
                    )
                    for family, amount in (booked or {}).items()
                ],
                **values,
            }
        )
        # Jobs look at it in environments of their own.
        cls.env.flush_all()
        return shipment

    def head(self, number="INV-1", total=None, kind="invoice", **values):
        return Invoice(
            **{
                "carrier": "parcels",
                "account": "A1",
                "number": number,
                "date": BILLED_ON,
                "currency": self.currency.name,
                "total": None if total is None else Decimal(total),
                "kind": InvoiceKind(kind),
                **values,
            }
        )

    def line(self, head, number, amount, family="freight", row=1, **values):
        told = {each.name for each in dataclasses.fields(Parcel) if each.init}
        parcel = {name: values.pop(name) for name in told & values.keys()}
        return Line(
            **{
                "invoice": head,
                "row": row,
                "part": 0,
                "family": family,
                "amount": Decimal(amount),
                "currency": head.currency,
                "parcel": Parcel(**{"tracking_number": number, **parcel}),
                "raw_code": family.upper(),
                "description": family.capitalize(),
                **values,
            }
        )

    def store(self, *lines):
        return self.store_numbered([(line, 0) for line in lines])

    def store_numbered(self, numbered):
        """Store lines as the jobs of a file do; return what became of them."""
        invoices = self.env["shipment.carrier.invoice"]
        terms = invoices._get_terms(
            self.company,
            lambda _code: self.carrier,
            {(line.invoice, line.currency) for line, _ordinal in numbered},
            self.currency,
        )
        stored = self.env["shipment.carrier.invoice.line"]._store(numbered, terms)
        invoices = invoices.browse(stored.invoice_ids)
        invoices._reopen()
        invoices.line_ids._charge()
        return stored

    def audited(self, *lines):
        """Store lines and audit their invoice."""
        stored = self.store(*lines)
        invoice = self.env["shipment.carrier.invoice"].browse(
            sorted(stored.invoice_ids)
        )
        for one in invoice:
            one._job_audit()
        self.env.invalidate_all()
        return invoice
