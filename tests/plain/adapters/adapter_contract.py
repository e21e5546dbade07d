"""What every adapter must do, whatever its carrier. Inherit, and say how to cause trouble."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    OPERATIONS,
    AuthFailed,
    CarrierAdapter,
    CarrierError,
    MalformedMessage,
    OutcomeUnknown,
    Refused,
    Unavailable,
)

from .samples import shipment

# Read-only looks at what the carrier sent us; no request is made for it.
RECEIVING = {"parse_webhook"}


class AdapterContract:
    """Inherit as ``TestSomething``, with ``operations`` and ``adapter``.

    :cvar operations: operation -> a call of it that succeeds when there is no trouble.
    :cvar answers: operation -> whether this is what it returned.
    :cvar secret: a value of the credentials that must not show anywhere.
    :cvar words: the carrier's words when it refuses.
    :cvar service: a service that can be booked.
    """

    operations: ClassVar[Mapping[str, Callable[[CarrierAdapter], Any]]]
    answers: ClassVar[Mapping[str, Callable[[Any], bool]]]
    lacks: ClassVar[frozenset[str]] = frozenset()
    secret: ClassVar[str]
    words: ClassVar[str]
    service: ClassVar[str] = "standard"

    def adapter(self, trouble: str, journal: list) -> CarrierAdapter:
        """An adapter that meets this trouble whatever it is asked: none (an empty text),
        ``refused``, ``garbage``, ``timeout``, ``auth`` or ``down``."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _prepared(self, server):
        self.server = server

    def ask(self, operation, trouble="", journal=None):
        """Carry out an operation to its end: of a purchase, the answer is also read."""
        adapter = self.adapter(trouble, [] if journal is None else journal)
        answer = self.operations[operation](adapter)
        return adapter.parse_booking(answer) if self.buys(operation) else answer

    def buys(self, operation):
        return operation in ("book", "return_label")

    def test_all_it_offers_is_tested(self):
        offered = type(self.adapter("", [])).capabilities() - RECEIVING - self.lacks
        assert set(self.operations) == offered
        assert offered <= set(OPERATIONS)

    def test_it_says_what_people_must_know(self):
        adapter_class = type(self.adapter("", []))
        assert adapter_class.name and adapter_class.code == adapter_class.code.lower()
        assert adapter_class.services
        assert set(adapter_class.label_formats) <= {"PDF", "ZPL"}
        # There may be no page that finds a parcel by its number alone.
        url = adapter_class.tracking_url
        assert not url or "{tracking_number}" in url

    def test_answer(self, operation):
        journal = []
        assert self.answers[operation](self.ask(operation, journal=journal))
        assert {exchange.outcome for exchange in journal} == {"answered"}
        assert {exchange.operation for exchange in journal} == {operation}

    def test_a_label_for_every_parcel(self):
        request = shipment(service=self.service)
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

    def test_garbage_for_a_purchase_is_kept_before_it_is_read(self):
        assert isinstance(self.operations["book"](self.adapter("garbage", [])), bytes)

    def test_timeout(self, operation):
        journal = []
        binds = self.buys(operation) or operation == "pickup"
        expected = OutcomeUnknown if binds else Unavailable
        with pytest.raises(expected):
            self.ask(operation, "timeout", journal)
        assert journal[-1].outcome == expected.outcome

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
    def test_a_webhook_that_is_none(self, body):
        with pytest.raises(MalformedMessage):
            self.adapter("", []).parse_webhook(body, {})
