from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

LONG_AGO = """
    UPDATE shipment_booking
       SET asked_at = asked_at - interval '1 hour',
           handed_at = handed_at - interval '1 hour',
           write_date = write_date - interval '1 hour'
"""


@tagged("post_install", "-at_install")
class TestBookingJanitor(CarriersCommon):
    def test_a_label_nobody_claims_is_voided_and_it_says_so(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        number = picking.shipment_ids.tracking_numbers
        picking.shipment_ids.sudo().unlink()
        self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "voided")
        self.assertIn(number, picking.message_ids[0].body)
        self.assertIn("cancelled at the carrier", picking.message_ids[0].body)

    def test_a_claimed_label_is_left_alone(self):
        picking = self._create_picking()
        picking.button_validate()
        self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "booked")

    def test_a_label_somebody_has_just_got_is_left_alone(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        picking.shipment_ids.sudo().unlink()
        self.env["shipment.booking.desk"]._cron_tidy()
        self.assertEqual(self._booking(picking).state, "booked")

    def test_what_a_person_entered_waits_for_that_person(self):
        picking = self._create_picking()
        with (
            patch.object(SandboxAdapter, "book", side_effect=base.OutcomeUnknown("?")),
            self._raises(),
        ):
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        booking._enter(booking._ticket(), ["AB1"], "")
        self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "booked")

    def test_a_repeat_after_the_janitor_buys_anew(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        picking.shipment_ids.sudo().unlink()
        self._tidy_an_hour_later()
        picking.button_validate()
        self.assertEqual(self._booking(picking).mapped("state"), ["booked", "voided"])

    def test_a_lost_request_asks_a_person_once(self):
        picking = self._create_picking()
        with (
            patch.object(SandboxAdapter, "book", side_effect=SystemExit),
            self._raises(error=SystemExit),
        ):
            self.method.send_shipping(picking)
        for _run in range(2):
            self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "unknown")
        self.assertEqual(len(picking.activity_ids), 1)
        self.assertIn("not known whether", picking.activity_ids.note)
        exception = picking.shipment_exception_ids
        self.assertEqual(exception.type_id.code, "booking_failed")
        self.assertEqual(picking.shipment_exception_count, 1)
        self.assertTrue(exception.deadline)
        self._booking(picking).action_not_bought()
        self._tidy_an_hour_later()
        self.assertEqual(exception.state, "resolved", "a person has decided")
        self.assertFalse(picking.activity_ids)

    def test_a_lost_request_that_was_bought_is_found_and_voided(self):
        picking = self._create_picking()
        answers = []
        book = SandboxAdapter.book

        def buy_and_die(adapter, request):
            answers.append(book(adapter, request))
            raise SystemExit

        with (
            patch.object(SandboxAdapter, "book", buy_and_die),
            self._raises(error=SystemExit),
        ):
            self.method.send_shipping(picking)
        with self._remembering(lambda *_asked: answers[0]):
            self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "booked")
        self._tidy_an_hour_later()
        self.assertEqual(self._booking(picking).state, "voided")

    def test_a_shipment_whose_label_was_voided_is_cancelled(self):
        """The carrier voided it, then the user's transaction was rolled back."""
        picking = self._create_picking()
        picking.button_validate()
        self.env["shipment.booking.desk"]._void(picking.shipment_ids.booking_key)
        self.assertNotEqual(picking.shipment_ids.headline, "cancelled")
        self._tidy_an_hour_later()
        self.assertEqual(picking.shipment_ids.headline, "cancelled")
        self.assertFalse(picking.carrier_tracking_ref)

    def test_a_label_the_carrier_does_not_void_becomes_a_persons(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        picking.shipment_ids.sudo().unlink()
        refusal = base.Refused("Already scanned")
        with patch.object(SandboxAdapter, "void", side_effect=refusal):
            self._tidy_an_hour_later()
        booking = self._booking(picking)
        self.assertEqual(booking.state, "booked")
        self.assertIn("Already scanned", booking.error)
        self.assertIn("Already scanned", picking.activity_ids.note)

    def test_one_that_stumbles_holds_back_no_other(self):
        broken, good = self._create_picking(), self._create_picking()
        for picking in (broken, good):
            self.method.send_shipping(picking)
            picking.shipment_ids.sudo().unlink()
        void = type(self.env["shipment.booking.desk"])._void
        key = self._booking(broken).key

        def stumble(desk, asked, **kwargs):
            if asked == key:
                raise ZeroDivisionError
            return void(desk, asked, **kwargs)

        self.patch(type(self.env["shipment.booking.desk"]), "_void", stumble)
        with self.assertLogs(
            "odoo.addons.shipment_visibility_carriers.models", level="ERROR"
        ):
            self._tidy_an_hour_later()
        self.assertEqual(self._booking(good).state, "voided")

    def _tidy_an_hour_later(self):
        self.env.flush_all()
        self.env.cr.execute(LONG_AGO)
        self.env.invalidate_all()
        self.env["shipment.booking.desk"]._cron_tidy()
        self.env.invalidate_all()
