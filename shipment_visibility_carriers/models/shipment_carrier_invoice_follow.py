from odoo import models

from .shipment_freight_cost import APPROVED


class ShipmentCarrierInvoice(models.Model):
    """What an invoice says is taken for the cost once it is approved."""

    _inherit = "shipment.carrier.invoice"

    def write(self, vals):
        """Override of Odoo: what is approved now is what the shipments cost."""
        approved = self.filtered(
            lambda invoice: (
                vals.get("state") in APPROVED and invoice.state not in APPROVED
            )
        )
        result = super().write(vals)
        for invoice in approved:
            invoice._follow_approval()
        return result

    def _follow_approval(self):
        """Let follow what depends on the carrier's real prices."""
        self.ensure_one()
        shipments = self.env["shipment.shipment"].browse(self._get_billed_shipments())
        shipments._propagate_real_cost()


class ShipmentCarrierInvoiceLine(models.Model):
    _inherit = "shipment.carrier.invoice.line"

    def _charge(self):
        """Override: a parcel that is found after the approval is a cost from now on."""
        result = super()._charge()
        approved = self.search(
            [
                ("id", "in", self.ids),
                ("invoice_id.state", "in", APPROVED),
                ("shipment_id", "!=", False),
            ]
        )
        approved.shipment_id._propagate_real_cost()
        return result

    def write(self, vals):
        """Override of Odoo: the parcel that it was said of before costs less now."""
        before = self.env["shipment.shipment"]
        if "shipment_id" in vals or "package_id" in vals:
            before = self.filtered(
                lambda line: line.invoice_id.state in APPROVED
            ).shipment_id
        result = super().write(vals)
        before._propagate_real_cost()
        return result


class ShipmentFreightFinding(models.Model):
    _inherit = "shipment.freight.finding"

    def _decide(self, state):
        """Override: what was disputed in vain is a cost after all.

        What is given back follows with the credit note that says so.
        """
        result = super()._decide(state)
        if state in ("lost", "disputed"):
            approved = self.filtered(lambda found: found.invoice_id.state in APPROVED)
            approved.shipment_id._propagate_real_cost()
        return result
