from contextlib import contextmanager
from datetime import UTC, timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.shipment_visibility.canonical.operations import (
    Purchase,
    PurchasePage,
)

from ..adapters import base
from ..adapters.sandbox.adapter import SandboxAdapter
from .common import CarriersCommon


class Memory:
    """A carrier that remembers what it sold, whatever Odoo has forgotten.

    :ivar sold: key -> (purchase, raw answer), in order.
    :ivar pages: how the list was asked for, page by page.
    :ivar trouble: an error it answers a page with, once.
    """

    def __init__(self, original_book):
        self._original_book = original_book
        self.sold = {}
        self.pages = []
        self.voided = []
        self.page_size = 100
        self.can_list = True
        self.trouble = {}

    def offers(self, _adapter, operation):
        return operation != "list_purchases" or self.can_list

    def book(self, adapter, request):
        answer = self._original_book(adapter, request)
        booked = adapter.parse_booking(answer)
        to = request.consignee
        purchase = Purchase(
            remote_id=booked.remote_id,
            key=request.idempotency_key,
            tracking_numbers=tuple(one.tracking_number for one in booked.labels),
            reference=request.reference,
            bought_at=fields.Datetime.now().replace(tzinfo=UTC) + timedelta(seconds=5),
            service=booked.service,
            cost=booked.charges[0].money,
            consignee=to.name,
            postal_code=to.address.postal_code,
            country=to.address.country,
        )
        self.sold[request.idempotency_key] = (purchase, answer)
        return answer

    def change(self, sold_as, **values):
        purchase, answer = self.sold[sold_as]
        self.sold[sold_as] = (purchase.model_copy(update=values), answer)

    def list_purchases(self, _adapter, since, page=""):
        if error := self.trouble.pop(page, None):
            raise error
        self.pages.append(page)
        begin = int(page or 0)
        end = begin + self.page_size
        listed = [one for one, _answer in self.sold.values() if one.bought_at > since]
        return PurchasePage(
            purchases=listed[begin:end], next_page=str(end) if listed[end:] else ""
        )

    def find_by_reference(self, _adapter, key, _remote_id=""):
        return self.sold[key][1] if key in self.sold else None

    def void(self, _adapter, remote_id):
        if remote_id not in {one.remote_id for one, _answer in self.sold.values()}:
            raise base.Refused("There is no such shipment.")
        self.voided.append(remote_id)


class RecoveryCommon(CarriersCommon):
    """A carrier with a memory, and a database that can be set back."""

    def setUp(self):
        super().setUp()
        self.memory = Memory(SandboxAdapter.book)
        for name in ("offers", "book", "list_purchases", "find_by_reference", "void"):
            function = getattr(self.memory, name)
            self.enterContext(patch.object(SandboxAdapter, name, _method(function)))

    @contextmanager
    def lost(self):
        """What is done here is forgotten, as after a restored backup; not by the carrier."""
        self.env.flush_all()
        with self.env.cr.savepoint() as backup:
            yield
            self.env.flush_all()
            backup.rollback()
        self.env.invalidate_all()

    def ship_and_forget(self, picking):
        """Validate a delivery after the backup; return its label's tracking number."""
        with self.lost():
            picking.button_validate()
            number = picking.carrier_tracking_ref
            self.assertTrue(number)
        self.assertNotEqual(picking.state, "done")
        self.assertFalse(self._booking(picking))
        return number

    def new_recovery(self):
        return self.env["shipment.recovery"].create(
            {"since": fields.Datetime.now() - timedelta(days=1)}
        )

    def search(self):
        """Look for labels, to the end."""
        recovery = self.new_recovery()
        recovery.action_search()
        self.run_jobs(recovery)
        return recovery

    def run_jobs(self, recovery):
        self.env.flush_all()
        for account in recovery.account_ids:
            account._job_ask()
        self.env.invalidate_all()

    def only_purchase(self):
        ((purchase, _answer),) = self.memory.sold.values()
        return purchase


def _method(function):
    def method(adapter, *args, **kwargs):
        return function(adapter, *args, **kwargs)

    return method
