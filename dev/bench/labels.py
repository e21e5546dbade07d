"""What the benchmarks of labels share: a company with deliveries, and a carrier over HTTP."""

# Run in a shell before a benchmark's own script: ``deliveries(count)`` and ``method``.
WORLD = """
import time
from collections import Counter

from odoo.fields import Command

company = env.company
company.stock_text_confirmation = False
company.partner_id.write({
    "street": "Wilhelminakade 1",
    "city": "Rotterdam",
    "zip": "3072 AP",
    "country_id": env.ref("base.nl").id,
})
customer = env["res.partner"].create({
    "name": "Example Customer",
    "street": "12 rue de la Republique",
    "city": "Lyon",
    "zip": "69002",
    "country_id": env.ref("base.fr").id,
})
warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
kind = warehouse.out_type_id
product = env["product.product"].create(
    {"name": "Bench lamp", "is_storable": True, "weight": 1.4}
)
env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100_000)
freight = env["product.product"].create({"name": "Bench freight", "type": "service"})
account = env["shipment.carrier.account"].create({
    "name": "Bench", "adapter": "sandbox", "parallel_calls": 10,
})
account.sudo().credentials = {"api_key": "bench", "base_url": given["carrier"]}
method = env["delivery.carrier"].create({
    "name": "Bench",
    "delivery_type": "shipment_visibility",
    "shipment_account_id": account.id,
    "shipment_service": "standard",
    "product_id": freight.id,
    "integration_level": "rate_and_ship",
})
fixed = env["delivery.carrier"].create({
    "name": "Bench fixed",
    "delivery_type": "fixed",
    "fixed_price": 10.0,
    "product_id": freight.id,
    "integration_level": "rate_and_ship",
})

def deliveries(count, carrier):
    '''Deliveries that are ready to be validated.'''
    target = env.ref("stock.stock_location_customers")
    pickings = env["stock.picking"].create([
        {
            "picking_type_id": kind.id,
            "partner_id": customer.id,
            "location_id": warehouse.lot_stock_id.id,
            "location_dest_id": target.id,
            "carrier_id": carrier.id,
            "move_ids": [Command.create({
                "product_id": product.id,
                "product_uom_qty": 1,
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": target.id,
            })],
        }
        for _number in range(count)
    ])
    pickings.action_confirm()
    pickings.action_assign()
    pickings.move_ids.picked = True
    env.cr.commit()
    return pickings

def without_labels(count):
    '''Deliveries that were validated before their label was wanted.'''
    kind.print_label = False
    pickings = deliveries(count, method)
    pickings.button_validate()
    kind.print_label = True
    env.cr.commit()
    env.invalidate_all()
    return pickings
"""
