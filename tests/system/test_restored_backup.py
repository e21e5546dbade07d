"""A database that is set back to a backup finds the labels that were bought since."""

from dev import shell
from dev.environment import databases
from dev.simulator import Simulator

MAKE = """
account = env["shipment.carrier.account"].create({
    "name": "Sandbox", "adapter": "sandbox",
    "credential_form": {"values": {"api_key": "test", "base_url": given["url"]}},
})
product = env["product.product"].create({"name": "Delivery", "type": "service"})
method = env["delivery.carrier"].create({
    "name": "Sandbox standard", "delivery_type": "shipment_visibility",
    "shipment_account_id": account.id, "shipment_service": "standard",
    "product_id": product.id, "integration_level": "rate_and_ship",
})
env.company.partner_id.write({
    "street": "Wilhelminakade 1", "city": "Rotterdam", "zip": "3072 AP",
    "phone": "+31100000000", "country_id": env.ref("base.nl").id,
})
customer = env["res.partner"].create({
    "name": "Maison Exemple", "street": "12 rue A", "city": "Lyon", "zip": "69002",
    "phone": "+33472000000", "email": "maison@exemple.example",
    "country_id": env.ref("base.fr").id,
})
thing = env["product.product"].create(
    {"name": "Thing", "is_storable": True, "weight": 1}
)
kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
source, target = kind.default_location_src_id, kind.default_location_dest_id
env["stock.quant"]._update_available_quantity(thing, source, 50)
pickings = env["stock.picking"].create([{
    "picking_type_id": kind.id, "location_id": source.id, "location_dest_id": target.id,
    "partner_id": customer.id, "carrier_id": method.id,
    "move_ids": [(0, 0, {
        "product_id": thing.id, "product_uom_qty": 1,
        "location_id": source.id, "location_dest_id": target.id,
    })],
} for _each in range(4)])
pickings.action_confirm()
pickings.action_assign()
env.cr.commit()
answer(pickings.ids)
"""
VALIDATE = """
pickings = env["stock.picking"].browse(given["ids"])
for picking in pickings:
    picking.button_validate()
    env.cr.commit()
answer(pickings.mapped("carrier_tracking_ref"))
"""
SEARCH = """
from datetime import datetime, timedelta
pickings = env["stock.picking"].browse(given["ids"])
other = pickings[-1].partner_id.copy({"name": "Somebody Else"})
pickings[-1].partner_id = other
recovery = env["shipment.recovery"].create({"since": datetime.now() - timedelta(hours=1)})
recovery.action_search()
env.cr.commit()
recovery.account_ids._job_ask()
env.cr.commit()
env["shipment.booking.desk"]._cron_tidy()
env.cr.commit()
env.invalidate_all()
states = recovery.line_ids.mapped("state")
for picking in pickings[:-1]:
    picking.button_validate()
    env.cr.commit()
answer({
    "lines": states,
    "state": recovery.state,
    "numbers": pickings.mapped("carrier_tracking_ref"),
    "labels": [bool(p.shipment_ids.has_label) for p in pickings],
})
"""


def test_a_restored_database_takes_what_was_bought_instead_of_buying_again():
    with (
        Simulator() as carrier,
        databases.copied(databases.template(), "sold") as before,
    ):
        ids = shell.run(before, MAKE, url=carrier.url)
        with databases.copied(before, "restored") as restored:
            sold = shell.run(before, VALIDATE, ids=ids)
            found = shell.run(restored, SEARCH, ids=ids)
        bought = carrier.purchases()
    assert found["lines"] == ["kept", "kept", "kept", "unsure"]
    assert found["state"] == "done"
    assert found["numbers"] == [*sold[:-1], False]
    assert found["labels"] == [True, True, True, False]
    assert len(bought) == len(sold), "each was bought once"
    assert not any(one["voided"] for one in bought)
