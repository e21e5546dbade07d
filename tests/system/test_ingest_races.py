"""The same events in two processes at once: one record, and each decision carried out once."""

import datetime as dt
from random import Random

import pytest
from test_webhook_races import connected

from dev import shell
from dev.environment import databases
from dev.faults.told import SNAPSHOT
from dev.polling import eventually

ORDERS = 6
BATCH = 9
# Both processes go on when the test gives up the lock that they ask for.
GATE = 4712

SET_UP = """
from odoo.fields import Command

env["shipment.rule"].with_context(active_test=False).search([]).write(
    {"active": True, "activated_at": "2020-01-01"}
)
env["shipment.rule"].create({
    "name": "Thank", "code": "delivered", "effect": "schedule_activity",
    "activated_at": "2020-01-01",
})
env["shipment.rule"].create({
    "name": "Look", "code": "damaged", "effect": "open_exception",
    "activated_at": "2020-01-01",
    "exception_type_id": env["shipment.exception.type"].search([], limit=1).id,
})
method = env["delivery.carrier"].create({
    "name": "Race Post",
    "product_id": env["product.product"].create(
        {"name": "Freight", "type": "service"}
    ).id,
})
product = env["product.product"].create({
    "name": "Lamp", "is_storable": True, "weight": 1.5, "list_price": 50.0,
    "invoice_policy": "delivery", "taxes_id": False,
})
customer = env["res.partner"].create({"name": "Example Customer"})
stock = env["stock.warehouse"].search([], limit=1).lot_stock_id
env["stock.quant"]._update_available_quantity(product, stock, 1000)
for number in range(given["orders"]):
    order = env["sale.order"].create({
        "partner_id": customer.id,
        "order_line": [
            Command.create({"product_id": product.id, "product_uom_qty": 1})
        ],
    })
    order.set_delivery_line(method, 5.0)
    order.action_confirm()
    picking = order.picking_ids
    picking.action_assign()
    picking.move_ids.picked = True
    picking.button_validate()
    # Every third leaves in two parcels.
    picking.carrier_tracking_ref = ",".join(
        f"RACE-{number}-{parcel}" for parcel in range(2 if number % 3 == 0 else 1)
    )
# The job of the set-up is none of ours.
env["queue.job"].search([]).unlink()
env.cr.commit()
packages = env["shipment.package"].search([("tracking_number", "like", "RACE-")])
answer({
    "carrier": method._get_shipment_carrier().code,
    "numbers": packages.mapped("tracking_number"),
})
"""

AT_THE_GATE = """
def pass_gate():
    env.cr.execute("SELECT pg_advisory_lock_shared(%s)", [given["gate"]])
    env.cr.execute("SELECT pg_advisory_unlock_shared(%s)", [given["gate"]])
    env.cr.rollback()
"""

INGEST = (
    AT_THE_GATE
    + """
from odoo.addons.shipment_visibility.canonical.schema import Source, TrackingEvent
from odoo.addons.shipment_visibility.transaction import own_transaction

batches = [
    (Source(source), [TrackingEvent.model_validate(event) for event in events])
    for source, events in given["batches"]
]
pass_gate()
accepted = 0
for source, events in batches:
    with own_transaction(env) as own:
        result = own["shipment.shipment"]._ingest(
            events, source=source, company=own.company
        )
        accepted += sum(outcome != "duplicate" for outcome in result.outcomes)
answer(accepted)
"""
)

CARRY_OUT = (
    AT_THE_GATE
    + """
from odoo.addons.shipment_visibility.models import shipment_effect
from odoo.service.model import retrying

# Small batches, so that both find something to do.
shipment_effect.BATCH_SIZE = given["batch"]
effects = env["shipment.effect"].with_user(
    env.ref("shipment_visibility.user_bot")
).sudo()
done = 0

def carry_out():
    # As the queue does: what another has touched meanwhile is tried again.
    return int(effects._job_carry_out().split()[0])

pass_gate()
while True:
    done += retrying(carry_out, effects.env)
    env.cr.commit()
    if not effects.search_count(effects._domain_due(), limit=1):
        break
answer(done)
"""
)

# What one order of arrival lets be for a while, another never does: it does not count.
STANDS = (
    SNAPSHOT
    + """
def stands(shipment):
    timeline = timelines[shipment.id]
    lasting = {opened.key for opened in timeline.exceptions}
    so = {(occurrence.code, occurrence.number) for occurrence in timeline.occurrences}
    return {
        "exceptions": sorted(
            [e.key, e.code, e.state, e.opened_at, e.closed_at]
            for e in shipment.exception_ids
            if e.state == "open" and e.key[:1] != "!" or e.key in lasting
        ),
        "effects": sorted(
            [e.rule_id.name, e.code, e.occurrence, e.state]
            for e in shipment.effect_ids if (e.code, e.occurrence) in so
        ),
    }

answer({s.name: {**told(s), **stands(s)} for s in shipments})
"""
)

