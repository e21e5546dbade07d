from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestApproval(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            login="carriers_manager",
            groups="stock.group_stock_user,shipment_visibility.shipment_group_manager",
        )
        cls.express = cls._create_method("express")

    def _validate(self, picking):
        self.env.flush_all()
        return picking.with_user(self.packer).button_validate()

    def _stopped(self, picking, words="needs an approval"):
        """Have it sent as a validation does it, and expect to be stopped.

        What was written besides must stay, so nothing is rolled back here, and a validation
        would stay done.
        """
        self.env.flush_all()
        with trap_jobs() as jobs, self._raises(words):
            picking.with_user(self.packer).send_to_shipper()
        # The transaction they were made in has ended.
        for job in jobs.enqueued_jobs:
            picking.browse(job.recordset.ids)._job_ask_for_approval(*job.args)
        picking.invalidate_recordset()

    def _pack_heavily(self, picking):
        picking.move_line_ids.result_package_id = self.env["stock.package"].create(
            {"shipping_weight": 30.0}
        )

    def _approval(self, picking):
        approvals = self.env["shipment.approval"]
        return approvals.search([("picking_id", "=", picking.id)])

    def test_without_a_limit_nobody_is_asked(self):
        rates = self._count("rate")
        picking = self._create_picking()
        self._validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertFalse(rates)

    def test_a_dear_label_waits_and_is_bought_once_it_is_approved(self):
        self.company.shipment_label_limit = 1.0
        books = self._count("book")
        picking = self._create_picking()
        self._stopped(picking)
        self.assertFalse(books)
        activity = picking.activity_ids
        approver = self.env["shipment.role.mixin"]._first_of_group(
            "shipment_visibility.shipment_group_manager", picking
        )
        self.assertEqual(activity.user_id, approver)
        self.assertIn(self.method.name, activity.note)
        self.assertEqual(picking.shipment_approval_state, "waiting")
        picking.with_user(self.manager).action_approve_label()
        approval = self._approval(picking)
        self.assertEqual(approval.decided_by_id, self.manager)
        self.assertTrue(approval.decided_at)
        picking.invalidate_recordset()
        self.assertFalse(picking.activity_ids)
        self.assertIn("Approved", picking.message_ids[0].body)
        self._validate(picking)
        self.assertEqual(len(books), 1)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_cheap_label_is_bought_and_its_quote_kept(self):
        self.company.shipment_label_limit = 10_000.0
        picking = self._create_picking()
        self._validate(picking)
        self.assertFalse(self._approval(picking))
        kinds = picking.shipment_ids.charge_ids.mapped("kind")
        self.assertEqual(set(kinds), {"quoted", "booked"})

    def test_the_share_is_of_the_orders_value(self):
        self.company.shipment_label_share = 0.9
        cheap = self._create_picking({self.lamp: 2})
        self._validate(cheap)
        self.assertTrue(cheap.carrier_tracking_ref)
        self.lamp.list_price = 1.0
        self._stopped(self._create_picking({self.lamp: 2}))

    def test_goods_that_are_free_have_no_share(self):
        self.company.shipment_label_share = 0.1
        self.lamp.list_price = 0.0
        picking = self._create_picking({self.lamp: 1})
        self._validate(picking)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_asking_twice_is_one_question(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        self._stopped(picking)
        self.assertEqual(len(self._approval(picking)), 1)
        self.assertEqual(len(picking.activity_ids), 1)

    def test_an_approval_is_for_these_parcels(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        self._approval(picking).with_user(self.manager)._decide("approved")
        self._pack_heavily(picking)
        self._stopped(picking)
        self.assertEqual(
            self._approval(picking).mapped("state"), ["waiting", "approved"]
        )

    def test_an_approval_is_up_to_its_amount(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        approval = self._approval(picking)
        approval.with_user(self.manager)._decide("approved")
        approval.sudo().amount -= 0.01
        self._stopped(picking)
        approval.sudo().amount += 0.01
        self._validate(picking)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_an_approval_is_for_this_method(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        self._approval(picking).with_user(self.manager)._decide("approved")
        picking.carrier_id = self.express
        self._stopped(picking)

    def test_what_was_refused_stays_refused(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        picking.with_user(self.manager).action_refuse_label()
        self._stopped(picking, "refused the label")
        self.assertEqual(picking.shipment_approval_state, "refused")
        picking.with_user(self.manager).action_approve_label()
        self._validate(picking)
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_packer_approves_nothing(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        self._stopped(picking)
        with self.assertRaises(AccessError):
            picking.with_user(self.packer).action_approve_label()
        self.assertEqual(self._approval(picking).state, "waiting")

    def test_a_known_price_is_not_asked_for_again(self):
        self.company.shipment_label_limit = 1.0
        picking = self._create_picking()
        action = picking.action_compare_rates()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.line_ids.filtered(
            lambda line: line.delivery_carrier_id == self.express
        ).action_choose()
        rates = self._count("rate")
        self._stopped(picking)
        self.assertFalse(rates)
        # For other parcels it is not known.
        self._pack_heavily(picking)
        self._stopped(picking)
        self.assertEqual(len(rates), 1)

    def test_without_a_price_nothing_is_bought_where_there_is_a_limit(self):
        self.company.shipment_label_limit = 1.0
        books = self._count("book")
        self.account.credentials = {"api_key": "SANDBOX-RATE-DOWN"}
        picking = self._create_picking()
        with trap_jobs():
            self._validate(picking)
        self.assertEqual(picking.shipment_booking_state, "queued")
        self.assertIn("price of the label", picking.shipment_booking_note)
        self.assertFalse(books)

    def test_labels_booked_in_bulk_ask_too(self):
        picking = self._create_picking()
        picking.move_ids._action_done()
        self.company.shipment_label_limit = 1.0
        books = self._count("book")
        with trap_jobs():
            ((_picking, error),) = picking.sudo()._book_labels()
        self.assertIn("needs an approval", str(error))
        self.assertFalse(books)
        self.assertTrue(self._approval(picking))

    def test_the_amount_is_in_the_companys_currency(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        eur = self.env.ref("base.EUR")
        self.company.currency_id = eur
        usd.rate_ids.unlink()
        usd.rate_ids = [
            (0, 0, {"name": "2020-01-01", "rate": 100.0, "company_id": self.company.id})
        ]
        far = self.customer.copy(
            {"country_id": self.env.ref("base.ch").id, "zip": "8001", "city": "Zürich"}
        )
        worldwide = self._create_method("worldwide")
        picking = self._create_picking(partner=far, method=worldwide)
        self.company.shipment_label_limit = 1.0
        self._validate(picking)
        self.assertTrue(picking.carrier_tracking_ref)
        cost = sum(picking.shipment_ids.charge_ids.mapped("amount"))
        self.assertGreater(cost, 1.0)

    def test_limits_cannot_be_negative(self):
        with self.assertRaises(UserError):
            self.company.shipment_label_limit = -1
