import logging
from datetime import timedelta

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..canonical import milestone as vocabulary

_logger = logging.getLogger(__name__)

JOB_KEY = "shipment_effects"
BATCH_SIZE = 100


class ShipmentEffect(models.Model):
    """The ledger of decisions: what a rule asked for, once, and what became of it."""

    _name = "shipment.effect"
    _description = "Shipment Effect"
    _order = "id desc"
    _rec_name = "rule_id"

    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    rule_id = fields.Many2one(
        "shipment.rule", required=True, ondelete="restrict", index=True
    )
    code = fields.Selection(vocabulary.selection(), string="Milestone", required=True)
    occurrence = fields.Integer(
        required=True, default=1, help="The how manieth time the shipment was there."
    )
    occurred_at = fields.Datetime(required=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("skipped", "Skipped"),
            ("overtaken", "Overtaken"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="waiting",
    )
    outcome = fields.Char(help="What was done, or why it was not.")
    done_at = fields.Datetime()
    attempts = fields.Integer()

    _decision_uniq = models.UniqueIndex("(shipment_id, rule_id, code, occurrence)")
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")

    # === WRITING THE LEDGER === #

    @api.model
    def _decide(self, shipments, timelines):
        """Write a row for each rule that an occurrence in the timelines calls for.

        :param timelines: ``{shipment id: Timeline}``
        :return: whether there is something to carry out.
        """
        rules = self.env["shipment.rule"]._of_companies(shipments.company_id)
        wanted = {
            (shipment.id, rule.id, occurrence.code.value, occurrence.number): (
                rule,
                shipment,
                occurrence,
            )
            for shipment in shipments
            for occurrence in timelines[shipment.id].occurrences
            for rule in rules
            if rule.code == occurrence.code and rule._applies_to(shipment)
        }
        self._withdraw(shipments, timelines)
        return self._insert(
            [self._prepare_row(*decision) for decision in wanted.values()]
        )

    def _prepare_row(self, rule, shipment, occurrence):
        occurred_at = occurrence.occurred_at.replace(tzinfo=None, microsecond=0)
        state, outcome = "waiting", None
        oldest = fields.Datetime.now() - timedelta(days=rule.max_age_days)
        if rule.activated_at and occurred_at < rule.activated_at:
            state, outcome = (
                "skipped",
                self.env._("It happened before the rule was on."),
            )
        elif occurred_at < oldest:
            state, outcome = "skipped", self.env._("It happened too long ago.")
        return (
            shipment.id,
            shipment.company_id.id,
            rule.id,
            occurrence.code.value,
            occurrence.number,
            occurred_at,
            state,
            outcome,
        )

    def _insert(self, rows):
        """Insert rows that are not there yet; return whether one of them waits."""
        waiting = False
        for start in range(0, len(rows), BATCH_SIZE):
            chunk = rows[start : start + BATCH_SIZE]
            self.env.cr.execute_values(
                """
                INSERT INTO shipment_effect
                            (shipment_id, company_id, rule_id, code, occurrence,
                             occurred_at, state, outcome)
                     VALUES %s
                ON CONFLICT (shipment_id, rule_id, code, occurrence) DO NOTHING
                  RETURNING state
                """,
                chunk,
                page_size=BATCH_SIZE,
            )
            waiting |= ("waiting",) in self.env.cr.fetchall()
        self.invalidate_model()
        return waiting

    def _withdraw(self, shipments, timelines):
        """Take back what the observations no longer justify; tell a person if it was done.

        Only they decide: a rule that was changed since leaves its old decisions alone.
        """
        justified = {
            (shipment.id, occurrence.code.value, occurrence.number)
            for shipment in shipments
            for occurrence in timelines[shipment.id].occurrences
        }
        for effect in self.search(
            [
                ("shipment_id", "in", shipments.ids),
                ("state", "in", ("waiting", "done")),
            ]
        ):
            key = (effect.shipment_id.id, effect.code, effect.occurrence)
            if key in justified:
                continue
            if effect.state == "done" and effect.rule_id.effect != "post_note":
                effect._ask_a_person()
            effect.write(
                {
                    "state": "withdrawn",
                    "outcome": self.env._(
                        "What it was decided on turned out not to be so."
                    ),
                }
            )

    def _ask_a_person(self):
        """Open an exception: what was carried out is never undone silently."""
        exceptions = self.env["shipment.exception"]
        exceptions.create(
            {
                "shipment_id": self.shipment_id.id,
                # "!" marks what no observation opens, and so no observation closes.
                "key": f"!withdrawn:{self.id}",
                "code": self.code,
                "reason": self.env._(
                    "“%(rule)s” was carried out (%(outcome)s), but the shipment turned "
                    "out not to be there.",
                    rule=self.rule_id.name,
                    outcome=self.outcome,
                ),
                "opened_at": fields.Datetime.now(),
                "user_id": exceptions._find_owner(self.shipment_id).id,
                "deadline": fields.Datetime.now() + timedelta(days=1),
            }
        )

    # === CARRYING IT OUT === #

    @api.model
    def _enqueue(self):
        """Have a job carry out what waits, unless one is about to."""
        bot = self.env.ref("shipment_visibility.user_bot")
        self.with_user(bot).sudo().with_delay(
            identity_key=JOB_KEY,
            description=self.env._("Carry out what shipments call for"),
        )._job_carry_out()

    @api.model
    def _cron_sweep(self):
        """Wake the job for what still waits.

        A decision that was committed while the last job was about to end wakes nobody: its
        identity key was taken, and its snapshot too old.
        """
        unannounced = self.env["shipment.exception"].search_count(
            [("announced", "=", False)], limit=1
        )
        if unannounced or self.search_count([("state", "=", "waiting")], limit=1):
            self._enqueue()

    @api.model
    def _job_carry_out(self):
        """Carry out one batch of what waits, then hand over to a successor.

        Runs as the bot with elevated rights: it invoices, notes and schedules for users
        who may do none of it.
        """
        self.env["shipment.exception"].search(
            [("announced", "=", False)], limit=BATCH_SIZE
        )._announce()
        effects = self.search(
            [("state", "=", "waiting")], order="id", limit=BATCH_SIZE
        ).try_lock_for_update()
        for effect in effects:
            effect._carry_out()
        if len(effects) == BATCH_SIZE:
            self._enqueue()
        return self.env._("%(count)s effects", count=len(effects))

    def _carry_out(self):
        """Carry out one effect; its failure is its own."""
        self.ensure_one()
        effect = self.with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                state, outcome = getattr(effect, f"_effect_{self.rule_id.effect}")()
        except OperationalError:
            raise  # the whole job is repeated
        except UserError as error:
            state, outcome = "failed", str(error)
        except Exception as error:  # noqa: BLE001 one that stumbles holds nobody else back
            _logger.exception("effect %s of %s failed", self.id, self.shipment_id.name)
            state, outcome = "failed", f"{type(error).__name__}: {error}"
        self.write(
            {
                "state": state,
                "outcome": outcome,
                "attempts": self.attempts + 1,
                "done_at": fields.Datetime.now() if state == "done" else False,
            }
        )

    def action_retry(self):
        """Have failed or skipped effects carried out again."""
        self.filtered(lambda effect: effect.state in ("failed", "skipped")).write(
            {"state": "waiting", "outcome": False}
        )
        # The ledger's rows are written by whoever manages shipments, the job is the bot's.
        self.sudo()._enqueue()

    def _effect_post_note(self):
        """Note the milestone on the deliveries and their orders."""
        label = vocabulary.milestone(self.code).label
        # The warehouse's clock: the note is read by those who stand there.
        zone = self.shipment_id.warehouse_id.partner_id.tz or "UTC"
        moment = format_datetime(
            self.env, self.occurred_at, tz=zone, dt_format="medium"
        )
        body = Markup("%s %s <span class='text-muted'>%s (%s)</span>") % (
            self.shipment_id._get_html_link(),
            label,
            moment,
            zone,
        )
        for records in (
            self.shipment_id.picking_ids,
            self.shipment_id.picking_ids.sale_id,
        ):
            records._message_log_batch(bodies=dict.fromkeys(records.ids, body))
        return "done", label

    def _effect_schedule_activity(self):
        """Ask the salesperson of the order to look at it."""
        order = self.shipment_id.picking_ids.sale_id[:1]
        if not order:
            return "skipped", self.env._("There is no sales order.")
        order.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=f"{self.shipment_id.name}: {vocabulary.milestone(self.code).label}",
            user_id=order.user_id.id or self.env.uid,
        )
        return "done", order.name

    def _effect_release_invoice(self):
        """Create and post the customer invoice of the orders that are fully delivered."""
        orders = self.shipment_id.picking_ids.sale_id
        if not orders:
            return "skipped", self.env._("There is no sales order.")
        open_shipments = orders.picking_ids.shipment_ids.filtered(
            lambda shipment: (
                shipment.direction == "outbound"
                and shipment.headline not in ("delivered", "cancelled")
            )
        )
        if open_shipments:
            return "skipped", self.env._(
                "Not delivered yet: %(shipments)s",
                shipments=", ".join(open_shipments.mapped("name")),
            )
        orders = orders.filtered(lambda order: order.invoice_status == "to invoice")
        if not orders:
            return "skipped", self.env._("There is nothing to invoice.")
        invoices = orders._create_invoices(final=True)
        invoices.action_post()
        return "done", ", ".join(invoices.mapped("name"))
