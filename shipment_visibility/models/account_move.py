from odoo import api, fields, models
from odoo.exceptions import UserError

from ..canonical.milestone import Code


class AccountMove(models.Model):
    _inherit = "account.move"

    proof_shipment_ids = fields.Many2many(
        "shipment.shipment",
        string="Delivered Shipments",
        compute="_compute_proof_shipment_ids",
        # Whoever may see the invoice may know by which shipments its goods arrived.
        compute_sudo=True,
    )

    @api.depends(
        "move_type", "line_ids.sale_line_ids.order_id.picking_ids.shipment_ids"
    )
    def _compute_proof_shipment_ids(self):
        for move in self:
            orders = move.line_ids.sale_line_ids.order_id
            shipments = orders.picking_ids.shipment_ids.filtered(
                lambda shipment: (
                    shipment.headline == Code.DELIVERED
                    and shipment.direction == "outbound"
                )
            )
            move.proof_shipment_ids = move.move_type == "out_invoice" and shipments

    def action_attach_proof_of_delivery(self):
        """Attach what proves the delivery of the invoiced goods, each document once."""
        self.check_access("write")
        for move in self:
            # The accountant need not follow shipments to prove that they arrived.
            shipments_sudo = move.sudo().proof_shipment_ids
            if not shipments_sudo:
                raise UserError(
                    self.env._(
                        "Nothing of %(invoice)s is delivered yet, so there is nothing to "
                        "attach. Try again when its shipment has arrived.",
                        invoice=move.display_name,
                    )
                )
            added = move._attach_proofs(shipments_sudo)
            if added:
                move._message_log(
                    body=self.env._(
                        "Proof of delivery attached: %(documents)s",
                        documents=", ".join(added.mapped("name")),
                    )
                )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _attach_proofs(self, shipments_sudo):
        """Attach printed proofs and copies of documents that are not attached yet."""
        self.ensure_one()
        Attachment = self.env["ir.attachment"]
        have = Attachment.search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        )
        names = set(have.mapped("name"))
        contents = set(have.mapped("checksum"))
        target = {"res_model": self._name, "res_id": self.id}
        vals_list = []
        for shipment_sudo in shipments_sudo.sorted("id"):
            # Its name is the customer's language's, whoever presses the button.
            lang = shipment_sudo.partner_id.lang
            shipment_sudo = shipment_sudo.with_context(lang=lang)
            name = f"{shipment_sudo._proof_name()}.pdf"
            # Two prints of one proof differ in their bytes: their name tells them.
            if name not in names:
                pdf = shipment_sudo._render_proof()
                vals_list.append(
                    {"name": name, "raw": pdf, "mimetype": "application/pdf", **target}
                )
            for document_sudo in shipment_sudo._proof_documents():
                if document_sudo.raw and document_sudo.checksum not in contents:
                    contents.add(document_sudo.checksum)
                    vals_list.append(
                        {
                            "name": document_sudo.name,
                            "raw": document_sudo.raw,
                            "mimetype": document_sudo.mimetype,
                            **target,
                        }
                    )
        return Attachment.create(vals_list)
