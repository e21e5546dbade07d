from odoo import models
from odoo.fields import Command

from odoo.addons.shipment_visibility.models.shipment_charge import BOOKED_KINDS


class ShipmentShipment(models.Model):
    """What was booked for a label that is void costs nothing."""

    _inherit = "shipment.shipment"

    def _end_voided_label(self, keep_references_of=None):
        """Extend to take back what was booked; the carrier invoices nothing for it."""
        res = super()._end_voided_label(keep_references_of)
        self._take_back_booked()
        return res

    def _take_back_booked(self):
        """Adjust what was booked to nothing, once, however often it is called.

        The bookings stay, for they were made. What the carrier invoices all the same is a
        finding, which asks whether the label is void and not what was booked.
        """
        # Whoever cancels a label need not be allowed to see what it costs.
        for shipment_sudo in self.sudo():
            # By the day as well: at another day's rate something would be left over.
            booked = shipment_sudo.charge_ids.filtered(
                lambda charge: charge.kind in BOOKED_KINDS and charge.family != "info"
            ).grouped(
                lambda charge: (
                    charge.package_id,
                    charge.family,
                    charge.currency_id,
                    charge.date,
                )
            )
            shipment_sudo.charge_ids = [
                Command.create(
                    {
                        "kind": "adjusted",
                        "package_id": package.id,
                        "family": family,
                        "currency_id": currency.id,
                        "date": date,
                        "amount": -amount,
                        "description": self.env._("Label cancelled"),
                    }
                )
                for (package, family, currency, date), charges in booked.items()
                if not currency.is_zero(amount := sum(charges.mapped("amount")))
            ]
