"""What must hold of webhooks after any fault: nothing is lost, nothing counts twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from dev import shell
from dev.environment import databases
from dev.polling import eventually

from .harness import Counts, FaultFound, Plan, holds
from .messages import POISONED_DATABASE, Messages
from .told import SNAPSHOT, told
from .world import World

# A drain that was killed is found dead when the queue moves, at the latest after a minute.
PATIENCE = 180.0
PATIENCE_EACH = 0.05

# Every rule acts on all that is sent, at any hour.
ACTING = """
from odoo.fields import Command

env["shipment.rule"].with_context(active_test=False).search(
    [("effect", "in", ("post_note", "notify_customer"))]
).write({"active": True, "activated_at": "2020-01-01", "hourly_cap": 0})
env["res.company"].search([]).write(
    {"shipment_quiet_from": 0.0, "shipment_quiet_to": 0.0}
)
env.cr.commit()
account = env["shipment.carrier.account"].search([], limit=1)
for start in range(0, given["more"], 500):
    env["shipment.shipment"].create([
        {
            "company_id": account.company_id.id,
            "carrier_id": account.carrier_id.id,
            "package_ids": [Command.create({"tracking_number": f"SBX{number:016}"})],
        }
        for number in range(start, min(start + 500, given["more"]))
    ])
    env.cr.commit()
    env.invalidate_all()
answer(True)
"""

# The messages in the order in which they happened, by a single process.
SEQUENTIAL = """
receipts = env["shipment.webhook.receipt"]
drain = env["shipment.webhook.drain"]
endpoint = env["shipment.webhook.endpoint"].search([], limit=1)
with open(given["file"], "rb") as file:
    for number, line in enumerate(file, 1):
        receipts._store(endpoint.id, line.rstrip(b"\\n"), {})
        env.cr.commit()
        if number % given["batch"] == 0:
            drain._drain_batch(given["batch"])
while drain._drain_batch():
    pass
env.cr.rollback()
env.invalidate_all()
"""

# What is due later is due now. It is found by the sweeper, as it would be then.
TIME_PASSES = """
UPDATE shipment_webhook_receipt
   SET due_at = (now() - interval '5 minutes') AT TIME ZONE 'UTC'
 WHERE state = 'received' AND attempts > 0;
"""
WAITING = """
SELECT count(*), count(*) FILTER (WHERE attempts = 0)
  FROM shipment_webhook_receipt WHERE state = 'received';
"""
STATES = """
SELECT coalesce(failure, state), count(*) FROM shipment_webhook_receipt GROUP BY 1;
"""
# The runner looks for dead jobs whenever any job changes, and only every minute otherwise;
# here is no other traffic that would wake it.
WAKE = "NOTIFY queue_job, 'wake';"
EFFECTS_DUE = """
SELECT count(*) FROM shipment_effect
 WHERE state = 'waiting' AND (due_at IS NULL OR due_at <= now() AT TIME ZONE 'UTC');
"""

# By kind: what was carried out, what is found of it, at how many shipments these differ.
EFFECTS = """
WITH done AS (
    SELECT shipment_id, rule.effect
      FROM shipment_effect effect JOIN shipment_rule rule ON rule.id = effect.rule_id
     WHERE done_at IS NOT NULL
), carried_out AS (
    SELECT 'notes' AS kind, shipment_id, count(*) AS times
      FROM done JOIN shipment_picking_rel USING (shipment_id)
     WHERE effect = 'post_note' GROUP BY shipment_id
     UNION ALL
    SELECT 'mails', shipment_id, count(*)
      FROM done WHERE effect = 'notify_customer' GROUP BY shipment_id
), found AS (
    SELECT 'notes' AS kind, shipment_id, count(*) AS times
      FROM mail_message JOIN shipment_picking_rel
        ON model = 'stock.picking' AND res_id = picking_id
     WHERE body LIKE '%shipment.shipment%text-muted%' GROUP BY shipment_id
     UNION ALL
    SELECT 'mails', res_id, count(*)
      FROM mail_message
     WHERE model = 'shipment.shipment' AND message_type = 'auto_comment'
  GROUP BY res_id
)
  SELECT kind, sum(carried_out.times), sum(found.times),
         count(*) FILTER (WHERE carried_out.times IS DISTINCT FROM found.times)
    FROM carried_out FULL JOIN found USING (kind, shipment_id)
