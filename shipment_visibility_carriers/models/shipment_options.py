from odoo import fields, models

# What an order hands on to its deliveries.
OPTIONS = (
    "shipment_signature",
    "shipment_saturday",
    "shipment_contents",
    "shipment_freight_payer",
    "shipment_freight_account_id",
    "shipment_duties_payer",
    "shipment_duties_account_id",
)
SIGNATURES = [
    ("none", "None"),
    ("any", "Anybody's"),
    ("adult", "An adult's"),
]


class ShipmentOptionsMixin(models.AbstractModel):
    """What is asked of the carrier beside the transport, on an order and on a delivery.

    Empty is the usual: a default would be written to each of them when we are installed.
    """

    _name = "shipment.options.mixin"
    _description = "Delivery Options"

    shipment_signature = fields.Selection(
        SIGNATURES,
        string="Signature on Delivery",
        help="Empty: as the delivery method says.",
    )
    shipment_saturday = fields.Boolean(
        string="Saturday Delivery",
        help="Some delivery methods always ask for it.",
    )
    shipment_contents = fields.Selection(
        [
            ("merchandise", "Merchandise"),
            ("gift", "Gift"),
            ("sample", "Commercial sample"),
            ("documents", "Documents"),
            ("return", "Returned goods"),
        ],
        string="Contents",
        help="What customs is told that it is. Empty: merchandise.",
    )
    shipment_freight_payer = fields.Selection(
        [("receiver", "Receiver"), ("third_party", "Third party")],
        string="Freight Paid By",
        help="Empty: by us.",
    )
    shipment_freight_account_id = fields.Many2one(
        "shipment.payer.account",
        string="Freight Account",
        check_company=True,
        index="btree_not_null",
        help="The payer's account at the carrier. Empty: the only one the receiver has.",
    )
    shipment_duties_payer = fields.Selection(
        [
            ("shipper", "Us"),
            ("receiver", "Receiver"),
            ("third_party", "Third party"),
        ],
        string="Duties Paid By",
        help="Empty: by the incoterm. That is us under DDP, otherwise the receiver.",
    )
    shipment_duties_account_id = fields.Many2one(
        "shipment.payer.account",
        string="Duties Account",
        check_company=True,
        index="btree_not_null",
        help="The payer's account at the carrier, where the carrier is to bill one.",
    )
