from odoo import api, fields, models
from odoo.exceptions import UserError

from ..canonical import milestone as vocabulary
from ..canonical.schema import Precision, Source, Zone

SOURCES = [
    (Source.WEBHOOK.value, "Carrier (webhook)"),
    (Source.POLL.value, "Carrier (asked)"),
    (Source.FILE.value, "File"),
    (Source.MANUAL.value, "Person"),
    (Source.ODOO.value, "Odoo"),
]
ZONES = [
    (Zone.KNOWN.value, "Known"),
    (Zone.LOCAL.value, "Local time, zone unknown"),
    (Zone.CLAIMED.value, "Claims to be UTC"),
]
PRECISIONS = [
    (Precision.SECOND.value, "Second"),
    (Precision.MINUTE.value, "Minute"),
    (Precision.DAY.value, "Day"),
]
# What a mapping or a match may give a milestone later; all else is as it came in.
DERIVED = {"code", "reason", "shipment_id", "package_id", "carrier_id"}


class ShipmentMilestone(models.Model):
    """One observation by one source. Append-only: what a source said is never changed."""

    _name = "shipment.milestone"
    _description = "Shipment Milestone"
    _order = "occurred_at desc, id desc"
    _rec_name = "code"

    # What is read-only is found out here; Odoo's import screen offers the other columns.
    shipment_id = fields.Many2one(
        "shipment.shipment", ondelete="cascade", index="btree_not_null", readonly=True
    )
    package_id = fields.Many2one(
        "shipment.package", ondelete="cascade", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    carrier_id = fields.Many2one("shipment.carrier", ondelete="restrict")
    tracking_number = fields.Char()
    number_normalised = fields.Char(readonly=True)
    key = fields.Char(
        required=True,
        readonly=True,
        help="What makes it this observation and no other.",
    )
    source = fields.Selection(SOURCES, required=True, readonly=True)
    source_event_id = fields.Char()
    raw_code = fields.Char()
    raw_status = fields.Char()
    raw_text = fields.Text()
    parsed_code = fields.Selection(
        vocabulary.selection(),
        readonly=True,
        help="What the source's own table makes of the raw code.",
    )
    code = fields.Selection(vocabulary.selection(), string="Milestone", required=True)
    parsed_reason = fields.Char(help="The source's own reason, or its table's.")
    reason = fields.Char()
    occurred_at = fields.Datetime(required=True)
    occurred_text = fields.Char(help="The time as the source wrote it.")
    zone = fields.Selection(ZONES, required=True, default=Zone.KNOWN.value)
    precision = fields.Selection(
        PRECISIONS, required=True, default=Precision.SECOND.value
    )
    facility = fields.Char()
    city = fields.Char()
    state = fields.Char()
    postal_code = fields.Char()
    country_code = fields.Char(size=2)
    signer = fields.Char()
    photo_url = fields.Char()
    estimated_from = fields.Datetime()
    estimated_to = fields.Datetime()
    estimated_date = fields.Date()
    received_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    origin = fields.Char(
        readonly=True, help="Where it came in, a webhook receipt for example."
    )

    # One key per company: what one company is told can never displace another's.
    _key_uniq = models.UniqueIndex(
        "(company_id, key)", "This observation is stored already."
    )
    _parked_idx = models.Index(
        "(number_normalised, company_id) WHERE shipment_id IS NULL"
    )
    _mapping_idx = models.Index("(carrier_id, raw_code)")

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse: events come in through :meth:`shipment.shipment._ingest` alone.

        The rows of Odoo's import screen are handed on to it.
        """
        if self.env.context.get("import_file"):
            return self._create_imported(vals_list)
        raise UserError(
            self.env._("Milestones are recorded from events, not created by hand.")
        )

    def write(self, vals):
        """Refuse to change what a source said; what is derived from it may follow."""
        if not self.env.su or not vals.keys() <= DERIVED:
            raise UserError(self.env._("A recorded milestone is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(self.env._("A recorded milestone is never deleted."))

    def _place(self):
        """Return the place in one line, as people write it."""
        self.ensure_one()
        city = " ".join(filter(None, (self.postal_code, self.city)))
        parts = (self.facility, city, self.state, self.country_code)
        return ", ".join(filter(None, parts))
