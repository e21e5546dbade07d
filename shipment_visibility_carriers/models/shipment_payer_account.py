from odoo import api, fields, models


class ShipmentPayerAccount(models.Model):
    """A customer's own account at a carrier, which pays freight or duties."""

    _name = "shipment.payer.account"
    _description = "Payer's Carrier Account"
    _order = "partner_id, carrier_id, id"
    _check_company_auto = True
    _rec_names_search = ["number", "partner_id"]

    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Holder",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    carrier_id = fields.Many2one(
        "shipment.carrier", required=True, index=True, ondelete="restrict"
    )
    number = fields.Char(string="Account Number", required=True)
    zip = fields.Char(
        string="ZIP",
        compute="_compute_zip",
        store=True,
        readonly=False,
        help="Of the address that the carrier has for this account.",
    )
    country_id = fields.Many2one(
        "res.country", compute="_compute_country_id", store=True, readonly=False
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: every company may use it."
    )

    _unique_number = models.UniqueIndex(
        "(partner_id, carrier_id, number)",
        "This account of the partner is there already.",
    )

    @api.depends("partner_id")
    def _compute_zip(self):
        for account in self:
            account.zip = account.zip or account.partner_id.zip

    @api.depends("partner_id")
    def _compute_country_id(self):
        for account in self:
            account.country_id = account.country_id or account.partner_id.country_id

    @api.depends("carrier_id", "number", "partner_id")
    def _compute_display_name(self):
        for account in self:
            words = (account.number, account.carrier_id.name, account.partner_id.name)
            account.display_name = " · ".join(filter(None, words))
