from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.customs import needs_customs

REPORT = "shipment_visibility_carriers.commercial_invoice_action_report"


class StockPicking(models.Model):
    _inherit = "stock.picking"

    shipment_needs_customs = fields.Boolean(compute="_compute_shipment_needs_customs")

    def _compute_shipment_needs_customs(self):
        builder = self.env["shipment.request.builder"]
        for picking in self.sudo():
            here = builder._get_warehouse_partner(
                picking.picking_type_id.warehouse_id, picking.company_id
            )
            there = picking.partner_id
            picking.shipment_needs_customs = bool(
                picking.picking_type_code == "outgoing"
                and here.country_id
                and there.country_id
                and needs_customs(builder._address(here), builder._address(there))
            )

    def action_print_commercial_invoice(self):
        """Print what customs wants to see of the goods."""
        return self.env.ref(REPORT).report_action(self)

    @api.model
    def _attach_shipments(self, obtained):
        """Override to add the commercial invoice where customs wants one."""
        shipments = super()._attach_shipments(obtained)
        for wish, _ticket, answer in obtained:
            request = wish.request
            if needs_customs(request.shipper.address, request.consignee.address):
                wish.pickings._attach_commercial_invoice(wish.method, request, answer)
        return shipments

    def _attach_commercial_invoice(self, method, request, answer):
        """Make one, unless the carrier did, or this booking has its one already."""
        if request.contents == "documents" or any(
            "invoice" in document.name.lower() for document in answer.documents
        ):
            return
        number = answer.labels[0].tracking_number
        name = f"{method._get_delivery_doc_prefix()}-commercial-invoice-{number}.pdf"
        if self.env["ir.attachment"].search_count(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("name", "=", name),
            ],
            limit=1,
        ):
            return
        # The label is bought: what is wrong with a paper must not undo that.
        try:
            with self.env.cr.savepoint():
                content = self._render_commercial_invoice(request)
        except UserError as error:
            for picking in self:
                picking.message_post(
                    body=self.env._("There is no commercial invoice: %s", str(error))
                )
            return
        for picking in self:
            picking.message_post(
                body=self.env._("Commercial invoice"), attachments=[(name, content)]
            )

    def _render_commercial_invoice(self, request):
        report_sudo = self.env["ir.actions.report"].sudo()
        content, _kind = report_sudo.with_context(
            shipment_invoice_request=request
        )._render_qweb_pdf(REPORT, self.ids[:1])
        return content
