from odoo import api, fields, models

from .shipment_charge import AMOUNTS, BOOKED_KINDS, FINAL_KINDS


class ShipmentFreightMixin(models.AbstractModel):
    """What freight was quoted, booked and invoiced, for whatever has shipments."""

    _name = "shipment.freight.mixin"
    _description = "Freight Costs"

    freight_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_freight",
        groups=AMOUNTS,
    )
    freight_quoted = fields.Monetary(
        compute="_compute_freight",
        currency_field="freight_currency_id",
        groups=AMOUNTS,
    )
    freight_booked = fields.Monetary(
        compute="_compute_freight",
        currency_field="freight_currency_id",
        groups=AMOUNTS,
    )
    freight_invoiced = fields.Monetary(
        compute="_compute_freight",
        currency_field="freight_currency_id",
        groups=AMOUNTS,
        help="What the carrier's invoices ask for, less what it has given back.",
    )
    freight_variance = fields.Monetary(
        compute="_compute_freight",
        currency_field="freight_currency_id",
        groups=AMOUNTS,
        help="Invoiced less booked. Zero as long as nothing was invoiced.",
    )

    def _get_freight_shipments(self):
        """Return the shipments whose charges are these records', each its own."""
        raise NotImplementedError

    @api.depends_context("uid")
    def _compute_freight(self):
        shipments = {record: record._get_freight_shipments() for record in self}
        everything = self.env["shipment.shipment"].union(*shipments.values())
        sums = everything._sum_freight()
        for record, own in shipments.items():
            total = {kind: sum(sums[s.id, kind] for s in own) for kind in TOTALS}
            record.freight_currency_id = record.company_id.currency_id
            record.freight_quoted = total["quoted"]
            record.freight_booked = total["booked"]
            record.freight_invoiced = total["invoiced"]
            record.freight_variance = total["variance"]

    def action_view_freight(self):
        """Open the charges, kind beside kind."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_charge_action"
        )
        shipments = self.env["shipment.shipment"].union(
            *(record._get_freight_shipments() for record in self)
        )
        action["domain"] = [("shipment_id", "in", shipments.ids)]
        return action


TOTALS = ("quoted", "booked", "invoiced", "variance")


class ShipmentShipment(models.Model):
    _name = "shipment.shipment"
    _inherit = ["shipment.shipment", "shipment.freight.mixin"]

    def _get_freight_shipments(self):
        return self

    def _sum_freight(self):
        """Sum up the charges in the company's currency.

        :return: a mapping ``(shipment id, total): amount``, with one of ``TOTALS``
        """
        found = {
            (shipment.id, kind): amount
            for shipment, kind, amount in self.env["shipment.charge"]._read_group(
                [("shipment_id", "in", self.ids)],
                ["shipment_id", "kind"],
                ["amount_company:sum"],
            )
        }
        sums = {}
        for shipment in self:
            booked = sum(found.get((shipment.id, kind), 0.0) for kind in BOOKED_KINDS)
            final = [found.get((shipment.id, kind)) for kind in FINAL_KINDS]
            invoiced = sum(filter(None, final))
            is_invoiced = any(amount is not None for amount in final)
            sums[shipment.id, "quoted"] = found.get((shipment.id, "quoted"), 0.0)
            sums[shipment.id, "booked"] = booked
            sums[shipment.id, "invoiced"] = invoiced
            sums[shipment.id, "variance"] = invoiced - booked if is_invoiced else 0.0
        return sums


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "shipment.freight.mixin"]

    def _get_freight_shipments(self):
        # Of a shipment for several orders, each shows the whole.
        return self.sudo().shipment_ids.sudo(self.env.su)
