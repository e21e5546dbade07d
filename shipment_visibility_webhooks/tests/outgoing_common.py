import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo import fields

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Source, TrackingEvent

from ..models.shipment_outbox_sender import JOB_KEY
from .common import WebhookCommon


class Receiver(ThreadingHTTPServer):
    """A receiver on loopback; it answers 204 unless ``answers`` holds something else.

    :ivar answers: ``(status, headers)``, each used once.
    :ivar text: what any answer says.
    :ivar messages: ``(headers, body)`` of what it took and what it refused.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.text = ""
        self.messages = []

    @property
    def url(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/events"

    def told(self):
        """The messages' types, in the order of their arrival."""
        return [json.loads(body)["type"] for _headers, body in self.messages]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append((self.headers, body))
        answers = self.server.answers
        status, headers = answers.pop(0) if answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        text = self.server.text.encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        """Override of http.server to keep quiet."""


class OutgoingCommon(WebhookCommon):
    """A receiver that is subscribed to what happens to the company's shipments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.open_receiver()
        cls.subscription = cls.subscribe(cls.receiver)

    @classmethod
    def open_receiver(cls):
        """Start a receiver that ends with the class."""
        receiver = Receiver()
        thread = threading.Thread(target=receiver.serve_forever, args=(0.02,))
        thread.start()
        cls.addClassCleanup(receiver.server_close)
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(receiver.shutdown)
        return receiver

    @classmethod
    def subscribe(cls, receiver, **values):
        """A subscription of the receiver with a secret."""
        subscription = cls.env["shipment.subscription"].create(
            {
                "name": "Web shop",
                "url": receiver.url,
                "allow_private_addresses": True,
                "company_id": cls.account.company_id.id,
                "listens_since": fields.Datetime.now() - dt.timedelta(days=3),
                **values,
            }
        )
        subscription.action_new_secret()
        cls.env.flush_all()
        return subscription

    def setUp(self):
        super().setUp()
        self.receiver.answers = []
        self.receiver.messages = []
        self.now = dt.datetime.now(dt.UTC).replace(microsecond=0)

    def event(self, code, number=None, minutes=60, **values):
        """Something that happened to a parcel some minutes ago."""
        return TrackingEvent(
            carrier=self.account.carrier_id.code,
            tracking_number=number or self.number,
            code=Code(code),
            raw_code=code,
            occurred_at=self.now - dt.timedelta(minutes=minutes),
            **values,
        )

    def ingest(self, *events, source=Source.WEBHOOK, company=None):
        """Let events come in, as whatever brings them does."""
        result = self.env["shipment.shipment"]._ingest(
            events, source=source, company=company or self.account.company_id
        )
        self.env.flush_all()
        return result

    def send(self):
        """Run the sender as its job does."""
        self.env.flush_all()
        self.env["shipment.outbox.sender"]._job_send()
        self.env.invalidate_all()

    def outbox(self, subscription=None):
        """The messages of a subscription, in their order."""
        self.env.invalidate_all()
        return self.env["shipment.outbox"].search(
            [("subscription_id", "=", (subscription or self.subscription).id)],
            order="id",
        )

    def sender_jobs(self):
        """The sender's jobs that wait to run."""
        return self.env["queue.job"].search(
            [("identity_key", "=", JOB_KEY), ("state", "=", "pending")]
        )

    def secrets(self):
        """What the receiver was given, the newest first."""
        return self.subscription._live_secrets()

    def signature_holds(self, headers, body, secret):
        """Whether one of a message's signatures is that of the secret.

        As the specification of Standard Webhooks has it, and not as we compute it.
        """
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        key = base64.b64decode(secret.split("_")[1])
        mac = hmac.digest(key, signed + body, hashlib.sha256)
        expected = f"v1,{base64.b64encode(mac).decode()}"
        return expected in headers["webhook-signature"].split()
