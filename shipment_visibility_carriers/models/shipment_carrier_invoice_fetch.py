import datetime as dt
import hashlib
import os
import shutil
import time
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.inbox import InboxError, Trouble, is_settled, is_wanted
from ..invoices.inbox.base import OF_ONE_FILE

BUFFER = 1 << 18
# After which a job hands over to a successor.
SECONDS = 60
# Of many files in trouble so many are named.
MOST_NAMED = 5
REMEMBER = """
    INSERT INTO shipment_carrier_invoice_seen (
        source_id, company_id, name, stamp, state, file_id, trouble,
        create_uid, write_uid, create_date, write_date
    )
    VALUES (
        %(source)s, %(company)s, %(name)s, %(stamp)s, %(state)s, %(file)s, %(trouble)s,
        %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
    )
    ON CONFLICT (source_id, name) DO UPDATE
        SET stamp = EXCLUDED.stamp, state = EXCLUDED.state, file_id = EXCLUDED.file_id,
            trouble = EXCLUDED.trouble, write_date = EXCLUDED.write_date
"""


class ShipmentCarrierInvoiceSource(models.Model):
    """Taking what is new, each file once."""

    _inherit = "shipment.carrier.invoice.source"

    def _job_look(self, is_successor=False):
        """Take what is new. Safe to repeat: a file that was taken is known.

        :param is_successor: what could not be taken just before is not tried again
        """
        self.ensure_one()
        if not self.active:
            return None
        try:
            with self._open_inbox() as inbox:
                taken, troubles, is_done = self._take_new(inbox, is_successor)
        except InboxError as error:
            taken, troubles, is_done = 0, [self._explain(error)], True
        except UserError as error:
            taken, troubles, is_done = 0, [str(error)], True
        except OSError as error:
            words = self.env._(
                "The server cannot store what it fetches: %(reason)s",
                reason=error.strerror,
            )
            taken, troubles, is_done = 0, [words], True
        self._conclude(troubles)
        if not is_done:
            self._enqueue_look(is_successor=True)
        return self.env._("%(count)s files", count=taken)

    def _take_new(self, inbox, is_successor):
        """Take what is complete and new, for a while.

        :return: how many were taken, what was in the way of some, and whether that was all.
        """
        seen = self._read_seen()
        entries = self._list_wanted(inbox)
        self._forget(seen.keys() - {entry.name for entry in entries})
        now = fields.Datetime.now().replace(tzinfo=dt.UTC)
        # Behind the listing, which may be long: each job takes one file at least.
        deadline = time.monotonic() + SECONDS
        taken, troubles, is_late = 0, [], False
        for entry in entries:
            stamp, state, trouble = seen.get(entry.name, (None, None, None))
            if stamp == entry.stamp and state == "taken":
                continue
            if stamp == entry.stamp and state == "failed" and is_successor:
                troubles.append(trouble)
                continue
            if not is_settled(entry, stamp, now):
                self._remember(entry, "waiting")
                continue
            if is_late:
                return taken, troubles, False
            try:
                taken += self._take(inbox, entry)
            except InboxError as error:
                if error.trouble not in OF_ONE_FILE:
                    raise
                troubles.append(self._explain(error))
                self._remember(entry, "failed", trouble=troubles[-1])
            is_late = time.monotonic() > deadline
        return taken, troubles, True

    def _list_wanted(self, inbox):
        words = (word.strip() for word in (self.name_pattern or "").split(","))
        patterns = [word for word in words if word]
        return [
            entry
            for entry in inbox.entries()
            if entry.size and is_wanted(entry.name, patterns)
        ]

    def _take(self, inbox, entry):
        """Fetch a file and have it imported; return whether it is a new one.

        :raise InboxError: it cannot be read, or is too big.
        """
        with NamedTemporaryFile(prefix="shipment-invoice-") as copy:
            size, digest = self._copy(inbox, entry, copy)
            copy.flush()
            if size != entry.size:
                # Somebody is still writing it.
                self._remember(entry, "waiting")
                return False
            with own_transaction(self.env) as env:
                return (
                    env[self._name]
                    .browse(self.id)
                    ._import(entry, copy.name, size, digest)
                )

    def _copy(self, inbox, entry, copy):
        """Copy a file as it comes in; return its size and what it is known by."""
        # As Odoo knows attachments.
        digest, size = hashlib.sha1(usedforsecurity=False), 0
        limit = self.size_limit << 20
        if entry.size > limit:
            raise InboxError(Trouble.TOO_BIG, entry.name)
        with closing(inbox.fetch(entry)) as stream:
            while chunk := _read(stream, entry):
                size += len(chunk)
                if size > limit:
                    raise InboxError(Trouble.TOO_BIG, entry.name)
                digest.update(chunk)
                copy.write(chunk)
        return size, digest.hexdigest()

    def _import(self, entry, path, size, digest):
        # The same file may lie in two places: one after the other.
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"shipment.carrier.invoice.source {self.company_id.id}"],
        )
        files = self.env["shipment.carrier.invoice.file"].with_company(self.company_id)
        file = files.search(
            [("company_id", "=", self.company_id.id), ("digest", "=", digest)],
            order="id",
            limit=1,
        )
        is_new = not file
        if is_new:
            file = files._create_streamed(
                {
                    "name": entry.name,
                    "source_id": self.id,
                    "company_id": self.company_id.id,
                    "format": self.format,
                    "layout_id": self.layout_id.id,
                    "carrier_id": self.carrier_id.id,
                    "currency_id": self.currency_id.id,
                },
                path,
                size,
                digest,
            )
            file.action_import()
        self._note_seen(entry, "taken", file=file)
        return is_new

    # === WHAT WAS SEEN === #

    def _read_seen(self):
        """Return what is known of each file: ``{name: (stamp, state, trouble)}``."""
        self.env["shipment.carrier.invoice.seen"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT name, stamp, state, trouble FROM shipment_carrier_invoice_seen"
                " WHERE source_id = %s",
                self.id,
            )
        )
        return {name: known for name, *known in rows}

    def _remember(self, entry, state, trouble=None):
        with own_transaction(self.env) as env:
            env[self._name].browse(self.id)._note_seen(entry, state, trouble=trouble)

    def _note_seen(self, entry, state, file=None, trouble=None):
        self.env.cr.execute(
            REMEMBER,
            {
                "source": self.id,
                "company": self.company_id.id,
                "name": entry.name,
                "stamp": entry.stamp,
                "state": state,
                "file": file.id if file else None,
                "trouble": trouble,
                "uid": self.env.uid,
            },
        )
        self.env["shipment.carrier.invoice.seen"].invalidate_model()
        self.invalidate_recordset(["seen_ids"])

    def _forget(self, names):
        """What does not lie there any more needs not be remembered."""
        if not names:
            return
        with own_transaction(self.env) as env:
            env.cr.execute(
                "DELETE FROM shipment_carrier_invoice_seen"
                " WHERE source_id = %s AND name = ANY(%s)",
                [self.id, sorted(names)],
            )
        self.env["shipment.carrier.invoice.seen"].invalidate_model(flush=False)

    def _conclude(self, troubles):
        """Note how it went; of trouble its responsible user is told once."""
        words = "\n".join(troubles[:MOST_NAMED])
        if len(troubles) > MOST_NAMED:
            words += "\n" + self.env._(
                "And %(count)s more.", count=len(troubles) - MOST_NAMED
            )
        with own_transaction(self.env) as env:
            source = env[self._name].browse(self.id)
            was_well = not source.trouble
            source.write({"looked_at": fields.Datetime.now(), "trouble": words})
            if words and was_well and source.user_id:
                source.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=self.env._("Invoices are not fetched"),
                    note=words,
                    user_id=source.user_id.id,
                )
            elif not words:
                source.activity_unlink(["mail.mail_activity_data_warning"])
        self.invalidate_recordset()