# What must have been done once: beside the ledger, what it left in other records.
DONE = """
    SELECT 'effect', code || ' ' || state, count(*)::int, max(attempts)
      FROM shipment_effect WHERE state <> 'withdrawn' GROUP BY code, state
     UNION ALL
    SELECT 'invoice', 'posted', count(*), max(invoices) FROM (
        SELECT line.order_id, count(DISTINCT move.id) AS invoices
          FROM account_move move
          JOIN account_move_line item ON item.move_id = move.id
          JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
          JOIN sale_order_line line ON line.id = rel.order_line_id
         WHERE move.state = 'posted'
      GROUP BY line.order_id) orders
     UNION ALL
    SELECT 'note', model, count(*), 0 FROM mail_message
     WHERE body LIKE '%%shipment.shipment%%' GROUP BY model
     UNION ALL
    SELECT 'activity', res_model, count(*), 0 FROM mail_activity GROUP BY res_model
     UNION ALL
    SELECT 'gap', raw_code, sum(count), 0 FROM shipment_mapping_gap GROUP BY raw_code
     UNION ALL
    SELECT 'milestone', source, count(*), count(shipment_id)
      FROM shipment_milestone GROUP BY source
  ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def shipped():
    """A database with orders on their way, their carrier and their numbers."""
    with databases.copied(databases.template(), "system_shipped") as database:
        yield database, shell.run(database, SET_UP, orders=ORDERS)


def test_two_processes_end_as_one_and_do_everything_once(shipped):
    database, sent = shipped
    told = _story(sent)
    with (
        databases.copied(database, "system_two") as two,
        databases.copied(database, "system_one") as one,
        connected(two) as cursor,
    ):
        accepted = _at_once(cursor, two, INGEST, [_batches(told, 1), _batches(told, 2)])
        carried_out = _at_once(cursor, two, CARRY_OUT, [None, None])
        alone = shell.run(
            one,
            INGEST + CARRY_OUT + STANDS,
            gate=GATE,
            batches=_by_source(told),
            batch=BATCH,
        )
        assert sum(accepted) == len(told)
        assert shell.run(two, STANDS) == alone
        done = _ask(cursor, DONE)
        with connected(one) as other:
            assert done == _ask(other, DONE)
        effects = [row for row in done if row[0] == "effect"]
        # What was moot, or about nobody, is looked at once, too; nothing waits or failed.
        states = {row[1].split()[1] for row in effects}
        assert "done" in states
        assert states <= {"done", "overtaken", "skipped"}
        assert {row[3] for row in effects} == {1}
        assert sum(carried_out) == sum(row[2] for row in effects)
        assert ("invoice", "posted", ORDERS, 1) in done


def _at_once(cursor, database, source, shares):
    """Run two processes that begin at the same moment; return their answers."""
    cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
    scripts = [
        shell.Script(database, source, gate=GATE, batches=share, batch=BATCH)
        for share in shares
    ]
    eventually(lambda: _waiting(cursor) == len(scripts), "both processes are ready")
    cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
    return [script.result() for script in scripts]


def _waiting(cursor):
    cursor.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
        " AND NOT granted",
        [GATE],
    )
    return cursor.fetchone()[0]


def _ask(cursor, query):
    cursor.execute(query)
    return cursor.fetchall()


def _story(sent):
    """Events of all parcels, each ``(source, event)``; some are told by two sources."""
    # Recent enough for rules that write to customers.
    begin = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
    journey = ("picked_up", "departed", "damaged", "out_for_delivery", "delivered")
    told = []
    for place, number in enumerate([*sent["numbers"], "known to nobody"]):
        for hour, code in enumerate(journey):
            unmapped = code != "delivered" and (place + hour) % 7 == 2
            event = {
                "carrier": sent["carrier"],
                "tracking_number": number,
                "raw_code": code,
                "code": "unknown" if unmapped else code,
                "occurred_at": (begin + dt.timedelta(hours=hour)).isoformat(),
                "signer": "C. Exemple" if code == "delivered" else "",
            }
            told.append(("webhook", event))
            if hour % 2:
                told.append(("poll", event))
    return told


def _by_source(told):
    sources = dict.fromkeys(source for source, _event in told)
    return [(name, [e for s, e in told if s == name]) for name in sources]


def _batches(told, seed):
    """All of it in another order, in small parts."""
    told = Random(seed).sample(told, len(told))
    parts = [told[start : start + BATCH] for start in range(0, len(told), BATCH)]
    return [share for part in parts for share in _by_source(part)]
