"""An example carrier: JSON over HTTP, bought in two steps."""

import json
from contextlib import contextmanager

from pydantic import Field, SecretStr

from odoo.addons.shipment_visibility.canonical import operations, schema
from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility_carriers.adapters import base

# Source: the carrier's documentation, "Tracking statuses".
STATUSES = {
    "COLLECTED": Code.PICKED_UP,
    "WITH_DRIVER": Code.OUT_FOR_DELIVERY,
    "HANDED_OVER": Code.DELIVERED,
}
# What the carrier wants to know of a shipment.
ASKED = {"reference", "service", "shipper", "consignee", "parcels", "ship_date"}
LABEL = {"name": "label.zpl", "mimetype": "application/zpl"}


class Credentials(base.Credentials):
    api_key: SecretStr = Field(title="API Key", min_length=1)
    base_url: str = Field(title="Carrier Address", pattern=r"^https?://\S+$")


@base.register("example")
class ExampleAdapter(base.CarrierAdapter):
    """Each method asks one question, and a pure function reads the answer."""

    name = "Example Carrier"
    credentials_model = Credentials
    services = {"parcel": "Parcel", "letter": "Letter"}
    webhook_scheme = "hmac_sha256"
    label_formats = ("ZPL",)
    tracking_url = "https://track.example-carrier.example/{tracking_number}"
    features = frozenset({"several_parcels"})
    limits = {"letter": operations.ServiceLimits(weight=schema.Mass(value=2))}
    numbers_per_question = 20

    def rate(self, request):
        body = self._ask("rate", "POST", "/rates", request, harmless=True)
        with reading():
            quotes = [schema.RateQuote(**row) for row in json.loads(body)["rates"]]
            return sorted(quotes, key=lambda quote: quote.total.amount)

    def prepare(self, request):
        body = self._ask("prepare", "POST", "/shipments", request, harmless=True)
        with reading():
            return json.loads(body)["id"]

    def book(self, request):
        return self._ask("book", "POST", f"/shipments/{request.remote_id}/buy")

    def parse_booking(self, answer):
        with reading():
            told = json.loads(answer)
            return schema.BookingAnswer(
                remote_id=told["id"],
                service=told["service"],
                labels=[
                    schema.ParcelLabel(
                        parcel_reference=row["parcel"],
                        tracking_number=row["number"],
                        label=schema.Document(content=row["file"], **LABEL),
                    )
                    for row in told["labels"]
                ],
                charges=[schema.Charge(money=told["price"])],
            )

    def find_by_reference(self, idempotency_key, remote_id=""):
        if not remote_id:
            return None  # never prepared, so never bought
        body = self._ask("find_by_reference", "GET", f"/shipments/{remote_id}")
        with reading():
            return body if json.loads(body)["labels"] else None

    def void(self, remote_id):
        path = f"/shipments/{remote_id}/cancel"
        body = self._ask("void", "POST", path, harmless=True)
        with reading():
            json.loads(body)["id"]

    def track(self, tracking_numbers):
        path = f"/tracking?numbers={','.join(tracking_numbers)}"
        return self.parse_webhook(self._ask("track", "GET", path), {})

    def parse_webhook(self, body, headers):
        with reading():
            return [
                schema.TrackingEvent(
                    carrier=self.code,
                    tracking_number=row["number"],
                    event_id=row["id"],
                    raw_code=row["status"],
                    code=STATUSES.get(row["status"], Code.UNKNOWN),
                    occurred_at=row["at"],
                )
                for row in json.loads(body)["events"]
            ]

    def _ask(self, operation, method, path, request=None, harmless=None):
        """The body of an answer; what is not harmless to repeat is never repeated."""
        answer = self.transport.send(
            operation,
            method,
            self.credentials.base_url + path,
            headers={"X-Api-Key": self.credentials.api_key.get_secret_value()},
            json=request and request.model_dump(mode="json", include=ASKED),
            idempotent=harmless,
        )
        if answer.ok:
            return answer.body
        with reading():
            words = json.loads(answer.body)["message"]
        raise base.Refused(self.transport.masked(words))


@contextmanager
def reading():
    """What is not as the carrier documents it is malformed."""
    try:
        yield
    except (LookupError, TypeError, ValueError):
        raise base.MalformedMessage("The carrier's answer cannot be read.") from None