class ShipmentCarrierInvoiceSeen(models.Model):
    """A file that lies in a source, so that it is not fetched every hour."""

    _name = "shipment.carrier.invoice.seen"
    _description = "File of a Source"
    _order = "source_id, id desc"

    source_id = fields.Many2one(
        "shipment.carrier.invoice.source", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    name = fields.Char(string="File Name", required=True, readonly=True)
    # Its size and time: another one is another file.
    stamp = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Being Written"),
            ("taken", "Fetched"),
            ("failed", "Not Fetched"),
        ],
        required=True,
        readonly=True,
    )
    file_id = fields.Many2one(
        "shipment.carrier.invoice.file",
        string="Fetched as",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    trouble = fields.Char(string="Why Not", readonly=True)

    _name_uniq = models.UniqueIndex("(source_id, name)", "This file is known already.")


class ShipmentCarrierInvoiceFile(models.Model):
    _inherit = "shipment.carrier.invoice.file"

    source_id = fields.Many2one(
        "shipment.carrier.invoice.source",
        string="Fetched from",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.model
    def _create_streamed(self, vals, path, size, digest):
        """Create a file out of one on the disk, which is not loaded where Odoo keeps files.

        :param digest: SHA-1 of its content in hexadecimal digits, as attachments have it
        """
        record = self.create(vals)
        record.digest = digest
        # The file belongs to the record, whoever may read that.
        attachment_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": "file",
                    "res_model": self._name,
                    "res_field": "file",
                    "res_id": record.id,
                    "company_id": record.company_id.id,
                    "type": "binary",
                    "mimetype": "application/octet-stream",
                }
            )
        )
        attachment_sudo._adopt_content(path, size, digest)
        record.invalidate_recordset(["file"])
        return record


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _adopt_content(self, path, size, checksum):
        """Give an attachment the content of a file, copied and not loaded."""
        if self._storage() != "file":
            self.raw = Path(path).read_bytes()
            return
        name = f"{checksum[:2]}/{checksum}"
        target = Path(self._full_path(name))
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: others may come upon it by its checksum.
            part = target.with_name(f"{checksum}.{os.getpid()}")
            shutil.copyfile(path, part)
            part.replace(target)
            # Removed by itself should the transaction fail.
            self._mark_for_gc(name)
        self.flush_recordset()
        self.env.cr.execute(
            """
            UPDATE ir_attachment
               SET store_fname = %s, checksum = %s, file_size = %s, db_datas = NULL
             WHERE id = %s
            """,
            [name, checksum, size, self.id],
        )
        self.invalidate_recordset()


def _read(stream, entry):
    try:
        return stream.read(BUFFER)
    except OSError:
        raise InboxError(Trouble.NO_FILE, entry.name) from None
