import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..canonical import milestone as vocabulary

_logger = logging.getLogger(__name__)

JOB_KEY = "shipment_effects"
BATCH_SIZE = 100


class Postponed(Exception):
    """An effect has to wait: for the end of quiet hours, for the rest of an order.

    :ivar until: when it is looked at again, naive UTC
    :ivar why: what is said of it in the ledger meanwhile
    """

    def __init__(self, until, why):
        super().__init__(why)
        self.until = until
        self.why = why


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
    due_at = fields.Datetime(
        string="Not Before", help="Empty: as soon as the queue gets to it."
    )
    done_at = fields.Datetime()
    attempts = fields.Integer()

    _decision_uniq = models.UniqueIndex("(shipment_id, rule_id, code, occurrence)")
    _waiting_idx = models.Index("(due_at, id) WHERE state = 'waiting'")
    _rule_done_idx = models.Index("(rule_id, done_at) WHERE state = 'done'")

    # === WRITING THE LEDGER === #

    @api.model
    def _decide(self, shipments, timelines):
        """Write a row for each rule that an occurrence in the timelines calls for.

        :param timelines: ``{shipment id: Timeline}``
        :return: whether there is something to carry out.
        """
        rules = self.env["shipment.rule"]._of_companies(shipments.company_id)
        ledger = {
            (effect.shipment_id.id, effect.rule_id.id, effect.code, effect.occurrence)
            for effect in self._reconcile(shipments, timelines)
        }
        wanted = [
            (rule, shipment, occurrence)
            for shipment in shipments
            for occurrence in timelines[shipment.id].occurrences
            for rule in rules
            if rule.code == occurrence.code
            and (shipment.id, rule.id, rule.code, occurrence.number) not in ledger
            and rule._applies_to(shipment)
        ]
        inserted = self._insert([self._prepare_row(*decision) for decision in wanted])
        return inserted or self._reinstated(shipments)

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

    def _reconcile(self, shipments, timelines):
        """Withdraw what the observations no longer justify, reinstate what they do again.

        Only they decide: a rule that was changed since leaves its old decisions alone.

        :return: all decisions about the shipments
        """
        justified = {
            (shipment.id, occurrence.code.value, occurrence.number)
            for shipment in shipments
            for occurrence in timelines[shipment.id].occurrences
        }
        effects = self.search([("shipment_id", "in", shipments.ids)])
        stands = effects.filtered(
            lambda e: (e.shipment_id.id, e.code, e.occurrence) in justified
        )
        (effects - stands)._withdraw()
        stands.filtered(lambda e: e.state == "withdrawn")._reinstate()
        return effects

    def _withdraw(self):
        """Take decisions back; tell a person of those that were carried out."""
        moot = self.filtered(lambda e: e.state in ("waiting", "failed", "done"))
        for effect in moot:
            if effect.state == "done" and effect.rule_id.effect != "post_note":
                effect._ask_a_person()
        moot.write(
            {
                "state": "withdrawn",
                "outcome": self.env._(
                    "What it was decided on turned out not to be so."
                ),
            }
        )

    def _reinstate(self):
        """Let decisions stand again; what was carried out is not carried out twice."""
        done = self.filtered("done_at")
        done.write(
            {
                "state": "done",
                "outcome": self.env._(
                    "It was withdrawn for a while, and is so after all."
                ),
            }
        )
        keys = [effect._withdrawal_key() for effect in done]
        self.env["shipment.exception"].search(
            [("shipment_id", "in", done.shipment_id.ids), ("key", "in", keys)]
        )._close(fields.Datetime.now())
        (self - done).write({"state": "waiting", "outcome": False, "due_at": False})

    def _reinstated(self, shipments):
        """Whether something about these shipments waits after all."""
        return bool(
            self.search_count(
                [
                    ("shipment_id", "in", shipments.ids),
                    ("state", "=", "waiting"),
                    ("due_at", "=", False),
                ],
                limit=1,
            )
        )

    def _withdrawal_key(self):
        return f"!withdrawn:{self.id}"

    def _ask_a_person(self):
        """Open an exception: what was carried out is never undone silently."""
        self.env["shipment.exception"]._open(
            self.shipment_id,
            self.env["shipment.exception.type"]._get("withdrawn"),
            key=self._withdrawal_key(),
            reason=self.env._(
                "“%(rule)s” was carried out (%(outcome)s), but the shipment turned out "
                "not to be there.",
                rule=self.rule_id.name,
                outcome=self.outcome,
            ),
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
        bot = self.env.ref("shipment_visibility.user_bot")
        # In the bot's name: it writes what it is told of shipments nobody gave it.
        env = self.with_user(bot).sudo().env
        env["shipment.invoice.hold"]._refresh(BATCH_SIZE)
        env["shipment.exception"]._escalate(BATCH_SIZE)
        unannounced = self.env["shipment.exception"].search_count(
            [("announced", "=", False)], limit=1
        )
        planless = self.env["shipment.shipment"].search_count(
            [("plan_due", "=", True)], limit=1
        )
        if unannounced or planless or self.search_count(self._domain_due(), limit=1):
            self._enqueue()

    @api.model
    def _domain_due(self):
        return Domain("state", "=", "waiting") & (
            Domain("due_at", "=", False) | Domain("due_at", "<=", fields.Datetime.now())
        )

    @api.model
    def _job_carry_out(self):
        """Carry out one batch of what waits, then hand over to a successor.

        Runs as the bot with elevated rights: it invoices, notes and schedules for users
        who may do none of it.
        """
        self.env["shipment.invoice.hold"]._refresh(BATCH_SIZE)
        planned = self.env["shipment.shipment"]._plan_due(BATCH_SIZE)
        effects = self.search(
            self._domain_due(), order="id", limit=BATCH_SIZE
        ).try_lock_for_update()
        for effect in effects:
            effect._carry_out()
        # The newest first: what has to wait is old, and must not stand in their way.
        new = self.env["shipment.exception"].search(
            [("announced", "=", False)], order="opened_at desc", limit=BATCH_SIZE
        )
        # What another job is about to announce is announced by that one.
        told = new._filter_timely().try_lock_for_update()
        told._announce()
        if BATCH_SIZE in (len(effects), len(told), planned):
            self._enqueue()
        return self.env._("%(count)s effects", count=len(effects))

    def _carry_out(self):
        """Carry out one effect; its failure is its own."""
        self.ensure_one()
        effect = self.with_company(self.company_id)
        due_at = False
        carry_out = getattr(effect, f"_effect_{self.rule_id.effect}")
        try:
            with self.env.cr.savepoint():
                try:
                    state, outcome = carry_out()
                except Postponed as postponed:
                    # What it noted of why it waits stays.
                    state, outcome, due_at = "waiting", postponed.why, postponed.until
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
                "due_at": due_at,
                "attempts": self.attempts + (state != "waiting"),
                "done_at": fields.Datetime.now() if state == "done" else False,
            }
        )

    def action_retry(self):
        """Have carried out what was not; what was done is never done again."""
        again = self.filtered(
            lambda effect: effect.state in ("waiting", "failed", "skipped", "overtaken")
        )
        again.write({"state": "waiting", "outcome": False, "due_at": False})
        # What was skipped long ago may have turned out not to be so; its timeline is told
        # from milestones, which not everybody who decides reads.
        shipments_sudo = again.shipment_id.sudo()
        again.sudo()._reconcile(shipments_sudo, shipments_sudo._timelines())
        # The ledger's rows are written by whoever manages shipments, the job is the bot's.
        self.sudo()._enqueue()
