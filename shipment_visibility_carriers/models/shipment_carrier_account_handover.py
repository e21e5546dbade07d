from odoo import api, models
from odoo.exceptions import UserError


class ShipmentCarrierAccount(models.Model):
    _inherit = "shipment.carrier.account"

    def _offers(self, operation):
        """Whether this account, with its credentials, can ask for an operation."""
        self.ensure_one()
        try:
            return self._adapter().offers(operation)
        except UserError:
            # An account that is not set up can ask for nothing.
            return False


class ShipmentBookingJanitor(models.AbstractModel):
    _inherit = "shipment.booking.desk"

    @api.model
    def _cron_tidy(self):
        """Extend to say of pickups and manifests, too, that their server has stopped."""
        for name in ("shipment.pickup", "shipment.manifest"):
            self.env[name]._tidy()
        return super()._cron_tidy()
