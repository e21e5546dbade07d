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
            booked = shipment_sudo.charge_ids.filtered(
                lambda charge: charge.kind in BOOKED_KINDS and charge.family != "info"
            )
            left = booked.grouped(
                lambda charge: (charge.package_id, charge.family, charge.currency_id)
            )
            shipment_sudo.charge_ids = [
                Command.create(charge._prepare_taken_back())
                for (_package, _family, currency), charges in left.items()
                if not currency.is_zero(sum(charges.mapped("amount")))
                for charge in charges
            ]


class ShipmentCharge(models.Model):
    _inherit = "shipment.charge"

    def _prepare_taken_back(self):
        """The values of a charge that undoes this one, to the cent in every currency."""
        self.ensure_one()
        return {
            "kind": "adjusted",
            "package_id": self.package_id.id,
            "family": self.family,
            "currency_id": self.currency_id.id,
            # At another day's rate something would be left over.
            "date": self.date,
            "amount": -self.amount,
            "raw_code": self.raw_code,
            "description": self.env._("Label cancelled"),
        }
