from odoo import api, fields, models

from .delivery_carrier import TYPE


class StockPackageType(models.Model):
    _inherit = "stock.package.type"

    package_carrier_type = fields.Selection(
        selection_add=[(TYPE, "Shipment Visibility")],
        ondelete={TYPE: "set default"},
    )
    shipment_adapter = fields.Selection(
        selection="_selection_shipment_adapter",
        string="Carrier Connection",
        compute="_compute_shipment_adapter",
        store=True,
        readonly=False,
        help="The carrier whose own packaging this is. Leave empty for what every carrier "
        "takes, such as a box of yours.",
    )

    @api.model
    def _selection_shipment_adapter(self):
        return self.env["shipment.carrier.account"]._selection_adapter()

    @api.depends("package_carrier_type")
    def _compute_shipment_adapter(self):
        for package_type in self:
            package_type.shipment_adapter = (
                package_type.package_carrier_type == TYPE
                and package_type.shipment_adapter
            )

    def _fits_shipment_adapter(self, adapter):
        """Whether a carrier takes goods in such a package; no type fits every one."""
        return not self.shipment_adapter or self.shipment_adapter == adapter
