from odoo import api, models


class ShipmentBenchReceipt(models.AbstractModel):
    """The usual way: each message is a job of its own."""

    _name = "shipment.bench.receipt"
    _description = "Webhook Message as a Job"

    @api.model
    def _job_process(self, receipt_id):
        """Do to one message, in the job's transaction, what the drain does to a batch.

        What fails is left to the queue, which tries again.
        """
        receipt = self.env["shipment.webhook.receipt"].browse(receipt_id)
        account = receipt.account_id
        drain = self.env["shipment.webhook.drain"]
        messages = [(receipt, drain._read_one(account._adapter(), receipt))]
        drain._settle(account, messages, drain._ingest(account, messages))
