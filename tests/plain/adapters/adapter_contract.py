"""What every adapter must do, whatever its carrier. Inherit, and say how to cause trouble."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from odoo.addons.shipment_visibility.canonical.operations import (
    Manifest,
    Pickup,
    PurchasePage,
)
from odoo.addons.shipment_visibility.canonical.schema import (
    Address,
    Money,
    ShipmentRequest,
    TrackingEvent,
)
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    FEATURES,
    OPERATIONS,
    AuthFailed,
    CarrierAdapter,
    CarrierError,
    MalformedMessage,
    OutcomeUnknown,
    Refused,
    Unavailable,
)

from .carrier_server import HANG
from .samples import shipment

# Read-only looks at what the carrier sent us; no request is made for it.
RECEIVING = {"parse_webhook"}
# What a carrier is asked to do that costs money or brings a van, so that silence tells nothing.
BUYING = ("book", "return_label")
ORDERING = ("pickup", "manifest")
# How a server that speaks HTTP as it should makes these troubles, for ``adapter``.
HTTP_TROUBLES = {
    "garbage": (200, {}, b"\x00<html>"),
    "timeout": HANG,
    "auth": (401, {}, b""),
    "down": (503, {"Retry-After": "60"}, b""),
}


def _cheapest_first(quotes):
    """Prices of one currency rise; prices of several cannot be compared."""
    totals = [quote.total for quote in quotes]
    currencies = {total.currency for total in totals}
    amounts = [total.amount for total in totals]
    return bool(totals) and (len(currencies) > 1 or amounts == sorted(amounts))


def _nearest_first(points):
    distances = [point.distance_km for point in points if point.distance_km is not None]
    named = {point.id for point in points}
    return len(named) == len(points) and distances == sorted(distances)


# Operation -> whether an answer is what ``base.py`` promises of every carrier.
PROMISED = {
    "rate": _cheapest_first,
    "book": lambda answer: bool(answer.remote_id),
    "return_label": lambda answer: bool(answer.remote_id),
    "void": lambda answer: answer is None,
    "track": lambda events: all(isinstance(event, TrackingEvent) for event in events),
    "find_by_reference": lambda answer: isinstance(answer, bytes),
    "list_purchases": lambda page: isinstance(page, PurchasePage),
    "validate_address": lambda found: all(isinstance(one, Address) for one in found),
    "pickup": lambda answer: isinstance(answer, Pickup) and bool(answer.remote_id),
    "cancel_pickup": lambda answer: answer is None,
    "manifest": lambda answer: (
        isinstance(answer, Manifest) and bool(answer.document.content)
    ),
    "drop_off_points": _nearest_first,
    "read_balance": lambda balance: isinstance(balance, Money),
}


class AdapterContract:
    """Inherit as ``TestSomething``, with ``operations`` and ``adapter``.

    An operation that the class does not override has no case here, and a test marked
    ``offering`` exists only for those that offer it.

    :cvar operations: operation -> a call of it that succeeds when there is no trouble.
    :cvar answers: operation -> whether this is what it returned.
    :cvar secret: a value of the credentials that must not show anywhere.
    :cvar words: the carrier's words when it refuses.
    :cvar service: a service that can be booked.
    :cvar prepared: two-step carriers: what ``prepare`` returns when there is no trouble.
    :cvar has_webhooks: whether it reads webhooks.
    """

    operations: ClassVar[Mapping[str, Callable[[CarrierAdapter], Any]]]
    answers: ClassVar[Mapping[str, Callable[[Any], bool]]]
    lacks: ClassVar[frozenset[str]] = frozenset()
    secret: ClassVar[str]
    words: ClassVar[str]
    service: ClassVar[str] = "standard"
    prepared: ClassVar[str] = ""
    has_webhooks: ClassVar[bool] = True

    def adapter(self, trouble: str, journal: list) -> CarrierAdapter:
        """An adapter that meets this trouble whatever it is asked: none (an empty text),
        ``refused``, ``garbage``, ``timeout``, ``auth`` or ``down``."""
        raise NotImplementedError

    def request(self) -> ShipmentRequest:
        """A shipment this carrier takes: of as many parcels as its features allow, and
        prepared already where there are two steps."""
        parcels = shipment().parcels
        if "several_parcels" not in type(self.adapter("", [])).features:
            parcels = parcels[:1]
        return shipment(parcels=parcels, remote_id=self.prepared, service=self.service)

    @pytest.fixture(autouse=True)
    def _prepared(self, server):
        self.server = server

    def ask(self, operation, trouble="", journal=None):
        """Carry out an operation to its end: of a purchase, the answer is also read."""
        adapter = self.adapter(trouble, [] if journal is None else journal)
        answer = self.operations[operation](adapter)
        return adapter.parse_booking(answer) if self.buys(operation) else answer

    def buys(self, operation):
        return operation in BUYING

    @classmethod
    def offers(cls, what: str) -> bool:
        """Whether tests of this operation apply. That it is said truly is tested, too."""
        if what in ("prepare", "parse_webhook"):
            return cls.has_webhooks if what == "parse_webhook" else bool(cls.prepared)
        return what in cls.operations

    def test_all_it_offers_is_tested(self):
        offered = type(self.adapter("", [])).capabilities() - RECEIVING - self.lacks
        assert set(self.operations) == offered
        assert offered <= set(OPERATIONS)

    def test_webhooks_are_tested_where_they_are_read(self):
        method = type(self.adapter("", [])).parse_webhook
        assert self.has_webhooks == (method is not CarrierAdapter.parse_webhook)

    def test_what_is_prepared_is_named_and_with_one_step_nothing_is(self):
        request = self.request()
        assert self.adapter("", []).prepare(request) == self.prepared

    def test_it_says_what_people_must_know(self):
        adapter_class = type(self.adapter("", []))
        assert adapter_class.name and adapter_class.code == adapter_class.code.lower()
        assert adapter_class.services or "book" not in adapter_class.capabilities()
        assert set(adapter_class.label_formats) <= {"PDF", "ZPL"}
        url = adapter_class.tracking_url
        assert not url or "{tracking_number}" in url

    def test_it_says_what_it_can_carry(self):
        adapter_class = type(self.adapter("", []))
        assert adapter_class.features <= set(FEATURES)
        assert set(adapter_class.limits) <= {"", *adapter_class.services}
        assert adapter_class.numbers_per_question >= 1

    def test_answer(self, operation):
        journal = []
        assert self.answers[operation](self.ask(operation, journal=journal))
        assert {exchange.outcome for exchange in journal} == {"answered"}
        assert {exchange.operation for exchange in journal} == {operation}

    def test_the_answer_keeps_the_promise(self, operation):
        assert PROMISED[operation](self.ask(operation))

    @pytest.mark.offering("book")
    def test_a_label_for_every_parcel(self):
        request = self.request()
        adapter = self.adapter("", [])
        labels = adapter.parse_booking(adapter.book(request)).labels
        assert [label.parcel_reference for label in labels] == [
            parcel.reference for parcel in request.parcels
        ]
        assert len({label.tracking_number for label in labels}) == len(labels)
        assert all(label.label.content for label in labels)

    def test_business_error(self, operation):
        with pytest.raises(Refused, match=self.words):
            self.ask(operation, "refused")

    def test_garbage(self, operation):
        with pytest.raises(MalformedMessage):
            self.ask(operation, "garbage")

    @pytest.mark.offering("book")
    def test_garbage_for_a_purchase_is_kept_before_it_is_read(self):
        assert isinstance(self.operations["book"](self.adapter("garbage", [])), bytes)

    def test_timeout(self, operation):
        journal = []
        expected = (OutcomeUnknown,) if self.buys(operation) else (Unavailable,)
        if operation in ORDERING:
            # Of two requests, only the last one may leave an order that nobody knows of.
            expected = (OutcomeUnknown, Unavailable)
        with pytest.raises(expected) as raised:
            self.ask(operation, "timeout", journal)
        assert journal[-1].outcome == raised.value.outcome

    @pytest.mark.parametrize(
        ("trouble", "expected"),
        [
            ("refused", Refused),
            ("garbage", MalformedMessage),
            # Nothing is bought yet, so it is never worse than not having been asked.
            ("timeout", Unavailable),
            ("auth", AuthFailed),
            ("down", Unavailable),
        ],
    )
    @pytest.mark.offering("prepare")
    def test_trouble_in_the_first_of_two_steps(self, trouble, expected):
        request = self.request()  # before the trouble begins
        with pytest.raises(expected):
            self.adapter(trouble, []).prepare(request)

    def test_credentials_not_accepted(self, operation):
        with pytest.raises(AuthFailed):
            self.ask(operation, "auth")

    def test_not_available(self, operation):
        with pytest.raises(Unavailable) as raised:
            self.ask(operation, "down")
        assert raised.value.retry_after == 60

    @pytest.mark.parametrize("trouble", ["", "refused", "garbage", "auth", "down"])
    def test_no_secret_shows(self, trouble):
        journal, errors = [], []
        for call in self.operations.values():
            try:
                call(self.adapter(trouble, journal))
            except CarrierError as error:
                errors.append(error)
        assert len(journal) >= len(self.operations)
        assert self.secret not in repr(journal)
        assert self.secret not in repr(errors)
        assert self.secret not in repr(vars(self.adapter("", [])))

    @pytest.mark.parametrize(
        "body", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<xml/>"]
    )
    @pytest.mark.offering("parse_webhook")
    def test_a_webhook_that_is_none(self, body):
        with pytest.raises(MalformedMessage):
            self.adapter("", []).parse_webhook(body, {})
