import datetime as dt

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.shipment_visibility.canonical.schema import TrackingEvent
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)
from odoo.addons.shipment_visibility_carriers.models import shipment_unused_label

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

    def test_what_the_carrier_takes_back_no_more_is_not_tried(self):
        picking = self._label(SandboxAdapter.refund_days + 1)
        voids = self._count("void")
        self._tidy()
        self.assertFalse(voids)
        self.assertEqual(picking.shipment_ids.headline, "info_received")

    def test_carriers_say_how_long_they_take_labels_back(self):
        for code in ("easypost", "ups"):
            with self.subTest(code):
                account = self.account.new({"adapter": code})
                self.assertGreaterEqual(account._get_unused_days(), 27)

    def test_days_after_the_refund_has_ended_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "takes labels back for 30 days"):
            self.account.void_unused_days = 30

    def _refuse(self, refused):
        """The carrier takes these labels back from nobody; a list of what was tried."""
        tried = []
        words = "We keep the money"
        void = self.env.registry["shipment.booking.desk"]._void

        def refuse(desk, key, **options):
            tried.append(key)
            if key in refused.shipment_ids.mapped("booking_key"):
                raise UserError(words)
            return void(desk, key, **options)

        self.patch(self.env.registry["shipment.booking.desk"], "_void", refuse)
        return tried

    def test_a_refusal_is_told_once_and_opens_nothing(self):
        picking = self._label(28)
        tried = self._refuse(picking)
        before = self.env["shipment.exception"].search_count([])
        activities = picking.activity_ids
        for _day in range(3):
            self._tidy()
            picking.shipment_ids.void_tried_at -= dt.timedelta(days=1)
        self.assertEqual(len(tried), 3)
        told = [b for b in picking.message_ids.mapped("body") if "keep the money" in b]
        self.assertEqual(len(told), 1)
        self.assertEqual(picking.activity_ids, activities)
        self.assertEqual(self.env["shipment.exception"].search_count([]), before)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_refused_label_is_tried_once_a_day(self):
        tried = self._refuse(self._label(28))
        self._tidy()
        self._tidy()
        self.assertEqual(len(tried), 1)

    def test_refused_labels_do_not_keep_the_others_waiting(self):
        self.patch(shipment_unused_label, "BATCH_SIZE", 1)
        refused, waiting = self._label(29), self._label(28)
        self._refuse(refused)
        self._tidy()
        self.assertEqual(waiting.shipment_ids.headline, "info_received")
        # A day later the refused one is due again, but not before who never was.
        refused.shipment_ids.void_tried_at -= dt.timedelta(days=1)
        self._tidy()
        self.assertEqual(waiting.shipment_ids.headline, "cancelled")

    def test_a_label_in_trouble_does_not_undo_the_others(self):
        first, broken, last = self._label(29), self._label(28), self._label(28)
        end = self.env.registry["shipment.shipment"]._end_voided_label

        def stumble(shipment, *args):
            end(shipment, *args)
            if shipment == broken.shipment_ids:
                raise ZeroDivisionError
            return None

        self.patch(self.env.registry["shipment.shipment"], "_end_voided_label", stumble)
        with mute_logger(shipment_unused_label.__name__):
            self._tidy()
        self.assertEqual(first.shipment_ids.headline, "cancelled")
        self.assertEqual(last.shipment_ids.headline, "cancelled")
        self.assertEqual(broken.shipment_ids.headline, "info_received")
