"""Installing, updating and uninstalling the suite on real databases, one after the other."""

import re
import subprocess
import time

import pytest

from dev import shell
from dev.environment import databases, odoo, paths, postgres

DELIVERIES = 100_000
# Delivered long ago, with and without a method and a number, as any database has them.
GENERATE = f"""
INSERT INTO stock_picking (
    name, state, move_type, picking_type_id, location_id, location_dest_id,
    company_id, partner_id, carrier_id, carrier_tracking_ref,
    scheduled_date, date_done, create_date, write_date, create_uid, write_uid
)
SELECT 'OLD/' || number, 'done', 'direct', kind.id,
       kind.default_location_src_id, kind.default_location_dest_id, kind.company_id,
       (SELECT partner_id FROM res_company WHERE id = kind.company_id),
       CASE WHEN number % 2 = 0 THEN (SELECT min(id) FROM delivery_carrier) END,
       CASE WHEN number % 4 = 0 THEN 'OLD' || number END,
       now() - interval '1 year', now() - interval '1 year', now(), now(), 1, 1
  FROM generate_series(1, {DELIVERIES}) AS number,
       (SELECT * FROM stock_picking_type WHERE code = 'outgoing' LIMIT 1) AS kind;
ANALYZE stock_picking;
"""
# Where each row lies and which transaction wrote it: changes when a row is touched at all.
ROWS = "SELECT md5(string_agg(ctid::text || xmin::text, ',' ORDER BY id)) FROM stock_picking;"
COLUMNS = (
    "SELECT column_name FROM information_schema.columns"
    " WHERE table_name = 'stock_picking';"
)
# What people and the booking of its label say of a delivery; nothing that events change.
OWN_COLUMNS = {
    "shipment_address_account_id",
    "shipment_address_checked_at",
    "shipment_address_digest",
    "shipment_address_result",
    "shipment_booking_note",
    "shipment_booking_since",
    "shipment_booking_state",
    "shipment_contents",
    "shipment_drop_off_point",
    "shipment_duties_account_id",
    "shipment_duties_payer",
    "shipment_freight_account_id",
    "shipment_freight_payer",
    "shipment_insured_value",
    "shipment_loose_package_type_id",
    "shipment_loose_weight",
    "shipment_quote",
    "shipment_saturday",
    "shipment_signature",
    "shipment_together",
}
# One delivery that is booked, one that waits for a job, so that there is data to leave.
DATA = """
account = env["shipment.carrier.account"].create(
    {"name": "Sandbox Carrier", "adapter": "sandbox"}
)
product = env["product.product"].create({"name": "Delivery", "type": "service"})
method = env["delivery.carrier"].create({
    "name": "Sandbox", "delivery_type": "shipment_visibility", "product_id": product.id,
    "shipment_account_id": account.id, "shipment_service": "standard",
    "integration_level": "rate_and_ship",
})
env["shipment.webhook.endpoint"].create({"name": "Sandbox", "account_id": account.id})
env.company.partner_id.write({
    "street": "1 rue A", "city": "Lyon", "zip": "69002", "phone": "+33472000000",
    "country_id": env.ref("base.fr").id,
})
thing = env["product.product"].create(
    {"name": "Thing", "is_storable": True, "weight": 1}
)
kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
source, target = kind.default_location_src_id, kind.default_location_dest_id
env["stock.quant"]._update_available_quantity(thing, source, 5)
picking = env["stock.picking"].create({
    "picking_type_id": kind.id, "location_id": source.id, "location_dest_id": target.id,
    "partner_id": env.company.partner_id.copy({"name": "Customer"}).id,
    "carrier_id": method.id,
    "move_ids": [(0, 0, {
        "product_id": thing.id, "product_uom_qty": 1,
        "location_id": source.id, "location_dest_id": target.id,
    })],
})
picking.action_confirm()
picking.action_assign()
picking.button_validate()
env["shipment.webhook.drain"]._wake()
env.cr.commit()
answer({"state": picking.state, "method": method.id, "shipments": picking.shipment_ids.ids})
"""
UNINSTALL = """
modules = env["ir.module.module"].search(
    [("name", "=like", "shipment_visibility%"), ("state", "=", "installed")]
)
modules.button_immediate_uninstall()
answer({"left": env["ir.module.module"].search_count(
    [("name", "=like", "shipment_visibility%"), ("state", "=", "installed")]
)})
"""
TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) ")


@pytest.fixture(scope="module")
def database():
    """Odoo without the suite, with a past of its own."""
    with databases.copied(databases.base(), "system_install") as database:
        databases.execute(database, GENERATE)
        yield database


def run_odoo(database: str, *arguments: str) -> tuple[list[str], float]:
    """Run Odoo once; lines of trouble in its log, and how long it took."""
    begin = time.monotonic()
    answer = subprocess.run(
        odoo.command("-d", database, *arguments, "--stop-after-init", "--no-http"),
        capture_output=True,
        text=True,
        env=postgres.environment(),
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    lines = [line for line in answer.stderr.splitlines() if TROUBLE.search(line)]
    return lines, time.monotonic() - begin


def states(database: str) -> set[str]:
    """In which states the suite's addons are."""
    names = ", ".join(f"'{name}'" for name in paths.ADDONS)
    return set(
        databases.execute(
            database, f"SELECT state FROM ir_module_module WHERE name IN ({names});"
        ).splitlines()
    )


def test_installing_beside_100000_deliveries_touches_none(database):
    rows, columns = _rows(database), _columns(database)
    trouble, seconds = run_odoo(database, "-i", ",".join(paths.ADDONS))
    print(f"\ninstalled beside {DELIVERIES} deliveries in {seconds:.0f} s")
    assert trouble == []
    assert states(database) == {"installed"}
    assert _rows(database) == rows
    assert _columns(database) - columns == OWN_COLUMNS
    assert databases.execute(database, "SELECT count(*) FROM shipment_shipment;") == "0"


def _rows(database: str) -> str:
    return databases.execute(database, ROWS)


def _columns(database: str) -> set[str]:
    return set(databases.execute(database, COLUMNS).splitlines())


def test_updating_says_nothing(database):
    trouble, seconds = run_odoo(database, "-u", ",".join(paths.ADDONS))
    print(f"\nupdated in {seconds:.0f} s")
    assert [line for line in trouble if "shipment" in line] == []
    assert states(database) == {"installed"}


def test_uninstalling_leaves_a_working_odoo_and_no_trace(database):
    made = shell.run(database, DATA)
    assert made["state"] == "done" and made["shipments"]
    assert shell.run(database, UNINSTALL) == {"left": 0}
    assert states(database) == {"uninstalled"}
    left = databases.execute(
        database, "SELECT tablename FROM pg_tables WHERE tablename LIKE 'shipment%';"
    )
    assert left == ""
    method = databases.execute(
        database,
        "SELECT active, delivery_type FROM delivery_carrier WHERE id = :method;",
        ("method", str(made["method"])),
    )
    assert method == "f|fixed"
    jobs = databases.execute(
        database,
        "SELECT DISTINCT state FROM queue_job WHERE model_name LIKE 'shipment%';",
    )
    assert jobs == "cancelled"
    trouble, _seconds = run_odoo(database, "-u", "stock_delivery")
    assert [line for line in trouble if "shipment" in line] == []
