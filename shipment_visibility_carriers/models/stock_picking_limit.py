from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from odoo.addons.shipment_visibility.canonical.schema import RateQuote
from odoo.addons.shipment_visibility.models.shipment_charge import AMOUNTS

from ..adapters import base
from .booking_terms import CarrierDown
from .shipment_approval import ACTIVITY, STATES
from .shipment_rate_desk import content_hash


class StockPicking(models.Model):
    """Asks before a dear label is bought."""

    _inherit = "stock.picking"

    shipment_approval_id = fields.Many2one(
        "shipment.approval", compute="_compute_shipment_approval"
    )
    shipment_approval_state = fields.Selection(
        STATES, string="Label Approval", compute="_compute_shipment_approval"
    )
    shipment_approval_text = fields.Char(compute="_compute_shipment_approval")

    @api.depends("state", "carrier_tracking_ref")
    @api.depends_context("uid")
    def _compute_shipment_approval(self):
        # Who works on a delivery sees what it waits for.
        approvals = self.env["shipment.approval"].sudo()
        newest = {}
        for approval in approvals.search([("picking_id", "in", self.ids)]):
            newest.setdefault(approval.picking_id, approval)
        for picking in self:
            approval = newest.get(picking.id, approvals)
            if picking.state == "cancel" or picking.carrier_tracking_ref:
                approval = approvals
            picking.shipment_approval_id = approval.sudo(self.env.su)
            picking.shipment_approval_state = approval.state
            picking.shipment_approval_text = picking._describe_approval(approval)

    def _describe_approval(self, approval):
        words = {
            "method": approval.method_name,
            "price": approval.price,
            "who": approval.decided_by_id.name,
        }
        if not self.env.user.has_group(AMOUNTS):
            return self._describe_approval_without_price(approval.state, words)
        texts = {
            "waiting": self.env._(
                "A label by %(method)s for %(price)s waits for approval.", **words
            ),
            "approved": self.env._(
                "%(who)s approved a label by %(method)s for up to %(price)s.", **words
            ),
            "refused": self.env._(
                "%(who)s refused a label by %(method)s for %(price)s.", **words
            ),
        }
        return texts.get(approval.state, False)

    @api.model
    def _describe_approval_without_price(self, state, words):
        texts = {
            "waiting": self.env._("A label by %(method)s waits for approval.", **words),
            "approved": self.env._("%(who)s approved a label by %(method)s.", **words),
            "refused": self.env._("%(who)s refused a label by %(method)s.", **words),
        }
        return texts.get(state, False)

    # === BEFORE BUYING === #

    def _prepare_wish(self, together):
        """Override to ask also when many are booked at a time, or later by a job."""
        wish = super()._prepare_wish(together)
        wish.pickings._check_shipment_approval(wish.method, wish.request)
        return wish

    def _check_shipment_approval(self, method, request=None, quote=None):
        """Stop where a label is dearer than the company lets pass.

        :param request: what will be booked, when it has been built already.
        :param RateQuote quote: its price, when it is known; else the carrier is asked, but only
            where there is a limit. A carrier that tells no prices is not held up.
        :raise UserError: an approval is needed, and has been asked for.
        :raise CarrierDown: the carrier cannot be asked for the price now.
        """
        limit = self._get_label_limit()
        if limit is None:
            return
        request = request or method._prepare_shipment_wish(self).request
        quote = quote or self._get_label_quote(method, request)
        if not quote:
            return
        company = self.company_id
        cost = method._convert_shipment_money(
            [quote.total], company.currency_id, company, fields.Date.today()
        )
        if company.currency_id.compare_amounts(cost, limit) > 0:
            self.env["shipment.approval"]._require(
                self, method, cost, content_hash(request)
            )

    def _get_label_limit(self):
        """Return what a label of these may cost without asking, or None without a limit."""
        company = self.company_id
        limits = []
        if company.shipment_label_limit:
            limits.append(company.shipment_label_limit)
        if company.shipment_label_share:
            value = self._get_ordered_value()
            # Of nothing there is no share: a replacement is sent free of charge.
            if float_compare(value, 0, precision_digits=2) > 0:
                limits.append(value * company.shipment_label_share)
        return min(limits, default=None)

    def _get_ordered_value(self):
        """What the orders of these deliveries are worth, each counted once."""
        value = self.env["shipment.selection.rule"]._get_value
        # The packer need not see the order whose share is meant.
        pickings_sudo = self.sudo()
        sources = [
            *pickings_sudo.sale_id,
            *pickings_sudo.filtered(lambda picking: not picking.sale_id),
        ]
        return sum(value(source) for source in sources)

    def _get_label_quote(self, method, request):
        """The price of the parcels as they are now; nothing where the carrier tells none."""
        if quote := self._get_chosen_quote(method, request):
            return quote
        account = method.sudo().shipment_account_id
        if "rate" not in account._adapter_class().capabilities():
            return None
        try:
            quote = method._pick_shipment_quote(account._adapter().rate(request))
        except base.CarrierError as error:
            words = self.env._(
                "The price of the label of %(delivery)s must be known before it is "
                "bought, and %(carrier)s did not tell it: %(reason)s",
                delivery=", ".join(self.mapped("name")),
                carrier=account.carrier_id.name,
                reason=str(error),
            )
            if isinstance(error, base.Unavailable | base.OutcomeUnknown):
                retry_after = getattr(error, "retry_after", None)
                raise CarrierDown(words, retry_after=retry_after) from error
            raise UserError(words) from error
        # Whoever packs need not be allowed to see what it costs.
        self.sudo().shipment_quote = quote.model_dump(mode="json")
        return quote

    def _get_chosen_quote(self, method, request):
        """What was quoted for these very parcels when the method was chosen, if it was."""
        chosen = self.sudo().shipment_choice_ids[:1]._get_chosen()
        if (
            chosen.delivery_carrier_id == method
            and chosen.quote
            and chosen.service == method.shipment_service
            and chosen.request_hash == content_hash(request)
        ):
            return RateQuote.model_validate(chosen.quote)
        return None

    # === BUTTONS === #

    def action_approve_label(self):
        """Let the label be bought that the delivery waits for."""
        self.ensure_one()
        self.shipment_approval_id._decide("approved")

    def action_refuse_label(self):
        """Do not let it be bought."""
        self.ensure_one()
        self.shipment_approval_id._decide("refused")

    def _job_ask_for_approval(self, text):
        """Schedule the activity of a delivery that waits for approval. Safe to repeat."""
        picking = self.exists()
        user = picking and self.env["shipment.approval"]._get_approver(picking)
        if not user or picking.shipment_approval_state != "waiting":
            return
        picking.activity_unlink([ACTIVITY])
        picking.activity_schedule(ACTIVITY, note=text, user_id=user.id)
