import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from .outgoing_common import OutgoingCommon


@tagged("post_install", "-at_install")
class TestOutboxOperate(OutgoingCommon, TransactionCase):
    """Sending again, and clearing up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "outbox-manager",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
        )

    def test_one_message_is_sent_again_with_the_same_id(self):
        self.ingest(self.event("picked_up"))
        self.send()
        self.outbox().with_user(self.manager).action_resend()
        self.assertTrue(self.sender_jobs())
        self.send()
        ids = {headers["webhook-id"] for headers, _body in self.receiver.messages}
        self.assertEqual((len(self.receiver.messages), len(ids)), (2, 1))

    def test_a_selection_is_sent_again_in_its_order(self):
        self.ingest(self.event("picked_up", minutes=90), self.event("departed"))
        self.send()
        self.outbox().sorted("id", reverse=True).action_resend()
        self.send()
        told = ["shipment.picked_up", "shipment.departed"]
        self.assertEqual(self.receiver.told(), told * 2)

    def resend_range(self, **values):
        now = fields.Datetime.now()
        wizard = self.env["shipment.outbox.resend"].with_user(self.manager)
        return wizard.create(
            {
                "subscription_id": self.subscription.id,
                "date_from": now - dt.timedelta(hours=2),
                "date_to": now + dt.timedelta(hours=1),
                **values,
            }
        )

    def test_the_last_day_is_proposed_to_be_sent_again(self):
        proposed = self.resend_range().new({})
        self.assertEqual(proposed.date_to - proposed.date_from, dt.timedelta(days=1))

    def test_a_range_of_time_is_sent_again(self):
        self.ingest(
            self.event("picked_up", minutes=90),
            self.event("departed", minutes=80),
            self.event("arrived", minutes=70),
        )
        old, given_up, sent = self.outbox()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_outbox SET state = 'given_up',"
            " create_date = now() AT TIME ZONE 'UTC' - CASE id WHEN %s"
            " THEN interval '5 hours' ELSE interval '1 hour' END"
            " WHERE id = ANY(%s)",
            [old.id, [old.id, given_up.id]],
        )
        self.env.cr.execute(
            "UPDATE shipment_outbox SET state = 'sent' WHERE id = %s", [sent.id]
        )
        self.resend_range().action_resend()
        self.assertEqual(self.outbox().mapped("state"), ["given_up", "waiting", "sent"])
        self.resend_range(include_sent=True).action_resend()
        self.assertEqual(
            self.outbox().mapped("state"), ["given_up", "waiting", "waiting"]
        )

    def test_a_range_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(ValidationError):
            self.resend_range(date_to=fields.Datetime.now() - dt.timedelta(days=1))

    def test_nothing_is_sent_again_to_who_is_disabled(self):
        self.ingest(self.event("picked_up"))
        self.subscription._disable("Gone")
        with self.assertRaises(UserError):
            self.outbox().action_resend()
        with self.assertRaises(UserError):
            self.resend_range().action_resend()

    def test_what_was_told_long_ago_is_deleted_and_what_waits_is_kept(self):
        self.ingest(
            self.event("picked_up", minutes=90),
            self.event("departed", minutes=80),
            self.event("arrived", minutes=70),
            self.event("delivered", minutes=60),
        )
        sent, given_up, waiting, young = self.outbox()
        states = {sent: "sent", given_up: "given_up", waiting: "waiting", young: "sent"}
        for message, state in states.items():
            days = 1 if message == young else 91
            self.env.cr.execute(
                "UPDATE shipment_outbox SET state = %s, create_date ="
                " now() AT TIME ZONE 'UTC' - %s * interval '1 day' WHERE id = %s",
                [state, days, message.id],
            )
        self.env.invalidate_all()
        self.env["shipment.outbox"]._gc_told()
        self.assertEqual(self.outbox(), waiting | young)

    def test_what_could_be_told_again_is_kept_whatever_the_setting(self):
        self.env["ir.config_parameter"].set_param(
            "shipment_visibility_webhooks.outbox_days", "1"
        )
        self.ingest(self.event("picked_up"))
        self.send()
        self.env.cr.execute(
            "UPDATE shipment_outbox SET create_date ="
            " now() AT TIME ZONE 'UTC' - interval '59 days'"
        )
        self.env.invalidate_all()
        self.env["shipment.outbox"]._gc_told()
        self.assertTrue(self.outbox())

    def test_a_setting_that_is_no_number_does_not_stop_the_clearing_up(self):
        self.env["ir.config_parameter"].set_param(
            "shipment_visibility_webhooks.outbox_days", "three months"
        )
        self.ingest(self.event("picked_up"))
        self.send()
        self.env.cr.execute(
            "UPDATE shipment_outbox SET create_date ="
            " now() AT TIME ZONE 'UTC' - interval '91 days'"
        )
        self.env.invalidate_all()
        self.env["shipment.outbox"]._gc_told()
        self.assertFalse(self.outbox())

    def test_messages_of_another_company_are_hidden(self):
        self.ingest(self.event("picked_up"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "outbox-stranger",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
            company_id=elsewhere.id,
            company_ids=[elsewhere.id],
        )
        for record in (self.outbox(), self.subscription):
            found = record.with_user(stranger).search([("id", "in", record.ids)])
            self.assertFalse(found)
        with self.assertRaises(AccessError):
            self.outbox().with_user(stranger).action_resend()
        wizard = self.resend_range().with_user(stranger).sudo(False)
        with self.assertRaises(AccessError):
            wizard.action_resend()

    def test_nobody_writes_messages_by_hand(self):
        self.ingest(self.event("picked_up"))
        message = self.outbox().with_user(self.manager)
        self.assertTrue(message.read(["state", "content"]))
        for change in (lambda: message.write({"state": "sent"}), message.unlink):
            with self.assertRaises(AccessError):
                change()
