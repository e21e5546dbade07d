from odoo import api, fields, models

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code


class ShipmentPackage(models.Model):
    """One physical parcel, as it was when it was handed over."""

    _name = "shipment.package"
    _description = "Shipment Package"
    _order = "shipment_id, sequence, id"
    _rec_name = "tracking_number"

    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    carrier_id = fields.Many2one(related="shipment_id.carrier_id", store=True)
    sequence = fields.Integer(default=1)
    name = fields.Char(help="The package's name in the warehouse.")
    tracking_number = fields.Char()
    number_normalised = fields.Char(
        compute="_compute_number_normalised", store=True, index="trigram"
    )
    live = fields.Boolean(
        default=True,
        help="Carriers use numbers again: only a live package receives events.",
    )
    superseded_by_id = fields.Many2one("shipment.package", index="btree_not_null")
    weight_kg = fields.Float(string="Weight (kg)", digits="Stock Weight")
    length_cm = fields.Float(string="Length (cm)")
    width_cm = fields.Float(string="Width (cm)")
    height_cm = fields.Float(string="Height (cm)")
    contents = fields.Text(help="What was in it when it was handed over.")
    stock_package_id = fields.Many2one(
        "stock.package", string="Warehouse Package", ondelete="set null"
    )
    headline = fields.Selection(
        vocabulary.selection(),
        string="Status",
        required=True,
        readonly=True,
        default=Code.UNKNOWN.value,
    )
    headline_at = fields.Datetime(string="Status Since", readonly=True)
    label_id = fields.Many2one("ir.attachment", ondelete="set null")
    tracking_url = fields.Char(compute="_compute_tracking_url")

    _live_number_uniq = models.UniqueIndex(
        "(company_id, carrier_id, number_normalised)"
        " WHERE live AND number_normalised IS NOT NULL",
        "Another live package of this carrier has this tracking number.",
    )
    _number_idx = models.Index(
        "(number_normalised) WHERE live AND number_normalised IS NOT NULL"
    )

    @api.depends("tracking_number")
    def _compute_number_normalised(self):
        normalise = self.env["shipment.carrier"]._normalise_number
        for package in self:
            package.number_normalised = normalise(package.tracking_number) or False

    @api.depends("tracking_number", "carrier_id.tracking_url")
    def _compute_tracking_url(self):
        for package in self:
            package.tracking_url = package.carrier_id._tracking_link(
                package.tracking_number
            )

    def action_download_label(self):
        """Hand the label to the browser again; nothing is bought."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.label_id.id}?download=true",
            "target": "new",
        }
