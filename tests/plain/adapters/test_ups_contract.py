"""The contract, kept by UPS."""

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    OutcomeUnknown,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import ups_samples
from .adapter_contract import AdapterContract
from .carrier_server import HANG
from .samples import shipment
from .ups_samples import ACCOUNT, NEW_YORK, NUMBERS, PICKUP, PRN, SECRET, TOKEN

WORDS = "The postal code does not fit the city."


class TestUps(AdapterContract):
    operations = {
        "rate": lambda adapter: adapter.rate(shipment(service="")),
        "book": lambda adapter: adapter.book(shipment(service="11")),
        "return_label": lambda adapter: adapter.return_label(shipment(service="11")),
        "void": lambda adapter: adapter.void(NUMBERS[0]),
        "track": lambda adapter: adapter.track([NUMBERS[0]]),
        "validate_address": lambda adapter: adapter.validate_address(NEW_YORK.address),
        "pickup": lambda adapter: adapter.pickup(PICKUP),
        "cancel_pickup": lambda adapter: adapter.cancel_pickup(PRN),
    }
    answers = {
        "rate": lambda quotes: [quote.service for quote in quotes] == ["11", "07"],
        "book": lambda answer: answer.remote_id == NUMBERS[0],
        "return_label": lambda answer: answer.remote_id == NUMBERS[0],
        "void": lambda answer: answer is None,
        "track": lambda events: [event.raw_code for event in events] == ["D/FS"],
        "validate_address": lambda found: found[0].city == "ALISO VIEJO",
        "pickup": lambda pickup: pickup.confirmation == PRN,
        "cancel_pickup": lambda answer: answer is None,
    }
    secret = SECRET
    words = WORDS

    def adapter(self, trouble, journal):
        trouble_answer = {
            "refused": (400, {}, ups_samples.problem(WORDS)),
            "garbage": (200, {}, b"\xff{"),
            "timeout": HANG,
            "auth": (401, {}, b""),
            "down": (503, {"Retry-After": "60"}, b""),
        }
        ups = adapter_class("ups")
        credentials = ups.credentials_model(
            client_id="client",
            client_secret=self.secret,
            account_number=ACCOUNT,
            base_url=self.server.url,
        )
        if trouble == "timeout":
            # A token in hand, so that it is the question itself that is not answered.
            self.server.answer = ups_samples.answer_of
            ups(credentials, Transport()).track([NUMBERS[0]])

        def answer(request):
            is_token = request.path == "/security/v1/oauth/token"
            if not trouble or (is_token and trouble != "auth"):
                return ups_samples.answer_of(request)
            return trouble_answer[trouble]

        self.server.answer = answer
        timeout = 0.05 if trouble == "timeout" else 5.0
        return ups(credentials, Transport(timeout, journal.append))

    def test_timeout(self, operation):
        if operation != "pickup":
            super().test_timeout(operation)
            return
        with pytest.raises(OutcomeUnknown):
            self.ask(operation, "timeout")

    def test_a_booking_is_never_looked_up(self):
        """UPS could not say for certain that there is none."""
        assert "find_by_reference" not in type(self.adapter("", [])).capabilities()

    def test_the_token_shows_nowhere(self, operation):
        journal = []
        self.ask(operation, journal=journal)
        # Again, with a token that another adapter has fetched.
        self.ask(operation, journal=journal)
        assert TOKEN not in repr(journal)
        assert len(journal) >= 2
