from odoo import fields, models


class ShipmentBenchCharge(models.Model):
    """What Odoo's own import fills: the columns of an invoice that ours keeps, and nothing else.

    It has no index, no relation, no computed field and no message, and neither looks for the
    parcel nor for a line that is known: no model that Odoo brings would be imported faster.
    """

    _name = "shipment.bench.charge"
    _description = "Charge of a Carrier, Plainly"
    _rec_name = "tracking_number"

    account = fields.Char()
    invoice_date = fields.Date()
    invoice_number = fields.Char()
    invoice_currency = fields.Char()
    invoice_amount = fields.Float()
    shipped_on = fields.Date()
    lead_number = fields.Char()
    pieces = fields.Integer()
    tracking_number = fields.Char()
    reference = fields.Char()
    entered_weight = fields.Float()
    entered_unit = fields.Char()
    billed_weight = fields.Float()
    billed_unit = fields.Char()
    weight_type = fields.Char()
    dimensions = fields.Char()
    zone = fields.Char()
    category = fields.Char()
    detail = fields.Char()
    classification = fields.Char()
    code = fields.Char()
    description = fields.Char()
    currency = fields.Char()
    incentive = fields.Float()
    net = fields.Float()
