"""EasyPost as Odoo knows it."""

from collections.abc import Mapping, Sequence

from ....shipment_visibility.canonical.operations import PickupRequest
from ....shipment_visibility.canonical.schema import Address, TrackingEvent
from ..base import CarrierAdapter, register
from ..errors import CarrierError, Refused
from . import (
    handover,
    messages_address,
    messages_balance,
    messages_booking,
    messages_list,
    messages_shipment,
    messages_tracking,
    purchase,
)
from .line import EasyPostCredentials, Line
from .messages_booking import SEPARATOR
from .statuses import LIMITS, SERVICES


@register("easypost")
class EasyPostAdapter(CarrierAdapter):
    """Rates, labels and tracking of many carriers by one account.

    A service code names carrier and service: ``USPS/Priority``. A remote id is that of one
    EasyPost shipment a parcel, joined by commas.
    """

    name = "EasyPost"
    is_aggregator = True
    credentials_model = EasyPostCredentials
    services = SERVICES
    webhook_scheme = "easypost"
    label_formats = ("PDF", "ZPL")
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
    limits = LIMITS
    # Days from a label's creation. USPS has the fewest; UPS and FedEx have 90:
    # https://docs.easypost.com/docs/shipments/shipping-refund
    refund_days = 30

    def offers(self, operation: str) -> bool:
        """Override: EasyPost tells a balance to production keys alone."""
        if operation == "read_balance":
            return self.production
        return super().offers(operation)

    def rate(self, request):
        shipments = purchase.created(self._line("rate"), request, self._accounts)
        return messages_shipment.quotes(
            shipments, request.service, is_insured=bool(request.insured_value)
        )

    def prepare(self, request):
        return self._created(self._line("prepare"), request)

    def book(self, request):
        return self._bought(self._line("book"), request)

    def return_label(self, request):
        return self._bought(
            self._line("return_label"), request.model_copy(update={"is_return": True})
        )

    def parse_booking(self, answer):
        return messages_booking.parse_booking(answer)

    def void(self, remote_id):
        """Override to refund each parcel. What is refunded stays so when another is refused."""
        line = self._line("void")
        refusals = []
        for one in _ids([remote_id]):
            try:
                purchase.cancelled(line, one)
            except Refused as error:
                refusals.append(str(error))
        if refusals:
            raise Refused(" ".join(dict.fromkeys(refusals)))

    def find_by_reference(self, idempotency_key, remote_id=""):
        """Override to look at what was prepared.

        Where only some of the parcels were bought they are refunded, and there is no booking.

        :raise OutcomeUnknown: some are bought and cannot be refunded.
        """
        line = self._line("find_by_reference")
        if remote_id:
            return purchase.found(line, _ids([remote_id]))
        return purchase.found_by_key(line, idempotency_key)

    def list_purchases(self, since, page=""):
        body = self._line("list_purchases").told(
            "GET", "shipments", params=messages_list.build_list(since, page)
        )
        return messages_list.parse_list(body)

    def track(self, tracking_numbers: Sequence[str]) -> list[TrackingEvent]:
        """Override to ask for one number after the other; EasyPost takes no more at once.

        A number that is refused does not keep the others from being told.
        """
        line = self._line("track")
        found: list[TrackingEvent] = []
        refusals: list[CarrierError] = []
        for number in tracking_numbers:
            # A tracker that exists is answered, and a new one is for the same parcel.
            answer = line.ask(
                *("POST", "trackers"),
                payload=messages_tracking.build_tracker(number),
                idempotent=True,
            )
            if answer.ok:
                found += messages_tracking.parse_tracker(answer.body, self.code)
            elif answer.status != 404:
                refusals.append(line.refusal(answer))
        if refusals and not found:
            raise refusals[0]
        return found

    def validate_address(self, address: Address):
        body = self._line("validate_address").told(
            *("POST", "addresses"),
            payload=messages_address.build_address_check(address),
            idempotent=True,
        )
        return messages_address.parse_address_check(body, address)

    def pickup(self, request: PickupRequest):
        line = self._line("pickup")
        return handover.picked_up(line, request, _ids(request.remote_ids))

    def cancel_pickup(self, remote_id):
        handover.called_off(self._line("cancel_pickup"), remote_id)

    def manifest(self, remote_ids):
        return handover.listed(self._line("manifest"), _ids(remote_ids))

    def read_balance(self):
        return messages_balance.parse_balance(
            self._line("read_balance").told("GET", "users")
        )

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]):
        return messages_tracking.parse_webhook(body, self.code, self.production)

    def _bought(self, line: Line, request) -> bytes:
        remote_id = request.remote_id or self._created(line, request)
        return purchase.bought(line, request, _ids([remote_id]))

    def _created(self, line: Line, request) -> str:
        shipments = purchase.created(line, request, self._accounts)
        return SEPARATOR.join(shipment.id for shipment in shipments)

    @property
    def _accounts(self) -> list[str]:
        return self.credentials.accounts

    def _line(self, operation: str) -> Line:
        return Line(self.transport, self.credentials, self.production, operation)


def _ids(remote_ids: Sequence[str]) -> list[str]:
    """EasyPost's ids in ours."""
    return [one for joined in remote_ids for one in joined.split(SEPARATOR) if one]
