from odoo import api, fields, models

from ..canonical import milestone as vocabulary


class ShipmentMapping(models.Model):
    """What a carrier's code means here: an administrator's word that wins over our tables."""

    _name = "shipment.mapping"
    _description = "Milestone Mapping"
    _order = "carrier_id, raw_code"
    _rec_name = "raw_code"

    active = fields.Boolean(default=True)
    carrier_id = fields.Many2one("shipment.carrier", required=True, ondelete="cascade")
    raw_code = fields.Char(string="Carrier's Code", required=True)
    code = fields.Selection(vocabulary.selection(), string="Milestone", required=True)
    reason = fields.Char()

    _raw_code_uniq = models.UniqueIndex(
        "(carrier_id, raw_code)", "This code of the carrier is mapped already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to give recorded milestones their new meaning."""
        mappings = super().create(vals_list)
        mappings._apply()
        self.env["shipment.mapping.gap"].sudo()._close(mappings)
        return mappings

    def write(self, vals):
        """Override of Odoo to give recorded milestones their new meaning."""
        result = super().write(vals)
        self._apply()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_restore(self):
        self.active = False

    def _apply(self):
        """Let the milestones of these codes follow, and the shipments they belong to."""
        # The milestones of all companies follow, for a code means the same everywhere.
        Milestone = self.env["shipment.milestone"].sudo()
        touched = self.env["shipment.shipment"].sudo()
        for mapping in self:
            milestones = Milestone.search(
                [
                    ("carrier_id", "=", mapping.carrier_id.id),
                    ("raw_code", "=", mapping.raw_code),
                ]
            )
            told = milestones.grouped(lambda m: (m.parsed_code, m.parsed_reason))
            for (code, reason), same in told.items():
                if mapping.active:
                    code, reason = mapping.code, mapping.reason or reason
                same.write({"code": code or "unknown", "reason": reason})
            touched |= milestones.shipment_id
        touched._refold()
