"""The example of the adapter guide: short, shown as it is, and true to the contract."""

import json
from pathlib import Path

from odoo.addons.shipment_carrier_example.adapter import Credentials, ExampleAdapter
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from dev.environment import paths

from .adapter_contract import HTTP_TROUBLES, AdapterContract
from .samples import shipment

MOST_LINES = 150

PRICE = {"amount": "7.90", "currency": "EUR"}
PARCELS = [("PACK0001", "EX1"), ("PACK0002", "EX2")]
ALL = {  # to whatever it is asked
    "id": "S1",
    "service": "parcel",
    "price": PRICE,
    "labels": [{"parcel": p, "number": n, "file": "XlhBXlha"} for p, n in PARCELS],
    "rates": [{"service": "parcel", "service_name": "Parcel", "total": PRICE}],
    "events": [
        {"number": "EX1", "id": "1", "status": "NEW", "at": "2026-02-02T09:00Z"}
    ],
}


class TestExampleContract(AdapterContract):
    operations = {
        "rate": lambda adapter: adapter.rate(shipment(service="")),
        "book": lambda adapter: adapter.book(shipment(remote_id="S1")),
        "find_by_reference": lambda adapter: adapter.find_by_reference("key", "S1"),
        "void": lambda adapter: adapter.void("S1"),
        "track": lambda adapter: adapter.track(["EX1"]),
    }
    answers = {
        "rate": lambda quotes: quotes[0].total.amount > 7,
        "book": lambda answer: answer.labels[1].tracking_number == "EX2",
        "find_by_reference": lambda answer: json.loads(answer) == ALL,
        "void": lambda answer: answer is None,
        "track": lambda events: events[0].code == "unknown",
    }
    secret, words, prepared = "tiger-42-burning", "We do not go there.", "S1"

    def adapter(self, trouble, journal):
        refused = (422, {}, json.dumps({"message": self.words}).encode())
        good = (200, {}, json.dumps(ALL).encode())
        self.server.answer = {"": good, "refused": refused, **HTTP_TROUBLES}[trouble]
        credentials = Credentials(api_key=self.secret, base_url=self.server.url)
        seconds = 0.05 if trouble == "timeout" else 5.0
        return ExampleAdapter(credentials, Transport(seconds, journal.append))


def test_the_whole_addon_is_short():
    files = sorted(file for file in paths.EXAMPLE.rglob("*") if file.suffix != ".pyc")
    names = {file.name for file in files if file.is_file()}
    assert names == {"__init__.py", "__manifest__.py", "adapter.py"}
    texts = [(paths.EXAMPLE / name).read_text() for name in names]
    assert sum(len(text.splitlines()) for text in texts) < MOST_LINES


def test_the_guide_shows_the_code_as_it_is():
    guide = (paths.ROOT / "docs" / "adapters.md").read_text()
    shown = [part.partition("```")[0] for part in guide.split("```python\n")[1:]]
    codes = [
        (paths.EXAMPLE / "adapter.py").read_text(),
        Path(__file__).read_text(),
    ]
    assert len(shown) > 5
    for excerpt in shown:
        assert any(excerpt in code for code in codes), excerpt
