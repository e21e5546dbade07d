from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.models.shipment_charge import AMOUNTS

from ..adapters import base


class ShipmentLabelCorrect(models.TransientModel):
    """Corrects a label after validation: void, book again, print, in one go."""

    _name = "shipment.label.correct"
    _description = "Correct a Label"

    picking_id = fields.Many2one("stock.picking", required=True, readonly=True)
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        required=True,
        domain="[('delivery_type', '=', 'shipment_visibility')]",
    )
    tracking_ref = fields.Char(related="picking_id.carrier_tracking_ref")
    line_ids = fields.One2many("shipment.label.correct.line", "wizard_id")
    weight_uom_name = fields.Char(related="picking_id.weight_uom_name")
    currency_id = fields.Many2one(related="picking_id.company_id.currency_id")
    cost_before = fields.Monetary(readonly=True, groups=AMOUNTS)
    cost_after = fields.Monetary(readonly=True, groups=AMOUNTS)
    cost_difference = fields.Monetary(
        compute="_compute_cost_difference", groups=AMOUNTS
    )
    is_priced = fields.Boolean()
    problem = fields.Text(readonly=True)

    @api.depends("cost_before", "cost_after")
    def _compute_cost_difference(self):
        for wizard in self:
            wizard.cost_difference = wizard.cost_after - wizard.cost_before

    @api.model
    def _open(self, picking):
        """Open the wizard on a delivery that has a label.

        :raise UserError: it has none that could be corrected.
        """
        picking.ensure_one()
        picking.check_access("write")
        shipment_sudo = picking._get_booked_shipments()
        if len(shipment_sudo) != 1 or shipment_sudo.picking_ids != picking:
            raise UserError(
                self.env._(
                    "Only the label of one delivery alone can be corrected. Cancel this "
                    "one, and book it again."
                )
            )
        # Whoever may not see what a label costs may correct it all the same.
        wizard_sudo = self.sudo().create(
            {
                "picking_id": picking.id,
                "carrier_id": picking.carrier_id.id,
                "cost_before": shipment_sudo._get_freight_cost("booked"),
                "line_ids": [
                    Command.create(vals) for vals in self._prepare_lines(picking)
                ],
            }
        )
        return wizard_sudo._reopen()

    @api.model
    def _prepare_lines(self, picking):
        lines = [
            {
                "package_id": package.id,
                "package_type_id": package.package_type_id.id,
                "weight": package.shipping_weight or package.weight,
            }
            for package in picking.move_line_ids.result_package_id
        ]
        if picking.weight_bulk:
            lines.append(
                {
                    "package_type_id": picking.shipment_loose_package_type_id.id,
                    "weight": picking.shipment_loose_weight or picking.weight_bulk,
                }
            )
        return lines

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Label"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_price(self):
        """Ask the carrier what it would cost like this. Nothing is changed by it."""
        self.ensure_one()
        self.write({"is_priced": False, "problem": False})
        try:
            # What is written to the packages to build the request is taken back.
            with self.env.cr.savepoint() as savepoint:
                self._apply()
                request = self.carrier_id._prepare_shipment_wish(
                    self.picking_id
                ).request
                savepoint.rollback()
            self.invalidate_recordset()
            account_sudo = self.carrier_id.sudo().shipment_account_id
            quote = self.carrier_id._pick_shipment_quote(
                account_sudo._adapter(budget=account_sudo.timeout).rate(request)
            )
            cost = self.carrier_id._convert_shipment_money(
                [quote.total],
                self.currency_id,
                self.picking_id.company_id,
                fields.Date.context_today(self),
            )
        except (UserError, base.CarrierError) as error:
            self.problem = str(error)
        else:
            # As when it was opened.
            self.sudo().write({"cost_after": cost, "is_priced": True})
        return self._reopen()

    def action_correct(self):
        """Cancel the label, book it again as it is now, and print the new one."""
        self.ensure_one()
        picking = self.picking_id
        picking.check_access("write")
        self._apply()
        picking._correct_label()
        return picking._get_label_action() or {"type": "ir.actions.act_window_close"}

    def _apply(self):
        """Write boxes, weights and method where Odoo keeps them."""
        for line in self.line_ids:
            vals = {"package_type_id": line.package_type_id.id}
            if line.package_id:
                line.package_id.write({**vals, "shipping_weight": line.weight})
            else:
                self.picking_id.write(
                    {
                        "shipment_loose_package_type_id": line.package_type_id.id,
                        "shipment_loose_weight": line.weight,
                    }
                )
        if self.picking_id.carrier_id != self.carrier_id:
            self.picking_id.carrier_id = self.carrier_id


class ShipmentLabelCorrectLine(models.TransientModel):
    """One parcel of the delivery whose label is corrected."""

    _name = "shipment.label.correct.line"
    _description = "Parcel of a Corrected Label"

    wizard_id = fields.Many2one(
        "shipment.label.correct", required=True, ondelete="cascade"
    )
    package_id = fields.Many2one("stock.package", readonly=True)
    name = fields.Char(compute="_compute_name", string="Parcel")
    package_type_id = fields.Many2one("stock.package.type")
    weight = fields.Float(digits="Stock Weight", required=True)

    @api.depends("package_id")
    def _compute_name(self):
        for line in self:
            line.name = line.package_id.name or self.env._("Not packed")
