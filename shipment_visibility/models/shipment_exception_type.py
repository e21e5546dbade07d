from odoo import api, fields, models, tools

from ..canonical.exception_type import ExceptionType

SEVERITIES = [
    ("0", "Low"),
    ("1", "Normal"),
    ("2", "High"),
    ("3", "Critical"),
]


class ShipmentExceptionType(models.Model):
    """How a kind of trouble is handled: by whom, how fast, and what it holds up."""

    _name = "shipment.exception.type"
    _description = "Exception Type"
    _inherit = ["shipment.role.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="By which the software finds it.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    severity = fields.Selection(SEVERITIES, required=True, default="1")
    advice = fields.Text(
        string="What to Do", translate=True, help="Shown to whoever handles it."
    )
    response_hours = fields.Float(
        string="Handle within (hours)",
        default=8.0,
        help="Working hours of the company's calendar.",
    )
    escalate_hours = fields.Float(
        string="Escalate after (hours)",
        default=8.0,
        help="Working hours after the deadline. 0: never.",
    )
    escalate_role = fields.Selection(
        selection=lambda self: self._fields["role"].selection,
        string="Escalate to",
        default="team",
    )
    escalate_user_id = fields.Many2one("res.users", string="Escalate to Person")
    blocks_invoice = fields.Boolean(
        string="Holds the Invoice",
        help="While such an exception is open, rules do not release the invoice.",
    )
    may_claim = fields.Boolean(
        string="Claim Possible", help="Damage and loss are claimed from the carrier."
    )
    claim_days = fields.Integer(
        string="Claim within (days)",
        default=7,
        help="Carriers refuse what is claimed later.",
    )

    _code_uniq = models.UniqueIndex("(code)", "Another type has this code.")

    @api.model
    @tools.ormcache()
    def _ids_by_code(self):
        """Return the ids of all types by their codes; two words in memory for each."""
        every = self.sudo().with_context(active_test=False)
        types = every.search_fetch([], ["code"])
        return {kind.code: kind.id for kind in types}

    @api.model
    def _get(self, code):
        """Return the type with this code.

        :param canonical.exception_type.ExceptionType code: what went wrong
        """
        return self.browse(self._ids_by_code()[ExceptionType(code).value])

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to forget which types there were."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_forget(self):
        self.env.registry.clear_cache()

    def _find_escalation(self, shipment):
        """Return who is told when the owner has not handled it in time."""
        self.ensure_one()
        return self._find_user_of(self.escalate_role, self.escalate_user_id, shipment)


class ShipmentExceptionResolution(models.Model):
    """How exceptions end, in a few words that can be counted."""

    _name = "shipment.exception.resolution"
    _description = "Exception Resolution"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
