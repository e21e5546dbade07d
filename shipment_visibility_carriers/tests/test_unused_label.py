import datetime as dt

from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.schema import TrackingEvent
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestUnusedLabel(CarriersCommon):
    """A label that nobody used is cancelled while there is money back for it."""

    def _label(self, days):
        picking = self._create_picking()
        picking.button_validate()
        self.env.cr.execute(
            "UPDATE shipment_shipment SET create_date = create_date - %s * interval '1 day'"
            " WHERE id = %s",
            [days, picking.shipment_ids.id],
        )
        picking.shipment_ids.invalidate_recordset()
        return picking

    def _tidy(self, track=()):
        self.patch(
            SandboxAdapter, "track", track if callable(track) else lambda *_: track
        )
        self.env["shipment.shipment"]._cron_void_unused()

    def test_an_old_label_that_never_moved_is_cancelled_and_told(self):
        old, fresh = self._label(28), self._label(20)
        voids = self._count("void")
        self._tidy()
        self.assertEqual(len(voids), 1)
        self.assertEqual(old.shipment_ids.headline, "cancelled")
        self.assertFalse(old.carrier_tracking_ref)
        self.assertTrue(
            any("never used" in body for body in old.message_ids.mapped("body"))
        )
        self.assertEqual(fresh.shipment_ids.headline, "info_received")

    def test_a_parcel_that_the_carrier_has_seen_stays(self):
        picking = self._label(28)
        event = TrackingEvent(
            carrier="sandbox",
            tracking_number=picking.carrier_tracking_ref,
            code="in_transit",
            occurred_at=dt.datetime.now(dt.UTC),
        )
        self._tidy([event])
        self.assertEqual(picking.shipment_ids.headline, "info_received")

    def test_who_cannot_be_asked_cancels_nothing(self):
        picking = self._label(28)

        def down(*_asked):
            raise base.Unavailable("down")

        self._tidy(down)
        self.assertEqual(picking.shipment_ids.headline, "info_received")

    def test_an_account_can_keep_its_unused_labels(self):
        picking = self._label(28)
        self.account.void_unused = False
        self._tidy()
        self.assertEqual(picking.shipment_ids.headline, "info_received")

    def test_an_account_can_have_its_own_days(self):
        picking = self._label(8)
        self.account.void_unused_days = 7
        self._tidy()
        self.assertEqual(picking.shipment_ids.headline, "cancelled")
