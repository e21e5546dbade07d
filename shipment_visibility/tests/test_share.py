import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..canonical.milestone import Code
from .common import ShipmentCase

EXPIRED = "This link has expired"


@tagged("post_install", "-at_install")
class TestShare(HttpCase, ShipmentCase):
    def setUp(self):
        super().setUp()
        self.shipment = self.make_shipment("SHARE-1")
        self.ingest(self.event("SHARE-1", Code.PICKED_UP))
        self.company.partner_id.write({"email": "hello@example.com"})
        self.past = fields.Datetime.now() - dt.timedelta(minutes=1)
        new_test_user(
            self.env,
            "portal_owner",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )

    def by_link(self, shipment=None, token=None):
        shipment = shipment or self.shipment
        token = token or shipment.access_token
        return self.url_open(f"/my/shipments/{shipment.id}?access_token={token}")

    def assertShut(self, answer):
        self.assertEqual(answer.status_code, 410)
        self.assertIn(EXPIRED, answer.text)
        self.assertIn("hello@example.com", answer.text)
        for secret in ("SHARE-1", "Picked up", "o_shipment_portal", "Lyon"):
            self.assertNotIn(secret, answer.text)

    def test_a_link_is_open_while_the_parcels_are_on_their_way(self):
        self.assertFalse(self.shipment.share_ends_at)
        answer = self.by_link()
        self.assertIn("SHARE-1", answer.text)
        self.assertEqual(answer.headers["X-Robots-Tag"], "noindex")

    def test_after_its_end_a_link_opens_a_page_that_says_so(self):
        self.shipment.share_expires_at = fields.Datetime.now() + dt.timedelta(hours=1)
        self.assertIn("SHARE-1", self.by_link().text)
        self.shipment.share_expires_at = self.past
        self.assertShut(self.by_link())

    def test_a_link_ends_ninety_days_after_the_journey(self):
        self.ingest(self.event("SHARE-1", Code.DELIVERED, 60))
        ends_at = self.shipment.headline_at + dt.timedelta(days=90)
        self.assertEqual(self.shipment.share_ends_at, ends_at)
        self.assertIn("SHARE-1", self.by_link().text)
        self.shipment.headline_at = self.past - dt.timedelta(days=90)
        self.assertShut(self.by_link())
        self.shipment.share_expires_at = fields.Datetime.now() + dt.timedelta(days=1)
        self.assertIn("SHARE-1", self.by_link().text)

    def test_a_revoked_link_opens_nothing_and_the_new_one_does(self):
        old = self.shipment.access_token
        self.shipment.action_revoke_link()
        self.assertNotEqual(self.shipment.access_token, old)
        self.assertShut(self.by_link(token=old))
        self.assertIn("SHARE-1", self.by_link().text)
        self.assertIn(self.shipment.access_token, self.shipment.share_link)
        self.assertIn("revoked", self.shipment.message_ids[0].body)

    def test_a_link_that_never_was_looks_like_one_that_expired(self):
        missing = self.shipment.browse(self.shipment.id + 1000)
        self.assertShut(self.by_link(token="guessed"))
        self.assertShut(self.by_link(missing, token="guessed"))
        other = self.make_shipment("OTHER-1")
        self.assertShut(self.by_link(token=other.access_token))

    def test_the_owner_still_sees_the_own_shipment(self):
        old = self.shipment.access_token
        self.shipment.action_revoke_link()
        self.shipment.share_expires_at = self.past
        self.authenticate("portal_owner", "portal_owner")
        self.assertIn("SHARE-1", self.by_link(token=old).text)
        self.assertIn("SHARE-1", self.url_open(self.shipment.access_url).text)

    def test_the_link_of_a_mail_ends_too(self):
        address = (
            f"/mail/view?model=shipment.shipment&res_id={self.shipment.id}"
            f"&access_token={self.shipment.access_token}"
        )
        self.assertIn("SHARE-1", self.url_open(address).text)
        self.shipment.share_expires_at = self.past
        self.assertShut(self.url_open(address))
        self.shipment.share_expires_at = False
        self.shipment.action_revoke_link()
        self.assertNotIn("SHARE-1", self.url_open(address).text)

    @mute_logger("odoo.http")
    def test_the_conversation_closes_with_the_link(self):
        self.shipment.message_post(
            body="We will call you",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

        def fetch():
            return self.make_jsonrpc_request(
                "/mail/chatter_fetch",
                {
                    "thread_model": "shipment.shipment",
                    "thread_id": self.shipment.id,
                    "token": self.shipment.access_token,
                },
            )

        self.assertIn("We will call you", str(fetch()))
        self.shipment.share_expires_at = self.past
        with self.assertRaises(JsonRpcException):
            fetch()

    def test_a_packer_may_revoke_and_a_customer_may_not(self):
        packer = new_test_user(self.env, "packer2", groups="stock.group_stock_user")
        old = self.shipment.access_token
        self.shipment.with_user(packer).action_revoke_link()
        self.assertNotEqual(self.shipment.access_token, old)
        owner = self.env["res.users"].search([("login", "=", "portal_owner")])
        with (
            mute_logger("odoo.addons.base.models.ir_model"),
            self.assertRaises(AccessError),
        ):
            self.shipment.with_user(owner).action_revoke_link()

    def test_sharing_warns_that_the_link_has_expired(self):
        self.assertFalse(self.shipment.access_warning)
        self.shipment.share_expires_at = self.past
        wizard = self.env["portal.share"].with_context(
            active_model="shipment.shipment", active_id=self.shipment.id
        )
        self.assertIn("expired", wizard.create({}).access_warning)
