"""The chapters about booking: a carrier's bad day, many labels at a time, and the hand-over."""

import datetime as dt

from .steps import Steps

WAITING = ("name", "state", "shipment_booking_state", "carrier_tracking_ref")
_SUNDAY = 6


class Booking(Steps):
    """What the warehouse does with carriers, also with those that do not answer."""

    late = 0  # the delivery whose label follows
    lost = 0  # the delivery of which nobody knows whether its label was bought
    run = 0
    pickup = 0
    manifest = 0
    bench = 0

    def have_a_bad_day(self) -> None:
        """2. A carrier is away, then gives no answer; the warehouse goes on"""
        self.say("Harbour Courier cannot be reached")
        with self.simulator.away():
            self.late = self.send_anyway("lyon", {3: 4})
        self.say("it is back, and takes an order without saying so")
        self.demo.set_harbour("SANDBOX-BOOK-TIMEOUT")
        self.lost = self.send_anyway("utrecht", {3: 6})
        self.demo.set_harbour("")

    def send_anyway(self, customer: str, lines: dict[int, int]) -> int:
        """Validate a delivery whose label cannot be had; return the delivery."""
        picking = self.deliver_by(customer, 0, lines, "Harbour Parcel")
        self.packer.call("stock.picking", "button_validate", [picking])
        values = self.packer.read("stock.picking", picking, *WAITING)[0]
        self.check(
            (values["state"], values["shipment_booking_state"]) == ("done", "queued"),
            f"{values['name']} leaves packing; its label follows",
        )
        return picking

    def deliver_by(
        self, customer: str, warehouse: int, lines: dict[int, int], method: str
    ) -> int:
        """The delivery of an order whose delivery method is settled."""
        order = self.order(customer, self.demo.warehouses[warehouse], lines)
        values = {"carrier_id": self.demo.methods[method]}
        self.admin.call("sale.order", "write", [order], values)
        self.admin.call("sale.order", "action_confirm", [order])
        return self.picking_of(order)

    def book_in_bulk(self) -> None:
        """7. Antwerp books its labels in one go; one address is not complete"""
        self.demo.book_later(self.demo.warehouses[1])
        customers = ("lyon", "zurich", "utrecht", "madrid", "lyon", "utrecht")
        pickings = [
            self.deliver_by(customer, 1, {number % 4: 1}, "Sandbox Economy")
            for number, customer in enumerate(customers)
        ]
        for picking in pickings:
            self.packer.call("stock.picking", "button_validate", [picking])
        action = self.packer.call("stock.picking", "action_book_labels", pickings)
        self.run = action["res_id"]
        ended = self.wait(
            f"the run over {len(pickings)} deliveries has ended",
            lambda: self.packer.find(
                "shipment.booking.run",
                [("id", "=", self.run), ("state", "=", "done")],
                *("booked_count", "failed_count"),
            ),
        )[0]
        failed = self.packer.find(
            "shipment.booking.run.line",
            [("run_id", "=", self.run), ("state", "=", "failed")],
            *("picking_id", "reason"),
        )
        self.check(
            (ended["booked_count"], len(failed)) == (len(pickings) - 1, 1),
            f"{ended['booked_count']} labels are booked, {len(failed)} delivery is not",
        )
        for line in failed[0]["reason"].splitlines():
            self.say(f"    {line}")

    def hand_over(self) -> None:
        """8. A driver is ordered for them, and signs a list"""
        shipments = self.packer.search(
            "shipment.shipment",
            [
                ("picking_ids.carrier_id", "=", self.demo.methods["Sandbox Economy"]),
                ("headline", "=", "info_received"),
            ],
        )
        action = self.packer.call(
            "shipment.shipment", "action_request_pickup", shipments
        )
        self.pickup = action["res_id"]
        when = {"date": _next_working_day().isoformat()}
        self.packer.call("shipment.pickup", "write", [self.pickup], when)
        self.packer.call("shipment.pickup", "action_request", [self.pickup])
        ordered = self.packer.read(
            "shipment.pickup",
            self.pickup,
            *("name", "state", "confirmation", "begins_at", "parcel_count"),
        )[0]
        self.check(
            ordered["state"] == "confirmed",
            f"{ordered['name']}: {ordered['parcel_count']} parcels are fetched on "
            f"{ordered['begins_at']}, confirmation {ordered['confirmation']}",
        )
        self.packer.call("shipment.manifest", "action_close_the_day")
        self.manifest = self.packer.search(
            "shipment.manifest", [("shipment_ids", "in", shipments)]
        )[0]
        self.packer.call("shipment.manifest", "action_close", [self.manifest])
        closed = self.packer.read(
            "shipment.manifest", self.manifest, "name", "state", "shipment_count"
        )[0]
        self.check(
            closed["state"] == "confirmed" and closed["shipment_count"],
            f"{closed['name']} lists {closed['shipment_count']} shipments and is closed",
        )

    def end_the_bad_day(self) -> None:
        """9. The label has followed; of the lost booking a person is asked"""
        self.wait(
            "the label followed by itself",
            lambda: self.packer.read("stock.picking", self.late, *WAITING)[0][
                "carrier_tracking_ref"
            ],
        )
        exception = self.wait(
            "an exception asks what became of the other",
            lambda: self.admin.find(
                "shipment.exception",
                [("picking_id", "=", self.lost), ("state", "=", "open")],
                *("name", "booking_state"),
            ),
        )[0]
        self.check(
            exception["booking_state"] == "unknown",
            f"“{exception['name']}” offers: Enter the Number, Buy Again, It Was Not Bought",
        )


def _next_working_day() -> dt.date:
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    return tomorrow + dt.timedelta(days=tomorrow.weekday() == _SUNDAY)
