from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon

DESK = "odoo.addons.shipment_visibility_carriers.models.shipment_booking_desk"


@tagged("post_install", "-at_install")
class TestBooking(CarriersCommon):
    def test_validation_books_once_and_makes_a_shipment(self):
        calls = self._count()
        picking = self._create_picking()
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        booking = self._booking(picking)
        shipment = picking.shipment_ids
        self.assertEqual(booking.state, "booked")
        self.assertEqual(shipment.booking_key, booking.key)
        self.assertEqual(shipment.correlation_id, booking.correlation_id)
        self.assertEqual(picking.carrier_tracking_ref, booking.numbers)
        self.assertEqual(calls[0][0].idempotency_key, booking.key)
        self.assertEqual(len(calls), 1)
        self.assertEqual(shipment.headline, "info_received")

    def test_repeat_finds_its_own_booking_and_attaches_it(self):
        calls = self._count()
        picking = self._create_picking()
        first = self.method.send_shipping(picking)
        # As after a rollback: the booking is there, what the user's transaction wrote is not.
        picking.shipment_ids.sudo().unlink()
        second = self.method.send_shipping(picking)
        self.assertEqual(first, second)
        self.assertEqual(len(calls), 1)
        self.assertEqual(len(picking.shipment_ids), 1)

    def test_asking_twice_makes_one_shipment(self):
        calls = self._count()
        picking = self._create_picking()
        self.assertEqual(
            self.method.send_shipping(picking), self.method.send_shipping(picking)
        )
        self.assertEqual(len(calls), 1)
        self.assertEqual(len(picking.shipment_ids), 1)

    def test_changed_content_voids_the_live_one_first(self):
        voids = self._count("void")
        picking = self._create_picking()
        self.method.send_shipping(picking)
        first = picking.shipment_ids
        picking.partner_id = self.customer.copy({"street": "1 rue Neuve"})
        self.method.send_shipping(picking)
        live, dead = self._booking(picking)
        self.assertEqual((dead.state, live.state), ("voided", "booked"))
        self.assertEqual(live.attempt, 2)
        self.assertEqual(voids, [(dead.remote_id,)])
        self.assertEqual(first.headline, "cancelled")
        self.assertEqual((picking.shipment_ids - first).booking_key, live.key)

    def test_refusal_is_told_in_the_carriers_words_and_leaves_nothing(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        with self._raises("do not deliver to this address"):
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        self.assertEqual(booking.state, "refused")
        self.assertIn("do not deliver to this address", booking.error)
        self.assertFalse(picking.shipment_ids)
        self.assertFalse(picking.carrier_tracking_ref)

    def test_refused_validation_leaves_the_delivery_open(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        with self.assertRaises(UserError):  # rolls back, as a request does
            picking.button_validate()
        self.assertEqual(picking.state, "assigned")
        self.assertFalse(picking.shipment_ids)

    def test_after_a_refusal_it_can_be_booked(self):
        partner = self._spoil("SANDBOX-BOOK-REFUSE")
        picking = self._create_picking(partner=partner)
        with self._raises():
            self.method.send_shipping(picking)
        partner.name = "Maison Exemple SARL"
        self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).mapped("state"), ["booked", "refused"])

    def test_unavailable_carrier_says_that_nothing_was_booked(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-DOWN"))
        with self._raises("Nothing was booked"):
            self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).state, "refused")

    def test_unknown_outcome_is_never_repeated_blindly(self):
        calls = self._count()
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-TIMEOUT"))
        for _try in range(2):
            with self._raises("not known whether"):
                self.method.send_shipping(picking)
        booking = self._booking(picking)
        self.assertEqual(booking.state, "unknown")
        self.assertEqual(len(calls), 1)

    def test_unknown_outcome_is_looked_up_where_the_carrier_can(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-TIMEOUT"))
        with self._raises():
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        answer = self._answer_for(booking.key)
        calls = self._count()
        with self._remembering(lambda *_asked: answer):
            self.method.send_shipping(picking)
        self.assertFalse(calls)
        self.assertEqual(self._booking(picking).state, "booked")
        self.assertEqual(picking.shipment_ids.booking_key, booking.key)

    def test_unknown_outcome_that_was_not_bought_is_bought_anew(self):
        partner = self._spoil("SANDBOX-BOOK-TIMEOUT")
        picking = self._create_picking(partner=partner)
        with self._raises():
            self.method.send_shipping(picking)
        partner.name = "Maison Exemple SARL"
        with self._remembering(lambda *_asked: None):
            self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).mapped("state"), ["booked", "refused"])

    @mute_logger(DESK)
    def test_garbage_is_kept_and_unknown(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-GARBAGE"))
        with self._raises("not known whether"):
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        self.assertEqual(booking.state, "unknown")
        self.assertIn(b"It works!", booking._ticket().answer)

    @mute_logger(DESK)
    def test_a_stumbling_adapter_leaves_an_unknown_outcome(self):
        picking = self._create_picking()
        with (
            patch.object(SandboxAdapter, "book", side_effect=KeyError("hidden")),
            self._raises("KeyError") as caught,
        ):
            self.method.send_shipping(picking)
        self.assertNotIn("hidden", str(caught.exception))
        self.assertEqual(self._booking(picking).state, "unknown")

    def test_a_second_click_is_told_who_is_booking(self):
        picking = self._create_picking()
        self._leave_requested(picking)
        with self._raises(f"{self.env.user.name} is booking"):
            self.method.send_shipping(picking)

    def test_a_request_whose_owner_is_gone_becomes_unknown(self):
        picking = self._create_picking()
        booking = self._leave_requested(picking)
        booking.sudo().asked_at = "2026-01-01 00:00:00"
        self.env.flush_all()
        with self._raises("not known whether"):
            self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).state, "unknown")

    def test_an_answer_that_was_not_read_is_read(self):
        calls = self._count()
        picking = self._create_picking()
        with (
            patch.object(SandboxAdapter, "parse_booking", side_effect=SystemExit),
            self._raises(error=SystemExit),
        ):
            self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).state, "answered")
        self.method.send_shipping(picking)
        self.assertEqual(self._booking(picking).state, "booked")
        self.assertEqual(len(calls), 1)

    def test_incomplete_credentials_request_nothing(self):
        picking = self._create_picking()
        self.account.credentials = {"base_url": "not an address"}
        with self._raises():
            self.method.send_shipping(picking)
        self.assertFalse(self._booking(picking))

    # === WHAT A PERSON DECIDES === #

    def test_a_person_says_it_was_not_bought(self):
        booking = self._leave_unknown()
        booking.action_not_bought()
        self.assertEqual(booking.state, "refused")
        self.assertIn(self.env.user.name, booking.error)

    def test_a_person_enters_the_number_and_the_validation_attaches_it(self):
        booking = self._leave_unknown()
        picking = self.env["stock.picking"].browse(booking.picking_ids)
        self._enter(booking, "AB 1")
        self.assertEqual(booking.state, "unknown", "two numbers for one parcel")
        self._enter(booking, "AB1")
        self.assertEqual(self._booking(picking).state, "booked")
        calls = self._count()
        picking.button_validate()
        self.assertFalse(calls)
        self.assertEqual(picking.carrier_tracking_ref, "AB1")
        self.assertFalse(picking.shipment_ids.has_label)

    def test_looking_up_says_what_the_carrier_says(self):
        booking = self._leave_unknown()
        with self._remembering(lambda *_asked: None):
            booking.action_look_up()
        self.assertEqual(booking.state, "refused")

    def test_only_a_manager_decides(self):
        booking = self._leave_unknown()
        for decide in ("action_not_bought", "action_look_up", "action_enter_number"):
            with self.assertRaises(AccessError):
                getattr(booking.with_user(self.packer), decide)()
        self.assertEqual(booking.state, "unknown")

    def test_nobody_writes_a_booking(self):
        booking = self._leave_unknown()
        with self.assertRaises(AccessError):
            booking.with_user(self.env.ref("base.user_admin")).write(
                {"state": "booked"}
            )

    # === HELPERS === #

    def _enter(self, booking, numbers):
        action = booking.action_enter_number()
        wizard = (
            self.env["shipment.booking.entry"]
            .with_context(**action["context"])
            .create({"numbers": numbers})
        )
        try:
            wizard.action_enter()
        except UserError as error:
            self.assertIn("1 parcels, and 2 numbers", str(error))

    def _leave_unknown(self):
        picking = self._create_picking()
        with (
            patch.object(SandboxAdapter, "book", side_effect=base.OutcomeUnknown("?")),
            self._raises(),
        ):
            self.method.send_shipping(picking)
        return self._booking(picking)

    def _leave_requested(self, picking):
        """As when the server dies while the carrier thinks."""
        with (
            patch.object(SandboxAdapter, "book", side_effect=SystemExit),
            self._raises(error=SystemExit),
        ):
            self.method.send_shipping(picking)
        booking = self._booking(picking)
        self.assertEqual(booking.state, "requested")
        return booking

    def _answer_for(self, key):
        """What the carrier answers to a good request under this key."""
        request = self.env["shipment.request.builder"]._from_picking(
            self.method, self._create_picking()
        )
        return self.account._adapter().book(
            request.model_copy(update={"idempotency_key": key})
        )
