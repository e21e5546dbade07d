"""The adapter contract: one plain class a carrier, its errors, and the registry.

An adapter takes and returns the canonical objects of ``shipment_visibility.canonical.schema``.
It gets its credentials and its transport handed in and never sees a recordset, a cursor or a
clock of its own. What a class overrides is what it can do.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ...shipment_visibility.canonical.operations import (
    DropOffPoint,
    Manifest,
    Pickup,
    PickupRequest,
    PurchasePage,
    ServiceLimits,
)
from ...shipment_visibility.canonical.schema import (
    Address,
    BookingAnswer,
    Money,
    RateQuote,
    ShipmentRequest,
    TrackingEvent,
)
from .errors import (
    AuthFailed,
    CarrierError,
    MalformedMessage,
    NoFunds,
    NotSupported,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from .masking import secret_values
from .transport import Transport

__all__ = [
    "FEATURES",
    "OPERATIONS",
    "AuthFailed",
    "CarrierAdapter",
    "CarrierError",
    "Credentials",
    "MalformedMessage",
    "NoFunds",
    "NotSupported",
    "OutcomeUnknown",
    "Refused",
    "Unavailable",
    "adapter_class",
    "adapters",
    "register",
]


class Credentials(BaseModel):
    """Base of a carrier's credentials; the account's form is made from the subclass.

    Secret fields are :class:`pydantic.SecretStr`, which never shows its value in a text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class CarrierAdapter:
    """One carrier. Subclass, set the class attributes, override what the carrier can do.

    :cvar code: the registry key, lower case; filled by :func:`register`.
    :cvar name: the carrier's name as people know it.
    :cvar credentials_model: what an account must hold to talk to this carrier.
    :cvar services: service code -> name, as offered to the user.
    :cvar is_aggregator: whether it tells of parcels that other carriers transport.
    :cvar webhook_scheme: code of the signature scheme in ``signature.py``; empty without webhooks.
    :cvar label_formats: formats that ``book`` can return, best first.
    :cvar tracking_url: pattern with ``{tracking_number}``; empty when there is no public page.
    :cvar features: what a request may ask for, out of :data:`FEATURES`; the rest is refused
        before the carrier is asked.
    :cvar limits: service code -> what it takes; ``""`` is for services that are not listed.
    :cvar refund_days: for how many days an unused label can be cancelled; 0 is unknown.
    :cvar text_limits: field of ``Address`` or ``Party`` -> how many characters it takes, where
        the carrier refuses longer ones and cutting them would send a parcel astray.
    :cvar numbers_per_question: how many numbers ``track`` takes in one call at no more cost
        than one.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    credentials_model: ClassVar[type[Credentials]] = Credentials
    services: ClassVar[Mapping[str, str]] = {}
    is_aggregator: ClassVar[bool] = False
    webhook_scheme: ClassVar[str] = ""
    label_formats: ClassVar[tuple[str, ...]] = ("PDF",)
    tracking_url: ClassVar[str] = ""
    features: ClassVar[frozenset[str]] = frozenset()
    limits: ClassVar[Mapping[str, ServiceLimits]] = {}
    refund_days: ClassVar[int] = 0
    text_limits: ClassVar[Mapping[str, int]] = {}
    numbers_per_question: ClassVar[int] = 1

    def __init__(
        self, credentials: Credentials, transport: Transport, production: bool = False
    ):
        transport.conceal(secret_values(credentials))
        self.credentials = credentials
        self.transport = transport
        self.production = production

    @classmethod
    def capabilities(cls) -> frozenset[str]:
        """The names of the operations this class overrides."""
        return frozenset(
            name
            for name in OPERATIONS
            if getattr(cls, name) is not getattr(CarrierAdapter, name)
        )

    def offers(self, operation: str) -> bool:
        """Whether this account can ask for an operation of :data:`OPERATIONS`.

        By default what the class can do; override where the credentials narrow it.
        """
        return operation in self.capabilities()

    def rate(self, request: ShipmentRequest) -> Sequence[RateQuote]:
        """Price the shipment: one quote a service, cheapest first. Buys nothing.

        :raise Refused: the carrier does not take this shipment, with its reason.
        """
        raise self._unsupported("rates")

    def prepare(self, request: ShipmentRequest) -> str:
        """Two-step carriers: create what will be bought, buy nothing, return its remote id.

        The caller keeps the id before it hands it to :meth:`book` and :meth:`return_label`
        as ``request.remote_id``, and to :meth:`find_by_reference`. One-step carriers leave
        this alone.

        :raise Refused: the carrier does not take this shipment, with its reason.
        """
        return ""

    def book(self, request: ShipmentRequest) -> bytes:
        """Buy the shipment and return the carrier's raw answer, still unparsed.

        The caller keeps the bytes before :meth:`parse_booking` is asked what they mean.

        :raise OutcomeUnknown: it may have been bought; look it up before buying again.
        """
        raise self._unsupported("booking")

    def parse_booking(self, answer: bytes) -> BookingAnswer:
        """Read what :meth:`book` or :meth:`return_label` returned. Pure; no request is made.

        :raise MalformedMessage: the answer is not what the carrier documents.
        """
        raise self._unsupported("booking")

    def void(self, remote_id: str) -> None:
        """Cancel a booked shipment. Voiding what is voided already is a success.

        :raise Refused: it cannot be voided any more.
        """
        raise self._unsupported("cancelling a label")

    def return_label(self, request: ShipmentRequest) -> bytes:
        """As :meth:`book`, for the way back: shipper and consignee are already swapped."""
        raise self._unsupported("return labels")

    def track(self, tracking_numbers: Sequence[str]) -> Sequence[TrackingEvent]:
        """All events the carrier knows of these numbers; an unknown number has none."""
        raise self._unsupported("tracking")

    def find_by_reference(
        self, idempotency_key: str, remote_id: str = ""
    ) -> bytes | None:
        """The raw answer of the booking made under this key, or ``None`` when there is none.

        A ``None`` is certain: the carrier was asked and knows no such booking.

        :param remote_id: what :meth:`prepare` returned; empty when it never returned.
        """
        raise self._unsupported("looking up a booking")

    def list_purchases(self, since: dt.datetime, page: str = "") -> PurchasePage:
        """Some of what this account has bought since then, in the carrier's order.

        What is bought while one pages may be missing; nothing else may. A shipment of several
        parcels may be told as several purchases under one key.

        :param since: aware, UTC.
        :param page: ``next_page`` of the answer before; empty for the beginning.
        """
        raise self._unsupported("a list of what was bought")

    def pickup(self, request: PickupRequest) -> Pickup:
        """Have parcels fetched.

        :raise Refused: the carrier does not come, with its reason.
        :raise OutcomeUnknown: it may come; a person must ask.
        """
        raise self._unsupported("pickups")

    def cancel_pickup(self, remote_id: str) -> None:
        """Call a pickup off. Cancelling what is cancelled already is a success.

        :raise Refused: it is too late.
        """
        raise self._unsupported("cancelling a pickup")

    def manifest(self, remote_ids: Sequence[str]) -> Manifest:
        """Close the day: the list of these booked shipments, to be signed by the driver.

        :raise Refused: one of them is on a list already, or cannot be.
        """
        raise self._unsupported("manifests")

    def drop_off_points(self, address: Address) -> Sequence[DropOffPoint]:
        """Where a consignee near this address can fetch a parcel, nearest first."""
        raise self._unsupported("drop-off points")

    def validate_address(self, address: Address) -> Sequence[Address]:
        """Suggestions for an address, best first; the address itself when it is good.

        None at all when the carrier knows of nothing there to deliver to.
        """
        raise self._unsupported("address validation")

    def read_balance(self) -> Money:
        """What is left in the wallet that bookings are paid from, as the carrier says it.

        Only for carriers that document it; it costs nothing and changes nothing. The amount
        is not rounded, and negative where the carrier lets one overdraw.

        :raise Refused: the carrier does not tell it to this account.
        :raise MalformedMessage: the answer is not what the carrier documents.
        """
        raise self._unsupported("a balance")

    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[TrackingEvent]:
        """The events of a webhook message whose signature has been verified. Pure.

        :raise MalformedMessage: the body is not what the carrier documents.
        """
        raise self._unsupported("webhooks")

    def _unsupported(self, what: str) -> NotSupported:
        return NotSupported(f"{self.name} does not offer {what}.")


OPERATIONS = (
    "rate",
    "book",
    "void",
    "return_label",
    "track",
    "find_by_reference",
    "list_purchases",
    "validate_address",
    "pickup",
    "cancel_pickup",
    "manifest",
    "drop_off_points",
    "read_balance",
    "parse_webhook",
)

# What a request may ask for beside the transport.
FEATURES = (
    "insurance",
    "several_parcels",
    "customs",
    "signature",
    "adult_signature",
    "saturday",
    "drop_off_point",
    "freight_account",
    "duties_account",
    "dangerous_goods",
)

_registry: dict[str, type[CarrierAdapter]] = {}


def register(code: str) -> Callable[[type[CarrierAdapter]], type[CarrierAdapter]]:
    """Class decorator: make an adapter known under ``code``.

    :raise ValueError: another class already has this code.
    """

    def _register(adapter_class):
        if code in _registry:
            raise ValueError(f"adapter code {code!r} is already registered")
        adapter_class.code = code
        _registry[code] = adapter_class
        return adapter_class

    return _register


def adapter_class(code: str) -> type[CarrierAdapter]:
    """The class registered under ``code``.

    :raise KeyError: no adapter has this code.
    """
    return _registry[code]


def adapters() -> Mapping[str, type[CarrierAdapter]]:
    """All registered adapter classes by code, of every addon this process has loaded."""
    return dict(_registry)
