from odoo import api, fields, models


class ShipmentMappingGap(models.Model):
    """A carrier's code that nobody has mapped: it is stored as unknown, never guessed."""

    _name = "shipment.mapping.gap"
    _description = "Mapping Gap"
    _order = "count desc, id"
    _rec_name = "raw_code"

    carrier_id = fields.Many2one("shipment.carrier", required=True, ondelete="cascade")
    raw_code = fields.Char(string="Carrier's Code", required=True)
    sample = fields.Char(help="What the carrier wrote beside it.")
    count = fields.Integer(string="Events")
    last_seen = fields.Datetime()

    _raw_code_uniq = models.UniqueIndex("(carrier_id, raw_code)")

    @api.model
    def _count(self, gaps):
        """Count codes that have no meaning yet.

        :param gaps: ``{(carrier id, raw code): (number of events, sample text)}``
        """
        for (carrier, raw_code), (count, sample) in sorted(gaps.items()):
            self.env.cr.execute(
                """
                INSERT INTO shipment_mapping_gap AS gap
                            (carrier_id, raw_code, sample, count, last_seen)
                     VALUES (%s, %s, %s, %s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (carrier_id, raw_code)
                  DO UPDATE SET count = gap.count + EXCLUDED.count,
                                last_seen = EXCLUDED.last_seen
                """,
                [carrier, raw_code, sample, count],
            )
        self.invalidate_model()

    @api.model
    def _close(self, mappings):
        """Remove the gaps that these mappings fill."""
        for mapping in mappings:
            self.search(
                [
                    ("carrier_id", "=", mapping.carrier_id.id),
                    ("raw_code", "=", mapping.raw_code),
                ]
            ).unlink()

    def action_map(self):
        """Open a new mapping for this code."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Map a code"),
            "res_model": "shipment.mapping",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_carrier_id": self.carrier_id.id,
                "default_raw_code": self.raw_code,
            },
        }
