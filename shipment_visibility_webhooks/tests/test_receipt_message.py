import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestReceiptMessage(WebhookCommon, TransactionCase):
    """A look inside a message, what became of it, and how long it is kept."""

    def body_with_people(self):
        body = json.loads(self.message("delivered"))
        body["events"][0]["signer"] = "E. Musterfrau"
        body["recipient"] = {"name": "Erika Musterfrau", "email": "erika@example.com"}
        body["webhook_token"] = "tok-1234567890"
        return json.dumps(body).encode()

    def test_administrator_looks_inside_and_sees_no_names_and_no_secrets(self):
        receipt = self.store(self.body_with_people())
        self.assertIn(self.number, receipt.message_text)
        self.assertIn("Liège", receipt.message_text)
        for hidden in ("Musterfrau", "erika@", "tok-1234567890"):
            self.assertNotIn(hidden, receipt.message_text)

    def test_the_web_client_that_asks_for_sizes_is_shown_the_content(self):
        receipt = self.store(self.body_with_people())
        self.env["shipment.webhook.drain"]._drain_batch()
        self.env.invalidate_all()
        seen = receipt.with_context(bin_size=True)
        self.assertIn(self.number, seen.message_text)
        self.assertTrue(seen.milestone_ids)

    def test_form_shows_the_masked_message_to_system_administrators_only(self):
        receipt = self.store(self.body_with_people())
        manager = new_test_user(
            self.env,
            "message-manager",
            groups="base.group_user,shipment_visibility.shipment_group_manager",
        )
        system = new_test_user(
            self.env, "message-system", groups="base.group_user,base.group_system"
        )
        for user, is_shown in ((manager, False), (system, True)):
            views = receipt.with_user(user).get_views([(False, "form")])
            arch = views["views"]["form"]["arch"]
            self.assertEqual("message_text" in arch, is_shown)
            self.assertNotIn('name="body"', arch)
        with self.assertRaises(AccessError):
            receipt.with_user(manager).read(["message_text"])
        shown = receipt.with_user(system).web_read({"message_text": {}})[0]
        self.assertIn(self.number, shown["message_text"])

    def test_receipt_leads_to_what_was_recorded_of_it(self):
        first = self.store(self.message("picked_up"))
        second = self.store(self.message("delivered"))
        self.assertFalse(first.milestone_ids, "nothing is recorded yet")
        self.drain()
        self.assertEqual(first.milestone_ids.code, "picked_up")
        self.assertEqual(first.milestone_ids.shipment_id, self.shipment)
        self.assertEqual(second.milestone_ids.code, "delivered")

    def test_event_that_was_told_twice_is_shown_with_both_messages(self):
        first = self.store(self.message("delivered"))
        self.drain()
        second = self.store(self.message("delivered", id="again"))
        self.drain()
        self.assertTrue(first.milestone_ids)
        self.assertEqual(first.milestone_ids, second.milestone_ids)
        self.assertEqual(first.milestone_ids.origin, f"receipt:{first.id}")

    def test_manager_opens_a_message_whose_account_is_broken(self):
        receipt = self.store(self.message("delivered"))
        self.drain()
        receipt.body = "bm8gSlNPTg=="
        self.assertFalse(receipt.milestone_ids)

    def test_each_event_knows_its_own_message(self):
        receipts = self.receipts()
        for code in ("picked_up", "departed", "delivered"):
            receipts |= self.store(self.message(code))
        self.drain()
        origins = {
            milestone.code: milestone.origin
            for milestone in self.milestones_of(self.number)
        }
        self.assertEqual(
            origins,
            {
                code: f"receipt:{receipt.id}"
                for code, receipt in zip(
                    ("picked_up", "departed", "delivered"), receipts, strict=True
                )
            },
        )

    # === HOW LONG IT IS KEPT === #

    def aged(self, code, state, days):
        """A message that came to its end so many days ago."""
        receipt = self.store(self.message(code))
        then = fields.Datetime.now() - timedelta(days=days)
        receipt.write({"state": state, "done_at": state == "done" and then})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_webhook_receipt SET create_date = %s WHERE id = %s",
            [then, receipt.id],
        )
        self.env.invalidate_all()
        return receipt

    def set_policy(self, name, days):
        self.env["ir.config_parameter"].set_param(
            f"shipment_visibility_webhooks.{name}", days
        )

    def test_processed_messages_are_deleted_after_their_time(self):
        old = self.aged("picked_up", "done", 91)
        young = self.aged("departed", "done", 89)
        dead = self.aged("delivered", "dead", 300)
        receipts = old | young | dead
        self.env["shipment.webhook.receipt"]._gc_done()
        self.assertEqual(receipts.exists(), young | dead)
        self.set_policy("receipt_days", 30)
        self.env["shipment.webhook.receipt"]._gc_done()
        self.assertEqual(receipts.exists(), dead)

    def test_dead_letters_are_kept_longer(self):
        old = self.aged("picked_up", "dead", 366)
        young = self.aged("departed", "dead", 364)
        waiting = self.aged("delivered", "received", 400)
        self.assertEqual(self.env["shipment.webhook.receipt"]._gc_dead(), (1, False))
        self.assertEqual((old | young | waiting).exists(), young | waiting)
        self.assertTrue(self.body_of(young))

    def test_content_goes_before_the_message_is_forgotten(self):
        old = self.aged("picked_up", "done", 31)
        young = self.aged("departed", "done", 29)
        dead = self.aged("delivered", "dead", 31)
        self.env["shipment.webhook.receipt"]._gc_bodies()
        self.assertFalse(old.body or old.headers)
        self.assertTrue(old.body_dropped_at)
        self.assertTrue(young.body and dead.body)
        self.assertFalse(
            self.store(self.message("picked_up")), "it is known all the same"
        )
        self.assertEqual(self.env["shipment.webhook.receipt"]._gc_bodies()[0], 0)

    def test_a_policy_that_is_no_number_counts_as_not_set(self):
        old = self.aged("picked_up", "done", 91)
        self.set_policy("receipt_days", "ninety")
        self.env["shipment.webhook.receipt"]._gc_done()
        self.assertFalse(old.exists())
