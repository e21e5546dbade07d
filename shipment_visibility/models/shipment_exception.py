from datetime import timedelta

from odoo import api, fields, models

from ..canonical import milestone as vocabulary

# Hours in which somebody should have dealt with it.
DEADLINE_HOURS = 24


class ShipmentException(models.Model):
    """One thing that went wrong with a shipment, and who handles it."""

    _name = "shipment.exception"
    _description = "Shipment Exception"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, deadline, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    package_id = fields.Many2one("shipment.package", ondelete="cascade")
    key = fields.Char(required=True, help="What makes it this exception and no other.")
    code = fields.Selection(vocabulary.selection(), string="Milestone", required=True)
    reason = fields.Char(help="The carrier's words.")
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")],
        required=True,
        default="open",
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Owner", tracking=True, index=True)
    deadline = fields.Datetime(tracking=True)
    opened_at = fields.Datetime(required=True)
    closed_at = fields.Datetime()
    resolution = fields.Text()
    announced = fields.Boolean(help="Its owner has been told.")

    _key_uniq = models.UniqueIndex("(shipment_id, key)")
    _open_idx = models.Index("(shipment_id) WHERE state = 'open'")
    _unannounced_idx = models.Index("(id) WHERE announced IS NOT TRUE")

    @api.depends("code", "shipment_id.name")
    def _compute_name(self):
        for exception in self:
            label = vocabulary.milestone(exception.code).label if exception.code else ""
            exception.name = f"{exception.shipment_id.name}: {label}"

    @api.model
    def _sync(self, timelines, packages):
        """Open and close exceptions as the timelines say.

        :param timelines: ``{shipment id: Timeline}``
        :param packages: ``{package key: package id}``
        :return: the exceptions that are new.
        """
        known = {
            (exception.shipment_id.id, exception.key): exception
            for exception in self.search([("shipment_id", "in", list(timelines))])
        }
        new_vals = []
        for shipment_id, timeline in timelines.items():
            for opened in timeline.exceptions:
                exception = known.pop((shipment_id, opened.key), None)
                if exception is None:
                    new_vals.append(self._prepare_vals(shipment_id, opened, packages))
                elif opened.closed_at and exception.state == "open":
                    exception._close(opened.closed_at)
        # What the observations no longer support was never so.
        moot = self.union(*known.values()).filtered(lambda e: e.state == "open")
        # But what a person has to decide on ("!") is no observation's to close.
        moot.filtered(lambda e: e.key[:1] != "!")._close(fields.Datetime.now())
        return self.create(new_vals)

    def _prepare_vals(self, shipment_id, opened, packages):
        shipment = self.env["shipment.shipment"].browse(shipment_id)
        closed_at = _naive(opened.closed_at)
        return {
            "shipment_id": shipment_id,
            "package_id": packages.get(opened.package),
            "key": opened.key,
            "code": opened.code,
            "reason": opened.reason,
            "opened_at": _naive(opened.opened_at),
            "closed_at": closed_at,
            "state": "resolved" if closed_at else "open",
            "announced": bool(closed_at),
            "user_id": self._find_owner(shipment).id,
            "deadline": fields.Datetime.now() + timedelta(hours=DEADLINE_HOURS),
        }

    def _find_owner(self, shipment):
        """Return who should deal with a shipment in trouble: the nearest to the goods."""
        pickings = shipment.picking_ids
        managers = self.env.ref(
            "shipment_visibility.shipment_group_manager"
        ).all_user_ids.filtered(
            lambda user: user.active and shipment.company_id in user.company_ids
        )
        return (
            pickings.user_id[:1]
            or pickings.sale_id.user_id[:1]
            or (managers - self.env.ref("base.user_root"))[:1]
        )

    def _close(self, closed_at):
        """Close what the carrier's own later events have ended."""
        self.write({"state": "resolved", "closed_at": _naive(closed_at)})

    def _announce(self):
        """Give each owner an activity on the shipment; called by a job, not by ingestion."""
        for exception in self.filtered(lambda e: not e.announced):
            exception.announced = True
            if exception.state != "open" or not exception.user_id:
                continue
            exception.shipment_id.activity_schedule(
                "shipment_visibility.mail_activity_type_exception",
                date_deadline=exception.deadline.date(),
                summary=exception.name,
                note=exception.reason,
                user_id=exception.user_id.id,
            )

    def action_resolve(self):
        """Close by a person's word."""
        self.write({"state": "resolved", "closed_at": fields.Datetime.now()})
        # The count is the shipment's, which only events may write.
        self.shipment_id.sudo()._count_exceptions()


def _naive(moment):
    """Return an aware UTC time as Odoo stores it."""
    return moment and moment.replace(tzinfo=None, microsecond=0)
