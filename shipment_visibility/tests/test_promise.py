from datetime import timedelta

from odoo.tests import tagged

from ..canonical.milestone import Code
from .common import NOON, ShipmentCase


@tagged("post_install", "-at_install")
class TestPromise(ShipmentCase):
    def deliver(self, number, promised, **facts):
        naive = promised and promised.replace(tzinfo=None)
        shipment = self.make_shipment(number, order_promised_at=naive)
        self.ingest(self.event(number, Code.DELIVERED, **facts))
        return shipment

    def test_on_time_is_judged_by_what_the_customer_was_promised(self):
        early = self.deliver("T1", NOON + timedelta(hours=5))
        self.assertEqual((early.punctuality, early.late_hours), ("on_time", -5.0))
        late = self.deliver("T2", NOON - timedelta(hours=6, minutes=30))
        self.assertEqual((late.punctuality, late.late_hours), ("late", 6.5))
        late.promised_at = late.order_promised_at + timedelta(days=9)
        self.ingest(self.event("T2", Code.DELIVERED, signer="C. Exemple"))
        self.assertEqual(late.punctuality, "late", "the carrier's promise is not ours")

    def test_without_a_promise_nothing_is_late(self):
        self.assertFalse(self.deliver("T3", None).punctuality)

    def test_late_days_are_working_days(self):
        self.company.resource_calendar_id.tz = "UTC"
        week_late = self.deliver("T4", NOON - timedelta(days=7))
        self.assertEqual(week_late.late_hours, 168.0)
        self.assertAlmostEqual(week_late.late_days, 5.0, delta=1.0)

    def test_what_is_on_its_way_again_is_not_judged(self):
        shipment = self.deliver("T5", NOON - timedelta(hours=2))
        self.ingest(self.event("T5", Code.RETURNING, 60))
        self.assertFalse(shipment.punctuality)

    def test_every_change_of_the_estimate_is_kept(self):
        shipment = self.make_shipment("T6")
        days = [NOON.date() + timedelta(days=n) for n in (2, 2, 4)]
        self.ingest(
            *(
                self.event("T6", Code.IN_TRANSIT, 60 * n, estimated_date=day)
                for n, day in enumerate(days)
            )
        )
        told = [e["estimated_date"] for e in shipment.timeline["estimates"]]
        self.assertEqual(told, [str(days[0]), str(days[2])])
        self.assertEqual(shipment.estimated_date, days[2])
