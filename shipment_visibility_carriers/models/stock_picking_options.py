from odoo import fields, models
from odoo.exceptions import UserError

from .delivery_carrier import TYPE


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "shipment.options.mixin"]

    shipment_drop_off_point = fields.Char(
        string="Drop-Off Point",
        help="The carrier's id of the point where the receiver fetches the parcels.",
    )
    shipment_insured_value = fields.Monetary(
        string="Insured Value",
        currency_field="shipment_currency_id",
        help="Empty: the share of the goods' cost that the delivery method insures.",
    )
    shipment_currency_id = fields.Many2one(related="company_id.currency_id")
    shipment_carrier_id = fields.Many2one(
        "shipment.carrier", compute="_compute_shipment_carrier_id"
    )

    def _compute_shipment_carrier_id(self):
        for picking in self:
            method = picking.carrier_id
            picking.shipment_carrier_id = method and method._get_shipment_carrier()

    def action_check_shipment(self):
        """Tell all that the carrier would stumble over, before anything is booked."""
        self.ensure_one()
        self.check_access("read")
        problems = self._find_shipment_problems()
        if problems:
            return self.env["shipment.request.check"]._open(self, problems)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Ready to ship"),
                "message": self.env._("Nothing is missing."),
            },
        }

    def _find_shipment_problems(self):
        method = self.carrier_id
        if method.delivery_type != TYPE:
            return [
                self.env._("The delivery has no delivery method of a carrier account.")
            ]
        problems = []
        try:
            method._check_shipment_company(self.company_id)
        except UserError as error:
            problems.append(str(error))
        # As when it is booked: prices and accounts are not the packer's to read.
        builder_sudo = self.env["shipment.request.builder"].sudo()
        _parts, found = builder_sudo._parts_of_pickings(method, self.sudo())
        return problems + found


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_new_picking_values(self):
        """Override of `stock` to hand the order's delivery options on."""
        vals = super()._get_new_picking_values()
        orders = self.sale_line_id.order_id
        if orders:
            vals.update(orders[0]._prepare_shipment_options())
        return vals
