from odoo import Command, models
from odoo.exceptions import UserError

# What shipments must have in common to be one.
COMMON = ("company_id", "partner_id", "carrier_id", "delivery_carrier_id", "direction")


class ShipmentShipment(models.Model):
    """Deliveries for one address that leave together are one shipment."""

    _inherit = "shipment.shipment"

    def action_merge(self):
        """Make one shipment of several that have not been handed over yet."""
        self._check_merge()
        # Whoever packs deliveries together may do so without a right to delete shipments.
        kept_sudo, *others = self.sudo().sorted("id")
        others_sudo = kept_sudo.union(*others) - kept_sudo
        packages_sudo = others_sudo.package_ids
        start = max(kept_sudo.package_ids.mapped("sequence"), default=0)
        for place, package in enumerate(packages_sudo, start + 1):
            package.write({"shipment_id": kept_sudo.id, "sequence": place})
        others_sudo.charge_ids.shipment_id = kept_sudo
        kept_sudo.picking_ids = [
            Command.link(picking.id) for picking in others_sudo.picking_ids
        ]
        kept_sudo._message_log(
            body=self.env._(
                "Leaves together with %(shipments)s.",
                shipments=", ".join(others_sudo.mapped("name")),
            )
        )
        others_sudo.unlink()
        return self._action_of(kept_sudo.sudo(self.env.su))

    def _check_merge(self):
        self.check_access("write")
        if len(self) < 2:
            raise UserError(self.env._("Select the shipments that leave together."))
        for name in COMMON:
            if len(set(self.mapped(lambda shipment, name=name: shipment[name]))) > 1:
                label = self._fields[name]._description_string(self.env)
                raise UserError(
                    self.env._(
                        "They cannot leave together: “%(field)s” differs.", field=label
                    )
                )
        told = self.filtered("last_event_at")
        if told:
            raise UserError(
                self.env._(
                    "%(shipments)s already has a label or was reported on: cancel it first.",
                    shipments=", ".join(told.mapped("name")),
                )
            )
