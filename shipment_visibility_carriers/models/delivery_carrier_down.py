from odoo import fields, models


class DeliveryCarrier(models.Model):
    """What a delivery method does when its carrier is down, or too slow."""

    _inherit = "delivery.carrier"

    shipment_when_down = fields.Selection(
        [
            ("queue", "Let the delivery go on, the label follows"),
            ("reroute", "Try other delivery methods, else the label follows"),
            ("block", "Stop the validation"),
        ],
        string="When the Carrier Is Down",
        required=True,
        default="queue",
        help="Also when it takes longer to answer than the account's time limit.",
    )
    shipment_reroute_ids = fields.One2many(
        "shipment.reroute", "from_method_id", string="Other Methods", copy=True
    )
