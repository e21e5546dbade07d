from odoo import api, fields, models

from ..canonical import milestone as vocabulary


class ShipmentFollowed(models.AbstractModel):
    """A document whose shipments are followed on its own form.

    Nothing is stored: an event never writes a row that a user is editing, and installing
    on a large database adds no column. Whoever may see the document may follow its parcels.
    """

    _name = "shipment.followed.mixin"
    _description = "Followed Shipments"

    shipment_ids = fields.Many2many("shipment.shipment", string="Shipments")
    shipment_count = fields.Integer(
        compute="_compute_shipment_status", compute_sudo=True
    )
    shipment_headline = fields.Selection(
        vocabulary.selection(),
        string="Shipment Status",
        compute="_compute_shipment_status",
        compute_sudo=True,
        search="_search_shipment_headline",
    )
    shipment_promised_at = fields.Datetime(
        string="Promised by Carrier",
        compute="_compute_shipment_status",
        compute_sudo=True,
    )
    shipment_expected_at = fields.Datetime(
        string="Expected by Carrier",
        compute="_compute_shipment_status",
        compute_sudo=True,
    )
    shipment_exception_count = fields.Integer(
        string="Open Shipment Exceptions",
        compute="_compute_shipment_status",
        compute_sudo=True,
    )
    shipment_exception_ids = fields.Many2many(
        "shipment.exception",
        string="What Is Wrong",
        compute="_compute_shipment_exception_ids",
        compute_sudo=True,
    )
    shipment_proof_ids = fields.Many2many(
        "ir.attachment",
        string="Proof of Delivery",
        compute="_compute_shipment_proof_ids",
        compute_sudo=True,
    )
    shipment_timelines = fields.Json(
        compute="_compute_shipment_timelines", compute_sudo=True
    )

    @api.depends("shipment_ids.headline", "shipment_ids.open_exception_count")
    def _compute_shipment_status(self):
        for record in self:
            shipments = record.shipment_ids
            last = record._shipment_that_is_behind()
            record.shipment_count = len(shipments)
            record.shipment_headline = last.headline
            record.shipment_promised_at = last._promise() if last else False
            record.shipment_expected_at = last._expected_by() if last else False
            record.shipment_exception_count = sum(
                shipments.mapped("open_exception_count")
            )

    def _shipment_that_is_behind(self):
        """Return the one that speaks for the document: of those that count, the slowest."""
        shipments = self.shipment_ids
        live = shipments.filtered(lambda s: s.headline != "cancelled") or shipments
        outbound = live.filtered(lambda s: s.direction == "outbound") or live
        return outbound.sorted(lambda s: vocabulary.milestone(s.headline).rank or 0)[:1]

    @api.model
    def _search_shipment_headline(self, operator, value):
        if operator not in ("in", "=", "!=", "not in"):
            return NotImplemented
        return [("shipment_ids.headline", operator, value)]

    @api.depends("shipment_ids.exception_ids.state")
    def _compute_shipment_exception_ids(self):
        for record in self:
            record.shipment_exception_ids = record.shipment_ids.exception_ids.filtered(
                lambda exception: exception.state == "open"
            )

    @api.depends("shipment_ids.proof_attachment_ids")
    def _compute_shipment_proof_ids(self):
        for record in self:
            record.shipment_proof_ids = record.shipment_ids.proof_attachment_ids

    @api.depends("shipment_ids")
    def _compute_shipment_timelines(self):
        for record in self:
            record.shipment_timelines = record.shipment_ids._describe_timelines()

    def action_view_shipments(self):
        """Open the shipments of the document."""
        return self.env["shipment.shipment"]._action_of(self.shipment_ids)
