from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestEndpointSecret(WebhookCommon, TransactionCase):
    """The secret is shown once, and replaced without losing a message."""

    def test_the_secret_of_a_new_endpoint_is_shown_once(self):
        self.assertTrue(self.endpoint.can_show_secret)
        action = self.endpoint.action_show_secret()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(form.secret, self.endpoint.secret)
        self.assertEqual(form.url, self.endpoint.url)
        self.assertFalse(self.endpoint.can_show_secret)
        with self.assertRaises(UserError):
            self.endpoint.action_show_secret()

    def test_afterwards_only_its_end_is_shown(self):
        hint = self.endpoint.secret_hint
        self.assertEqual(hint, f"ends in …{self.endpoint.secret[-4:]}")
        self.assertFalse(self.endpoint.previous_secret_hint)
        self.endpoint.new_secret = "short-one"
        self.assertEqual(self.endpoint.secret_hint, "is set")
        self.endpoint.secret = False
        self.assertFalse(self.endpoint.secret_hint)

    def test_a_rotation_shows_the_new_secret_and_keeps_the_old(self):
        self.endpoint.action_show_secret()
        old = self.endpoint.secret
        action = self.endpoint.action_rotate_secret()
        self.assertEqual(action["context"]["default_secret"], self.endpoint.secret)
        self.assertNotEqual(self.endpoint.secret, old)
        self.assertEqual(self.endpoint.previous_secret, old)
        self.assertFalse(self.endpoint.can_show_secret)

    def test_a_second_rotation_waits_for_the_first_to_end(self):
        self.endpoint.action_show_secret()
        old = self.endpoint.secret
        self.endpoint.action_rotate_secret()
        with self.assertRaises(UserError):
            self.endpoint.action_rotate_secret()
        self.assertEqual(self.endpoint.previous_secret, old)
        self.endpoint.action_remove_previous_secret()
        self.assertFalse(self.endpoint.previous_secret)
        self.endpoint.action_rotate_secret()
        self.assertTrue(self.endpoint.previous_secret)

    def test_a_secret_of_the_carrier_replaces_ours(self):
        self.endpoint.new_secret = " given-by-the-carrier "
        self.assertEqual(self.endpoint.secret, "given-by-the-carrier")
        self.assertFalse(self.endpoint.previous_secret, "nobody had seen ours")
        self.assertFalse(self.endpoint.can_show_secret)
        self.assertFalse(self.endpoint.new_secret)

    def test_a_typing_error_is_corrected_without_losing_the_old_secret(self):
        self.endpoint.new_secret = "given-by-the-carrier"
        self.endpoint.new_secret = "given-later-wiht-an-error"
        self.endpoint.new_secret = "given-later"
        self.assertEqual(
            self.endpoint._doors()[self.endpoint.token].secrets,
            ("given-later", "given-by-the-carrier"),
        )

    def test_a_form_saved_without_a_secret_keeps_it(self):
        secret = self.endpoint.secret
        with Form(self.endpoint) as form:
            form.name = "Renamed"
            form.new_secret = "  "
        self.assertEqual(self.endpoint.secret, secret)

    def test_a_secret_can_be_given_at_once(self):
        endpoint = self.endpoint.create(
            {"name": "Given", "account_id": self.account.id, "new_secret": "given"}
        )
        self.assertEqual((endpoint.secret, endpoint.previous_secret), ("given", False))
