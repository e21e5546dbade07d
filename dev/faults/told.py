"""What a database tells of its shipments, without anything that depends on the way there."""

from typing import Any

from dev import shell

# Of a database with ten thousand shipments.
PATIENCE = 600.0

# No database id and no time of arrival: two runs over the same messages must tell the same.
SNAPSHOT = """
shipments = env["shipment.shipment"].search([])
timelines = shipments._timelines()

def entries(shipment):
    for entry in timelines[shipment.id].entries:
        yield [entry.package, entry.code, entry.occurred_at, entry.location, entry.signer]

def told(shipment):
    return {
        "headline": shipment.headline,
        "phase": shipment.phase,
        "signer": shipment.signer,
        "times": [
            shipment.headline_at, shipment.picked_up_at, shipment.delivered_at,
            shipment.last_event_at,
        ],
        "entries": list(entries(shipment)),
        "observations": sorted(
            [m.key, m.code, str(m.occurred_at)] for m in shipment.milestone_ids
            if m.source == "webhook"
        ),
        # What a watch opens ("~") depends on when it looked.
        "exceptions": sorted(
            [e.code or "", e.state] for e in shipment.exception_ids if e.key[0] != "~"
        ),
        "effects": sorted(
            [e.rule_id.name, e.code, e.occurrence] for e in shipment.effect_ids
        ),
    }

answer({s.name: told(s) for s in shipments})
"""


def told(database: str) -> dict[str, Any]:
    """Headline, timeline, observations, exceptions and effects, by shipment."""
    return shell.Script(database, SNAPSHOT).result(timeout=PATIENCE)
