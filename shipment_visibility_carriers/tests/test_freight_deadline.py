from odoo import Command
from odoo.tests import tagged

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestFreightDeadline(FreightCase):
    """What a carrier's own terms say comes before our guess."""

    def _deadline(self):
        self.make_shipment("PP1")
        invoice = self.audited(self.line(self.head(), "PP1", "4.00", "residential"))
        return str(invoice.finding_ids.deadline)

    def test_without_terms_a_month_is_assumed(self):
        self.assertEqual(self._deadline(), "2026-04-01")

    def test_the_carriers_own_row_comes_before_that_of_all(self):
        other = self.env["shipment.carrier"].create({"name": "Other", "code": "other"})
        self.policy.deadline_ids = [
            Command.create(values)
            for values in (
                {"days": 60},
                {"days": 7, "carrier_id": other.id},
                {"days": 90, "carrier_id": self.carrier.id, "rule": "residential"},
                {"days": 10, "carrier_id": self.carrier.id},
            )
        ]
        self.assertEqual(self._deadline(), "2026-05-31")

    def test_another_rule_keeps_its_days(self):
        self.policy.deadline_ids = [Command.create({"days": 5, "rule": "duplicate"})]
        self.assertEqual(self._deadline(), "2026-04-01")
