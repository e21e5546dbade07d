from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .booking_terms import CarrierDown

# At most so many are booked in one job and one transaction, if the carrier is quick enough;
# then a successor goes on.
CHUNK = 200
# A carrier that is down is asked again so often before a person must say so.
MOST_POSTPONED = 20
SHORTEST_PAUSE = 5
LONGEST_PAUSE = 60


class ShipmentBookingRun(models.Model):
    """The labels of many deliveries, booked by jobs: each success kept, each failure told."""

    _name = "shipment.booking.run"
    _description = "Bulk Booking"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    user_id = fields.Many2one(
        "res.users",
        string="Started By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    line_ids = fields.One2many("shipment.booking.run.line", "run_id", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done")],
        readonly=True,
        required=True,
        default="running",
    )
    waiting_count = fields.Integer(string="Waiting", compute="_compute_counts")
    booked_count = fields.Integer(string="Booked", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    @api.depends("create_date")
    def _compute_name(self):
        for run in self:
            moment = fields.Datetime.context_timestamp(
                run, run.create_date or fields.Datetime.now()
            )
            run.name = self.env._("Labels of %s", moment.strftime("%Y-%m-%d %H:%M"))

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {
            (run.id, state): count
            for run, state, count in self.env["shipment.booking.run.line"]._read_group(
                [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
            )
        }
        for run in self:
            run.waiting_count = counts.get((run.id, "waiting"), 0)
            run.booked_count = counts.get((run.id, "booked"), 0)
            run.failed_count = counts.get((run.id, "failed"), 0)
            total = run.waiting_count + run.booked_count + run.failed_count
            run.progress = 100 * (total - run.waiting_count) / (total or 1)

    @api.model
    def _start(self, pickings):
        """Begin to book the labels of these deliveries.

        :raise UserError: there is nothing to book.
        """
        pickings.check_access("write")
        wanted = pickings.sudo()._filter_without_label()
        if not wanted:
            raise UserError(
                self.env._(
                    "None of these deliveries needs a label: they are not done, have a "
                    "tracking reference, or their delivery method books none."
                )
            )
        run_sudo = self.sudo().create(
            {
                "user_id": self.env.uid,
                "line_ids": [Command.create({"picking_id": p.id}) for p in wanted],
            }
        )
        run_sudo._enqueue()
        return run_sudo.sudo(self.env.su)

    def _enqueue(self, seconds=0):
        """Have the run go on. In its user's name: the labels are printed at that bench."""
        for run in self:
            run.with_user(run.user_id).sudo().with_delay(
                identity_key=f"shipment-booking-run-{run.id}",
                description=self.env._("Book labels of many deliveries"),
                eta=seconds,
                max_retries=0,
            )._job_book()

    def _job_book(self):
        """Book a chunk, and hand over to a successor."""
        run = self.exists()
        if run.state != "running" or not run._is_alone():
            return
        lines = run.line_ids.filtered(lambda line: line._is_due())[:CHUNK]
        pause = lines._book() if lines else 0
        waiting = run.line_ids.filtered(lambda line: line.state == "waiting")
        if not waiting:
            run._finish()
            return
        if not waiting.filtered(lambda line: line._is_due()):
            soonest = min(waiting.mapped("due_at"))
            pause = (soonest - fields.Datetime.now()).total_seconds()
        run._hand_over(max(pause, 0))

    def _is_alone(self):
        """Whether no other job is at this run; who is will hand over to a successor."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"shipment.booking.run {self.id}"],
        )
        return self.env.cr.fetchone()[0]

    def _hand_over(self, seconds):
        # Our own identity key is taken until we have ended.
        self.with_delay(
            description=self.env._("Book labels of many deliveries"),
            eta=int(seconds),
            max_retries=0,
        )._job_book()

    def _is_quiet(self, since):
        """Whether nothing has happened since, though something is due."""
        due = self.line_ids.filtered(lambda line: line._is_due())
        return bool(due) and max(self.line_ids.mapped("write_date")) < since

    def _finish(self):
        self.state = "done"
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "warning" if self.failed_count else "success",
                "title": self.env._("Labels booked"),
                "message": self.env._(
                    "%(booked)s booked, %(failed)s failed",
                    booked=self.booked_count,
                    failed=self.failed_count,
                ),
            },
        )

    # === BUTTONS === #

    def action_stop(self):
        """Book no more; what is booked stays."""
        self._check_owner().filtered(
            lambda run: run.state == "running"
        ).state = "stopped"

    def action_resume(self):
        """Go on with what waits, and try again what failed."""
        self._check_owner()._try_again()

    def _try_again(self):
        for run in self:
            run.line_ids.filtered(lambda line: line.state == "failed")._reset()
            run.state = "running"
            run._enqueue()

    def action_print(self):
        """Hand all labels of the run to the browser as one file."""
        booked = self.line_ids.filtered(lambda line: line.state == "booked")
        return booked.picking_id.action_print_shipment_labels()

    def action_view_deliveries(self):
        """Open the deliveries of the run."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action["domain"] = [("id", "in", self.line_ids.picking_id.ids)]
        action["context"] = {}
        return action

    def _check_owner(self):
        """The runs with all rights, once it is clear that the user may go on with them.

        :raise AccessError: the user may not write the deliveries.
        """
        self.line_ids.picking_id.check_access("write")
        return self.sudo()


class ShipmentBookingRunLine(models.Model):
    """One delivery of a run."""

    _name = "shipment.booking.run.line"
    _description = "Delivery of a Bulk Booking"
    _order = "id"

    run_id = fields.Many2one(
        "shipment.booking.run", required=True, index=True, ondelete="cascade"
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    partner_id = fields.Many2one(related="picking_id.partner_id")
    carrier_id = fields.Many2one(related="picking_id.carrier_id")
    tracking_ref = fields.Char(related="picking_id.carrier_tracking_ref")
    state = fields.Selection(
        [("waiting", "Waiting"), ("booked", "Booked"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="waiting",
    )
    reason = fields.Text(readonly=True)
    postponed = fields.Integer(readonly=True)
    due_at = fields.Datetime(readonly=True)

    def _is_due(self):
        """Whether it is this line's turn."""
        return self.state == "waiting" and (
            not self.due_at or self.due_at <= fields.Datetime.now()
        )

    def _book(self):
        """Book these lines; return the seconds after which the rest may go on."""
        lines = {line.picking_id: line for line in self}
        gone = self.picking_id - self.picking_id._filter_without_label()
        for picking in gone:
            lines[picking]._close(None)
        longest = 0
        wanted = self.picking_id - gone
        for picking, error in wanted._book_labels():
            if picking in lines:
                longest = max(longest, lines[picking]._close(error))
        return longest

    def _close(self, error):
        """Write what became of it; return the seconds the carrier wants to be left alone."""
        if self._can_wait(error):
            pause = max(error.retry_after or LONGEST_PAUSE, SHORTEST_PAUSE)
            self.write(
                {
                    "postponed": self.postponed + 1,
                    "reason": str(error),
                    "due_at": fields.Datetime.now() + timedelta(seconds=pause),
                }
            )
            return pause
        if isinstance(error, CarrierDown) and error.key:
            self.env["shipment.booking.desk"]._announce_lost(error.key, str(error))
        self.write(
            {
                "state": "failed" if error else "booked",
                "reason": str(error) if error else False,
                "due_at": False,
            }
        )
        return 0

    def _can_wait(self, error):
        """Whether it comes right by waiting: the carrier said how long, or can be asked."""
        return (
            isinstance(error, CarrierDown)
            and not error.needs_person
            and (error.retry_after is not None or error.is_unknown)
            and self.postponed < MOST_POSTPONED
        )

    def action_retry(self):
        """Try this one again."""
        run_sudo = self.run_id._check_owner()
        self.sudo()._reset()
        run_sudo.state = "running"
        run_sudo._enqueue()

    def _reset(self):
        self.write(
            {"state": "waiting", "reason": False, "postponed": 0, "due_at": False}
        )
