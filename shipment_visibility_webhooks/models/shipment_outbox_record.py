import uuid
from collections import defaultdict

from psycopg2.extras import Json

from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical import milestone as vocabulary
from odoo.addons.shipment_visibility.models.shipment_fold import _aware
from odoo.addons.shipment_visibility.models.shipment_ingest import _parcel_key

from ..outgoing.envelope import moment

# Rows a statement writes at once, as Odoo's own flush does.
BATCH_SIZE = 100

INSERT = """
    INSERT INTO shipment_outbox
                (subscription_id, company_id, shipment_id, event_id, code, entry_key,
                 occurred_at, data, state, attempts, queued_at, due_at,
                 create_date, write_date)
         VALUES %s
    ON CONFLICT (shipment_id, subscription_id, code, entry_key) DO NOTHING
      RETURNING id
"""


class ShipmentEffect(models.Model):
    _inherit = "shipment.effect"

    @api.model
    def _decide(self, shipments, timelines):
        """Override of `shipment_visibility` to note what other systems are to be told."""
        waiting = super()._decide(shipments, timelines)
        self.env["shipment.outbox"]._record(shipments, timelines)
        return waiting


class ShipmentOutbox(models.Model):
    """What becomes a message.

    A subscriber is told of *occurrences*, as rules are (`canonical.facts.Occurrence`), not of
    every scan: ``shipment.delivered`` means that all parcels are, and the second scan of the
    same state in a row is no news. An occurrence is told once, whatever we learn of it later:

    - an entry of the timeline that was told is not told again when another source adds to it;
    - a code is told as often as it has occurred. A source that reports the same delivery with
      another time changes which entry it is, not how often it happened.
    """

    _inherit = "shipment.outbox"

    @api.model
    def _record(self, shipments, timelines):
        """Write the messages that the timelines call for and that are not there yet.

        Without subscriptions it asks the database for nothing; otherwise it takes one
        query for what was told, and one per started hundred of messages.

        :param timelines: ``{shipment id: Timeline}``
        """
        wishes = self._wishes_by_company()
        shipments = shipments.filtered(lambda s: s.company_id.id in wishes)
        if not shipments:
            return
        # Whoever records an event need not be allowed to read what is told of it.
        outbox_sudo = self.sudo()
        told = outbox_sudo._told(shipments)
        rows = []
        for shipment in shipments.sudo():
            timeline = timelines[shipment.id]
            for wish in wishes[shipment.company_id.id]:
                known = told[wish.subscription_id, shipment.id]
                for occurrence, entry in _untold(shipment, timeline, wish, known):
                    rows.append(
                        outbox_sudo._prepare_row(shipment, occurrence, entry, wish)
                    )
        if outbox_sudo._insert(rows):
            self.env["shipment.outbox.sender"]._wake()

    @api.model
    def _wishes_by_company(self):
        wishes = defaultdict(list)
        for wish in self.env["shipment.subscription"]._wishes():
            wishes[wish.company_id].append(wish)
        return wishes

    @api.model
    def _told(self, shipments):
        """What subscribers know of shipments.

        :return: ``{(subscription id, shipment id): [(code, entry key, occurred at)]}``
        """
        self.env.cr.execute(
            """
            SELECT subscription_id, shipment_id, code, entry_key, occurred_at
              FROM shipment_outbox
             WHERE shipment_id = ANY(%s)
            """,
            [shipments.ids],
        )
        told = defaultdict(list)
        for subscription_id, shipment_id, *known in self.env.cr.fetchall():
            told[subscription_id, shipment_id].append(known)
        return told

    @api.model
    def _prepare_row(self, shipment, occurrence, entry, wish):
        now = fields.Datetime.now()
        code = occurrence.code.value
        name = f"{shipment.correlation_id}/{code}/{occurrence.entry_key}"
        return (
            wish.subscription_id,
            shipment.company_id.id,
            shipment.id,
            # Of its content: recorded anew after a restored backup, it is the same message.
            str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            code,
            occurrence.entry_key,
            _naive_second(occurrence.occurred_at),
            Json(shipment._outgoing_data(occurrence, entry)),
            "waiting",
            0,
            now,
            now,
            now,
            now,
        )

    @api.model
    def _insert(self, rows):
        """Insert messages; return whether one of them is new."""
        inserted = False
        for start in range(0, len(rows), BATCH_SIZE):
            self.env.cr.execute_values(
                INSERT, rows[start : start + BATCH_SIZE], page_size=BATCH_SIZE
            )
            inserted |= bool(self.env.cr.fetchall())
        if rows:
            self.invalidate_model()
        return inserted


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _outgoing_data(self, occurrence, entry):
        """What a subscriber is told: nothing of a person but the place of the scan."""
        self.ensure_one()
        parcels = self.package_ids.filtered(lambda p: not p.superseded_by_id)
        numbers = {_parcel_key(p): p.tracking_number for p in parcels}
        return {
            "shipment": self.name,
            "direction": self.direction,
            "tracking_number": numbers.get(entry.package) or self.master_number or None,
            "tracking_numbers": list(filter(None, numbers.values())),
            "carrier": self.carrier_id.code or None,
            "code": occurrence.code.value,
            "milestone": vocabulary.milestone(occurrence.code).label,
            "occurred_at": moment(occurrence.occurred_at),
            "precision": entry.precision.value,
            "zone": entry.zone.value,
            "place": entry.location or None,
            "headline": self.headline,
            "deliveries": self.picking_ids.mapped("name"),
            "orders": self.picking_ids.sale_id.mapped("name"),
            "promised_at": moment(_aware(self.order_promised_at or self.promised_at)),
        }


def _untold(shipment, timeline, wish, known):
    """The occurrences that a subscriber wants to hear of and has not, with their entries.

    :param known: ``[(code, entry key, occurred at)]`` of what it was told
    """
    if wish.carrier_ids and shipment.carrier_id.id not in wish.carrier_ids:
        return
    oldest = wish.oldest(fields.Datetime.now())
    entries = {entry.key: entry for entry in timeline.entries}
    told_keys = {(code, key) for code, key, _at in known}
    # How often each code is still to be told.
    open_count = defaultdict(int)
    for code, _key, occurred_at in known:
        open_count[code] -= occurred_at >= oldest
    wanted = [
        occurrence
        for occurrence in timeline.occurrences
        if occurrence.code.value in wish.codes
        and _naive_second(occurrence.occurred_at) >= oldest
    ]
    for occurrence in wanted:
        open_count[occurrence.code.value] += 1
    for occurrence in wanted:
        code, entry = occurrence.code.value, entries[occurrence.entry_key]
        is_told = any((code, key) in told_keys for key in entry.observation_keys)
        if not is_told and open_count[code] > 0:
            open_count[code] -= 1
            yield occurrence, entry


def _naive_second(at):
    """A moment as the database keeps it."""
    return at.replace(tzinfo=None, microsecond=0)
