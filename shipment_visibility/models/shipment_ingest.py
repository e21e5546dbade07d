import hashlib
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat

from odoo import api, fields, models

from ..canonical.milestone import Code
from ..canonical.schema import Location, Precision, Source, TrackingEvent, Zone
from .shipment_exception import _naive

# Rows a statement writes at once, as Odoo's own flush does.
BATCH_SIZE = 100

COLUMNS = (
    "company_id",
    "shipment_id",
    "package_id",
    "carrier_id",
    "tracking_number",
    "number_normalised",
    "key",
    "source",
    "source_event_id",
    "raw_code",
    "raw_status",
    "raw_text",
    "parsed_code",
    "code",
    "parsed_reason",
    "reason",
    "occurred_at",
    "occurred_text",
    "zone",
    "precision",
    "facility",
    "city",
    "state",
    "postal_code",
    "country_code",
    "signer",
    "photo_url",
    "estimated_from",
    "estimated_to",
    "estimated_date",
    "received_at",
    "origin",
)


class Outcome(StrEnum):
    """What became of one event."""

    ACCEPTED = "accepted"  # new, and its shipment is known
    DUPLICATE = "duplicate"  # known already, which is a success
    UNMATCHED = "unmatched"  # new, and waits for its number to appear
    REFUSED = "refused"  # of a carrier that its sender may not report for


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of a batch of events.

    :ivar outcomes: of each event, in the order in which they were given.
    :ivar shipments: the shipments that have a new milestone.
    """

    outcomes: tuple[Outcome, ...]
    shipments: models.BaseModel

    def count(self, outcome: Outcome) -> int:
        """How many of the events ended so."""
        return self.outcomes.count(outcome)


class ShipmentShipment(models.Model):
    """The one door through which events come in."""

    _inherit = "shipment.shipment"

    @api.model
    def _ingest(self, events, *, source, company, carriers=None, origin=""):
        """Record events of any number of shipments, and all that follows from them.

        Set-wise: the number of SQL statements depends on the started hundreds of rows, not
        on the number of events or shipments. Locks are taken here: the matched shipments in
        the order of their ids, before their milestones are read. The same events in any
        order, split or repetition end in the same record.

        :param events: canonical.schema.TrackingEvent objects
        :param canonical.schema.Source source: by which way they reached us
        :param res.company company: only its shipments are matched
        :param shipment.carrier carriers: the carriers the sender may report for; None for all
        :param origin: where they came in, for whoever looks into it later: one text for
            all, or a list with one for each event
        :rtype: IngestResult
        """
        # Whoever hands an event in need not be allowed to write what follows from it.
        shipments_sudo = self.sudo()
        known = shipments_sudo._find_carriers(events)
        allowed = known.values() if carriers is None else carriers
        rows = {}
        told = []  # the key of each event's row, None for what is refused
        origins = repeat(origin, len(events)) if isinstance(origin, str) else origin
        for event, event_origin in zip(events, origins, strict=True):
            carrier = known[event.carrier]
            if carrier not in allowed:
                told.append(None)
                continue
            row = shipments_sudo._prepare_row(
                event, source, company, carrier, event_origin
            )
            rows.setdefault(row["key"], row)
            told.append(row["key"])
        inserted = shipments_sudo._record(list(rows.values()))
        touched = {row["shipment_id"] for row in inserted} - {None}
        return IngestResult(
            outcomes=tuple(_outcomes(told, inserted)),
            shipments=shipments_sudo.browse(sorted(touched)),
        )

    @api.model
    def _find_carriers(self, events):
        """Return ``{code: carrier}`` for all codes in the events, new ones created."""
        Carrier = self.env["shipment.carrier"].with_context(active_test=False)
        codes = {event.carrier for event in events}
        found = {
            carrier.code: carrier
            for carrier in Carrier.search([("code", "in", sorted(codes))])
        }
        missing = sorted(codes - found.keys())
        created = Carrier.create([{"code": code, "name": code} for code in missing])
        return found | {carrier.code: carrier for carrier in created}

    @api.model
    def _prepare_row(self, event, source, company, carrier, origin):
        number = carrier._normalise_number(event.tracking_number)
        place = event.location or Location()
        return {
            "company_id": company.id,
            "shipment_id": None,
            "package_id": None,
            "carrier_id": carrier.id,
            "tracking_number": event.tracking_number,
            "number_normalised": number,
            "key": _observation_key(event, source, number),
            "source": source.value,
            "source_event_id": event.event_id or None,
            "raw_code": event.raw_code or None,
            "raw_status": event.raw_status or None,
            "raw_text": event.raw_text or None,
            "parsed_code": event.code.value,
            "code": event.code.value,
            "parsed_reason": event.reason or None,
            "reason": event.reason or None,
            "occurred_at": _naive(event.occurred_at),
            "occurred_text": event.occurred_text or None,
            "zone": event.zone.value,
            "precision": event.precision.value,
            "facility": place.facility or None,
            "city": place.city or None,
            "state": place.state or None,
            "postal_code": place.postal_code or None,
            "country_code": place.country,
            "signer": event.signer or None,
            "photo_url": event.photo_url or None,
            "estimated_from": _naive(event.estimated_from),
            "estimated_to": _naive(event.estimated_to),
            "estimated_date": event.estimated_date,
            "received_at": fields.Datetime.now(),
            "origin": origin or None,
        }

    @api.model
    def _record(self, rows):
        """Match rows without a shipment, lock, insert, and let everything follow.

        :return: the rows that were new.
        """
        self.env.flush_all()
        self._match(rows)
        shipments = self.browse({row["shipment_id"] for row in rows} - {None})
        shipments._lock()
        self._map(rows)
        inserted = self._insert(rows)
        touched = {row["shipment_id"] for row in inserted} - {None}
        self.browse(sorted(touched))._refold()
        return inserted

    @api.model
    def _map(self, rows):
        """Let an administrator's mapping win over what the source's own table said."""
        mapped = {
            (mapping.carrier_id.id, mapping.raw_code): mapping
            for mapping in self.env["shipment.mapping"].search(
                [("raw_code", "in", sorted({r["raw_code"] for r in rows} - {None}))]
            )
        }
        for row in rows:
            if mapping := mapped.get((row["carrier_id"], row["raw_code"])):
                row["code"] = mapping.code
                row["reason"] = mapping.reason or row["reason"]

    @api.model
    def _insert(self, rows):
        """Insert and return the rows that are new."""
        inserted = []
        gaps = defaultdict(lambda: [0, None])
        # Twins insert in the same order, so that neither waits for the other's rows.
        rows = sorted(rows, key=lambda row: (row["company_id"], row["key"]))
        by_key = {(row["company_id"], row["key"]): row for row in rows}
        for start in range(0, len(rows), BATCH_SIZE):
            self.env.cr.execute_values(
                f"INSERT INTO shipment_milestone ({', '.join(COLUMNS)}) VALUES %s"
                " ON CONFLICT (company_id, key) DO NOTHING RETURNING company_id, key",
                [
                    tuple(row[column] for column in COLUMNS)
                    for row in rows[start : start + BATCH_SIZE]
                ],
                page_size=BATCH_SIZE,
            )
            for found in self.env.cr.fetchall():
                row = by_key[found]
                inserted.append(row)
                if row["code"] == Code.UNKNOWN and row["raw_code"]:
                    gap = gaps[row["carrier_id"], row["raw_code"]]
                    gap[0] += 1
                    gap[1] = gap[1] or row["raw_text"] or row["raw_status"]
        self.env["shipment.milestone"].invalidate_model()
        if gaps:
            self.env["shipment.mapping.gap"]._count(gaps)
        return inserted

    def _record_own(self, code, text, packages=None, occurred_at=None):
        """Record what Odoo itself did with the shipments: booked them, voided them.

        :param canonical.milestone.Code code: what was done
        :param shipment.package packages: to which parcels; None for the whole shipments
        """
        self._record_here(
            packages,
            source=Source.ODOO.value,
            code=code.value,
            raw_text=text,
            occurred_at=occurred_at or fields.Datetime.now(),
        )

    def _record_manual(self, packages=None, **values):
        """Record what a person says of shipments, which need no tracking number for it.

        Whoever sees a shipment may say something of it. The same word said twice is one.

        :param shipment.package packages: of which parcels; None for the whole shipments
        :param values: columns of the milestone, ``code`` and ``occurred_at`` at least; a
            ``reason`` makes it a correction
        """
        self.check_access("read")
        self._record_here(
            packages,
            **values,
            source=Source.MANUAL.value,
            precision=Precision.MINUTE.value,
            origin=self.env.user.name,
        )

    def _record_here(self, packages, **values):
        """Record an observation that was made here of each shipment, or of its parcels."""
        rows = []
        # Whoever hands an event in need not be allowed to write what follows from it.
        for shipment in self.sudo():
            own = packages and packages & shipment.package_ids
            for package in own or [self.env["shipment.package"]]:
                rows.append(shipment._prepare_own_row(package, values))
        self.sudo()._record(rows)

    def _prepare_own_row(self, package, values):
        own = {
            **dict.fromkeys(COLUMNS),
            "zone": Zone.KNOWN.value,
            "precision": Precision.SECOND.value,
            "parsed_code": values["code"],
            "parsed_reason": values.get("reason"),
            **values,
        }
        return {
            **own,
            "company_id": self.company_id.id,
            "shipment_id": self.id,
            "package_id": package.id or None,
            "carrier_id": self.carrier_id.id or None,
            "tracking_number": package.tracking_number or None,
            "number_normalised": package.number_normalised or None,
            "key": _own_key(self.correlation_id, _parcel_key(package), own),
            "received_at": fields.Datetime.now(),
        }


def _own_key(shipment: str, parcel: str, row: dict) -> str:
    """What makes something noted here this observation.

    What Odoo does is told by the code and the moment, what a person says by every word.
    """
    parts = [shipment, parcel, row["code"], str(row["occurred_at"])]
    if row["source"] != Source.ODOO:
        parts += [f"{column}={row[column]}" for column in COLUMNS if row[column]]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _observation_key(event: TrackingEvent, source: Source, number: str) -> str:
    """What makes an event this observation: the source's own id of it, or its content.

    No canonical code is part of it: a mapping may change what the event means, never that
    it is the same event.
    """
    if event.event_id:
        identity = event.event_id
    else:
        identity = event.model_dump_json(exclude={"code", "reason", "tracking_number"})
    parts = (source.value, event.carrier, number, identity)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _outcomes(told, inserted):
    """The outcome of each event; of the same event told twice the first is the new one."""
    new = {row["key"]: row for row in inserted}
    for key in told:
        if key is None:
            yield Outcome.REFUSED
        elif row := new.pop(key, None):
            yield Outcome.ACCEPTED if row["shipment_id"] else Outcome.UNMATCHED
        else:
            yield Outcome.DUPLICATE


def _parcel_key(package) -> str:
    """The parcel's name in a fold: nothing of a database takes part in it."""
    return package.number_normalised or (f"#{package.sequence}" if package else "")
