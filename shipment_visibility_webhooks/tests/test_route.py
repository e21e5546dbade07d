import datetime as dt
import http.client
import logging
from urllib.parse import urlsplit

from odoo.tests import HttpCase, tagged

from ..controllers.webhook import MAX_BODY_BYTES, ShipmentWebhook
from .common import WebhookCommon


@tagged("post_install", "-at_install")
class TestRoute(WebhookCommon, HttpCase):
    """What the door lets in, through the real HTTP stack."""

    def setUp(self):
        super().setUp()
        self.path = urlsplit(self.endpoint.url).path
        self.assertTrue(self.path.startswith(ShipmentWebhook._webhook_url))

    def post(self, body, headers=None, path=None):
        return self.url_open(
            path or self.path,
            data=body,
            headers={"Content-Type": "application/json", **(headers or {})},
            method="POST",
        )

    def assert_refused(self, response, status):
        self.assertEqual(response.status_code, status)
        self.assertFalse(self.receipts(), "a refused message must change nothing")
        self.assertFalse(self.drain_jobs())

    def test_signed_message_is_stored_and_wakes_the_drain(self):
        body = self.message("delivered")
        response = self.post(body, self.signed(body))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json(), {"status": "stored"})
        self.assertNotIn("Set-Cookie", response.headers)
        receipt = self.receipts()
        self.assertEqual(len(receipt), 1)
        self.assertEqual(receipt.state, "received")
        self.assertEqual(self.body_of(receipt), body)
        self.assertEqual(receipt.headers["Content-Type"], "application/json")
        self.assertNotIn("X-Shipment-Signature", receipt.headers)
        self.assertEqual(len(self.drain_jobs()), 1)
        self.assertEqual(self.drain_jobs().channel, "root.shipment.webhook")

    def test_duplicate_is_a_success_and_stored_once(self):
        body = self.message("delivered")
        self.post(body, self.signed(body))
        response = self.post(body, self.signed(body))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json(), {"status": "known"})
        self.assertEqual(len(self.receipts()), 1)

    def test_drain_that_waits_is_not_woken_again(self):
        for code in ("picked_up", "delivered"):
            body = self.message(code)
            self.assertEqual(self.post(body, self.signed(body)).status_code, 200)
        self.assertEqual(len(self.receipts()), 2)
        self.assertEqual(len(self.drain_jobs()), 1)

    def test_forged_message_is_refused(self):
        body = self.message("delivered")
        self.assert_refused(self.post(body, self.signed(body, "forged")), 401)

    def test_changed_body_is_refused(self):
        body = self.message("delivered")
        self.assert_refused(self.post(body + b" ", self.signed(body)), 401)

    def test_unsigned_message_is_refused(self):
        self.assert_refused(self.post(self.message("delivered")), 401)

    def test_unreadable_signature_is_refused(self):
        body = self.message("delivered")
        for value in ("", "t=,v1=", "t=1", "v1=0", "t=" + "9" * 40 + ",v1=0", "é"):
            with self.subTest(value=value):
                headers = {"X-Shipment-Signature": value.encode("latin-1")}
                self.assert_refused(self.post(body, headers), 401)

    def test_endpoint_without_secret_refuses(self):
        self.endpoint.secret = False
        body = self.message("delivered")
        for secret in ("", "False", "None"):
            self.assert_refused(self.post(body, self.signed(body, secret)), 401)

    def test_stale_message_is_refused(self):
        body = self.message("delivered")
        for minutes in (-6, 6):
            now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
            self.assert_refused(self.post(body, self.signed(body, now=now)), 401)

    def test_doubled_signature_header_is_refused(self):
        body = self.message("delivered")
        with self.allow_requests():
            connection = http.client.HTTPConnection(urlsplit(self.base_url()).netloc)
            self.addCleanup(connection.close)
            connection.putrequest("POST", self.path)
            cookies = "; ".join(f"{k}={v}" for k, v in self.opener.cookies.items())
            connection.putheader("Cookie", cookies)
            connection.putheader("Content-Length", str(len(body)))
            for secret in (self.endpoint.secret, "forged"):
                for name, value in self.signed(body, secret).items():
                    connection.putheader(name, value)
            connection.endheaders(body)
            status = connection.getresponse().status
        self.assertEqual(status, 401)
        self.assertFalse(self.receipts())

    def test_headers_joined_on_the_way_are_refused(self):
        body = self.message("delivered")
        (name, good), (_name, forged) = (
            *self.signed(body).items(),
            *self.signed(body, "forged").items(),
        )
        for value in (f"{good}, {forged}", f"{good},{good}", f"{forged}, {good}"):
            self.assert_refused(self.post(body, {name: value}), 401)

    def test_both_secrets_are_accepted_during_a_rotation(self):
        old = self.endpoint.secret
        self.endpoint.action_rotate_secret()
        new = self.endpoint.secret
        self.assertNotEqual(old, new)
        for secret, code in ((old, "picked_up"), (new, "delivered")):
            body = self.message(code)
            self.assertEqual(
                self.post(body, self.signed(body, secret)).status_code, 200
            )
        self.endpoint.action_remove_previous_secret()
        body = self.message("departed")
        self.assertEqual(self.post(body, self.signed(body, old)).status_code, 401)
        self.assertEqual(self.post(body, self.signed(body, new)).status_code, 200)

    def test_unknown_token_is_not_found(self):
        body = self.message("delivered")
        path = f"{ShipmentWebhook._webhook_url}/{'0' * 40}"
        self.assert_refused(self.post(body, self.signed(body), path), 404)

    def test_archived_endpoint_is_not_found(self):
        self.endpoint.active = False
        body = self.message("delivered")
        self.assert_refused(self.post(body, self.signed(body)), 404)

    def test_oversized_body_is_too_large(self):
        body = b"x" * (MAX_BODY_BYTES + 1)
        self.assert_refused(self.post(body, self.signed(body)), 413)
        chunked = (body[start : start + 65536] for start in range(0, len(body), 65536))
        self.assert_refused(self.post(chunked, self.signed(body)), 413)

    def test_largest_body_is_stored(self):
        body = b"x" * MAX_BODY_BYTES
        self.assertEqual(self.post(body, self.signed(body)).status_code, 200)
        self.assertEqual(self.body_of(self.receipts()), body)

    def test_only_post_is_allowed(self):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            response = self.url_open(self.path, method=method)
            self.assertEqual(response.status_code, 405, method)

    def test_a_signed_message_that_is_not_posted_is_not_taken(self):
        body = self.message("delivered")
        response = self.url_open(
            self.path, data=body, headers=self.signed(body), method="OPTIONS"
        )
        self.assert_refused(response, 405)
        self.assertEqual(response.headers["Allow"], "POST")

    def test_form_encoded_body_is_verified_over_its_bytes(self):
        for content_type in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ):
            body = b"status=delivered&token=1&self=%C3%A9&" + content_type.encode()
            headers = {**self.signed(body), "Content-Type": content_type}
            self.assertEqual(self.post(body, headers).status_code, 200)
            self.assertEqual(self.body_of(self.receipts()[-1]), body)
        self.drain()
        for receipt in self.receipts():
            self.assertEqual((receipt.state, receipt.failure), ("dead", "malformed"))
            self.assertTrue(receipt.reason)

    def test_query_parameters_do_not_reach_the_controller(self):
        body = self.message("delivered")
        path = f"{self.path}?self=1&token={'0' * 40}&body=x"
        response = self.post(body, self.signed(body), path)
        self.assertEqual(response.json(), {"status": "stored"})

    def test_malformed_body_is_accepted_and_becomes_a_dead_letter(self):
        for body in (b"", b"{", b"[]", b"\xff\x00", b'{"events": 1}'):
            self.assertEqual(self.post(body, self.signed(body)).status_code, 200, body)
        self.drain()
        self.assertEqual(len(self.receipts()), 5)
        for receipt in self.receipts():
            self.assertEqual((receipt.state, receipt.failure), ("dead", "malformed"))
            self.assertTrue(receipt.reason)

    def test_no_secret_and_no_content_is_logged(self):
        good, forged = self.message("delivered"), self.message("lost")
        with self.assertLogs("odoo", level=logging.INFO) as logs:
            self.post(good, self.signed(good))
            self.post(forged, self.signed(forged, "forged"))
            self.drain()
        text = "\n".join(logs.output)
        self.assertIn("refused", text)
        for hidden in (self.endpoint.secret, self.number, "forged"):
            self.assertNotIn(hidden, text)
