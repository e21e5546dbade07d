from datetime import timedelta

from odoo import api, fields, models

HOUR = timedelta(hours=1)
# What a healthy shop sends in an hour; a flood after an outage is more.
MAIL_CAP = 500


class ShipmentRule(models.Model):
    """How often a rule may act: one that runs wild stops itself and asks."""

    _name = "shipment.rule"
    _inherit = ["shipment.rule", "mail.thread", "mail.activity.mixin"]

    hourly_cap = fields.Integer(
        string="At Most per Hour",
        compute="_compute_hourly_cap",
        store=True,
        readonly=False,
        help="When it would act more often it pauses, and the shipment administrators are "
        "told. 0: there is no limit.",
    )
    paused_at = fields.Datetime(
        string="Paused Since", readonly=True, copy=False, tracking=True
    )
    resumed_at = fields.Datetime(readonly=True, copy=False)

    _hourly_cap_positive = models.Constraint(
        "CHECK (hourly_cap >= 0)", "The limit per hour is 0 or more."
    )

    @api.depends("effect")
    def _compute_hourly_cap(self):
        for rule in self:
            rule.hourly_cap = MAIL_CAP if rule.effect == "notify_customer" else 0

    def _over_cap(self):
        """Whether the rule has to wait; it pauses when it has reached its limit."""
        self.ensure_one()
        if self.paused_at:
            return True
        if not self.hourly_cap:
            return False
        since = fields.Datetime.now() - HOUR
        done = self.env["shipment.effect"].search_count(
            [
                ("rule_id", "=", self.id),
                ("state", "=", "done"),
                # What a person has let go on is not held against the rule.
                ("done_at", ">", max(since, self.resumed_at or since)),
            ],
            limit=self.hourly_cap,
        )
        if done < self.hourly_cap:
            return False
        self._pause()
        return True

    def _pause(self):
        """Stop acting, and ask the shipment administrators to have a look."""
        self.paused_at = fields.Datetime.now()
        for user in self._find_managers():
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Paused: %(rule)s", rule=self.name),
                note=self.env._(
                    "It would have acted more than %(cap)s times within an hour. Look at "
                    "its decisions, then resume it or switch it off.",
                    cap=self.hourly_cap,
                ),
                user_id=user.id,
            )

    def _find_managers(self):
        """Return the shipment administrators of the rule's company, or of all."""
        group = self.env.ref("shipment_visibility.shipment_group_manager")
        members = group.all_user_ids - self.env.ref("base.user_root")
        return members.filtered(
            lambda user: (
                user.active
                and not user.share
                and (not self.company_id or self.company_id in user.company_ids)
            )
        )

    def action_resume(self):
        """Act again, on what has waited too."""
        paused = self.filtered("paused_at")
        paused.write({"paused_at": False, "resumed_at": fields.Datetime.now()})
        # Other managers' activities, and the ledger's rows, are not this user's to write.
        paused_sudo = paused.sudo()
        paused_sudo.activity_unlink(["mail.mail_activity_data_warning"])
        effects_sudo = self.env["shipment.effect"].sudo()
        effects_sudo.search(
            [("rule_id", "in", paused.ids), ("state", "=", "waiting")]
        ).write({"due_at": False, "outcome": False})
        effects_sudo._enqueue()


class ShipmentEffect(models.Model):
    _inherit = "shipment.effect"

    def _carry_out(self):
        """Override to let what a paused rule has decided wait."""
        if not self.rule_id._over_cap():
            return super()._carry_out()
        return self.write(
            {
                "outcome": self.env._(
                    "The rule is paused: it would have acted more than %(cap)s times "
                    "within an hour.",
                    cap=self.rule_id.hourly_cap,
                ),
                # Looked at now and then, so that it does not hold up the others.
                "due_at": fields.Datetime.now() + HOUR,
            }
        )
