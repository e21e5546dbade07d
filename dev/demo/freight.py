"""The chapters about money: an invoice is checked, disputed and billed, and a month closed."""

import base64
import csv
import datetime as dt
from io import StringIO
from typing import Any, NamedTuple

from dev.client import Client

from .booking import Booking
from .data import FINANCE

# UPS's billing data has 250 columns and no header.
COLUMNS = 250
# Family -> classification, code, words.
CODES = {
    "freight": ("FRT", "003", "Ground Commercial"),
    "fuel": ("FSC", "FSC", "Fuel Surcharge"),
}
OTHER = ("ACC", "MSC", "Other Surcharge")
STRANGER = "1Z0000000000000000"


class Billed(NamedTuple):
    """One charge as a carrier bills it."""

    number: str
    amount: float
    codes: tuple[str, str, str]
    kind: str = "SHP/WWS"
    entered: float = 0
    billed: float = 0


class Freight(Booking):
    """What finance does with what carriers ask for."""

    invoices: tuple[int, ...] = ()  # one to decide on, one that is billed
    dispute = 0
    bill = 0
    accrual = 0

    def check_the_carriers_invoice(self) -> None:
        """12. The carrier sends its invoices; each line is compared with what was booked"""
        self.demo.set_freight_policy()
        self.finance = Client(self.url, self.database, FINANCE)
        wrong, right = self._booked()
        disputed, heavy = wrong[0], wrong[1]
        self._import(
            {
                "00DEMO0001": [
                    *(charge for parcel in wrong for charge in parcel),
                    *disputed,
                    Billed(
                        heavy[0].number,
                        2.4,
                        ("FRT", "003", "Shipping Charge Correction"),
                        "ADJ/SCC",
                        heavy[0].entered,
                        heavy[0].entered + 4,
                    ),
                    Billed(STRANGER, 9.8, CODES["freight"]),
                ],
                "00DEMO0002": [charge for parcel in right for charge in parcel],
            }
        )
        found = self.finance.find(
            "shipment.freight.finding",
            [("invoice_id", "=", self.invoices[0])],
            *("rule", "tracking_number", "explanation", "amount"),
        )
        rules = {finding["rule"] for finding in found}
        self.check(
            {"duplicate", "heavier"} <= rules,
            f"{len(found)} findings wait for a decision",
        )
        for finding in found:
            self.say(
                f"    {finding['tracking_number']}  {finding['amount']:>6.2f}  "
                f"{finding['explanation']}"
            )
        self._dispute([f["id"] for f in found if f["rule"] == "duplicate"])
        self._bill(self.invoices[1])

    def close_the_month(self) -> None:
        """13. What is booked and not invoiced is accrued"""
        last = self.finance.search(
            "shipment.charge", [("kind", "=", "booked")], order="date desc", limit=1
        )
        day = self.finance.read("shipment.charge", last, "date")[0]["date"]
        self.accrual = self.finance.create("shipment.freight.accrual", date=day)
        self.finance.call("shipment.freight.accrual", "action_post", [self.accrual])
        values = self.finance.read(
            "shipment.freight.accrual", self.accrual, "amount", "move_id", "line_ids"
        )[0]
        self.check(
            values["move_id"] and values["amount"] > 0,
            f"{values['amount']:.2f} in {len(values['line_ids'])} lines, posted as "
            f"{values['move_id'][1]}",
        )

    def _booked(self) -> tuple[list[list[Billed]], list[list[Billed]]]:
        """What was booked of some parcels: those of the first invoice, and of the second.

        What is left of the shipments is on no invoice yet.
        """
        shipments = self.finance.find(
            "shipment.shipment",
            [
                ("account_id", "=", self.demo.account),
                ("package_ids.tracking_number", "!=", False),
            ],
            "package_ids",
            "charge_ids",
            order="id",
        )
        single = [s for s in shipments if len(s["package_ids"]) == 1]
        parcels = [charges for s in single if (charges := self._charges(s))]
        return parcels[:2], parcels[2:4]

    def _charges(self, shipment: dict[str, Any]) -> list[Billed]:
        package = self.finance.read(
            "shipment.package",
            shipment["package_ids"],
            "tracking_number",
            "weight_kg",
        )[0]
        booked = self.finance.find(
            "shipment.charge",
            [("id", "in", shipment["charge_ids"]), ("kind", "=", "booked")],
            "family",
            "amount",
        )
        return [
            Billed(
                package["tracking_number"],
                charge["amount"],
                CODES.get(charge["family"], OTHER),
                entered=package["weight_kg"],
                billed=package["weight_kg"],
            )
            for charge in booked
        ]

    def _import(self, invoices: dict[str, list[Billed]]) -> None:
        carrier = self.finance.read(
            "shipment.carrier.account", self.demo.account, "carrier_id"
        )[0]["carrier_id"][0]
        file = self.finance.create(
            "shipment.carrier.invoice.file",
            name="billing-data.csv",
            file=base64.b64encode(_write(invoices).encode()).decode(),
            carrier_id=carrier,
        )
        self.finance.call("shipment.carrier.invoice.file", "action_import", [file])
        read = self.wait(
            "a file in UPS's layout with two invoices is read",
            lambda: self.finance.find(
                "shipment.carrier.invoice.file",
                [("id", "=", file), ("state", "=", "done")],
                *("line_count", "unmatched_count", "invoice_ids"),
            ),
        )[0]
        self.check(
            read["unmatched_count"] == 1,
            f"{read['line_count']} lines; one names a parcel that nobody knows",
        )
        checked = self.wait(
            "both are checked",
            lambda: (
                found
                if len(
                    found := self.finance.search(
                        "shipment.carrier.invoice",
                        [("name", "in", list(invoices)), ("state", "=", "review")],
                        order="name",
                    )
                )
                == len(invoices)
                else None
            ),
        )
        self.invoices = tuple(checked)

    def _dispute(self, findings: list[int]) -> None:
        action = self.finance.call(
            "shipment.freight.finding", "action_dispute", findings
        )
        self.dispute = action["res_id"]
        told = self.finance.read(
            "shipment.freight.dispute", self.dispute, "name", "amount", "deadline"
        )[0]
        self.check(
            told["amount"] > 0,
            f"{told['name']} asks for {told['amount']:.2f} back, to be sent until "
            f"{told['deadline']}",
        )

    def _bill(self, invoice: int) -> None:
        self.finance.call("shipment.carrier.invoice", "action_approve", [invoice])
        action = self.finance.call("shipment.carrier.invoice", "action_post", [invoice])
        self.bill = action["res_id"]
        bill = self.finance.read("account.move", self.bill, "name", "amount_total")[0]
        self.check(
            bill["amount_total"] > 0,
            f"the other one is right, and is the vendor bill {bill['name']} over "
            f"{bill['amount_total']:.2f}",
        )


def _write(invoices: dict[str, list[Billed]]) -> str:
    """The invoices as a carrier of UPS's layout sends them."""
    today = dt.date.today()
    text = StringIO()
    writer = csv.writer(text)
    for number, charges in invoices.items():
        total = sum(charge.amount for charge in charges)
        for charge in charges:
            category, detail = charge.kind.split("/")
            told = {
                3: "0000DEMO01",
                5: f"{today.month}/{today.day}/{today:%y}",
                6: number,
                10: "EUR",
                11: f"{total:.2f}",
                19: "1",
                21: charge.number,
                27: f"{charge.entered:.1f}",
                28: "K",
                29: f"{charge.billed:.1f}",
                30: "K",
                32: "2" if charge.billed > charge.entered else "1",
                35: category,
                36: detail,
                44: charge.codes[0],
                45: charge.codes[1],
                46: charge.codes[2],
                51: "EUR",
                53: f"{charge.amount:.2f}",
            }
            row = [""] * COLUMNS
            for position, value in told.items():
                row[position - 1] = value
            writer.writerow(row)
    return text.getvalue()
