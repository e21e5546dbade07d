from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code

# Which mail tells of which milestone, where the rule does not name one.
TEMPLATES = {
    code.value: f"shipment_visibility.mail_template_{code.value}"
    for code in (
        Code.PICKED_UP,
        Code.OUT_FOR_DELIVERY,
        Code.AVAILABLE_FOR_PICKUP,
        Code.ATTEMPT_FAILED,
        Code.DELIVERED,
        Code.PARTIALLY_DELIVERED,
        Code.DELAYED,
        Code.CUSTOMS_HELD,
        Code.RETURNING,
    )
}


class ShipmentRule(models.Model):
    """Which mail a rule sends to the customer."""

    _inherit = "shipment.rule"

    mail_template_id = fields.Many2one(
        "mail.template",
        domain="[('model', '=', 'shipment.shipment')]",
        ondelete="restrict",
        help="Empty: the mail that is made for the milestone.",
    )

    @api.constrains("effect", "code", "mail_template_id")
    def _check_notification(self):
        for rule in self.filtered(lambda rule: rule.effect == "notify_customer"):
            milestone = vocabulary.milestone(rule.code)
            label = dict(self._fields["code"]._description_selection(self.env))
            if milestone.audience != "customer":
                raise ValidationError(
                    self.env._(
                        "“%(milestone)s” is not for customers to read in a mail: a person "
                        "should tell them. Choose another milestone, or schedule an "
                        "activity.",
                        milestone=label[rule.code],
                    )
                )
            template = rule.mail_template_id
            if template and template.model != "shipment.shipment":
                raise ValidationError(
                    self.env._(
                        "“%(template)s” is not about shipments: choose a mail template "
                        "that is.",
                        template=template.name,
                    )
                )
            if not template and rule.code not in TEMPLATES:
                raise ValidationError(
                    self.env._(
                        "There is no ready mail for “%(milestone)s”: choose a mail "
                        "template.",
                        milestone=label[rule.code],
                    )
                )

    def _notification_template(self):
        """Return the mail that the rule sends."""
        self.ensure_one()
        template = self.mail_template_id or self.env.ref(
            TEMPLATES.get(self.code, ""), raise_if_not_found=False
        )
        if not template:
            raise UserError(
                self.env._("The mail has been deleted: choose one in the rule.")
            )
        return template
