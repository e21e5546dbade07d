from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .shipment_rate_desk import Offer


class ShipmentSelectionRule(models.Model):
    """What a rule does without being asked, and what it says when it finds nothing."""

    _inherit = "shipment.selection.rule"

    @api.model
    def _choose_for(self, source, charged=True):
        """Give an order or a delivery its method by the first automatic rule, if there is one.

        What goes wrong is noted on it, and stops nothing.

        :return: the choice, or none
        """
        rule = self._find(source, automatic=True)
        choices = self.env["shipment.rate.choice"]
        if not rule:
            return choices
        offers = rule._ask(source)
        chosen = rule._pick(source, offers)
        if not chosen:
            rule._report(source, offers)
            return choices
        try:
            with self.env.cr.savepoint():
                return choices._take(
                    source,
                    chosen,
                    offers,
                    charged=charged and rule.is_charged,
                    **rule._prepare_choice(source),
                )
        except UserError as error:
            chosen |= {"is_available": False, "message": str(error)}
            rule._report(source, offers)
            return choices

    def _ask(self, source):
        """Values of the offers of this rule's candidates."""
        desk = self.env["shipment.rate.desk"]
        methods = desk._get_methods(source)
        offers = desk._collect(source, self._get_candidates(methods))
        for method in (self.delivery_carrier_id | self.candidate_ids) - methods:
            problem = self.env._("It is not for this address or these goods.")
            account = method.sudo().shipment_account_id
            offers.append(Offer(method, account, problem=problem))
        return self.env["shipment.rate.offer"]._prepare_offers(source, offers)

    def _report(self, source, offers):
        """Tell the people of an order or a delivery that a rule found nothing."""
        user = source.user_id or self.env.user
        if not user._is_internal():
            group = "shipment_visibility.shipment_group_manager"
            user = self.env["shipment.role.mixin"]._first_of_group(group, source)
        # Whoever confirms or validates may note why there is no method.
        source.sudo().activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("No delivery method was chosen"),
            note=plaintext2html(self._explain(offers)),
            user_id=user.id,
        )
