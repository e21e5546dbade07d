import hashlib
import logging
import traceback
import uuid
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..adapters import base

_logger = logging.getLogger(__name__)

# A request that is older has lost its owner: no server lets a request run that long.
PATIENCE = timedelta(minutes=3)
# States in which a person may still change what is asked for.
OPEN = ("draft", "refused")
# States in which the carrier has it, or may have it.
LIVE = ("requested", "confirmed", "unknown")


class ShipmentHandoverMixin(models.AbstractModel):
    """Something that is asked of a carrier for many shipments, and must not be asked twice.

    The record is drafted and saved by a person. When it is asked for, its state is moved in
    transactions of our own, committed before and after the carrier is called: a rollback, a
    second click or a repeated request finds what was asked. The caller's transaction never
    writes it then::

        draft -> requested -> confirmed
          ^          |
          |          +-> unknown: perhaps done; a person finds out, it is never repeated blindly
          +-- refused
    """

    _name = "shipment.handover.mixin"
    _description = "What Is Asked of a Carrier Once"

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.user._get_default_warehouse_id(),
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    key = fields.Char(string="Reference", readonly=True, copy=False)
    attempt = fields.Integer(readonly=True, copy=False)
    correlation_id = fields.Char(readonly=True, copy=False)
    asked_at = fields.Datetime(string="Requested At", readonly=True, copy=False)
    asked_by_id = fields.Many2one(
        "res.users", string="Requested By", readonly=True, copy=False
    )
    remote_id = fields.Char(string="Carrier's ID", readonly=True, copy=False)
    error = fields.Char(string="What Happened", readonly=True, copy=False)

    # Written by transactions of our own only.
    _guarded = frozenset(
        {
            *("state", "key", "attempt", "correlation_id", "asked_at", "asked_by_id"),
            *("remote_id", "error", "name"),
        }
    )

    # === GUARDS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to number the record, and to begin at the beginning."""
        for vals in vals_list:
            for name in self._guarded & set(vals):
                vals.pop(name)
            company = vals.get("company_id") or self.env.company.id
            # Numbers are drawn for users who may not see sequences.
            sequence = self.env["ir.sequence"].sudo().with_company(company)
            vals["name"] = sequence.next_by_code(self._name) or "/"
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo: what a carrier was asked for is not changed afterwards."""
        if not self.env.su:
            if self._guarded & set(vals):
                raise AccessError(
                    self.env._("The carrier's answer cannot be changed by hand.")
                )
            for record in self:
                if record.state not in OPEN and set(vals) - record._changeable():
                    raise UserError(
                        self.env._(
                            "%s has been handed to the carrier and cannot be changed.",
                            record.name,
                        )
                    )
        return super().write(vals)

    def _changeable(self):
        """The fields that may be changed although the carrier was asked."""
        return set()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_what_was_not_asked(self):
        for record in self:
            if record.state in LIVE:
                raise UserError(
                    self.env._(
                        "%s has been handed to the carrier and cannot be deleted.",
                        record.name,
                    )
                )

    @api.model
    def _check_warehouse_user(self):
        if not (self.env.su or self.env.user.has_group("stock.group_stock_user")):
            raise AccessError(self.env._("Only warehouse users can do this."))

    # === ASKING === #

    def _ask(self, operation, prepare):
        """Ask the carrier once; what it answered is committed before this returns.

        :param str operation: the adapter's method.
        :param prepare: given the key, the arguments of the method.
        :return: the carrier's answer, or ``None`` when it has not agreed; ``error`` says why.
        :raise UserError: it cannot be asked now; says why.
        """
        self.ensure_one()
        correlation_id = str(uuid.uuid4())
        # Whatever is wrong with the account must show before anything is requested.
        adapter = self.account_id._adapter(correlation_id)
        prepare("")
        key = self._request(correlation_id)
        if not key:
            return None
        try:
            answer = getattr(adapter, operation)(*prepare(key))
        except (base.OutcomeUnknown, base.MalformedMessage) as error:
            self._move(("requested",), "unknown", error=str(error))
        except base.CarrierError as error:
            self._move(("requested",), "refused", error=str(error))
        except Exception as error:
            # The frames, not the text of the error: that may quote the message.
            _logger.error(
                "%s failed with %s:\n%s",
                key,
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            self._move(("requested",), "unknown", error=type(error).__name__)
        else:
            self._move(
                ("requested",), "confirmed", error=False, **self._prepare_agreed(answer)
            )
            return answer
        return None

    def _prepare_agreed(self, answer):
        """Values of what the carrier has agreed to."""
        return {"remote_id": answer.remote_id}

    def _request(self, correlation_id):
        """Say, for all to see, that the carrier is being asked.

        :return: the reference for the carrier; ``None`` when it has agreed already.
        :raise UserError: somebody else is at it, or nobody knows what came of it.
        """
        with self._own() as mine:
            mine._lock()
            if mine.state == "confirmed":
                return None
            if mine.state not in OPEN:
                raise UserError(mine._explain_busy())
            mine._check_not_asked_elsewhere()
            attempt = mine.attempt + 1
            mine.write(
                {
                    "state": "requested",
                    "attempt": attempt,
                    "key": mine._new_key(attempt),
                    "correlation_id": correlation_id,
                    "asked_at": fields.Datetime.now(),
                    "asked_by_id": self.env.uid,
                    "error": False,
                }
            )
            return mine.key

    def _new_key(self, attempt):
        """A reference that no other database uses, not even a copy of this one."""
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        text = f"{database}{self._name}{self.id} {attempt}"
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12].upper()}"

    def _check_not_asked_elsewhere(self):
        """Raise when another record asks for the same thing already."""

    def _explain_busy(self):
        if self.state == "requested":
            return self.env._(
                "%(user)s is handing %(name)s to the carrier at this moment.",
                user=self.asked_by_id.name,
                name=self.name,
            )
        return self.env._(
            "It is not known whether the carrier has accepted %s. Ask the carrier, then say "
            "here what you found.",
            self.name,
        )

    # === TRANSACTIONS OF OUR OWN === #

    @contextmanager
    def _own(self):
        """The record in a transaction of its own, which is committed on leaving."""
        with own_transaction(self.env) as env:
            yield env[self._name].with_user(SUPERUSER_ID).browse(self.id)

    def _lock(self):
        """Wait for others who move the record, and see what they made of it."""
        # Weaker than FOR UPDATE, so that rows which refer to this one are no obstacle.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM %s WHERE id = %s FOR NO KEY UPDATE",
                SQL.identifier(self._table),
                self.id,
            )
        )
        if not self.env.cr.rowcount:
            raise UserError(self.env._("Save it first."))
        self.invalidate_recordset()

    def _move(self, allowed, state, **vals):
        """Bring the record from one of the allowed states to another, and commit.

        :return: whether it was in an allowed state.
        """
        with self._own() as mine:
            mine._lock()
            is_allowed = mine.state in allowed
            if is_allowed:
                mine.write({"state": state, **vals})
        self.invalidate_recordset()
        return is_allowed

    def _as_they_are(self):
        """Names, states and errors, which the caller's transaction may be too old to see."""
        with own_transaction(self.env) as env:
            return [
                (record.name, record.state, record.error)
                for record in env[self._name].sudo().browse(self.ids)
            ]

    @api.model
    def _tidy(self):
        """Say of what nobody waits for any more that its outcome is not known."""
        orphaned = fields.Datetime.now() - PATIENCE
        for record in self.sudo().search(
            [("state", "=", "requested"), ("asked_at", "<", orphaned)]
        ):
            record._move(
                ("requested",),
                "unknown",
                error=self.env._(
                    "The server stopped before the carrier's answer was kept."
                ),
            )

    # === WHAT A PERSON DECIDES === #

    def action_not_accepted(self):
        """A person has asked the carrier: it knows nothing of it. It may be asked again."""
        self._decide(
            "refused",
            error=self.env._(
                "%s found that the carrier knows nothing of it.", self.env.user.name
            ),
        )

    def action_accepted(self):
        """A person has asked the carrier: it has accepted it."""
        self._decide("confirmed", error=False)

    def _decide(self, state, **vals):
        self._check_warehouse_user()
        self.check_access("write")
        for record in self:
            if not record._move(("unknown",), state, **vals):
                raise UserError(self.env._("%s is not unknown any more.", record.name))

    def _tell(self):
        """A notification about those that the carrier has not agreed to, if any."""
        wrong = {
            name: error
            for name, state, error in self._as_they_are()
            if state != "confirmed"
        }
        if not wrong:
            return False
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger",
                "title": self.env._("The carrier has not confirmed"),
                "message": "\n".join(f"{name}: {wrong[name]}" for name in wrong),
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
