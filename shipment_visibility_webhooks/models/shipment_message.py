from odoo import api, models

from ..metrics.counters import counters
from ..metrics.exposition import observe


class ShipmentMessage(models.Model):
    _inherit = "shipment.message"

    @api.model
    def _write_all(self, notes):
        """Override of `shipment_visibility_carriers` to count what is written.

        Counted here, so that nobody has to look through the journal later.
        """
        result = super()._write_all(notes)
        for snapshot, exchange in notes:
            account = snapshot["account_id"]
            counters.count(
                "carrier_call",
                account=account,
                operation=exchange.operation,
                outcome=exchange.outcome,
            )
            observe(
                "carrier_call_seconds", exchange.milliseconds / 1000, account=account
            )
        return result
