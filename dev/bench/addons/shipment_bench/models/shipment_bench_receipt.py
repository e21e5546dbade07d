from odoo import api, models


class ShipmentBenchReceipt(models.AbstractModel):
    """The usual way: each message is a job of its own."""

    _name = "shipment.bench.receipt"
    _description = "Webhook Message as a Job"

    @api.model
    def _job_process(self, receipt_id):
        """Do to one message, in the job's transaction, what the drain does to a batch."""
        receipt = self.env["shipment.webhook.receipt"].browse(receipt_id)
        self.env["shipment.webhook.drain"]._process(receipt.account_id, receipt)
