import math
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..printing.base import PrinterAway, PrinterError, PrintRefused

# The pause grows with the time the printer is away, between these.
SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
# A label that could not be printed for so long is a person's matter.
GIVE_UP_AFTER = timedelta(hours=1)
# Seconds until a job looks again at a printer on which another one prints.
TURN = 5


class ShipmentPrinter(models.Model):
    """How what waits for a printer gets there: in order, one at a time, never twice.

    What happens to a print job is committed at once, in transactions of its own: a label that
    has left the printer stays printed, whatever becomes of the queue's job.
    """

    _inherit = "shipment.printer"

    def _enqueue(self):
        """Have jobs of the queue print what waits, once this transaction is committed."""
        for printer in self:
            # With all rights: who may book may have no right to change a printer.
            printer.sudo().with_delay(
                description=self.env._("Print on %s", printer.name)
            )._job_print()

    def _wake(self):
        """As :meth:`_enqueue`, without waiting for the next try."""
        self.sudo().next_try_at = False
        self._enqueue()

    def _job_print(self):
        """Print what waits for this printer, oldest first.

        Safe to run again: what was about to be printed when the server died is not repeated,
        but shown to a person.
        """
        self.ensure_one()
        if not self._take_turn():
            raise RetryableJobError(
                self.env._("Another job prints there."), seconds=TURN, ignore_retry=True
            )
        with own_transaction(self.env) as env:
            env["shipment.print.job"]._fail_orphans(self.browse(self.id).with_env(env))
            self._check_is_due(env)
        while job_id := self._claim():
            try:
                self._print_one(job_id)
            except PrinterAway as error:
                self._postpone(job_id, str(error))

    def _take_turn(self):
        """Whether nobody else prints on this printer; holds until the queue's job ends."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('shipment_printer'), %s)",
            [self.id],
        )
        return self.env.cr.fetchone()[0]

    def _check_is_due(self, env):
        """Leave a printer alone that was away a moment ago.

        :raise RetryableJobError: when it is looked at again.
        """
        until = self.with_env(env).next_try_at
        pause = until and (until - fields.Datetime.now()).total_seconds()
        if pause and pause > 0:
            raise RetryableJobError(
                self.env._("The printer is away."),
                seconds=math.ceil(pause),
                ignore_retry=True,
            )

    def _claim(self):
        """Say of the oldest waiting job that it is being printed; return its id."""
        with own_transaction(self.env) as env:
            job = env["shipment.print.job"].search(
                [("printer_id", "=", self.id), ("state", "=", "waiting")],
                order="id",
                limit=1,
            )
            job.state = "printing"
            return job.id

    def _print_one(self, job_id):
        """Print a job and write down what came of it.

        :raise PrinterAway: it was not printed, and waits again.
        """
        refusal = None
        with own_transaction(self.env) as env:
            job = env["shipment.print.job"].browse(job_id)
            if job._drop_if_void():
                return
            title, mimetype, content = job._prepare_document()
            if not content or not job.printer_id._takes(mimetype):
                refusal = job._explain_unfit()
        try:
            if refusal:
                raise PrintRefused(refusal)
            self._make_printer().print(content, mimetype, title)
        except PrinterAway:
            raise
        except PrinterError as error:
            refusal = str(error)
        with own_transaction(self.env) as env:
            job = env["shipment.print.job"].browse(job_id)
            if refusal:
                job._fail(refusal)
            else:
                job._succeed()

    def _postpone(self, job_id, words):
        """Let what waits for this printer wait until it may be back.

        :raise RetryableJobError: unless nothing waits any more.
        """
        with own_transaction(self.env) as env:
            printer = self.with_env(env)
            now = fields.Datetime.now()
            away_since = printer.away_since or now
            pause = min(max(now - away_since, SHORTEST_PAUSE), LONGEST_PAUSE)
            printer.write({"away_since": away_since, "next_try_at": now + pause})
            env["shipment.print.job"].browse(job_id).state = "waiting"
            waits = printer._hold_up(now, words)
        if waits:
            raise RetryableJobError(
                words, seconds=math.ceil(pause.total_seconds()), ignore_retry=True
            )

    def _hold_up(self, now, words):
        """Say of all that waits why; give up what has waited for too long.

        :return: whether something still waits.
        """
        jobs = self.env["shipment.print.job"].search(
            [("printer_id", "=", self.id), ("state", "=", "waiting")]
        )
        jobs.message = words
        jobs.filtered(lambda job: not job.held_up_since).held_up_since = now
        given_up = jobs.filtered(lambda job: now - job.held_up_since >= GIVE_UP_AFTER)
        given_up._fail(words)
        return bool(jobs - given_up)

    @api.model
    def _cron_sweep(self):
        """Wake printers whose waiting labels no job of the queue is about to print."""
        waiting = self.env["shipment.print.job"]._read_group(
            [("state", "in", ("waiting", "printing"))], ["printer_id"]
        )
        printers = self.browse().union(*[printer for (printer,) in waiting])
        printers._enqueue()
