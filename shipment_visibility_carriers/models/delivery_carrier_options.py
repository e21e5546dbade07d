from odoo import api, fields, models

from .shipment_options import SIGNATURES


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    shipment_signature = fields.Selection(
        SIGNATURES,
        string="Signature on Delivery",
        required=True,
        default="none",
        help="Where neither order nor delivery says another one.",
    )
    shipment_saturday = fields.Boolean(
        string="Saturday Delivery", help="Asked for with every delivery."
    )
    shipment_address_check = fields.Selection(
        [("off", "Off"), ("ask", "Ask the carrier")],
        string="Validate Addresses",
        required=True,
        default="off",
        help="Orders and deliveries then offer to have the address checked by the carrier.",
    )
    shipment_can_check_address = fields.Boolean(
        compute="_compute_shipment_can_check_address"
    )

    @api.depends("shipment_account_id.adapter")
    def _compute_shipment_can_check_address(self):
        for method in self:
            adapter = method._shipment_adapter_class()
            method.shipment_can_check_address = bool(
                adapter and "validate_address" in adapter.capabilities()
            )
