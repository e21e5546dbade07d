from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.milestone import Code

from ..adapters import base
from .test_poll import PollCase

NINE_HOURS = 9 * 60


@tagged("post_install", "-at_install")
class TestPollCatchingUp(PollCase):
    """After hours without Odoo, all questions are overdue at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({"poll_numbers": 10, "parallel_calls": 1})
        expectations = cls.env["shipment.expectation"].search([])
        expectations.active = False
        cls.env.ref("shipment_visibility.shipment_expectation_silence").write(
            {"active": True, "hours": 6}
        )

    def overdue(self, count):
        """Shipments that nobody has asked about for hours, the longest first."""
        shipments = self._create_shipments(*[f"SBX{n:02}" for n in range(count)])
        self._make_due(shipments, minutes=NINE_HOURS)
        return shipments

    def under_way(self, *numbers):
        """Shipments last heard of 20 hours ago, and to be asked about for hours."""
        shipments = self.env["shipment.shipment"].create(
            [
                {
                    "company_id": self.company.id,
                    "carrier_id": self.carrier.id,
                    "account_id": self.account.id,
                    "package_ids": [Command.create({"tracking_number": number})],
                }
                for number in numbers
            ]
        )
        for shipment in shipments:
            shipment._record_manual(
                code="picked_up", occurred_at=self.now - timedelta(hours=20)
            )
        self._make_due(shipments, minutes=NINE_HOURS)
        return shipments

    def test_they_are_asked_in_bounded_runs_the_longest_overdue_first(self):
        shipments = self.overdue(25)
        runs = []
        for _run in range(4):
            self.asked.clear()
            self._poll()
            runs.append(self._asked_numbers())
        self.assertEqual([len(numbers) for numbers in runs], [10, 10, 5, 0])
        self.assertEqual(
            [n for numbers in runs for n in sorted(numbers)],
            shipments.mapped("tracking_numbers"),
        )

    def test_one_job_an_account_however_much_is_overdue(self):
        self.overdue(25)
        for _tick in range(3):
            self.env["shipment.poll"]._cron_poll()
        self.assertEqual(len(self._jobs()), 1)

    def test_silence_is_judged_only_after_the_carrier_was_asked(self):
        heard, quiet = self.under_way("SBX1", "SBX2")
        self.watch()
        self.assertFalse((heard | quiet).exception_ids, "nobody has asked yet")
        self.known[heard.tracking_numbers] = [Code.OUT_FOR_DELIVERY]  # an hour ago
        self._poll()
        self.watch()
        self.assertFalse(heard.exception_ids)
        self.assertEqual(quiet.exception_ids.type_id.code, "silent")

    def test_a_carrier_that_cannot_be_asked_is_not_waited_for(self):
        shipment = self.under_way("SBX1")
        self.known[shipment.tracking_numbers] = base.AuthFailed("The key is wrong.")
        self._poll()
        self.watch()
        self.assertEqual(shipment.exception_ids.type_id.code, "silent")

    def watch(self):
        shipments = self.env["shipment.shipment"]
        shipments.search([("watch_at", "!=", False)]).watch_at = fields.Datetime.now()
        self.env.flush_all()
        shipments._watch(200)
        self.env.invalidate_all()
