import base64
import datetime as dt
from collections import Counter
from itertools import dropwhile, islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..canonical import milestone as vocabulary
from ..canonical.event_file import read_events
from ..canonical.event_table import REASONS, write_lines
from ..canonical.schema import Source
from .shipment_ingest import Outcome

# Lines that are handed to the one door for events at once.
BATCH_SIZE = 500
# Lines that somebody waits for, and that one job takes: some fifteen seconds.
PART_SIZE = 5_000
# How much of a line the report shows.
RAW_SIZE = 500
OUTCOMES = [
    (Outcome.ACCEPTED.value, "Accepted"),
    (Outcome.DUPLICATE.value, "Duplicate"),
    (Outcome.UNMATCHED.value, "Unmatched"),
    (Outcome.REFUSED.value, "Refused"),
]
REFUSALS = [(reason.value, text) for reason, text in REASONS.items()]


class ShipmentEventImport(models.Model):
    """A file of events that somebody uploaded, and what became of its lines.

    The same file may be imported again: what is known already is a duplicate.
    """

    _name = "shipment.event.import"
    _description = "Import of Events"
    _order = "id desc"

    name = fields.Char(string="File Name", required=True)
    file = fields.Binary(required=True, attachment=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    carrier_id = fields.Many2one(
        "shipment.carrier", help="Of the lines that name none."
    )
    state = fields.Selection(
        [("draft", "To Import"), ("running", "Importing"), ("done", "Imported")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    read_until = fields.Integer(
        string="Read Until Line", readonly=True, copy=False, help="Of a long file."
    )
    line_ids = fields.One2many(
        "shipment.event.import.line", "import_id", string="Lines", copy=False
    )
    refused_line_ids = fields.One2many(
        "shipment.event.import.line",
        "import_id",
        string="Refused Lines",
        domain=[("outcome", "=", Outcome.REFUSED.value)],
    )
    accepted_count = fields.Integer(string="Accepted", readonly=True, copy=False)
    duplicate_count = fields.Integer(string="Duplicates", readonly=True, copy=False)
    unmatched_count = fields.Integer(string="Unmatched", readonly=True, copy=False)
    refused_count = fields.Integer(string="Refused", readonly=True, copy=False)
    refused_file = fields.Binary(
        compute="_compute_refused_file",
        help="The refused lines, to be mended and imported again.",
    )

    @api.depends("state")
    def _compute_refused_file(self):
        for record in self:
            reasons = {line.number: line._explain() for line in record.refused_line_ids}
            # Spreadsheets take a file for UTF-8 only when it says so.
            content = write_lines(record._content(), reasons).encode("utf-8-sig")
            record.refused_file = base64.b64encode(content)

    def _content(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def action_import(self):
        """Hand the events of the file in; what is long goes on in the background."""
        self.ensure_one()
        # Pressed twice at once, it is imported once.
        self.lock_for_update()
        if self.state != "draft":
            raise UserError(self.env._("This file has been imported already."))
        self._import_part()
        return True

    def _job_import(self):
        """Go on where the last part ended. Safe to repeat: what is known is a duplicate."""
        self.ensure_one()
        self.lock_for_update()
        if self.state == "running":
            self._import_part()
        return self.env._("up to line %(line)s", line=self.read_until)

    def _import_part(self):
        """Hand in the next lines, report each, and leave the rest to a successor."""
        rest = dropwhile(
            lambda line: line.number <= self.read_until, self._read_events()
        )
        part = list(islice(rest, PART_SIZE))
        counts = Counter()
        for lines in split_every(BATCH_SIZE, part, list):
            counts.update(self._import_lines(lines))
        self.write(
            {
                "state": "running" if len(part) == PART_SIZE else "done",
                "read_until": part[-1].number if part else self.read_until,
                **{
                    f"{outcome}_count": self[f"{outcome}_count"] + counts[outcome]
                    for outcome in Outcome
                },
            }
        )
        if self.state == "running":
            self.with_delay(
                description=self.env._("Import events of %(file)s", file=self.name)
            )._job_import()

    def _read_events(self):
        return read_events(
            self._content(),
            carriers=self._find_carrier_names(),
            now=dt.datetime.now(dt.UTC),
            default_carrier=self.carrier_id.code or "",
        )

    def _find_carrier_names(self):
        """Return ``{code or name, casefolded: code}``; of two of one name the code wins."""
        carriers = self.env["shipment.carrier"].search([("active", "=", True)])
        names = {carrier.name.casefold(): carrier.code for carrier in carriers}
        return names | {carrier.code.casefold(): carrier.code for carrier in carriers}

    def _import_lines(self, lines):
        """Hand some lines in and report them; return their outcomes."""
        result = self.env["shipment.shipment"]._ingest(
            [line.event for line in lines if line.event],
            source=Source.FILE,
            company=self.company_id,
            origin=self.name,
        )
        told = iter(result.outcomes)
        outcomes = [next(told) if line.event else Outcome.REFUSED for line in lines]
        # The report is the import's alone to write.
        self.env["shipment.event.import.line"].sudo().create(
            [
                self._prepare_line(line, outcome)
                for line, outcome in zip(lines, outcomes, strict=True)
            ]
        )
        return outcomes

    def _prepare_line(self, line, outcome):
        event = line.event
        return {
            "import_id": self.id,
            "number": line.number,
            "outcome": outcome.value,
            "tracking_number": line.cells.get("tracking_number"),
            "code": event.code.value if event else False,
            "reason": line.reason.value if line.reason else False,
            "detail": line.detail,
            "raw": line.raw[:RAW_SIZE],
        }

    def action_download_refused(self):
        """Hand the refused lines to the browser, to be mended and imported again."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/refused_file"
            "?download=true&filename=refused.csv",
            "target": "download",
        }

    def action_view_lines(self):
        """Open the report; the context says which lines are looked for first."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_event_import_line_action"
        )
        action["domain"] = [("import_id", "=", self.id)]
        action["context"] = {
            key: value
            for key, value in self.env.context.items()
            if key.startswith("search_default_")
        }
        return action


class ShipmentEventImportLine(models.Model):
    """What became of one line of a file."""

    _name = "shipment.event.import.line"
    _description = "Imported Line"
    _order = "import_id desc, number, id"
    _rec_name = "tracking_number"

    import_id = fields.Many2one(
        "shipment.event.import", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True)
    number = fields.Integer(string="Line", required=True)
    outcome = fields.Selection(OUTCOMES, required=True)
    tracking_number = fields.Char()
    code = fields.Selection(vocabulary.selection(), string="Milestone")
    reason = fields.Selection(REFUSALS, string="Why It Was Refused")
    detail = fields.Char(string="What Was Found")
    raw = fields.Text(string="As It Was Written")

    def _explain(self):
        """Return in one line why it was refused."""
        self.ensure_one()
        texts = dict(self._fields["reason"]._description_selection(self.env))
        return ": ".join(filter(None, (texts.get(self.reason), self.detail)))
