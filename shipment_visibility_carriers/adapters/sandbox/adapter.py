"""The sandbox as Odoo knows it: builds, sends, parses."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from pydantic import Field, SecretStr

from ....shipment_visibility.canonical.operations import ServiceLimits
from ....shipment_visibility.canonical.schema import (
    Mass,
    ShipmentRequest,
    TrackingEvent,
)
from ..base import (
    FEATURES,
    CarrierAdapter,
    Credentials,
    NoFunds,
    Refused,
    register,
)
from ..wire import Answer
from . import events, handover_messages, list_messages, messages
from .line import HttpLine, Line, LocalLine
from .problem import NO_FUNDS
from .tariff import MAX_PARCELS, MAX_SIDE_CM, MAX_WEIGHT_KG, SERVICES

_NUMBERS_PER_QUESTION = 50


class SandboxCredentials(Credentials):
    """Any key is accepted in this process; a carrier at ``base_url`` knows its own."""

    api_key: SecretStr = Field(
        default=SecretStr("sandbox"), title="API Key", min_length=1
    )
    base_url: str = Field(
        default="",
        title="Carrier Address",
        description="Empty for the carrier in this process.",
        pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$",
    )
    lookup: bool = Field(
        default=True,
        title="Bookings Can Be Looked Up",
        description="Off: a carrier that cannot say what was booked under a reference.",
    )
    two_step: bool = Field(
        default=False,
        title="Book in Two Steps",
        description="First a draft, then its purchase, as at an aggregator.",
    )


@register("sandbox")
class SandboxAdapter(CarrierAdapter):
    """The embedded carrier; what it does, also on request, is told where the package begins."""

    name = "Sandbox Carrier"
    credentials_model = SandboxCredentials
    services = {code: service.name for code, service in SERVICES.items()}
    webhook_scheme = "hmac_sha256"
    label_formats = ("PDF", "ZPL")
    tracking_url = "https://track.sandbox-carrier.example/{tracking_number}"
    features = frozenset(FEATURES) - {"dangerous_goods"}
    limits = {
        "": ServiceLimits(
            weight=Mass(value=MAX_WEIGHT_KG), length=MAX_SIDE_CM, parcels=MAX_PARCELS
        )
    }
    refund_days = 30
    numbers_per_question = _NUMBERS_PER_QUESTION

    def offers(self, operation: str) -> bool:
        """Override: only a carrier with a memory can look a booking up."""
        if operation in ("find_by_reference", "list_purchases"):
            return bool(self.credentials.base_url) and self.credentials.lookup
        return super().offers(operation)

    def rate(self, request):
        answer = self._asked(
            "rate",
            "POST",
            "/v1/rates",
            payload=messages.build_shipment(request),
            idempotent=True,
        )
        return messages.parse_rates(answer.body)

    def prepare(self, request):
        if not self.credentials.two_step:
            return super().prepare(request)
        # A draft costs nothing, so a second one does no harm.
        answer = self._asked(
            "prepare",
            "POST",
            "/v1/drafts",
            payload=messages.build_shipment(request),
            key=request.idempotency_key,
            idempotent=True,
        )
        return messages.parse_draft(answer.body)

    def book(self, request):
        return self._bought("book", request)

    def parse_booking(self, answer):
        return messages.parse_booking(answer)

    def return_label(self, request):
        return self._bought(
            "return_label", request.model_copy(update={"is_return": True})
        )

    def void(self, remote_id):
        # Voiding twice is a success, so asking again does no harm.
        path = f"/v1/shipments/{quote(remote_id, safe='')}/void"
        answer = self._asked("void", "POST", path, payload={}, idempotent=True)
        messages.parse_void(answer.body)

    def track(self, tracking_numbers: Sequence[str]) -> list[TrackingEvent]:
        """Override to ask for many numbers at a time. Without ``base_url`` nothing is known."""
        found = []
        for begin in range(0, len(tracking_numbers), _NUMBERS_PER_QUESTION):
            some = tracking_numbers[begin : begin + _NUMBERS_PER_QUESTION]
            params = {"numbers": ",".join(some)}
            answer = self._asked("track", "GET", "/v1/tracking", params=params)
            found += events.parse_tracking(answer.body, self.code)
        return found

    def find_by_reference(
        self, idempotency_key: str, remote_id: str = ""
    ) -> bytes | None:
        """Override to look it up where there is a memory.

        :raise NotSupported: without ``base_url``, as nothing in this process remembers; or when
            the credentials say that this carrier cannot look anything up.
        """
        if not self.offers("find_by_reference"):
            raise self._unsupported("looking up a booking")
        known = {"draft": remote_id} if remote_id else {"reference": idempotency_key}
        answer = self._asked("find_by_reference", "GET", "/v1/shipments", params=known)
        return messages.parse_found(answer.body)

    def list_purchases(self, since, page=""):
        """Override to ask where there is a memory.

        :raise NotSupported: as :meth:`find_by_reference`.
        """
        if not self.offers("list_purchases"):
            raise self._unsupported("a list of what was bought")
        params = list_messages.build_list(since, page)
        answer = self._asked("list_purchases", "GET", "/v1/purchases", params=params)
        return list_messages.parse_list(answer.body)

    def pickup(self, request):
        answer = self._asked(
            "pickup",
            "POST",
            "/v1/pickups",
            payload=handover_messages.build_pickup(request),
            key=request.reference,
        )
        return handover_messages.parse_pickup(answer.body)

    def cancel_pickup(self, remote_id):
        path = f"/v1/pickups/{quote(remote_id, safe='')}/cancel"
        answer = self._asked("cancel_pickup", "POST", path, payload={}, idempotent=True)
        handover_messages.parse_cancelled(answer.body)

    def manifest(self, remote_ids):
        # The same shipments are the same list, so asking again does no harm.
        payload = {"shipments": list(remote_ids)}
        answer = self._asked(
            "manifest", "POST", "/v1/manifests", payload=payload, idempotent=True
        )
        return handover_messages.parse_manifest(answer.body)

    def validate_address(self, address):
        payload = handover_messages.build_address(address)
        answer = self._asked(
            "validate_address",
            "POST",
            "/v1/addresses/check",
            payload=payload,
            idempotent=True,
        )
        return handover_messages.parse_checked(answer.body)

    def drop_off_points(self, address):
        params = handover_messages.build_address(address)
        answer = self._asked("drop_off_points", "GET", "/v1/points", params=params)
        return handover_messages.parse_points(answer.body)

    def read_balance(self):
        return messages.parse_balance(
            self._asked("read_balance", "GET", "/v1/balance").body
        )

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return events.parse_webhook(body, self.code)

    def _bought(self, operation: str, request: ShipmentRequest) -> bytes:
        answer = self._asked(
            operation,
            "POST",
            "/v1/shipments",
            payload=messages.build_shipment(request),
            key=request.idempotency_key,
        )
        return answer.body

    def _asked(self, operation: str, method: str, path: str, **content) -> Answer:
        answer = self._line().send(operation, method, path, **content)
        if not answer.ok:
            words = messages.parse_problem(answer.body)
            words = (
                words or f"The carrier refused and gave no reason ({answer.status})."
            )
            error = NoFunds if answer.status == NO_FUNDS else Refused
            raise error(self.transport.masked(words))
        return answer

    def _line(self) -> Line:
        api_key = self.credentials.api_key.get_secret_value()
        if self.credentials.base_url:
            return HttpLine(self.transport, self.credentials.base_url, api_key)
        return LocalLine(self.transport, api_key)
