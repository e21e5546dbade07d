from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical import milestone as vocabulary


class ShipmentSubscriptionEvent(models.Model):
    """A canonical code that other systems may be told of, to choose from."""

    _name = "shipment.subscription.event"
    _description = "Outgoing Event"
    _order = "id"
    _rec_name = "code"

    code = fields.Selection(
        vocabulary.selection(), string="Event", required=True, readonly=True
    )
    internal = fields.Boolean(
        compute="_compute_internal",
        search="_search_internal",
        help="Only for the company's own systems; customers are not told.",
    )

    _code_uniq = models.UniqueIndex("(code)", "This event is in the list already.")

    @api.depends("code")
    def _compute_internal(self):
        for event in self:
            event.internal = event.code in self._codes_for("internal")

    @api.model
    def _search_internal(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        codes = [
            code
            for audience, is_internal in (("internal", True), ("customer", False))
            if is_internal in wanted
            for code in self._codes_for(audience)
        ]
        return [("code", "in", codes)]

    @api.model
    def _codes_for(self, audience):
        """The codes that an audience may be told."""
        return [
            row.code.value
            for row in vocabulary.MILESTONES.values()
            if row.audience == audience
        ]

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for event in self:
            event.display_name = labels.get(event.code, "")
