from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ACTIVITY = "shipment_visibility_carriers.mail_activity_type_print"


class ShipmentPrintJob(models.Model):
    """One label on its way to one printer.

    ``printing`` is committed before the printer is reached, so that a label is never printed
    twice because nobody knew.
    """

    _name = "shipment.print.job"
    _description = "Print Job"
    _order = "id desc"

    package_id = fields.Many2one(
        "shipment.package", required=True, readonly=True, ondelete="cascade", index=True
    )
    shipment_id = fields.Many2one(
        related="package_id.shipment_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    label_id = fields.Many2one(
        "ir.attachment", required=True, readonly=True, ondelete="cascade"
    )
    label_format = fields.Char(compute="_compute_label_format")
    printer_id = fields.Many2one(
        "shipment.printer", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", string="For", readonly=True, help="Who is told when it fails."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("printing", "Printing"),
            ("done", "Printed"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    automatic = fields.Boolean(
        readonly=True, help="Printed because the label was booked, not on demand."
    )
    message = fields.Char(readonly=True, help="Why it was not printed yet.")
    held_up_since = fields.Datetime(readonly=True)
    printed_at = fields.Datetime(readonly=True)

    _automatic_uniq = models.UniqueIndex(
        "(label_id) WHERE automatic", "This label is on its way to a printer already."
    )
    _waiting_idx = models.Index(
        "(printer_id, id) WHERE state IN ('waiting', 'printing')"
    )

    @api.depends("label_id")
    def _compute_label_format(self):
        for job in self:
            job.label_format = job.sudo().label_id._get_label_format()

    @api.depends("package_id", "label_id")
    def _compute_display_name(self):
        for job in self:
            job.display_name = job._get_title()

    def _get_title(self):
        return self.package_id.tracking_number or self.shipment_id.name or ""

    # === FOR THE PRINTER === #

    def _prepare_document(self):
        """``(title, mimetype, content)``; the content is empty when the label is gone."""
        self.ensure_one()
        label = self.label_id
        return self._get_title(), label.mimetype, label.raw or b""

    def _explain_unfit(self):
        if not self.label_id.raw:
            return self.env._("The file of the label is gone.")
        return self.env._(
            "%(printer)s does not take %(format)s.",
            printer=self.printer_id.name,
            format=self.label_format or self.label_id.mimetype,
        )

    def _drop_if_void(self):
        """Do not print a label that was cancelled meanwhile; return whether it was."""
        self.ensure_one()
        if self.package_id.live:
            return False
        self.write(
            {"state": "cancelled", "message": self.env._("The label was cancelled.")}
        )
        self._drop_activities()
        return True

    def _succeed(self):
        """Say that it was printed; nobody needs to look after it any more."""
        self.write(
            {
                "state": "done",
                "printed_at": fields.Datetime.now(),
                "message": False,
                "held_up_since": False,
            }
        )
        self.printer_id.filtered("away_since").write(
            {"away_since": False, "next_try_at": False}
        )
        self._drop_activities()

    def _fail(self, words):
        """Say that it was not printed, also to whom it was for."""
        if not self:
            return
        self.write({"state": "failed", "message": words})
        for user, jobs in self.grouped("user_id").items():
            if user.active:
                jobs._tell(user.with_context(lang=user.lang), words)

    def _tell(self, user, words):
        shipments = self.shipment_id
        text = user.env._(
            "Labels were not printed: %(numbers)s. %(words)s",
            numbers=", ".join(job._get_title() for job in self),
            words=words,
        )
        user._bus_send(
            "simple_notification", {"type": "danger", "message": text, "sticky": True}
        )
        known = shipments.activity_search([ACTIVITY], user_id=user.id).mapped("res_id")
        readable = shipments.with_user(user)._filtered_access("read").ids
        shipments.filtered(
            lambda s: s.id in readable and s.id not in known
        ).activity_schedule(ACTIVITY, user_id=user.id, note=text)

    @api.model
    def _fail_orphans(self, printer):
        """Of what was being printed when the server died nobody knows whether it was."""
        self.search(
            [("printer_id", "=", printer.id), ("state", "=", "printing")]
        )._fail(
            self.env._(
                "The server stopped while it was printed. Look at the printer, then print "
                "it again if the label is missing."
            )
        )

    def _drop_activities(self):
        settled = self.shipment_id.filtered(
            lambda s: "failed" not in s.print_job_ids.mapped("state")
        )
        settled.activity_unlink([ACTIVITY])

    # === BUTTONS === #

    def _check_may_print(self):
        self.check_access("read")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users print labels."))

    def _lock_in(self, *states):
        """These jobs, with all rights, nobody else's for now.

        :raise UserError: one has moved on.
        """
        self._check_may_print()
        # Users read print jobs; what they may do with them are these buttons.
        jobs_sudo = self.sudo()
        jobs_sudo.lock_for_update()
        jobs_sudo.invalidate_recordset(["state"])
        if any(job.state not in states for job in jobs_sudo):
            raise UserError(
                self.env._("It is being printed or is done. Print the label again.")
            )
        return jobs_sudo

    def action_retry(self):
        """Print it after all, without waiting for the next try."""
        self._send_to(None)

    def action_cancel(self):
        """Do not print it."""
        jobs_sudo = self._lock_in("waiting", "failed")
        jobs_sudo.state = "cancelled"
        jobs_sudo._drop_activities()

    def _send_to(self, printer):
        """Print on another printer, or on the same with ``None``."""
        jobs_sudo = self._lock_in("waiting", "failed", "cancelled")
        values = {"state": "waiting", "message": False, "held_up_since": False}
        if printer:
            values["printer_id"] = printer.id
        jobs_sudo.write({**values, "user_id": self.env.uid})
        jobs_sudo._drop_activities()
        jobs_sudo.printer_id._wake()

    def action_choose_printer(self):
        """Ask on which other printer to print."""
        return self.env["shipment.print.wizard"]._open({"job_ids": self.ids})