GROUP BY kind;
"""


@contextmanager
def two_worlds(plan: Plan, more: int = 0) -> Iterator[tuple[str, str]]:
    """A database for the fault and one that is spared, in both of which all rules act.

    :param more: shipments beside those of the world, without a delivery in Odoo.
    """
    with databases.copied(plan.world, "disturbed") as disturbed:
        shell.Script(disturbed, ACTING, more=more).result(timeout=600)
        with databases.copied(disturbed, "sequential") as sequential:
            databases.execute(disturbed, POISONED_DATABASE)
            yield disturbed, sequential


def is_waiting(database: str) -> bool:
    """Whether a message waits to be looked at; on the way the queue's runner is woken."""
    return databases.execute(database, WAKE + WAITING).split("|")[1] != "0"


def settle(world: World, messages: Messages) -> Counts:
    """Wait until every receipt has come to its end, and count.

    :raise FaultFound: one is lost, or has come to a wrong end.
    """
    database = world.server.database

    def is_settled() -> bool:
        waiting, new = databases.execute(database, WAKE + WAITING).split("|")
        if waiting != "0" and new == "0":
            databases.execute(database, TIME_PASSES)
            world.sweep_webhooks()
        return waiting == "0"

    eventually(
        is_settled, "every receipt is processed or a dead letter", patience(messages)
    )
    rows = databases.execute(database, STATES).splitlines()
    found = {state: int(number) for state, number in (row.split("|") for row in rows)}
    poison = {"malformed": messages.malformed, "rule": messages.unrecordable}
    expected = {**poison, "done": messages.distinct - sum(poison.values())}
    holds(found, {k: v for k, v in expected.items() if v}, "receipts by their end")
    return {
        "messages accepted": len(messages.bodies),
        "receipts processed": expected["done"],
        "dead letters, malformed": messages.malformed,
        "dead letters, cannot be recorded": messages.unrecordable,
    }


def patience(messages: Messages) -> float:
    """Seconds within which so many messages, or what they call for, are seen to."""
    return PATIENCE + PATIENCE_EACH * len(messages.bodies)


def happened_once(database: str, messages: Messages) -> Counts:
    """Wait until all that rules ask for is carried out, and count what came of it.

    :raise FaultFound: a note or a mail is missing, or is there twice.
    """
    eventually(
        lambda: databases.execute(database, WAKE + EFFECTS_DUE) == "0",
        "all effects are carried out",
        patience(messages),
    )
    counts: Counts = {}
    for row in databases.execute(database, EFFECTS).splitlines():
        kind, carried_out, found, differing = row.split("|")
        holds(found, carried_out, f"{kind}, against effects carried out")
        holds(differing, "0", f"shipments with too many or too few {kind}")
        counts[f"{kind}, each once"] = int(found)
    holds(len(counts), 2, "kinds of effects that were carried out, notes and mails")
    return counts


def equal_to_sequential(
    messages: Messages, disturbed: str, sequential: str, batch: int = 1
) -> Counts:
    """Compare with a run of the clean messages in order, in the other database.

    :param batch: how many messages the clean run processes at a time.
    :raise FaultFound: a shipment stands differently.
    """
    with NamedTemporaryFile(suffix=".messages") as file:
        Path(file.name).write_bytes(b"\n".join(messages.clean))
        calm = shell.Script(
            sequential, SEQUENTIAL + SNAPSHOT, file=file.name, batch=batch
        )
        undisturbed = calm.result(timeout=3600)
    found = told(disturbed)
    holds(sorted(found), sorted(undisturbed), "shipments")
    for name, one in found.items():
        for what, value in one.items():
            if value != undisturbed[name][what]:
                raise FaultFound(
                    f"{what} of {name} is {value!r}, "
                    f"in a sequential run {undisturbed[name][what]!r}"
                )
    events = sum(len(one["observations"]) for one in found.values())
    holds(events, len(messages.clean), "events recorded, each once")
    return {"events, each once": events, "timelines of a sequential run": len(found)}
