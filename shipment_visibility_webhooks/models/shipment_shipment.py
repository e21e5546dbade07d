from odoo import models

# A message that has waited for longer has others before it.
LATE_MINUTES = 2

# Read from an index that begins with what was not replayed: replayed news is no news.
IS_BEHIND = """
    SELECT EXISTS (
               SELECT
                 FROM shipment_webhook_receipt
                WHERE state = 'received'
                  AND replayed_at IS NULL
                  AND due_at < (statement_timestamp() - %s * interval '1 minute')
                               AT TIME ZONE 'UTC'
           )
"""


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _filter_unheard(self):
        """Override: while messages wait in a queue, each of them may be about any shipment."""
        if self:
            self.env.cr.execute(IS_BEHIND, [LATE_MINUTES])
            if self.env.cr.fetchone()[0]:
                return self
        return super()._filter_unheard()
