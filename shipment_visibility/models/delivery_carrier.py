from odoo import fields, models

# Types that say how a price is made and not who transports.
PRICE_TYPES = ("fixed", "base_on_rule")


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    shipment_carrier_id = fields.Many2one(
        "shipment.carrier",
        string="Transported By",
        help="The company that transports what is sent with this method. Found by itself "
        "when left empty.",
    )

    def _get_shipment_carrier(self):
        """Return the transporting company, created on the method's first shipment."""
        self.ensure_one()
        if not self.shipment_carrier_id:
            # Whoever validates a delivery may not create carriers or edit methods.
            method_sudo = self.sudo()
            code, name = method_sudo._shipment_carrier_identity()
            method_sudo.shipment_carrier_id = method_sudo.env[
                "shipment.carrier"
            ]._get_or_create(code, name)
        return self.shipment_carrier_id

    def _shipment_carrier_identity(self):
        """Return code and name of the carrier behind a method that names none."""
        if self.delivery_type in PRICE_TYPES:
            return f"method_{self.id}", self.name
        labels = dict(self._fields["delivery_type"]._description_selection(self.env))
        return self.delivery_type, labels[self.delivery_type]
