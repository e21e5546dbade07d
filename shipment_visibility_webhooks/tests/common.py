import base64
import datetime as dt
import json
from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields
from odoo.tools import SQL, mute_logger

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..gateway.guard import guard
from ..metrics.counters import counters
from ..models.shipment_webhook_drain import DRAIN_KEY

# In the order in which they happen.
CODES = {
    "picked_up": "PUP",
    "departed": "DEP",
    "out_for_delivery": "OFD",
    "delivered": "DLV",
    "lost": "LST",
}


class WebhookCommon:
    """An endpoint of a sandbox account, and a shipment under way to hear of."""

    number = "SBX0000000000000001"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls._registry_patched:
            # Receipts are drained in transactions of their own, which see the test's.
            cls.registry_enter_test_mode_cls()
        cls.account = cls.env["shipment.carrier.account"].create(
            {"name": "Test", "adapter": "sandbox"}
        )
        cls.endpoint = cls.env["shipment.webhook.endpoint"].create(
            {"name": "Test", "account_id": cls.account.id}
        )
        cls.shipment = cls.new_shipment(cls.number)
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        # What other tests were refused for.
        guard.clear()
        counters.take_all()

    @classmethod
    def new_shipment(cls, number, company=None):
        """A shipment of the account's carrier with one parcel."""
        company = company or cls.account.company_id
        return cls.env["shipment.shipment"].create(
            {
                "company_id": company.id,
                "carrier_id": cls.account.carrier_id.id,
                "package_ids": [Command.create({"tracking_number": number})],
            }
        )

    def message(self, code, number=None, **extra):
        """What the sandbox sends when ``code`` happened to the parcel.

        :param code: a canonical code; the sandbox's own one stands for it.
        :param extra: replaces parts of the message.
        """
        codes = list(CODES)
        number = number or self.number
        event = {
            "tracking_number": number,
            "event_id": f"{number}-{code}",
            "code": CODES[code],
            "occurred_at": f"2026-03-0{codes.index(code) + 1}T10:00:00+01:00",
            "location": {"city": "Liège", "country": "BE"},
        }
        message = {"id": f"msg-{code}", "type": "tracking.updated", "events": [event]}
        return json.dumps({**message, **extra}).encode()

    def signed(self, body, secret=None, now=None):
        """The headers that prove the carrier sent the body."""
        return signature.scheme(self.endpoint.scheme).sign(
            body,
            self.endpoint.secret if secret is None else secret,
            now or dt.datetime.now(dt.UTC),
            self.endpoint._get_settings(),
        )

    def store(self, body):
        """Store a message as the route does, and return its receipt."""
        before = self.receipts()
        self.env["shipment.webhook.receipt"]._store(self.endpoint.id, body, {})
        return self.receipts() - before

    def age(self, record, **ago):
        """Have a record created some time ago."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s WHERE id = %s",
                SQL.identifier(record._table),
                fields.Datetime.now() - dt.timedelta(**ago),
                record.id,
            )
        )
        self.env.invalidate_all()

    def receipts(self):
        """All receipts of the endpoint, oldest first."""
        self.env.invalidate_all()
        return self.env["shipment.webhook.receipt"].search(
            [("endpoint_id", "=", self.endpoint.id)], order="id"
        )

    def body_of(self, receipt):
        """The message as it was received."""
        return base64.b64decode(receipt.body or b"")

    def drain(self):
        """Run the drain as its job does."""
        self.env.flush_all()
        self.env["shipment.webhook.drain"]._job_drain()
        self.env.invalidate_all()

    def drain_jobs(self):
        """The drain's jobs that are waiting to run."""
        return self.env["queue.job"].search(
            [("identity_key", "=", DRAIN_KEY), ("state", "=", "pending")]
        )

    def milestones_of(self, number):
        """What was recorded of a tracking number, matched or parked."""
        return self.env["shipment.milestone"].search([("tracking_number", "=", number)])

    @contextmanager
    def quiet(self):
        """Expect the drain's warning, and keep it out of the test's log."""
        with mute_logger(
            "odoo.addons.shipment_visibility_webhooks.models.shipment_webhook_processing"
        ):
            yield

    def poisoned(self, number):
        """Make recording fail whenever an event of this number is among the events."""
        shipments = type(self.env["shipment.shipment"])
        original = shipments._ingest
        self.batches = []

        def _ingest(model, events, **kwargs):
            self.batches.append(len(events))
            # Something was written before it failed; nothing of it may stay.
            result = original(model, events, **kwargs)
            if any(event.tracking_number == number for event in events):
                raise ValueError(f"cannot take {number}")
            return result

        return patch.object(shipments, "_ingest", _ingest)
