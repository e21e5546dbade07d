from odoo import api, fields, models
from odoo.exceptions import AccessError


class ShipmentPrintBench(models.Model):
    """A bench in the warehouse, with the printers that stand on it."""

    _name = "shipment.print.bench"
    _inherit = ["shipment.print.place"]
    _description = "Packing Bench"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty: people of all companies stand here.",
    )
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True)
    user_ids = fields.One2many(
        "res.users", "shipment_bench_id", string="People Here", readonly=True
    )
    is_mine = fields.Boolean(string="I Am Here", compute="_compute_is_mine")

    @api.depends("user_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        # Everybody may know where they stand themselves.
        mine = self.env.user.sudo().shipment_bench_id
        for bench in self:
            bench.is_mine = bench.id == mine.id

    def action_stand_here(self):
        """Have the labels that I book printed at this bench."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users stand at a bench."))
        # A user may choose the own bench, as in the preferences.
        self.env.user.sudo().shipment_bench_id = self

    def action_leave(self):
        """Stand at no bench: the operation type's or the warehouse's printer counts."""
        # As above.
        self.env.user.sudo().shipment_bench_id = False
