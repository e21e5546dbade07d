from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..canonical import milestone as vocabulary
from ..canonical.exception_type import exception_type
from .shipment_exception_type import SEVERITIES

ACTIVITY = "shipment_visibility.mail_activity_type_exception"


class ShipmentException(models.Model):
    """One thing that went wrong with a shipment, and who handles it."""

    _name = "shipment.exception"
    _description = "Shipment Exception"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, severity desc, deadline, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    shipment_id = fields.Many2one("shipment.shipment", ondelete="cascade", index=True)
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        ondelete="cascade",
        index="btree_not_null",
        help="Where something went wrong before there was a shipment.",
    )
    picking_ids = fields.Many2many(
        "stock.picking", compute="_compute_picking_ids", string="Deliveries"
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="shipment_id.partner_id")
    carrier_id = fields.Many2one(related="shipment_id.carrier_id", store=True)
    package_id = fields.Many2one("shipment.package", ondelete="cascade")
    key = fields.Char(required=True, help="What makes it this exception and no other.")
    type_id = fields.Many2one(
        "shipment.exception.type", string="What", required=True, ondelete="restrict"
    )
    code = fields.Selection(vocabulary.selection(), string="Milestone")
    severity = fields.Selection(SEVERITIES, required=True, default="1", tracking=True)
    advice = fields.Text(related="type_id.advice")
    reason = fields.Char(help="The carrier's words.")
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")],
        required=True,
        default="open",
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Owner", tracking=True, index=True)
    deadline = fields.Datetime(tracking=True)
    escalation_at = fields.Datetime(
        string="Escalates", help="When somebody else is told, unless it is handled."
    )
    escalated_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime(required=True)
    closed_at = fields.Datetime()
    resolution_id = fields.Many2one("shipment.exception.resolution", tracking=True)
    resolution = fields.Text(string="What Was Done")
    announced = fields.Boolean(help="Its owner has been told.")
    blocks_invoice = fields.Boolean(compute="_compute_blocks_invoice")

    _key_uniq = models.UniqueIndex("(shipment_id, key)")
    _picking_key_uniq = models.UniqueIndex(
        "(picking_id, key) WHERE shipment_id IS NULL"
    )
    _about_something = models.Constraint(
        "CHECK (shipment_id IS NOT NULL OR picking_id IS NOT NULL)",
        "An exception is about a shipment or a delivery.",
    )
    _open_idx = models.Index("(shipment_id) WHERE state = 'open'")
    _unannounced_idx = models.Index("(id) WHERE announced IS NOT TRUE")
    _escalation_idx = models.Index(
        "(escalation_at) WHERE state = 'open' AND escalated_at IS NULL"
    )

    @api.depends("type_id.name", "shipment_id.name", "picking_id.name")
    def _compute_name(self):
        for exception in self:
            exception.name = f"{exception._about().name}: {exception.type_id.name}"

    @api.depends("shipment_id.company_id", "picking_id.company_id")
    def _compute_company_id(self):
        for exception in self:
            exception.company_id = exception._about().company_id

    @api.depends("shipment_id.picking_ids", "picking_id")
    def _compute_picking_ids(self):
        for exception in self:
            exception.picking_ids = (
                exception.shipment_id.picking_ids or exception.picking_id
            )

    def _about(self):
        """Return the shipment, or the delivery where there is none."""
        return self.shipment_id or self.picking_id

    @api.depends("state", "type_id.blocks_invoice")
    def _compute_blocks_invoice(self):
        for exception in self:
            exception.blocks_invoice = (
                exception.state == "open" and exception.type_id.blocks_invoice
            )

    # === WHAT EVENTS OPEN AND CLOSE === #

    @api.model
    def _sync(self, timelines, packages):
        """Open and close exceptions as the timelines say.

        :param timelines: ``{shipment id: Timeline}``
        :param packages: ``{(shipment id, package key): package id}``
        :return: the exceptions that are new, or open again.
        """
        known = {
            (exception.shipment_id.id, exception.key): exception
            for exception in self.search([("shipment_id", "in", list(timelines))])
        }
        new_vals = []
        reopened = self.browse()
        for shipment_id, timeline in timelines.items():
            for opened in timeline.exceptions:
                exception = known.pop((shipment_id, opened.key), None)
                vals = self._prepare_vals(shipment_id, opened, packages)
                if exception is None:
                    new_vals.append(vals)
                elif exception._follow(vals) and exception.state == "open":
                    reopened |= exception
        # What the observations no longer support was never so. But what a person ("!")
        # or a watch ("~") has to decide on is no observation's to close.
        moot = self.union(*known.values()).filtered(
            lambda e: e.state == "open" and e.key[:1] not in "!~"
        )
        moot._close(fields.Datetime.now())
        return self.create(new_vals) | reopened

    def _follow(self, vals):
        """Take over what late news makes of it; what a person resolved stays resolved.

        :param dict vals: with which it would be opened now
        :return: whether that ended it, or opened it again.
        """
        self.ensure_one()
        turned = vals["state"] != self.state and not self.resolution_id
        if turned and vals["state"] == "open":
            vals = {**vals, "escalated_at": False}
        ignored = set() if turned else {"announced"}
        if self.resolution_id:
            ignored |= {"state", "closed_at"}
        if vals["type_id"] == self.type_id.id:
            ignored.add("severity")  # escalation, or a person, may have raised it
        changes = {
            name: value
            for name, value in vals.items()
            if name not in ignored
            and self._fields[name].convert_to_write(self[name], self)
            != (value or False)
        }
        if changes:
            self.write(changes)
        return turned

    def _prepare_vals(self, shipment_id, opened, packages):
        closed_at = _naive(opened.closed_at)
        kind = self.env["shipment.exception.type"]._get(
            exception_type(opened.code, opened.reason)
        )
        return {
            "shipment_id": shipment_id,
            "package_id": packages.get((shipment_id, opened.package)),
            "key": opened.key,
            "type_id": kind.id,
            "severity": kind.severity,
            "code": opened.code,
            "reason": opened.text or opened.reason.replace("_", " ").capitalize(),
            "opened_at": _naive(opened.opened_at),
            "closed_at": closed_at,
            "state": "resolved" if closed_at else "open",
            "announced": bool(closed_at),
        }

    @api.model
    def _open(self, shipment, kind, *, key, reason=""):
        """Open one exception that is not the direct word of an event: see _open_all."""
        trouble = {"shipment_id": shipment.id, "type_id": kind, "key": key}
        return self._open_all(
            [{**trouble, "reason": reason, "opened_at": fields.Datetime.now()}]
        )

    @api.model
    def _open_all(self, troubles):
        """Open what is not the direct word of an event, once for each key.

        :param list[dict] troubles: values, of which ``type_id`` is the type's record,
            ``key`` begins with "!" where only a person, and with "~" where a watch closes it,
            and ``shipment_id``, or ``picking_id`` alone, is what it is about
        :return: the exceptions, new and old
        """
        places = {
            name: {trouble.get(name) for trouble in troubles} - {None}
            for name in ("shipment_id", "picking_id")
        }
        known = self.search(
            Domain("key", "in", sorted({trouble["key"] for trouble in troubles}))
            & Domain.OR(Domain(name, "in", sorted(ids)) for name, ids in places.items())
        )
        keys = {(e.shipment_id.id, e.picking_id.id, e.key) for e in known}
        new = self.create(
            [
                {
                    **trouble,
                    "type_id": trouble["type_id"].id,
                    "severity": trouble["type_id"].severity,
                }
                for trouble in troubles
                if (
                    trouble.get("shipment_id", False),
                    trouble.get("picking_id", False),
                    trouble["key"],
                )
                not in keys
            ]
        )
        if new:
            new.shipment_id._count_exceptions()
            self.env["shipment.effect"]._enqueue()
        return known | new

    def _close(self, closed_at):
        """Close what the carrier's own later events have ended."""
        self.filtered(lambda e: e.state == "open").write(
            {"state": "resolved", "closed_at": _naive(closed_at)}
        )
        if self.picking_id:
            self._end_activities()

    # === WHO HANDLES IT, AND UNTIL WHEN === #

    def _announce(self):
        """Give each an owner, a deadline and an activity; called by a job, not by ingestion."""
        new = self.filtered(lambda exception: not exception.announced)
        new.announced = True
        new.filtered(lambda exception: exception.state == "open")._assign()

    def _assign(self):
        # What is told late is due from when we know of it.
        alike = self.grouped(lambda e: (e.type_id, e.company_id, e.create_date))
        for (kind, _company, start), exceptions in alike.items():
            deadline = exceptions._plan(start, kind.response_hours)
            escalation_at = kind.escalate_hours and exceptions._plan(
                deadline, kind.escalate_hours
            )
            owners = exceptions.grouped(lambda e: e.user_id or e.type_id._find_user(e))
            for user, theirs in owners.items():
                # The activity tells the owner; that it is theirs need not be said twice.
                theirs.with_context(mail_auto_subscribe_no_notify=True).write(
                    {
                        "user_id": user.id,
                        "deadline": deadline,
                        "escalation_at": escalation_at,
                    }
                )
        self._schedule_activities({exception: exception.user_id for exception in self})

    def _plan(self, start, hours):
        """Return the moment so many working hours of the company after another one."""
        calendar = self.company_id.resource_calendar_id
        if not calendar:
            return start + timedelta(hours=hours)
        return calendar.plan_hours(hours, start, compute_leaves=True) or start

    def _schedule_activities(self, users):
        """Put each before somebody, those together that say the same.

        :param users: ``{exception: user}``; nothing is scheduled for nobody.
        """
        alike = self.filtered(users.get).grouped(
            lambda e: (
                e._about()._name,
                e.type_id,
                e.deadline.date(),
                e.reason or e.advice,
                users[e],
            )
        )
        for (model, kind, day, note, user), exceptions in alike.items():
            self.env[model].concat(*(e._about() for e in exceptions)).activity_schedule(
                ACTIVITY,
                date_deadline=day,
                summary=kind.with_context(lang=user.lang).name,
                note=note,
                user_id=user.id,
            )

    @api.model
    def _escalate(self, limit):
        """Tell somebody else of what its owner has not handled; called by a job.

        :return: how many there were
        """
        overdue = self.search(
            [
                ("state", "=", "open"),
                ("escalated_at", "=", False),
                ("escalation_at", "<=", fields.Datetime.now()),
            ],
            order="escalation_at",
            limit=limit,
        ).try_lock_for_update()
        escalated = {}
        for exception in overdue:
            user = exception.type_id._find_escalation(exception)
            exception.write(
                {
                    "escalated_at": fields.Datetime.now(),
                    "severity": max(exception.severity, "2"),
                }
            )
            exception.message_post(
                body=self.env._(
                    "Not handled in time. It is put to %(user)s too.", user=user.name
                )
            )
            escalated[exception] = user
        overdue._schedule_activities(escalated)
        return len(overdue)

    # === WHAT A PERSON DOES === #

    def action_resolve(self):
        """Ask how it was resolved."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resolve"),
            "res_model": "shipment.exception.resolve",
            "view_mode": "form",
            "target": "new",
            "context": {"default_exception_ids": self.ids},
        }

    def _resolve(self, resolution, words=""):
        """Close by a person's word."""
        self.write(
            {
                "state": "resolved",
                "closed_at": fields.Datetime.now(),
                "resolution_id": resolution.id,
                "resolution": words,
            }
        )
        # The count is the shipment's, which only events may write.
        self.shipment_id.sudo()._count_exceptions()
        self._end_activities()

    def _end_activities(self):
        """Nothing is left to do on a delivery of which nothing is open any more."""
        open_ones = self.search(
            [("picking_id", "in", self.picking_id.ids), ("state", "=", "open")]
        )
        calm = self.picking_id - open_ones.picking_id
        calm.activity_unlink([ACTIVITY])

    def action_reopen(self):
        """Take it up again: it was not resolved after all."""
        if self.filtered(lambda exception: exception.state == "open"):
            raise UserError(self.env._("It is open already."))
        self.write(
            {
                "state": "open",
                "closed_at": False,
                "resolution_id": False,
                "escalated_at": False,
                "announced": False,
            }
        )
        # The count is the shipment's; the job that assigns it anew is the bot's.
        self.shipment_id.sudo()._count_exceptions()
        self.env["shipment.effect"].sudo()._enqueue()


def _naive(moment):
    """Return an aware UTC time as Odoo stores it."""
    return moment and moment.replace(tzinfo=None, microsecond=0)
