from odoo import api, models


class ShipmentProofReport(models.AbstractModel):
    """The proof of delivery of a shipment, on paper."""

    _name = "report.shipment_visibility.report_shipment_proof"
    _description = "Proof of Delivery"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Override of Odoo to refuse what is not delivered and to gather what is printed."""
        shipments = self.env["shipment.shipment"].browse(docids)
        shipments.check_access("read")
        shipments._check_delivered()
        return {
            "doc_ids": docids,
            "doc_model": shipments._name,
            # Whoever may see a shipment may print it: orders, warehouses and carriers
            # that are named on it are not all theirs to read.
            "docs": shipments.sudo(),
        }
