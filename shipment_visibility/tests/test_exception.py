from odoo.tests import tagged

from ..canonical.milestone import Code
from ..canonical.schema import Source
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestException(ShipmentCase):
    def test_held_at_customs_finds_an_owner_and_a_deadline(self):
        shipment = self.make_shipment("H1")
        self.ingest(
            self.event("H1", Code.PICKED_UP), self.event("H1", Code.CUSTOMS_HELD, 60)
        )
        self.carry_out()
        exception = shipment.exception_ids
        self.assertEqual((exception.code, exception.state), ("customs_held", "open"))
        self.assertTrue(exception.user_id)
        self.assertTrue(exception.deadline)
        self.assertEqual(shipment.open_exception_count, 1)
        self.assertEqual(shipment.headline, "picked_up")
        activity = shipment.activity_ids
        self.assertEqual(activity.user_id, exception.user_id)
        self.assertIn("Held at customs", activity.summary)

    def test_it_closes_when_the_parcel_moves_on(self):
        shipment = self.make_shipment("H2")
        self.ingest(self.event("H2", Code.CUSTOMS_HELD))
        self.carry_out()
        self.ingest(self.event("H2", Code.CUSTOMS_CLEARED, 60))
        self.assertEqual(shipment.exception_ids.state, "resolved")
        self.assertEqual(shipment.open_exception_count, 0)
        self.assertFalse(shipment.activity_ids)

    def test_the_order_of_arrival_makes_no_difference(self):
        self.make_shipment("H3")
        other = self.make_shipment("H4")
        held = [self.event(n, Code.CUSTOMS_HELD) for n in ("H3", "H4")]
        cleared = [self.event(n, Code.CUSTOMS_CLEARED, 60) for n in ("H3", "H4")]
        self.ingest(held[0])
        self.ingest(cleared[0])
        self.ingest(cleared[1])
        self.ingest(held[1])
        self.assertEqual(other.exception_ids.state, "resolved")
        self.assertEqual(len(other.exception_ids), 1)

    def test_a_person_resolves_it(self):
        shipment = self.make_shipment("H5")
        self.ingest(self.event("H5", Code.DAMAGED))
        self.carry_out()
        self.resolve(shipment.exception_ids)
        self.assertEqual(shipment.open_exception_count, 0)
        self.assertFalse(shipment.activity_ids)
        # What the carrier repeats does not open it again.
        self.ingest(self.event("H5", Code.DAMAGED), source=Source.POLL)
        self.assertEqual(shipment.exception_ids.state, "resolved")
