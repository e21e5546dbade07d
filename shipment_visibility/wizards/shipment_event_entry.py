import datetime as dt

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code

EARLIEST = dt.datetime(2000, 1, 1)
# A clock may be wrong, a calendar entry may not.
LATEST = dt.timedelta(days=1)
DELIVERIES = (Code.DELIVERED, Code.PARTIALLY_DELIVERED)


class ShipmentEventEntry(models.TransientModel):
    """What a person knows of shipments: a call of the driver, a paper that was signed.

    It is an observation like any other. Only one that gives a reason outranks what the
    carrier said.
    """

    _name = "shipment.event.entry"
    _description = "Record an Event"

    shipment_ids = fields.Many2many(
        "shipment.shipment",
        string="Shipments",
        default=lambda self: self._default_shipments(),
    )
    shipment_count = fields.Integer(
        string="Number of Shipments", compute="_compute_shipment_count"
    )
    package_ids = fields.Many2many(
        "shipment.package",
        string="Packages",
        domain="[('shipment_id', 'in', shipment_ids), ('superseded_by_id', '=', False)]",
        help="Leave empty for the whole shipment.",
    )
    code = fields.Selection(
        [row for row in vocabulary.selection() if row[0] != Code.UNKNOWN],
        string="Milestone",
        required=True,
    )
    occurred_at = fields.Datetime(
        string="Happened At", required=True, default=fields.Datetime.now
    )
    city = fields.Char()
    country_id = fields.Many2one("res.country")
    text = fields.Text(string="Description")
    signer = fields.Char(string="Signed By")
    is_correction = fields.Boolean(
        string="This Corrects the Record",
        help="A correction outranks what the carrier said, until something newer happens.",
    )
    reason = fields.Char(help="Why the record was wrong.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Files",
        help="A proof of delivery, a photo of the damage.",
    )

    @api.model
    def _default_shipments(self):
        context = self.env.context
        if context.get("active_model") != "shipment.shipment":
            return self.env["shipment.shipment"]
        ids = context.get("active_ids") or [context.get("active_id")]
        return self.env["shipment.shipment"].browse([i for i in ids if i])

    @api.depends("shipment_ids")
    def _compute_shipment_count(self):
        for entry in self:
            entry.shipment_count = len(entry.shipment_ids)

    @api.onchange("shipment_ids")
    def _onchange_shipment_ids(self):
        """Forget parcels of shipments that are no longer meant."""
        self.package_ids = self.package_ids.filtered(
            lambda package: package.shipment_id in self.shipment_ids
        )

    def action_record(self):
        """Record the event, and keep the files with the shipments."""
        self.ensure_one()
        self._check_entry()
        self.shipment_ids._record_manual(self.package_ids, **self._prepare_values())
        self._file_attachments()
        return {"type": "ir.actions.act_window_close"}

    def _check_entry(self):
        if not self.shipment_ids:
            raise UserError(self.env._("Choose the shipment that this happened to."))
        if self.package_ids and (
            len(self.shipment_ids) > 1
            or self.package_ids.shipment_id != self.shipment_ids
        ):
            raise UserError(
                self.env._("Choose packages of one shipment only, or none of them.")
            )
        if self.occurred_at < EARLIEST:
            raise UserError(
                self.env._("This happened before the year 2000. Correct the date.")
            )
        if self.occurred_at > fields.Datetime.now() + LATEST:
            raise UserError(
                self.env._(
                    "This happens in the future. Record an event once it happened."
                )
            )
        if self.is_correction and not (self.reason or "").strip():
            raise UserError(
                self.env._("Say why the record was wrong: a correction needs a reason.")
            )

    def _prepare_values(self):
        return {
            "code": self.code,
            "occurred_at": self.occurred_at.replace(microsecond=0),
            "city": self.city or None,
            "country_code": self.country_id.code or None,
            "raw_text": self.text or None,
            "signer": self.signer or None,
            "reason": self.reason.strip() if self.is_correction else None,
        }

    def _file_attachments(self):
        """Link the files to each shipment; those of a delivery prove it."""
        for shipment in self.shipment_ids if self.attachment_ids else ():
            files = self.env["ir.attachment"]
            for attachment in self.attachment_ids:
                place = {"res_model": shipment._name, "res_id": shipment.id}
                # A file that was not uploaded here stays where it is.
                if attachment.res_model == self._name:
                    attachment.write(place)
                    files |= attachment
                else:
                    files |= attachment.copy(place)
            if self.code in DELIVERIES:
                shipment.proof_attachment_ids = [
                    Command.link(file.id) for file in files
                ]
