"""UPS as Odoo knows it: builds, sends, reads."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

from pydantic import Field, SecretStr

from ....shipment_visibility.canonical.operations import ServiceLimits
from ....shipment_visibility.canonical.schema import (
    Document,
    Mass,
    ShipmentRequest,
    TrackingEvent,
)
from ..base import CarrierAdapter, Credentials, NotSupported, register
from ..wire import Answer
from . import (
    address,
    booking,
    documents,
    pickup,
    rating,
    shipping,
    track_alert,
    tracking,
)
from .common import parse_problem
from .line import PRODUCTION_URL, TEST_URL, Line
from .statuses import SERVICES


class UpsCredentials(Credentials):
    """Those of an app made at developer.ups.com, and the account that pays."""

    client_id: str = Field(title="Client ID", min_length=1)
    client_secret: SecretStr = Field(title="Client Secret", min_length=1)
    account_number: str = Field(
        title="Account Number",
        description="Six letters and digits.",
        pattern="^[0-9A-Z]{6}$",
    )
    base_url: str = Field(
        default="",
        title="Carrier Address",
        description="Empty for UPS itself.",
        pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$",
    )


@register("ups")
class UpsAdapter(CarrierAdapter):
    """UPS. What it offers, and what not, is told where the package begins."""

    name = "UPS"
    credentials_model = UpsCredentials
    services = SERVICES
    webhook_scheme = "ups_track_alert"
    label_formats = ("PDF", "ZPL")
    tracking_url = "https://www.ups.com/track?tracknum={tracking_number}"
    features = frozenset(
        {
            "insurance",
            "several_parcels",
            "customs",
            "signature",
            "adult_signature",
            "saturday",
            "freight_account",
            "duties_account",
        }
    )
    # 150 lb; 108 in; 165 in of length and girth together:
    # https://www.ups.com/us/en/support/shipping-support/shipping-dimensions-weight
    limits = {
        "": ServiceLimits(
            weight=Mass(value=Decimal(150), unit="lb"),
            length=Decimal(108) * Decimal("2.54"),
            length_and_girth=Decimal(165) * Decimal("2.54"),
            parcels=shipping.MOST_PARCELS,
        )
    }
    # Days from a label's creation; later, and up to 180 days, only by asking UPS in person:
    # https://filexfer.ups.com/pl/en/support/shipping-support/view-void-shipments.page
    refund_days = 90

    def rate(self, request):
        answer = self._line().ask(
            "rate",
            "POST",
            rating.path(request),
            params=rating.params(request),
            json=rating.build_rate(request, self._account),
            idempotent=True,
        )
        return rating.parse_rates(answer.body)

    def book(self, request):
        return self._bought("book", request)

    def parse_booking(self, answer):
        return booking.parse_booking(answer)

    def return_label(self, request):
        return self._bought(
            "return_label", request.model_copy(update={"is_return": True})
        )

    def void(self, remote_id):
        # Voiding twice is a success, so asking again does no harm.
        path = shipping.VOID_PATH.format(number=quote(remote_id, safe=""))
        answer = self._asked_to_stop(
            "void", path, booking.is_voided_already, headers={}
        )
        if answer:
            booking.parse_void(answer.body)

    def track(self, tracking_numbers: Sequence[str]) -> list[TrackingEvent]:
        """Override to ask for one number after the other; UPS takes no list."""
        found = []
        for number in tracking_numbers:
            if tracking.SHORTEST <= len(number) <= tracking.LONGEST:
                found += self._tracked(number)
        return found

    def validate_address(self, asked):
        line = self._line()
        answer = line.send(
            "validate_address",
            "POST",
            address.PATH,
            json=address.build_validation(asked),
            idempotent=True,
        )
        if answer.ok:
            return address.parse_validation(answer.body, asked)
        refusal = line.refusal(answer)
        if asked.country in address.STREETS_KNOWN:
            raise refusal
        # Elsewhere UPS refuses good addresses too: it has no list of that country's.
        raise NotSupported(f"UPS checks no addresses in {asked.country}: {refusal}")

    def pickup(self, request):
        answer = self._line().ask(
            "pickup",
            "POST",
            pickup.CREATE_PATH,
            json=pickup.build_pickup(request, self._account),
            key=request.reference,
        )
        return pickup.parse_pickup(answer.body, request)

    def cancel_pickup(self, remote_id):
        answer = self._asked_to_stop(
            "cancel_pickup",
            pickup.CANCEL_PATH,
            pickup.is_cancelled_already,
            headers={pickup.NUMBER_HEADER: remote_id},
        )
        if answer:
            pickup.parse_cancelled(answer.body)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return track_alert.parse_webhook(body, self.code, self.production)

    def add_document(
        self,
        remote_id: str,
        tracking_numbers: Sequence[str],
        shipped_at: dt.datetime,
        document: Document,
        kind: str = documents.OTHER_DOCUMENT,
    ) -> str:
        """Send a form of our own ahead to customs with a booked shipment. UPS's id of it.

        Beside the contract: no other carrier needs it. The account must be enabled for
        "Upload Forms Created Offline".

        :param shipped_at: when it was booked, in local time there.
        :param kind: UPS's code of the document's type.
        :raise Refused: UPS does not take the document or does not know the shipment.
        """
        headers = {documents.ACCOUNT_HEADER: self._account}
        uploaded = self._line().ask(
            "add_document",
            "POST",
            documents.UPLOAD_PATH,
            json=documents.build_upload(document, kind, self._account),
            headers=headers,
            idempotent=True,
        )
        document_id = documents.parse_upload(uploaded.body)
        joined = self._line().ask(
            "add_document",
            "POST",
            documents.JOIN_PATH,
            json=documents.build_join(
                document_id, remote_id, tracking_numbers, shipped_at, self._account
            ),
            headers=headers,
            idempotent=True,
        )
        documents.parse_join(joined.body)
        return document_id

    def _bought(self, operation: str, request: ShipmentRequest) -> bytes:
        answer = self._line().ask(
            operation,
            "POST",
            shipping.SHIP_PATH,
            json=shipping.build_shipment(request, self._account),
            key=request.idempotency_key,
        )
        return booking.noted(request, answer.body)

    def _tracked(self, number: str) -> list[TrackingEvent]:
        line = self._line()
        answer = line.send(
            "track",
            "GET",
            tracking.PATH.format(number=quote(number, safe="")),
            params=tracking.PARAMS,
        )
        if answer.ok:
            return tracking.parse_tracking(answer.body, self.code)
        if tracking.is_not_found(answer.status, parse_problem(answer.body)):
            return []
        raise line.refusal(answer)

    def _asked_to_stop(
        self,
        operation: str,
        path: str,
        is_done: Callable[[list[tuple[str, str]]], bool],
        headers: dict[str, str],
    ) -> Answer | None:
        """Delete; the answer, or ``None`` when it was done earlier already."""
        line = self._line()
        answer = line.send(operation, "DELETE", path, headers=headers, idempotent=True)
        if answer.ok:
            return answer
        if is_done(parse_problem(answer.body)):
            return None
        raise line.refusal(answer)

    @property
    def _account(self) -> str:
        return self.credentials.account_number

    def _line(self) -> Line:
        credentials = self.credentials
        own = PRODUCTION_URL if self.production else TEST_URL
        return Line(
            self.transport,
            credentials.base_url or own,
            (credentials.client_id, credentials.client_secret.get_secret_value()),
            credentials.account_number,
        )
