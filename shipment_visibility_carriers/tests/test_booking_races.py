from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestBookingRaces(CarriersCommon):
    """What others do between two steps of a booking."""

    def setUp(self):
        super().setUp()
        self.desk = self.env["shipment.booking.desk"]
        self.bookings = self.env["shipment.booking"]

    def _carrier(self, word=""):
        self.account.sudo().credentials = {"api_key": f"sandbox {word}"}
        self.env.cr.execute("DELETE FROM shipment_carrier_gate")

    def _without_label(self):
        self.warehouse.out_type_id.print_label = False
        picking = self._create_picking()
        picking.button_validate()
        self.warehouse.out_type_id.print_label = True
        return picking

    def _ticket(self, picking):
        return self.bookings._find([("name", "=", picking.name)])[-1]

    def _requested(self, picking, is_sent):
        wish = picking._prepare_wish(picking)
        self.bookings._open_all([self.desk._prepare_subject(wish)], is_sent=is_sent)
        return self._ticket(picking)

    def test_a_lost_booking_is_looked_up_where_it_was_made(self):
        """The other carrier knows nothing of it, and would say so."""
        picking = self._without_label()
        self._carrier("SANDBOX-BOOK-TIMEOUT")
        with self._raises("not known whether"):
            self.method.send_shipping(picking)
        other = self.account.copy({"name": "Other"})
        other.sudo().credentials = {"api_key": "other"}
        asked = []

        def find(adapter, *_key):
            asked.append(adapter.credentials.api_key.get_secret_value())
            raise base.Unavailable("down")

        picking.carrier_id = self._create_method(
            "express", shipment_account_id=other.id
        )
        calls = self._count()
        with self._remembering(find), self._raises("not known whether"):
            picking.carrier_id.send_shipping(picking)
        self.assertEqual(asked, ["sandbox SANDBOX-BOOK-TIMEOUT"])
        self.assertFalse(calls, "it was bought at the other carrier as well")

    def test_a_request_given_up_may_still_arrive_so_no_is_not_believed_yet(self):
        picking = self._without_label()
        self._carrier("SANDBOX-BOOK-TIMEOUT")
        with self._raises():
            self.method.send_shipping(picking)
        self._carrier()
        calls = self._count()
        with (
            patch.object(SandboxAdapter, "offers", lambda *_operation: True),
            patch.object(SandboxAdapter, "find_by_reference") as find,
            self._raises("not known whether"),
        ):
            self.method.send_shipping(picking)
        self.assertFalse(find.called or calls)
        self.assertEqual(self._booking(picking).state, "unknown")

    def test_who_looks_at_an_old_picture_does_not_give_up_what_was_sent_since(self):
        picking = self._without_label()
        old = self._requested(picking, is_sent=False)
        self._let_time_pass()
        old = self._ticket(picking)
        self.assertTrue(self.bookings._begin_all([old]))
        self.assertFalse(self.desk._mark_orphan(old))
        self.assertEqual(self._booking(picking).state, "requested")

    def test_an_answer_that_comes_after_giving_up_is_kept(self):
        """It was bought, whatever somebody has decided meanwhile."""
        picking = self._without_label()
        ticket = self._requested(picking, is_sent=True)
        answer = self.account._adapter().book(
            picking._prepare_wish(picking).request.model_copy(
                update={"idempotency_key": ticket.key}
            )
        )
        self.bookings._move(ticket, ("requested",), "refused", error="Given up.")
        self.desk._keep(ticket, self.account._adapter(), answer)
        self.assertEqual(self._booking(picking).state, "booked")

    def test_a_late_answer_beside_another_label_is_cancelled_and_told(self):
        picking = self._without_label()
        ticket = self._requested(picking, is_sent=True)
        answer = self.account._adapter().book(
            picking._prepare_wish(picking).request.model_copy(
                update={"idempotency_key": ticket.key}
            )
        )
        self.bookings._move(ticket, ("requested",), "refused", error="Given up.")
        self.method.send_shipping(picking)
        voids = self._count("void")
        with self._raises("too late"):
            self.desk._keep(ticket, self.account._adapter(), answer)
        self.assertEqual(len(voids), 1)
        self.assertEqual(
            sorted(self._booking(picking).mapped("state")), ["booked", "refused"]
        )
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id)]
        )
        self.assertIn("too late", exception.reason)

    def test_in_bulk_an_answer_that_is_found_later_reaches_its_delivery(self):
        picking = self._without_label()
        self._carrier("SANDBOX-BOOK-TIMEOUT")
        with trap_jobs(), patch.object(SandboxAdapter, "offers", lambda *_o: True):
            action = picking.action_book_labels()
            run = self.env["shipment.booking.run"].browse(action["res_id"])
            run._job_book()
        self.assertEqual(run.line_ids.state, "waiting")
        self._carrier()
        ticket = self._ticket(picking)
        request = picking._prepare_wish(picking).request
        answer = self.account._adapter().book(
            request.model_copy(update={"idempotency_key": ticket.key})
        )
        voids, calls = self._count("void"), self._count()
        with trap_jobs() as jobs, self._remembering(lambda *_asked: answer):
            self.desk._cron_tidy()
            self.env.cr.execute(
                "UPDATE shipment_booking SET handed_at = handed_at - interval '1 day'"
            )
            self.desk._cron_tidy()
            jobs.perform_enqueued_jobs()
        self.assertFalse(voids or calls)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_delivery_that_is_being_booked_waits_its_turn_in_bulk(self):
        picking = self._without_label()
        self._requested(picking, is_sent=True)
        with trap_jobs():
            action = picking.action_book_labels()
            run = self.env["shipment.booking.run"].browse(action["res_id"])
            run._job_book()
        self.assertEqual(run.line_ids.state, "waiting")
        self.assertIn("at this moment", run.line_ids.reason)

    def test_a_correction_that_ends_without_label_says_so_and_goes_on(self):
        """The old label is void at the carrier: that cannot be taken back."""
        picking = self._create_picking()
        picking.button_validate()
        before = picking.shipment_ids
        action = picking.action_correct_label()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.weight = 25.0

        def down(*_request):
            raise base.Unavailable("The carrier is down.")

        with trap_jobs() as jobs:
            with patch.object(SandboxAdapter, "book", down):
                wizard.action_correct()
            self.assertEqual(before.headline, "cancelled")
            self.assertFalse(picking.carrier_tracking_ref)
            self.assertEqual(picking.shipment_booking_state, "queued")
            jobs.perform_enqueued_jobs()
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_correction_the_carrier_would_refuse_leaves_the_label(self):
        picking = self._create_picking()
        picking.button_validate()
        number = picking.carrier_tracking_ref
        voids = self._count("void")
        action = picking.action_correct_label()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.weight = 500.0
        with self.assertRaises(UserError):
            wizard.action_correct()
        self.assertFalse(voids)
        self.assertEqual(picking.carrier_tracking_ref, number)

    def test_together_is_one_shipment_also_when_asked_by_the_other(self):
        calls, voids = self._count(), self._count("void")
        pickings = self._create_picking() | self._create_picking()
        pickings.action_ship_together()
        self.env.invalidate_all()
        for picking in reversed(pickings):
            self.method.send_shipping(picking)
        self.assertEqual((len(calls), len(voids)), (1, 0))

    def test_of_a_chain_only_what_leaves_the_house_has_a_label(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.warehouse.out_type_id.print_label = False
        order = self._create_order({self.lamp: 1})
        order.set_delivery_line(self.method, 10.0)
        order.action_confirm()
        calls = self._count()
        for _step in range(2):
            picking = order.picking_ids.filtered(lambda p: p.state != "done")[:1]
            picking.action_assign()
            picking.move_ids.picked = True
            picking.button_validate()
        pick, ship = order.picking_ids.sorted("id")
        pick.carrier_id = self.method
        with trap_jobs() as jobs:
            action = (pick | ship).action_book_labels()
            jobs.perform_enqueued_jobs()
        run = self.env["shipment.booking.run"].browse(action["res_id"])
        self.assertEqual(run.line_ids.picking_id, ship)
        self.assertEqual(len(calls), 1)

    def test_a_reference_is_never_used_again(self):
        keys = {self.bookings._new_key() for _try in range(50)}
        self.assertEqual(len(keys), 50)
