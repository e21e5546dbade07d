from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..adapters import base
from ..adapters.sandbox.adapter import SandboxAdapter
from .recovery_common import RecoveryCommon


@tagged("post_install", "-at_install")
class TestRecovery(RecoveryCommon):
    """Labels that were bought after the backup that was restored."""

    def test_the_next_validation_takes_the_label_and_buys_none(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        line = self.search().line_ids
        self.assertEqual((line.state, line.picking_id), ("kept", picking))
        self.assertIn(number, picking.message_ids[0].body)
        picking.button_validate()
        self.assertEqual(len(self.memory.sold), 1, "nothing is bought again")
        self.assertEqual(picking.carrier_tracking_ref, number)
        shipment = picking.shipment_ids
        self.assertEqual(shipment.booking_key, self.only_purchase().key)
        self.assertTrue(shipment.has_label)
        self.assertEqual(self._booking(picking).state, "booked")
        self.assertEqual(self.search().line_ids.state, "known")

    def test_without_the_search_a_second_label_would_be_bought(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        picking.button_validate()
        self.assertEqual(len(self.memory.sold), 2)

    def test_what_is_kept_waits_for_its_delivery_as_long_as_it_takes(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        self.search()
        self.env.cr.execute(
            "UPDATE shipment_booking SET asked_at = asked_at - interval '2 days',"
            " handed_at = handed_at - interval '2 days',"
            " write_date = write_date - interval '2 days'"
        )
        self.env.invalidate_all()
        self.env["shipment.booking.desk"]._cron_tidy()
        self.assertFalse(self.memory.voided)
        picking.button_validate()
        self.assertEqual(picking.carrier_tracking_ref, number)

    def test_it_is_taken_although_the_goods_were_weighed_anew(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        self.search()
        picking.shipment_loose_weight = 9.9
        picking.button_validate()
        self.assertEqual(picking.carrier_tracking_ref, number)
        self.assertEqual((len(self.memory.sold), self.memory.voided), (1, []))

    def test_packed_into_other_parcels_it_says_so_and_buys_nothing(self):
        picking = self._create_picking({self.lamp: 2, self.blanket: 1})
        number = self.ship_and_forget(picking)
        self.search()
        for line in picking.move_line_ids:
            line.result_package_id = self.env["stock.package"].create({})
        with self._raises(f"{number}.*for 1 parcels; now there are 2"):
            picking.button_validate()
        self.assertEqual((len(self.memory.sold), self.memory.voided), (1, []))

    def test_a_delivery_of_the_same_name_for_somebody_else_gets_nothing(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        picking.partner_id = self.customer.copy(
            {"name": "Somebody Else", "zip": "75001"}
        )
        line = self.search().line_ids
        self.assertEqual(line.state, "unsure")
        self.assertIn("Somebody Else", line.note)
        self.assertFalse(self._booking(picking))

    def test_the_same_receiver_in_another_town_is_not_certain(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        picking.partner_id = self.customer.copy({"zip": "75001"})
        self.assertEqual(self.search().line_ids.state, "unsure")

    def test_how_a_carrier_writes_a_name_makes_no_difference(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        self.memory.change(
            self.only_purchase().key, consignee="MAISON EXEMPLE, S.A.R.L."
        )
        self.assertEqual(self.search().line_ids.state, "kept")

    def test_a_name_that_was_given_out_again_is_another_delivery(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        self.memory.change(
            self.only_purchase().key,
            bought_at=self.only_purchase().bought_at - timedelta(hours=3),
        )
        line = self.search().line_ids
        self.assertEqual((line.state, line.picking_id.id), ("missing", False))
        self.assertIn("after this label was bought", line.note)

    def test_a_delivery_that_was_made_after_the_backup_does_not_exist(self):
        with self.lost():
            picking = self._create_picking()
            name = picking.name
            picking.button_validate()
        line = self.search().line_ids
        self.assertEqual(line.state, "missing")
        self.assertIn(name, line.note)

    def test_a_delivery_with_another_label_is_left_to_a_person(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        picking.button_validate()
        first, second = self.search().line_ids
        self.assertEqual((first.state, second.state), ("unsure", "known"))
        self.assertIn(picking.carrier_tracking_ref, first.note)

    def test_a_delivery_that_left_without_a_label_gets_it_at_once(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        picking.carrier_id = False
        picking.button_validate()
        self.assertEqual((picking.state, picking.carrier_tracking_ref), ("done", False))
        picking.carrier_id = self.method
        self.assertEqual(self.search().line_ids.state, "kept")
        self.assertEqual(picking.shipment_booking_state, "queued")
        picking._job_book_label()
        self.assertEqual(picking.carrier_tracking_ref, number)
        self.assertEqual(len(self.memory.sold), 1)

    def test_what_is_known_is_said_to_be_known(self):
        picking = self._create_picking()
        picking.button_validate()
        recovery = self.search()
        self.assertEqual(recovery.line_ids.state, "known")
        self.assertEqual((recovery.known_count, recovery.open_count), (1, 0))
        self.assertEqual(recovery.state, "done")

    def test_a_label_booked_right_before_the_backup_is_not_cancelled(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        number = picking.shipment_ids.tracking_numbers
        picking.shipment_ids.sudo().unlink()
        self.env.cr.execute(
            "UPDATE shipment_booking SET handed_at = now() - interval '2h'"
        )
        self.env.invalidate_all()
        self.assertEqual(self.search().line_ids.state, "kept")
        self.env["shipment.booking.desk"]._cron_tidy()
        self.assertFalse(self.memory.voided)
        picking.button_validate()
        self.assertEqual(picking.carrier_tracking_ref, number)

    def test_a_number_that_was_entered_by_hand_is_known(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        self.env["shipment.shipment"].create(
            {
                "company_id": self.company.id,
                "carrier_id": self.account.carrier_id.id,
                "package_ids": [Command.create({"tracking_number": number})],
            }
        )
        self.assertEqual(self.search().line_ids.state, "known")

    def test_what_counts_as_not_bought_here_is_told(self):
        picking = self._create_picking()
        picking.button_validate()
        self.env.cr.execute("UPDATE shipment_booking SET state = 'refused'")
        self.env.invalidate_all()
        line = self.search().line_ids
        self.assertEqual(line.state, "unsure")
        self.assertIn("not bought", line.note)

    def test_what_others_bought_or_cancelled_and_returns_are_not_touched(self):
        pickings = [self._create_picking() for _each in range(3)]
        for picking in pickings:
            self.ship_and_forget(picking)
        bought, cancelled, returned = self.memory.sold
        self.memory.change(bought, key="Order 17")
        self.memory.change(cancelled, is_void=True)
        self.memory.change(returned, is_return=True)
        self.assertEqual(
            self.search().line_ids.mapped("state"), ["elsewhere", "voided", "unsure"]
        )

    # === WHAT CANNOT BE KNOWN === #

    def test_an_account_that_cannot_list_says_what_cannot_be_known(self):
        self.memory.can_list = False
        recovery = self.search()
        row = recovery.account_ids
        self.assertEqual((row.state, recovery.state), ("blind", "done"))
        self.assertEqual(recovery.blind_count, 1)
        for word in (self.account.name, str(recovery.since.day), "portal"):
            self.assertIn(word, row.note)

    def test_an_account_that_is_refused_says_why_and_can_be_asked_again(self):
        picking = self._create_picking()
        self.ship_and_forget(picking)
        self.memory.trouble[""] = base.AuthFailed("The key is wrong.")
        recovery = self.search()
        self.assertEqual(recovery.account_ids.state, "failed")
        self.assertIn("The key is wrong", recovery.account_ids.note)
        recovery.action_search()
        self.run_jobs(recovery)
        self.assertEqual(recovery.account_ids.state, "done")
        self.assertEqual(recovery.line_ids.state, "kept")

    # === JOBS === #

    def test_a_search_that_is_interrupted_goes_on_where_it_was(self):
        for _each in range(3):
            self.ship_and_forget(self._create_picking())
        self.memory.page_size = 1
        self.memory.trouble["2"] = base.Unavailable("Not now.", retry_after=30)
        recovery = self.search()
        row = recovery.account_ids
        self.assertEqual((row.state, len(recovery.line_ids)), ("waiting", 2))
        self.assertEqual(recovery.state, "running")
        self.run_jobs(recovery)
        self.assertEqual(self.memory.pages, ["", "1", "2"])
        self.assertEqual(recovery.line_ids.mapped("state"), ["kept"] * 3)
        self.assertEqual((row.state, recovery.state), ("done", "done"))

    def test_a_job_that_runs_again_after_a_rollback_changes_nothing(self):
        picking = self._create_picking()
        number = self.ship_and_forget(picking)
        recovery = self.search()
        # The booking outlives the rollback, the lines do not.
        recovery.line_ids.unlink()
        recovery.account_ids.write({"state": "waiting", "page": "", "is_listed": False})
        self.run_jobs(recovery)
        line = recovery.line_ids
        self.assertEqual((line.state, line.picking_id), ("kept", picking))
        self.assertEqual(line.numbers, number)
        self.assertEqual(len(self._booking(picking)), 1)

    def test_a_job_hands_over_when_its_time_is_up(self):
        self.ship_and_forget(self._create_picking())
        recovery = self.new_recovery()
        recovery.action_search()
        row = recovery.account_ids
        jobs = self.env["queue.job"].search_count([])
        self.patch(type(row), "_run_seconds", lambda _row: -1)
        self.run_jobs(recovery)
        self.assertEqual(self.env["queue.job"].search_count([]), jobs + 1)
        self.assertEqual(row.state, "waiting")

    def test_parcels_of_one_label_on_two_pages_are_one_line(self):
        picking = self._create_picking({self.lamp: 2, self.blanket: 1}, packages=2)
        numbers = self.ship_and_forget(picking)
        key = self.only_purchase().key
        purchase, answer = self.memory.sold.pop(key)
        for number in purchase.tracking_numbers:
            part = {"tracking_numbers": (number,), "remote_id": f"part {number}"}
            self.memory.sold[f"{key} {number}"] = (
                purchase.model_copy(update=part),
                answer,
            )
        self.enterContext(
            patch.object(SandboxAdapter, "find_by_reference", lambda *_args: answer)
        )
        self.memory.page_size = 1
        line = self.search().line_ids
        self.assertEqual(len(line), 1)
        self.assertEqual(line.state, "kept")
        for number in numbers.split(","):
            self.assertIn(number, line.numbers)

    # === WHO AND WHEN === #

    def test_a_time_that_cannot_be_is_refused(self):
        now = fields.Datetime.now()
        for since in (now + timedelta(days=1), now - timedelta(days=200)):
            recovery = self.env["shipment.recovery"].create({"since": since})
            with self.assertRaises(UserError):
                recovery.action_search()

    def test_a_packer_searches_for_nothing(self):
        with self.assertRaises(AccessError):
            self.env["shipment.recovery"].with_user(self.packer).create(
                {"since": fields.Datetime.now()}
            )
