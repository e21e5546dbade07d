import datetime as dt

from pydantic import ValidationError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..canonical.event_file import EARLIEST, LATEST
from ..canonical.event_table import CELL_LIMIT, TEXT_LIMIT, clean
from ..canonical.schema import Location, Source, TrackingEvent
from .shipment_ingest import _observation_key

PLACE = ("facility", "city", "state", "postal_code")
TEXTS = (
    "tracking_number",
    "raw_code",
    "raw_status",
    "raw_text",
    "reason",
    "occurred_text",
    "signer",
    "photo_url",
)


class ShipmentMilestone(models.Model):
    """Odoo's own import screen as one more way in: its rows are events, too."""

    _inherit = "shipment.milestone"

    @api.model
    def _create_imported(self, vals_list):
        """Hand imported rows in as events; return the milestones, known ones as well."""
        self.check_access("create")
        groups = {}
        for place, vals in enumerate(vals_list):
            company = self._find_imported_company(vals.get("company_id"))
            groups.setdefault(company, []).append((place, self._read_imported(vals)))
        ids = {}
        for company, rows in groups.items():
            places, events = zip(*rows, strict=True)
            self.env["shipment.shipment"]._ingest(
                events,
                source=Source.FILE,
                company=company,
                origin=self.env._("Import by %(user)s", user=self.env.user.name),
            )
            keys = [self._find_imported_key(event) for event in events]
            known = {
                milestone.key: milestone.id
                for milestone in self.search(
                    [("company_id", "=", company.id), ("key", "in", keys)]
                )
            }
            ids |= {place: known[key] for place, key in zip(places, keys, strict=True)}
        return self.browse([ids[place] for place in range(len(vals_list))])

    @api.model
    def _find_imported_key(self, event):
        number = self.env["shipment.carrier"]._normalise_number(event.tracking_number)
        return _observation_key(event, Source.FILE, number)

    @api.model
    def _find_imported_company(self, company_id):
        company = self.env["res.company"].browse(company_id or self.env.company.id)
        if company not in self.env.companies:
            raise AccessError(self.env._("You cannot import for that company."))
        return company

    @api.model
    def _read_imported(self, vals):
        """Return the event that an imported row tells of."""
        carrier = self.env["shipment.carrier"].browse(vals.get("carrier_id"))
        texts = {name: _text(vals, name) for name in (*TEXTS, "source_event_id")}
        if not carrier or not any(map(str.isalnum, texts["tracking_number"])):
            raise UserError(
                self.env._("Each row needs a carrier and a tracking number.")
            )
        moment = self._read_imported_moment(vals, "occurred_at")
        if not moment:
            raise UserError(self.env._("Each row needs a time at which it happened."))
        if vals.get("code", "unknown") == "unknown" and not texts["raw_code"]:
            raise UserError(
                self.env._("Each row needs a milestone or the carrier's own code.")
            )
        # What the carrier's own code does not tell apart, the milestone does.
        texts["raw_status"] = texts["raw_status"] or vals.get("code") or ""
        estimates = ("estimated_from", "estimated_to")
        place = {name: _text(vals, name) for name in PLACE}
        country = _text(vals, "country_code").upper() or None
        try:
            return TrackingEvent(
                event_id=texts.pop("source_event_id"),
                **texts,
                carrier=carrier.code,
                code=vals.get("code") or "unknown",
                occurred_at=moment,
                # Odoo has read the time in the zone of whoever imports.
                zone=vals.get("zone") or "known",
                precision=vals.get("precision") or "minute",
                location=Location(**place, country=country),
                estimated_date=vals.get("estimated_date") or None,
                **{name: self._read_imported_moment(vals, name) for name in estimates},
            )
        except ValidationError as error:
            found = error.errors()[0]
            raise UserError(
                self.env._(
                    "%(field)s cannot be read: %(value)s",
                    field=found["loc"][-1],
                    value=str(found["input"])[:100],
                )
            ) from None

    @api.model
    def _read_imported_moment(self, vals, name):
        moment = fields.Datetime.to_datetime(vals.get(name))
        if not moment:
            return None
        moment = moment.replace(tzinfo=dt.UTC)
        if not EARLIEST <= moment <= dt.datetime.now(dt.UTC) + LATEST:
            raise UserError(
                self.env._(
                    "The time %(time)s is before the year 2000 or too far ahead.",
                    time=fields.Datetime.to_string(moment),
                )
            )
        return moment


def _text(vals, name):
    """A text of a row as a database takes it, cut to a sane length."""
    limit = TEXT_LIMIT if name == "raw_text" else CELL_LIMIT
    return clean(vals.get(name) or "")[:limit]
