import datetime as dt

from odoo import fields, models

from ..canonical import milestone as vocabulary
from ..canonical.milestone import Code
from ..canonical.schema import Precision, Source, Zone
from ..canonical.timeline import Observation, fold
from .shipment_exception import _naive
from .shipment_ingest import _parcel_key


class ShipmentShipment(models.Model):
    """What the milestones of a shipment mean, and the record that follows from it."""

    _inherit = "shipment.shipment"

    def _timelines(self):
        """Return ``{shipment id: canonical.timeline.Timeline}``; reads in two queries."""
        milestones = self.env["shipment.milestone"].search(
            [("shipment_id", "in", self.ids)]
        )
        by_shipment = milestones.grouped("shipment_id")
        none = milestones.browse()
        return {
            shipment.id: fold(
                [_observation(row) for row in by_shipment.get(shipment, none)],
                [
                    _parcel_key(package)
                    for package in shipment.package_ids
                    if not package.superseded_by_id
                ],
                shipment.direction,
            )
            for shipment in self
        }

    def _refold(self):
        """Derive headlines, exceptions and the ledger from the milestones anew."""
        if not self:
            return
        timelines = self._timelines()
        packages = {}
        next_looks = self._end_watches(timelines)
        for shipment in self:
            shipment._write_timeline(timelines[shipment.id], next_looks[shipment])
            packages |= {
                (shipment.id, _parcel_key(p)): p.id for p in shipment.package_ids
            }
        new = self.env["shipment.exception"]._sync(timelines, packages)
        if self.env.context.get("shipment_no_effects"):
            new.announced = True
            waiting = False
        else:
            waiting = self.env["shipment.effect"]._decide(self, timelines)
        self._count_exceptions()
        unannounced = new.filtered(lambda exception: not exception.announced)
        if waiting or unannounced or any(self.mapped("plan_due")):
            self.env["shipment.effect"]._enqueue()

    def _write_timeline(self, timeline, watch_at):
        """Write what has changed; a row that stays as it is is not touched."""
        delivered_at = _naive(timeline.delivered_at)
        plan_due = self.plan_due or self._has_moved(timeline)
        write_changes(
            self,
            headline=timeline.headline.value,
            phase=timeline.phase.value,
            headline_at=_naive(timeline.headline_at),
            estimated_from=_naive(timeline.estimated_from),
            estimated_to=_naive(timeline.estimated_to),
            estimated_date=timeline.estimated_date,
            picked_up_at=_naive(timeline.picked_up_at),
            delivered_at=delivered_at,
            watch_at=watch_at,
            plan_due=plan_due,
            **self._judge(delivered_at),
            signer=timeline.signer,
            last_event_at=_naive(timeline.last_event_at),
        )
        for package in self.package_ids:
            if parcel := timeline.parcels.get(_parcel_key(package._lane())):
                write_changes(
                    package,
                    headline=parcel.code.value,
                    headline_at=_naive(parcel.at),
                )

    def _count_exceptions(self):
        counts = dict(
            self.env["shipment.exception"]._read_group(
                [("shipment_id", "in", self.ids), ("state", "=", "open")],
                ["shipment_id"],
                ["__count"],
            )
        )
        calm = self.filtered(lambda s: s.open_exception_count and s not in counts)
        for shipment in self:
            write_changes(shipment, open_exception_count=counts.get(shipment, 0))
        calm.activity_unlink(["shipment_visibility.mail_activity_type_exception"])

    def _describe_timelines(self):
        """Return what a form shows of its shipments, those that still count first."""
        timelines = self._timelines()
        ordered = self.sorted(lambda s: (s.headline == "cancelled", s.id))
        return [
            {
                "id": shipment.id,
                "name": shipment.name,
                "carrier": shipment.carrier_id.name or "",
                "numbers": shipment.tracking_numbers,
                "cancelled": shipment.headline == "cancelled",
                **shipment._describe_timeline(timelines[shipment.id]),
            }
            for shipment in ordered
        ]

    def _describe_timeline(self, timeline):
        """Return a timeline as the web client and the portal draw it."""
        self.ensure_one()
        now = dt.datetime.now(dt.UTC)
        return {
            "headline": timeline.headline.value,
            "headline_label": self._label(timeline.headline),
            "phase": timeline.phase.value,
            "entries": self._describe_entries(timeline.entries),
            "estimates": self._describe_estimates(timeline),
            "expected": None if self._is_final() else self._describe_expected(now),
        }

    def _describe_entries(self, entries):
        """Return the entries; parcels that were scanned together are told once."""
        told = {}
        for entry in entries:
            described = self._describe_entry(entry)
            names = [described.pop("package")]
            same = tuple(
                (key, str(value))
                for key, value in described.items()
                if key not in ("key", "photo_url", "moves_headline")
            )
            told.setdefault(same, {**described, "packages": []})["packages"] += names
        numbers = {_parcel_key(package._lane()) for package in self.package_ids}
        for described in told.values():
            names = sorted(filter(None, described["packages"]))
            # What is said of all parcels need not name them.
            described["packages"] = [] if set(names) == numbers else names
        return list(told.values())

    def _describe_entry(self, entry):
        row = vocabulary.milestone(entry.code)
        return {
            "key": entry.key,
            "code": entry.code.value,
            "label": self._label(entry.code),
            "phase": row.phase.value,
            "kind": row.kind,
            "audience": row.audience,
            "trouble": row.exception,
            "occurred_at": entry.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "precision": entry.precision.value,
            "zone": entry.zone.value,
            "place": entry.location,
            "text": entry.text,
            "reason": entry.reason,
            "signer": entry.signer,
            "photo_url": entry.photo_url,
            "package": entry.package if self._has_several_parcels() else None,
            "sources": [self._source_label(source) for source in entry.sources],
            "moves_headline": entry.moves_headline,
        }

    def _has_several_parcels(self):
        """Whether parcels have to be told apart; one under two numbers is one."""
        return len({package._lane() for package in self.package_ids}) > 1

    def _customer_timeline(self):
        """Return what a customer may read of the timeline, the latest first."""
        self.ensure_one()
        return [
            {**entry, "moment": _naive(dt.datetime.fromisoformat(entry["occurred_at"]))}
            for entry in reversed(self.timeline["entries"])
            if entry["audience"] == "customer"
        ]

    def _describe_expected(self, now):
        """Return what is still to come, or None when nobody has said."""
        promised = self.promised_at
        window = [self.estimated_from, self.estimated_to]
        if not (promised or self.estimated_date or any(window)):
            return None
        latest = max(filter(None, [promised, self.estimated_to]), default=None)
        return {
            "promised_at": promised and fields.Datetime.to_string(promised),
            "estimated_from": window[0] and fields.Datetime.to_string(window[0]),
            "estimated_to": window[1] and fields.Datetime.to_string(window[1]),
            "estimated_date": self.estimated_date
            and fields.Date.to_string(self.estimated_date),
            "late": bool(latest and latest < _naive(now)),
        }

    def _label(self, code):
        """Return the translated label of a code."""
        selection = self._fields["headline"]._description_selection(self.env)
        return dict(selection)[code.value]

    def _source_label(self, source):
        field = self.env["shipment.milestone"]._fields["source"]
        return dict(field._description_selection(self.env))[source.value]


def write_changes(record, **values):
    """Write only what differs, so that a row nobody changes is never touched."""
    changes = {
        name: value or False
        for name, value in values.items()
        if (record[name] or False) != (value or False)
    }
    if changes:
        record.write(changes)


def _observation(row) -> Observation:
    """A stored milestone as the fold takes it."""
    return Observation(
        key=row.key,
        package=_parcel_key(row.package_id._lane()) or None,
        code=Code(row.code),
        occurred_at=_aware(row.occurred_at),
        source=Source(row.source),
        precision=Precision(row.precision),
        raw_code=row.raw_code or "",
        reason=row.reason or "",
        text=row.raw_text or "",
        location=row._place(),
        zone=Zone(row.zone),
        signer=row.signer or "",
        photo_url=row.photo_url or "",
        estimated_from=_aware(row.estimated_from),
        estimated_to=_aware(row.estimated_to),
        estimated_date=row.estimated_date or None,
    )


def _aware(moment):
    return moment.replace(tzinfo=dt.UTC) if moment else None
