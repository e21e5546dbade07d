import itertools
from unittest.mock import Mock

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.addons.shipment_visibility_carriers.models import (
    shipment_booking_bulk,
    shipment_booking_run,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestBookingBulk(CarriersCommon):
    """The labels of many deliveries."""

    def _done(self, count, partner=None):
        """Deliveries that were validated without a label."""
        self.warehouse.out_type_id.print_label = False
        pickings = self.env["stock.picking"]
        for _number in range(count):
            pickings |= self._create_picking(partner=partner)
        pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.warehouse.out_type_id.print_label = True
        return pickings

    def _book(self, pickings, user=None):
        with trap_jobs() as jobs:
            action = pickings.with_user(user or self.packer).action_book_labels()
            run = self.env["shipment.booking.run"].browse(action["res_id"])
            self._perform(jobs)
        return run

    def _perform(self, jobs, limit=20):
        """Carry out jobs and those they leave behind, as the queue does."""
        for _round in range(limit):
            todo, jobs.enqueued_jobs = list(jobs.enqueued_jobs), []
            if not todo:
                return
            for job in todo:
                job.perform()

    def test_all_get_their_label_and_the_run_says_so(self):
        pickings = self._done(5)
        run = self._book(pickings)
        self.assertEqual(run.state, "done")
        self.assertEqual((run.booked_count, run.failed_count), (5, 0))
        self.assertEqual(run.progress, 100)
        numbers = pickings.mapped("carrier_tracking_ref")
        self.assertEqual(len(set(numbers)), 5)
        self.assertEqual(
            run.action_print()["url"].count(","), 4, "one file of all labels"
        )

    def test_a_failure_is_listed_with_its_reason_and_the_others_are_kept(self):
        good = self._done(3)
        bad = self._done(1, partner=self._spoil("SANDBOX-BOOK-REFUSE"))
        run = self._book(good | bad)
        self.assertTrue(all(good.mapped("carrier_tracking_ref")))
        line = run.line_ids.filtered(lambda line: line.picking_id == bad)
        self.assertEqual(line.state, "failed")
        self.assertIn("do not deliver to this address", line.reason)
        self.assertEqual((run.booked_count, run.failed_count), (3, 1))

    def test_wrong_data_is_told_without_asking_the_carrier(self):
        calls = self._count()
        partner = self.customer.copy({"city": False, "zip": False})
        bad = self._done(1, partner=partner)
        run = self._book(bad)
        self.assertFalse(calls)
        self.assertIn("city", run.line_ids.reason)
        self.assertIn("zip", run.line_ids.reason)

    def test_what_failed_is_tried_again_and_nothing_is_bought_twice(self):
        partner = self._spoil("SANDBOX-BOOK-REFUSE")
        good, bad = self._done(2), self._done(1, partner=partner)
        calls = self._count()
        run = self._book(good | bad)
        partner.name = self.customer.name
        with trap_jobs() as jobs:
            run.with_user(self.packer).action_resume()
            self._perform(jobs)
        self.assertEqual((run.booked_count, run.failed_count), (3, 0))
        self.assertEqual(len(calls), 4)

    def test_a_long_run_is_handed_over_from_job_to_job(self):
        self.patch(shipment_booking_run, "CHUNK", 2)
        pickings = self._done(5)
        with trap_jobs() as jobs:
            pickings.action_book_labels()
            jobs.assert_jobs_count(1)
            performed = []
            while jobs.enqueued_jobs:
                job = jobs.enqueued_jobs.pop(0)
                job.perform()
                run = job.recordset
                performed.append(run.booked_count)
        self.assertEqual(performed, [2, 4, 5])

    def test_a_job_at_a_slow_carrier_ends_by_the_clock_and_has_a_successor(self):
        self.account.parallel_calls = 1
        clock = Mock(monotonic=Mock(side_effect=itertools.count(step=8)))
        self.patch(shipment_booking_bulk, "time", clock)
        calls = self._count()
        pickings = self._done(3)
        with trap_jobs() as jobs:
            pickings.action_book_labels()
            jobs.enqueued_jobs.pop(0).perform()
            self.assertEqual(len(calls), 1)
            self._perform(jobs)
        self.assertEqual(len(calls), 3)
        self.assertTrue(all(pickings.mapped("carrier_tracking_ref")))

    def test_a_run_that_was_killed_goes_on_where_it_was(self):
        calls = self._count()
        pickings = self._done(3)
        with trap_jobs() as jobs:
            pickings.action_book_labels()
            (job,) = jobs.enqueued_jobs
            self._perform(jobs)
        # As when the server was killed before the job had committed.
        run = job.recordset
        run.line_ids.write({"state": "waiting"})
        run.state = "running"
        pickings.shipment_ids.sudo().unlink()
        pickings.carrier_tracking_ref = False
        with trap_jobs() as jobs:
            job.perform()
            self._perform(jobs)
        self.assertEqual(len(calls), 3)
        self.assertEqual(run.booked_count, 3)
        self.assertEqual(len(pickings.shipment_ids), 3)

    def test_a_run_can_be_stopped_and_resumed(self):
        pickings = self._done(2)
        with trap_jobs() as jobs:
            run = self.env["shipment.booking.run"].browse(
                pickings.action_book_labels()["res_id"]
            )
            run.with_user(self.packer).action_stop()
            self._perform(jobs)
        self.assertFalse(any(pickings.mapped("carrier_tracking_ref")))
        with trap_jobs() as jobs:
            run.with_user(self.packer).action_resume()
            self._perform(jobs)
        self.assertEqual(run.booked_count, 2)

    def test_a_carrier_that_asks_for_patience_gets_it(self):
        pickings = self._done(2)
        self.account.sudo().credentials = {"api_key": "SANDBOX-BOOK-DOWN"}
        with trap_jobs() as jobs:
            run = self.env["shipment.booking.run"].browse(
                pickings.action_book_labels()["res_id"]
            )
            jobs.enqueued_jobs.pop(0).perform()
            self.assertEqual(run.waiting_count, 2)
            self.assertEqual(run.state, "running")
            (successor,) = jobs.enqueued_jobs
        wait = (successor.eta - successor.date_created).total_seconds()
        self.assertAlmostEqual(wait, 60, delta=5)
        self.assertIn("left alone", run.line_ids[0].reason)

    def test_what_needs_no_label_is_said_and_starts_nothing(self):
        picking = self._create_picking()
        with self.assertRaisesRegex(UserError, "None of these deliveries"):
            picking.action_book_labels()

    def test_who_may_not_write_deliveries_books_none(self):
        pickings = self._done(1)
        stranger = new_test_user(self.env, "bulk_stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            pickings.with_user(stranger).action_book_labels()

    def test_runs_of_another_company_are_out_of_sight(self):
        run = self._book(self._done(1))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(
            self.env,
            "bulk_elsewhere",
            groups="stock.group_stock_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        runs = self.env["shipment.booking.run"].with_user(user)
        self.assertFalse(runs.search([("id", "=", run.id)]))

    def test_a_request_that_was_never_sent_is_no_riddle(self):
        picking = self._done(1)
        desk = self.env["shipment.booking.desk"]
        subject = desk._prepare_subject(picking._prepare_wish(picking))
        bookings = self.env["shipment.booking"]
        bookings._open_all([subject])
        self.env.cr.execute(
            "UPDATE shipment_booking SET asked_at = asked_at - interval '1 hour'"
        )
        desk._cron_tidy()
        booking = self._booking(picking)
        self.assertEqual(booking.state, "refused")
        self.assertFalse(picking.shipment_ids)
        run = self._book(picking)
        self.assertEqual(run.booked_count, 1)

    def test_the_live_booking_of_a_delivery_is_found_by_an_index(self):
        self.env.cr.execute(
            """
            INSERT INTO shipment_booking (state, key, digest, kind, picking_ids)
            SELECT 'booked', 'K' || n, 'D' || n, 'outbound', jsonb_build_array(1000000 + n)
              FROM generate_series(1, 5000) AS n;
            ANALYZE shipment_booking;
            """
        )
        self.env.cr.execute(
            "EXPLAIN "
            + "SELECT booking.id FROM unnest(ARRAY['[1000007]']::jsonb[]) AS delivery (ids)"
            " JOIN shipment_booking AS booking ON booking.picking_ids @> delivery.ids"
            " WHERE booking.kind = 'outbound'"
            " AND booking.state NOT IN ('refused', 'voided')"
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("shipment_booking_deliveries_idx", plan)
