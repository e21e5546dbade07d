from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..canonical import milestone as vocabulary
from .shipment_shipment import DIRECTIONS

EFFECTS = [
    ("release_invoice", "Release the customer invoice"),
    ("post_note", "Note it on the delivery and the order"),
    ("schedule_activity", "Schedule an activity"),
    ("open_exception", "Open an exception"),
    ("move_promised_date", "Move the promised date to the carrier's estimate"),
    ("close_delivery", "Close the delivery and lock the order"),
    ("match_return", "Tell whoever receives returns"),
    ("notify_customer", "Send a mail to the customer"),
]
# A customer who is told days later is not told news.
MAX_AGE_DAYS = 30
MAIL_MAX_AGE_DAYS = 2


class ShipmentRule(models.Model):
    """One business decision: when a shipment reaches a milestone, then do something."""

    _name = "shipment.rule"
    _description = "Shipment Rule"
    _inherit = ["shipment.role.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: in all companies.")
    code = fields.Selection(
        vocabulary.selection(), string="When a shipment is", required=True
    )
    effect = fields.Selection(EFFECTS, string="Then", required=True)
    warehouse_ids = fields.Many2many("stock.warehouse", string="Warehouses")
    delivery_carrier_ids = fields.Many2many(
        "delivery.carrier", string="Delivery Methods"
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    partner_category_ids = fields.Many2many(
        "res.partner.category", string="Customer Tags"
    )
    direction = fields.Selection(DIRECTIONS, default="outbound")
    activated_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="What happened before is noted and not acted on.",
    )
    max_age_days = fields.Integer(
        string="Maximum Age (days)",
        compute="_compute_max_age_days",
        store=True,
        readonly=False,
        help="What happened longer ago is noted and not acted on: a first poll, an import, "
        "what carriers told while the server was down.",
    )
    effect_count = fields.Integer(compute="_compute_effect_count")

    @api.depends("effect")
    def _compute_max_age_days(self):
        for rule in self:
            is_mail = rule.effect == "notify_customer"
            rule.max_age_days = MAIL_MAX_AGE_DAYS if is_mail else MAX_AGE_DAYS

    def _compute_effect_count(self):
        counts = dict(
            self.env["shipment.effect"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.effect_count = counts.get(rule, 0)

    @api.constrains("effect", "exception_type_id")
    def _check_effect(self):
        for rule in self:
            if rule.effect == "open_exception" and not rule.exception_type_id:
                raise ValidationError(
                    self.env._("Say which exception “%(rule)s” opens.", rule=rule.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo: a rule acts on what happens from now on."""
        now = fields.Datetime.now()
        for vals in vals_list:
            if vals.get("active", True):
                vals.setdefault("activated_at", now)
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo: a rule switched on acts on what happens from then on."""
        if vals.get("active"):
            vals = {"activated_at": fields.Datetime.now(), **vals}
        return super().write(vals)

    @api.model
    def _of_companies(self, companies):
        """Return the active rules that any of the companies has."""
        return self.search(
            Domain("company_id", "=", False) | Domain("company_id", "in", companies.ids)
        )

    def _applies_to(self, shipment):
        """Whether the rule is about such a shipment."""
        self.ensure_one()
        partner = shipment.partner_id
        return (
            self.company_id in (shipment.company_id, self.company_id.browse())
            and self.direction in (False, shipment.direction)
            and _none_or_in(self.warehouse_ids, shipment.warehouse_id)
            and _none_or_in(self.delivery_carrier_ids, shipment.delivery_carrier_id)
            and _none_or_in(self.country_ids, partner.country_id)
            and (
                not self.partner_category_ids
                or self.partner_category_ids
                & (partner | partner.commercial_partner_id).category_id
            )
        )

    def action_view_effects(self):
        """Open what this rule has decided."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_effect_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = {}
        return action


def _none_or_in(allowed, record):
    return not allowed or record in allowed
