from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tests import Form, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from .common import CarriersCommon

DOWN = "SANDBOX-BOOK-DOWN"
LOST = "SANDBOX-BOOK-TIMEOUT"


@tagged("post_install", "-at_install")
class TestBookingDown(CarriersCommon):
    """What happens to a validation when the carrier cannot be asked."""

    def _carrier(self, word=""):
        """Let the carrier have this trouble from now on; whatever it asked for is over."""
        self.account.sudo().credentials = {"api_key": f"sandbox {word}"}
        self.env.cr.execute("DELETE FROM shipment_carrier_gate")

    def _validated_while(self, word, **method):
        self.method.write(method)
        picking = self._create_picking()
        self._carrier(word)
        with trap_jobs() as jobs:
            picking.button_validate()
        self._carrier()
        return picking, jobs

    # === THE LABEL FOLLOWS === #

    def test_a_validation_goes_through_and_the_label_follows(self):
        picking, jobs = self._validated_while(DOWN)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.shipment_booking_state, "queued")
        self.assertIn("left alone", picking.shipment_booking_note)
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertTrue(
            any("label follows" in body for body in picking.message_ids.mapped("body"))
        )
        jobs.assert_jobs_count(1)
        jobs.perform_enqueued_jobs()
        self.assertFalse(picking.shipment_booking_state)
        self.assertEqual(
            picking.carrier_tracking_ref, picking.shipment_ids.tracking_numbers
        )
        self.assertTrue(picking.shipment_has_label)
        self.assertEqual(picking.sale_id.picking_ids, picking)

    def test_the_price_reaches_the_order_when_the_label_follows(self):
        picking, jobs = self._validated_while(DOWN, invoice_policy="real")
        jobs.perform_enqueued_jobs()
        line = picking.sale_id.order_line.filtered("is_delivery")
        self.assertGreater(picking.carrier_price, 0)
        self.assertIn(picking.carrier_price, line.mapped("price_unit"))

    def test_the_job_waits_as_long_as_the_carrier_asks(self):
        picking, _jobs = self._validated_while(DOWN)
        self._carrier(DOWN)
        with self.assertRaises(RetryableJobError) as postponed:
            picking._job_book_label()
        self.assertEqual(postponed.exception.seconds, 60)
        self.assertTrue(postponed.exception.ignore_retry)

    def test_the_job_run_twice_buys_once(self):
        calls = self._count()
        picking, jobs = self._validated_while(DOWN)
        jobs.perform_enqueued_jobs()
        picking._job_book_label()
        self.assertEqual(len(calls), 2)  # the one that met a closed door, and ours
        self.assertEqual(len(picking.shipment_ids), 1)

    def test_a_day_without_label_is_a_case_for_a_person(self):
        picking, _jobs = self._validated_while(DOWN)
        picking.shipment_booking_since = Datetime.subtract(Datetime.now(), hours=25)
        self._carrier(DOWN)
        picking._job_book_label()
        self.assertEqual(picking.shipment_booking_state, "failed")
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id)]
        )
        self.assertEqual(exception.type_id.code, "booking_failed")
        self.assertTrue(exception.asks_for_label)
        self._carrier()
        with trap_jobs() as jobs:
            exception.action_try_label_again()
        jobs.perform_enqueued_jobs()
        self.env["shipment.booking.desk"]._tidy_answered()
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertNotEqual(exception.state, "open")

    def test_what_the_carrier_refuses_later_is_told_at_once(self):
        picking, _jobs = self._validated_while(DOWN)
        self._carrier("SANDBOX-BOOK-REFUSE")
        picking._job_book_label()
        self.assertEqual(picking.shipment_booking_state, "failed")
        self.assertIn("do not deliver", picking.shipment_booking_note)

    def test_data_that_is_wrong_still_stops_the_validation(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        with self._raises("do not deliver"):
            picking.button_validate()

    def test_a_label_that_was_booked_for_a_waiting_delivery_is_not_voided(self):
        voids = self._count("void")
        picking, _jobs = self._validated_while(DOWN)
        wish = picking._prepare_wish(picking)
        self.env["shipment.booking.desk"]._obtain(wish)
        self.env.cr.execute(
            "UPDATE shipment_booking SET handed_at = handed_at - interval '1 day'"
        )
        with trap_jobs() as jobs:
            self.env["shipment.booking.desk"]._cron_tidy()
        self.assertFalse(voids)
        jobs.perform_enqueued_jobs()
        self.assertTrue(picking.carrier_tracking_ref)

    # === NOBODY KNOWS === #

    def test_a_lost_answer_lets_packing_go_on_and_asks_a_person(self):
        calls = self._count()
        picking, jobs = self._validated_while(LOST)
        self.assertEqual(picking.state, "done")
        jobs.perform_enqueued_jobs()
        self.assertEqual(len(calls), 1, "it was bought again blindly")
        self.assertEqual(picking.shipment_booking_state, "failed")
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id), ("state", "=", "open")]
        )
        self.assertEqual(len(exception), 1)
        self.assertEqual(exception.booking_state, "unknown")

    def test_a_person_has_it_bought_again(self):
        calls = self._count()
        picking, jobs = self._validated_while(LOST)
        jobs.perform_enqueued_jobs()
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id)]
        )
        with trap_jobs() as jobs:
            exception.action_booking_buy_again()
        jobs.perform_enqueued_jobs()
        self.assertEqual(len(calls), 2)
        self.assertTrue(picking.carrier_tracking_ref)
        self.env["shipment.booking.desk"]._tidy_answered()
        self.assertNotEqual(exception.state, "open")

    def test_a_person_enters_the_number_and_it_is_attached(self):
        calls = self._count()
        picking, jobs = self._validated_while(LOST)
        jobs.perform_enqueued_jobs()
        exception = self.env["shipment.exception"].search(
            [("picking_id", "=", picking.id)]
        )
        action = exception.action_booking_enter_number()
        with Form(
            self.env[action["res_model"]].with_context(**action["context"])
        ) as form:
            form.numbers = "SX000000001"
        with trap_jobs() as jobs:
            form.record.action_enter()
        jobs.perform_enqueued_jobs()
        self.assertEqual(len(calls), 1)
        self.assertEqual(picking.carrier_tracking_ref, "SX000000001")

    # === OTHER WAYS === #

    def test_a_validation_can_be_stopped(self):
        self.method.shipment_when_down = "block"
        picking = self._create_picking()
        self._carrier(DOWN)
        with self._raises("left alone"):
            picking.button_validate()
        self.assertFalse(picking.shipment_booking_state)

    def _create_other(self, name, limit, word=""):
        account = self.account.copy({"name": name})
        account.sudo().credentials = {"api_key": f"sandbox {word}"}
        method = self._create_method("express", shipment_account_id=account.id)
        self.method.shipment_when_down = "reroute"
        self.env["shipment.reroute"].create(
            {
                "from_method_id": self.method.id,
                "method_id": method.id,
                "price_limit": limit,
            }
        )
        return method

    def test_another_method_takes_over(self):
        other = self._create_other("Spare", 0)
        picking, jobs = self._validated_while(DOWN)
        self.assertEqual(picking.carrier_id, other)
        self.assertEqual(picking.shipment_ids.delivery_carrier_id, other)
        self.assertTrue(picking.carrier_tracking_ref)
        jobs.assert_jobs_count(0)
        self.assertTrue(
            any("instead of" in body for body in picking.message_ids.mapped("body"))
        )

    def test_a_way_that_is_too_dear_is_not_taken(self):
        self._create_other("Dear", 0.5)
        picking, jobs = self._validated_while(DOWN)
        self.assertEqual(picking.carrier_id, self.method)
        self.assertEqual(picking.shipment_booking_state, "queued")
        jobs.assert_jobs_count(1)
        self.assertTrue(
            any("limit" in body for body in picking.message_ids.mapped("body"))
        )

    def test_the_next_way_is_tried_when_the_first_is_down_too(self):
        self._create_other("Down too", 0, DOWN)
        third = self._create_other("Spare", 0)
        picking, _jobs = self._validated_while(DOWN)
        self.assertEqual(picking.carrier_id, third)

    def test_a_lost_answer_is_never_sent_another_way(self):
        calls = self._count()
        self._create_other("Spare", 0)
        picking, _jobs = self._validated_while(LOST)
        self.assertEqual(len(calls), 1)
        self.assertEqual(picking.carrier_id, self.method)

    def test_an_answer_lost_on_the_other_way_binds_to_it(self):
        other = self._create_other("Loses answers", 0, LOST)
        self._create_other("Spare", 0)
        calls = self._count()
        picking, _jobs = self._validated_while(DOWN)
        self.assertEqual(len(calls), 2)
        self.assertEqual(picking.carrier_id, other)
        self.assertEqual(picking.shipment_booking_state, "queued")

    def test_a_way_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        account = self.account.copy({"company_id": company.id})
        method = self.env["delivery.carrier"].create(
            {
                "name": "Elsewhere",
                "delivery_type": "shipment_visibility",
                "shipment_account_id": account.id,
                "shipment_service": "standard",
                "product_id": self.delivery_product.id,
            }
        )
        with self.assertRaises(UserError):
            self.env["shipment.reroute"].create(
                {"from_method_id": self.method.id, "method_id": method.id}
            )
