import datetime as dt
import math
import re
import threading
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.exceptions import ValidationError
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, tagged

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..controllers.webhook import ShipmentWebhook
from ..metrics import flusher
from ..metrics.counters import counters
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestRouteLimits(WebhookCommon, HttpCase):
    """Who may come to the door, how often, and what is counted of it."""

    def setUp(self):
        super().setUp()
        self.path = urlsplit(self.endpoint.url).path
        # As the server's threads are named, so that both count together.
        self.startPatcher(
            patch.object(
                threading.current_thread(), "dbname", self.env.cr.dbname, create=True
            )
        )

    def post(self, body, headers=None, path=None):
        headers = self.signed(body) if headers is None else headers
        return self.url_open(
            path or self.path, data=body, headers=headers, method="POST"
        )

    def refused(self):
        """What was refused since the last look: endpoint, reason -> number."""
        return {
            (dict(labels)["endpoint"], dict(labels)["reason"]): count
            for (name, labels), count in counters.take().items()
            if name == "refused"
        }

    # === ADDRESSES === #

    def test_another_address_is_refused(self):
        self.endpoint.allowed_networks = "192.0.2.0/24\n2001:db8::/32"
        self.assertEqual(self.post(self.message("delivered")).status_code, 403)
        self.assertFalse(self.receipts())
        self.assertEqual(self.refused(), {(self.endpoint.id, "address"): 1})

    def test_an_allowed_address_is_let_in(self):
        self.endpoint.allowed_networks = "192.0.2.0/24, 127.0.0.0/8 ::1"
        self.assertEqual(self.post(self.message("delivered")).status_code, 200)

    def test_an_allowed_address_proves_nothing(self):
        self.endpoint.allowed_networks = "127.0.0.1"
        body = self.message("delivered")
        self.assertEqual(self.post(body, self.signed(body, "forged")).status_code, 401)

    def test_the_address_cannot_be_claimed_in_a_header(self):
        self.endpoint.allowed_networks = "192.0.2.7"
        body = self.message("delivered")
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            headers = {**self.signed(body), name: "192.0.2.7"}
            self.assertEqual(self.post(body, headers).status_code, 403)

    def test_what_is_no_network_is_refused(self):
        for text in ("hooks.example.com", "192.0.2.7/33", "1.2.3", "192.0.2.7;::1"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.endpoint.allowed_networks = text

    # === RATE === #

    def test_more_than_the_rate_is_asked_to_come_later(self):
        self.endpoint.write({"rate_limit": 0.01, "rate_burst": 2})
        for code in ("picked_up", "departed"):
            self.assertEqual(self.post(self.message(code)).status_code, 200)
        body = self.message("delivered")
        headers = self.signed(body)
        with patch.object(signature, "scheme") as scheme:
            response = self.post(body, headers)
        self.assertEqual(response.status_code, 429)
        self.assertIn(int(response.headers["Retry-After"]), range(90, 101))
        self.assertFalse(scheme.called, "a signature costs more than a bucket")
        self.assertEqual(len(self.receipts()), 2)
        self.assertEqual(self.refused(), {(self.endpoint.id, "rate"): 1})

    def test_a_rate_is_the_endpoints_own(self):
        other = self.endpoint.create({"name": "Other", "account_id": self.account.id})
        for endpoint in (self.endpoint, other):
            endpoint.write({"rate_limit": 0.01, "rate_burst": 1})
        self.assertEqual(self.post(self.message("picked_up")).status_code, 200)
        self.assertEqual(self.post(self.message("departed")).status_code, 429)
        self.endpoint = other
        self.path = urlsplit(other.url).path
        self.assertEqual(self.post(self.message("departed")).status_code, 200)

    def test_there_is_no_rate_by_default(self):
        self.endpoint.rate_burst = 1
        for code in ("picked_up", "departed", "delivered"):
            self.assertEqual(self.post(self.message(code)).status_code, 200)

    # === WHO GUESSES === #

    def _limit_refusals(self, number):
        self.env["ir.config_parameter"].set_param(
            "shipment_visibility_webhooks.refusals_per_minute", number
        )

    def test_who_guesses_addresses_has_to_wait(self):
        self._limit_refusals(3)
        path = f"{ShipmentWebhook._webhook_url}/{'0' * 40}"
        for _number in range(3):
            self.assertEqual(self.post(b"{}", path=path).status_code, 404)
        response = self.post(b"{}", path=path)
        self.assertEqual(response.status_code, 429)
        wait = int(response.headers["Retry-After"])
        self.assertTrue(0 < wait <= math.ceil(60 / 3))
        # Not even a right guess is told from a wrong one.
        self.assertEqual(self.post(b"{}").status_code, 429)
        self.assertEqual(
            self.refused(),
            {(0, "unknown"): 3, (0, "source"): 1, (self.endpoint.id, "source"): 1},
        )

    def test_a_carrier_behind_the_same_proxy_is_still_let_in(self):
        self._limit_refusals(2)
        self.assertEqual(self.post(self.message("picked_up")).status_code, 200)
        body = self.message("lost")
        forged = self.signed(body, "forged")
        path = f"{ShipmentWebhook._webhook_url}/{'0' * 40}"
        for _number in range(3):
            self.post(body, forged, path)
        self.assertEqual(self.post(body, forged, path).status_code, 429)
        self.assertEqual(self.post(self.message("delivered")).status_code, 200)

    def test_refusals_can_be_without_limit(self):
        path = f"{ShipmentWebhook._webhook_url}/{'0' * 40}"
        for limit, status in ((1, 429), (0, 404)):
            self._limit_refusals(limit)
            self.post(b"{}", path=path)
            self.assertEqual(self.post(b"{}", path=path).status_code, status)

    def test_a_broken_parameter_opens_and_closes_nothing(self):
        self._limit_refusals("many")
        self.assertEqual(self.endpoint._get_refusals_per_minute(), 60)
        self.assertEqual(self.post(self.message("delivered")).status_code, 200)

    # === COUNTING === #

    def test_what_arrives_is_counted(self):
        self.post(self.message("delivered"))
        self.post(self.message("delivered"))
        labels = (("endpoint", self.endpoint.id),)
        self.assertEqual(
            counters.take(), {("received", labels): 1, ("duplicate", labels): 1}
        )

    def test_refusals_are_counted_by_reason(self):
        body = self.message("delivered")
        (name, value), *_rest = self.signed(body).items()
        for headers in (
            {},
            {name: "nonsense"},
            self.signed(body, "forged"),
            self.signed(body, now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=6)),
        ):
            self.assertEqual(self.post(body, headers).status_code, 401)
        self.endpoint.secret = False
        self.assertEqual(self.post(body, {name: value}).status_code, 401)
        reasons = {reason for _endpoint, reason in self.refused()}
        self.assertEqual(
            reasons, {"unsigned", "unreadable", "wrong", "stale", "no_secret"}
        )

    def test_the_page_says_what_was_refused(self):
        self.assertFalse(self.endpoint.refusal_summary)
        body = self.message("delivered")
        for _number in range(2):
            self.post(body, self.signed(body, "forged"))
        self.post(body, {})
        self.endpoint.invalidate_recordset()
        self.assertEqual(
            self.endpoint.refusal_summary, "Wrong signature: 2, Not signed: 1"
        )

    def test_the_page_adds_what_other_processes_have_counted(self):
        other = self.endpoint.copy()
        for endpoint, number in ((self.endpoint, 5), (other, 100)):
            labels = (("endpoint", endpoint.id), ("reason", "wrong"))
            flusher.add(self.env.cr, {("refused", labels): number})
        body = self.message("delivered")
        self.post(body, self.signed(body, "forged"))
        self.endpoint.invalidate_recordset()
        self.assertEqual(self.endpoint.refusal_summary, "Wrong signature: 6")

    def test_a_refusal_writes_nothing(self):
        body = self.message("delivered")
        self.post(body, self.signed(body, "forged"))
        queries = []
        execute = Cursor.execute

        def note(cursor, query, *args, **kwargs):
            queries.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", note):
            self.post(body, self.signed(body, "forged"))
        self.assertFalse(
            [query for query in queries if re.search("INSERT|UPDATE|DELETE", query)]
        )
