from odoo import fields, models
from odoo.tools import SQL


class ShipmentFreightReport(models.Model):
    """What freight costs and earns, a row a shipment, in the company's currency."""

    _name = "shipment.freight.report"
    _description = "Freight Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "shipment_id"

    shipment_id = fields.Many2one("shipment.shipment", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Datetime(string="Shipped", readonly=True)
    carrier_id = fields.Many2one("shipment.carrier", readonly=True)
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", readonly=True
    )
    service = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    order_id = fields.Many2one("sale.order", string="Sales Order", readonly=True)
    origin_country_id = fields.Many2one("res.country", string="From", readonly=True)
    country_id = fields.Many2one("res.country", string="To", readonly=True)
    lane = fields.Char(readonly=True, help="From which country to which.")
    quoted = fields.Monetary(readonly=True)
    booked = fields.Monetary(readonly=True)
    invoiced = fields.Monetary(readonly=True)
    variance = fields.Monetary(
        readonly=True, help="Invoiced less booked, where something was invoiced."
    )
    cost = fields.Monetary(
        readonly=True, help="What was invoiced; else what was booked."
    )
    revenue = fields.Monetary(
        readonly=True,
        help="What the customer pays for shipping, without tax; of an order with several "
        "shipments an equal share each.",
    )
    margin = fields.Monetary(readonly=True, help="Revenue less cost.")

    @property
    def _table_query(self):
        # A delivery's first order is the order; deliveries seldom have two.
        return SQL(
            """
            WITH cost AS (
                SELECT shipment_id,
                       sum(amount_company) FILTER (WHERE kind = 'quoted') AS quoted,
                       sum(amount_company)
                           FILTER (WHERE kind IN ('booked', 'adjusted')) AS booked,
                       sum(amount_company)
                           FILTER (WHERE kind IN ('invoiced', 'credited'))
                           AS invoiced
                  FROM shipment_charge
              GROUP BY shipment_id
            ), sent AS (
                SELECT rel.shipment_id, min(picking.sale_id) AS order_id,
                       min(type.warehouse_id) AS warehouse_id
                  FROM shipment_picking_rel AS rel
                  JOIN stock_picking AS picking ON picking.id = rel.picking_id
                  JOIN stock_picking_type AS type ON type.id = picking.picking_type_id
              GROUP BY rel.shipment_id
            ), share AS (
                SELECT order_id, count(*) AS shipments
                  FROM sent
                 WHERE order_id IS NOT NULL
              GROUP BY order_id
            ), earned AS (
                SELECT line.order_id,
                       sum(line.price_subtotal / coalesce(nullif(o.currency_rate, 0), 1))
                           AS revenue
                  FROM sale_order_line AS line
                  JOIN sale_order AS o ON o.id = line.order_id
                 WHERE line.is_delivery AND o.state = 'sale'
              GROUP BY line.order_id
            )
            SELECT shipment.id, shipment.id AS shipment_id, shipment.company_id,
                   shipment.create_date AS date, shipment.carrier_id,
                   shipment.delivery_carrier_id, shipment.service,
                   shipment.commercial_partner_id AS partner_id, sent.order_id,
                   origin.country_id AS origin_country_id, receiver.country_id,
                   concat_ws(' → ', origin_country.code, country.code) AS lane,
                   coalesce(cost.quoted, 0) AS quoted,
                   coalesce(cost.booked, 0) AS booked,
                   coalesce(cost.invoiced, 0) AS invoiced,
                   coalesce(cost.invoiced - coalesce(cost.booked, 0), 0) AS variance,
                   coalesce(cost.invoiced, cost.booked, 0) AS cost,
                   coalesce(earned.revenue / share.shipments, 0) AS revenue,
                   coalesce(earned.revenue / share.shipments, 0)
                       - coalesce(cost.invoiced, cost.booked, 0) AS margin
              FROM shipment_shipment AS shipment
         LEFT JOIN cost ON cost.shipment_id = shipment.id
         LEFT JOIN sent ON sent.shipment_id = shipment.id
         LEFT JOIN share ON share.order_id = sent.order_id
         LEFT JOIN earned ON earned.order_id = sent.order_id
         LEFT JOIN stock_warehouse AS warehouse ON warehouse.id = sent.warehouse_id
         LEFT JOIN res_partner AS origin ON origin.id = warehouse.partner_id
         LEFT JOIN res_partner AS receiver ON receiver.id = shipment.partner_id
         LEFT JOIN res_country AS origin_country ON origin_country.id = origin.country_id
         LEFT JOIN res_country AS country ON country.id = receiver.country_id
             WHERE shipment.active
            """
        )
