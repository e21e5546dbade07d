from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

PREVIEW_DAYS = 30
# Enough to judge a rule by; folding more would keep its author waiting.
PREVIEW_LIMIT = 1000


class ShipmentRule(models.Model):
    """Which shipments a rule would have been about, before it is switched on."""

    _inherit = "shipment.rule"

    def action_preview(self):
        """List the shipments of the last 30 days that the rule would have acted on."""
        self.ensure_one()
        shipments = self._preview()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_shipment_action"
        )
        title = self.env._(
            "%(rule)s: %(count)s shipments in %(days)s days",
            rule=self.name,
            count=len(shipments),
            days=PREVIEW_DAYS,
        )
        action.update(
            name=title,
            display_name=title,
            domain=[("id", "in", shipments.ids)],
            context={"create": False},
        )
        return action

    def _preview(self):
        """Return the shipments to which the rule's milestone happened lately."""
        since = fields.Datetime.now() - timedelta(days=PREVIEW_DAYS)
        candidates = self.env["shipment.shipment"].search(
            self._shipment_domain() & Domain("last_event_at", ">=", since),
            order="last_event_at desc",
            limit=PREVIEW_LIMIT,
        )
        candidates = candidates.filtered(self._applies_to)
        # Timelines are told from milestones, which not everybody who writes rules reads.
        timelines = candidates.sudo()._timelines()
        return candidates.filtered(
            lambda shipment: any(
                occurrence.code == self.code
                and occurrence.occurred_at.replace(tzinfo=None) >= since
                for occurrence in timelines[shipment.id].occurrences
            )
        )

    def _shipment_domain(self):
        """Return a domain that leaves out most of what the rule is not about."""
        domain = Domain.TRUE
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.direction:
            domain &= Domain("direction", "=", self.direction)
        if self.warehouse_ids:
            domain &= Domain("warehouse_id", "in", self.warehouse_ids.ids)
        if self.delivery_carrier_ids:
            domain &= Domain("delivery_carrier_id", "in", self.delivery_carrier_ids.ids)
        if self.country_ids:
            domain &= Domain("partner_id.country_id", "in", self.country_ids.ids)
        return domain
