from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from odoo.addons.shipment_visibility.canonical.schema import RateQuote

from ..adapters import base
from .shipment_approval import STATES
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

    @api.depends("state")
    def _compute_shipment_approval(self):
        # Who works on a delivery sees what it waits for.
        approvals = self.env["shipment.approval"].sudo()
        newest = {}
        for approval in approvals.search([("picking_id", "in", self.ids)]):
            newest.setdefault(approval.picking_id, approval)
        for picking in self:
            approval = newest.get(picking.id, approvals)
            if picking.state in ("done", "cancel"):
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

    # === BEFORE BUYING === #

    def _check_shipment_approval(self, method, request=None, quote=None):
        """Stop where the label is dearer than the company lets pass.

        :param request: what will be booked, when it has been built already.
        :param RateQuote quote: its price, when it is known; else the carrier is asked, but only
            where there is a limit. A carrier that tells no prices is not held up.
        :raise UserError: an approval is needed, and has been asked for.
        """
        self.ensure_one()
        limit = self._get_label_limit()
        if limit is None:
            return
        request = request or self.env["shipment.request.builder"].sudo()._from_picking(
            method, self
        )
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
        """Return what a label may cost without asking, or None when nothing limits it."""
        company = self.company_id
        limits = []
        if company.shipment_label_limit:
            limits.append(company.shipment_label_limit)
        if company.shipment_label_share:
            value = self.env["shipment.selection.rule"]._get_value(self.sudo())
            # Of nothing there is no share: a replacement is sent free of charge.
            if float_compare(value, 0, precision_digits=2) > 0:
                limits.append(value * company.shipment_label_share)
        return min(limits, default=None)

    def _get_label_quote(self, method, request):
        """The price of the parcels as they are now; nothing where the carrier tells none."""
        chosen = self.sudo().shipment_choice_ids[:1]._get_chosen()
        if (
            chosen.delivery_carrier_id == method
            and chosen.quote
            and chosen.service == method.shipment_service
            and chosen.request_hash == content_hash(request)
        ):
            return RateQuote.model_validate(chosen.quote)
        account = method.sudo().shipment_account_id
        if "rate" not in account._adapter_class().capabilities():
            return None
        try:
            quotes = account._adapter().rate(request)
            quote = method._pick_shipment_quote(quotes)
        except base.CarrierError as error:
            raise UserError(
                self.env._(
                    "The price of the label of %(delivery)s must be known before it is "
                    "bought, and %(carrier)s did not tell it: %(reason)s",
                    delivery=self.name,
                    carrier=account.carrier_id.name,
                    reason=str(error),
                )
            ) from error
        self.shipment_quote = quote.model_dump(mode="json")
        return quote

    # === BUTTONS === #

    def action_approve_label(self):
        """Let the label be bought that the delivery waits for."""
        self.ensure_one()
        self.shipment_approval_id._decide("approved")

    def action_refuse_label(self):
        """Do not let it be bought."""
        self.ensure_one()
        self.shipment_approval_id._decide("refused")
