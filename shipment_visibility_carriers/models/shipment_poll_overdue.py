from datetime import timedelta

from odoo import fields, models

# Two runs of the poller: a question that is later has waited for its turn.
LATE = timedelta(minutes=10)


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _filter_unheard(self):
        """Override to wait for the answer where the carrier is about to be asked.

        While an account is paused nobody knows when that will be: then we do not wait.
        """
        late = fields.Datetime.now() - LATE
        overdue = self.filtered(
            lambda s: (
                s.poll_at
                and s.poll_at < late
                and s.poll_account_id._is_tracking(only_polled=True)
            )
        )
        paused = self.env["shipment.poll.pause"]._get(overdue.poll_account_id.ids)
        return super()._filter_unheard() | overdue.filtered(
            lambda s: s.poll_account_id.id not in paused
        )
