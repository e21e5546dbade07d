from odoo import api, fields, models
from odoo.exceptions import UserError

from ..adapters import base
from .booking_terms import DEAD
from .shipment_recovery_booking import is_own_key

# What of a carrier's list is still a label that somebody may use.
OPEN_STATES = ("unsure", "missing")


class ShipmentRecoveryLine(models.Model):
    """One label that a carrier says was bought, and what is known of it here."""

    _name = "shipment.recovery.line"
    _description = "Bought Label"
    _order = "bought_at, id"
    _rec_name = "numbers"
    _check_company_auto = True

    recovery_account_id = fields.Many2one(
        "shipment.recovery.account", required=True, index=True, ondelete="cascade"
    )
    recovery_id = fields.Many2one(
        related="recovery_account_id.recovery_id", store=True, index=True
    )
    company_id = fields.Many2one(related="recovery_account_id.company_id", store=True)
    account_id = fields.Many2one(related="recovery_account_id.account_id", store=True)
    identity = fields.Char(required=True, readonly=True)
    key = fields.Char(
        string="Booking Reference",
        readonly=True,
        help="Given by this suite when it bought the label; empty when somebody else did.",
    )
    remote_id = fields.Char(string="Carrier's ID", readonly=True)
    numbers = fields.Char(string="Tracking Numbers", readonly=True)
    reference = fields.Char(string="Bought For", readonly=True)
    bought_at = fields.Datetime(readonly=True)
    service = fields.Char(readonly=True)
    cost = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    consignee = fields.Char(readonly=True)
    postal_code = fields.Char(readonly=True)
    country_code = fields.Char(readonly=True)
    receiver = fields.Char(compute="_compute_receiver")
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        check_company=True,
        ondelete="set null",
        domain="[('picking_type_code', '=', 'outgoing'), ('state', '!=', 'cancel'),"
        " ('company_id', '=', company_id)]",
    )
    state = fields.Selection(
        [
            ("found", "Being Looked Into"),
            ("known", "Known Already"),
            ("kept", "Kept for the Delivery"),
            ("unsure", "To Decide"),
            ("missing", "No Such Delivery Here"),
            ("elsewhere", "Bought Elsewhere"),
            ("voided", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="found",
    )
    note = fields.Text(string="Why", readonly=True)

    _identity_uniq = models.UniqueIndex("(recovery_account_id, identity)")

    @api.depends("consignee", "postal_code", "country_code")
    def _compute_receiver(self):
        for line in self:
            place = " ".join(filter(None, [line.postal_code, line.country_code]))
            line.receiver = ", ".join(filter(None, [line.consignee, place]))

    # === TAKING THE CARRIER'S LIST === #

    @api.model
    def _take(self, row, purchases):
        """Make lines of what a carrier has listed: one a label, whatever its parcels.

        :param row: the ``shipment.recovery.account`` that was asked
        """
        groups = {}
        for purchase in purchases:
            own_key = purchase.key if is_own_key(purchase.key) else ""
            identity = own_key or purchase.remote_id
            groups.setdefault(identity, []).append(purchase)
        known = {
            line.identity: line
            for line in self.search(
                [
                    ("recovery_account_id", "=", row.id),
                    ("identity", "in", list(groups)),
                ]
            )
        }
        for identity, parcels in groups.items():
            if identity in known:
                known[identity]._merge(parcels)
        new = {
            identity: parcels
            for identity, parcels in groups.items()
            if identity not in known
        }
        self._create_lines(row, new)

    @api.model
    def _create_lines(self, row, groups):
        bookings = self._find_bookings(groups)
        known = self.env["shipment.booking"].union(*bookings.values())
        kept = known._keep_unclaimed()
        numbers = self._find_known_numbers(row, groups)
        currencies = self._find_currencies(groups)
        vals_list = []
        for identity, parcels in groups.items():
            first, key = parcels[0], is_own_key(parcels[0].key) and identity
            cost = sum(one.cost.amount for one in parcels if one.cost)
            vals_list.append(
                {
                    "recovery_account_id": row.id,
                    "identity": identity,
                    "key": key,
                    **self._prepare_parcels(parcels),
                    "reference": first.reference,
                    "bought_at": first.bought_at.replace(tzinfo=None, microsecond=0),
                    "service": first.service,
                    "cost": float(cost),
                    "currency_id": first.cost
                    and currencies.get(first.cost.currency, False),
                    "consignee": first.consignee,
                    "postal_code": first.postal_code,
                    "country_code": first.country,
                    **self._judge(parcels, bookings.get(identity), kept, numbers),
                }
            )
        self.create(vals_list)

    @api.model
    def _prepare_parcels(self, parcels):
        numbers = [n for one in parcels for n in one.tracking_numbers]
        return {
            "remote_id": ",".join(dict.fromkeys(one.remote_id for one in parcels)),
            "numbers": ", ".join(dict.fromkeys(numbers)),
        }

    @api.model
    def _judge(self, parcels, booking, kept, known_numbers):
        """What can be said of a label without asking the carrier again."""
        voids = [one.is_void for one in parcels]
        numbers = {n for one in parcels for n in one.tracking_numbers}
        if all(voids):
            return {"state": "voided"}
        if booking and booking in kept:
            return self._prepare_kept(booking)
        if booking and booking.state in DEAD:
            return {
                "state": "unsure",
                "note": self.env._(
                    "Here its booking counts as not bought, or as cancelled. At the "
                    "carrier it can still be used."
                ),
            }
        if booking or numbers & known_numbers:
            return {"state": "known"}
        if not is_own_key(parcels[0].key):
            return {
                "state": "elsewhere",
                "note": self.env._(
                    "It was not bought by this suite. If it is for one of your "
                    "deliveries, enter the number there."
                ),
            }
        if parcels[0].is_return:
            return {
                "state": "unsure",
                "note": self.env._(
                    "It is a return label, which a customer may have been given. Cancel "
                    "it only if nobody has it."
                ),
            }
        if any(voids):
            return {
                "state": "unsure",
                "note": self.env._("Some of its parcels are cancelled, and some not."),
            }
        return {"state": "found"}

    @api.model
    def _prepare_kept(self, booking):
        pickings = self.env["stock.picking"].browse(booking.picking_ids).exists()
        return {
            "state": "kept",
            "picking_id": pickings[:1].id,
            "note": self.env._(
                "Its next validation takes this label; nothing is bought again."
            ),
        }

    def _merge(self, parcels):
        """Add the parcels that an earlier page has not told of."""
        ids, numbers = (
            (self.remote_id or "").split(","),
            (self.numbers or "").split(", "),
        )
        further = [one for one in parcels if one.remote_id not in ids]
        if not further:
            return
        ids += [one.remote_id for one in further]
        numbers += [n for one in further for n in one.tracking_numbers]
        self.write(
            {
                "remote_id": ",".join(dict.fromkeys(ids)),
                "numbers": ", ".join(dict.fromkeys(numbers)),
                "cost": self.cost
                + float(sum(p.cost.amount for p in further if p.cost)),
            }
        )

    @api.model
    def _find_bookings(self, keys):
        bookings = self.env["shipment.booking"].search([("key", "in", list(keys))])
        return {booking.key: booking for booking in bookings}

    @api.model
    def _find_known_numbers(self, row, groups):
        numbers = {
            n
            for parcels in groups.values()
            for p in parcels
            for n in p.tracking_numbers
        }
        packages = self.env["shipment.package"].search_fetch(
            [
                ("tracking_number", "in", list(numbers)),
                ("shipment_id.company_id", "=", row.company_id.id),
            ],
            ["tracking_number"],
        )
        return set(packages.mapped("tracking_number"))

    @api.model
    def _find_currencies(self, groups):
        names = {
            p.cost.currency for parcels in groups.values() for p in parcels if p.cost
        }
        currencies = self.env["res.currency"].with_context(active_test=False)
        return {
            currency.name: currency.id
            for currency in currencies.search([("name", "in", list(names))])
        }

    # === WHAT A PERSON DECIDES === #

    def action_keep(self):
        """Keep the label for the delivery that a person has named."""
        line_sudo = self._check_decidable(OPEN_STATES)
        if not line_sudo.picking_id:
            raise UserError(
                self.env._("Enter first for which delivery %s is.", self.numbers)
            )
        if not line_sudo.key:
            raise UserError(self.env._("It was not bought by this suite."))
        self.picking_id.check_access("write")
        try:
            line_sudo._keep(line_sudo.account_id._adapter(), line_sudo.picking_id)
        except base.CarrierError as error:
            raise UserError(str(error)) from None

    def action_void(self):
        """Cancel the label at the carrier."""
        line_sudo = self._check_decidable((*OPEN_STATES, "kept"))
        desk = self.env["shipment.booking.desk"]
        live = self.env["shipment.booking"]._find(
            [("key", "=", line_sudo.key), ("state", "not in", DEAD)]
        )
        if live and line_sudo.key:
            line_sudo._check_unused()
            if not desk._void(line_sudo.key):
                raise UserError(
                    self.env._("It cannot be cancelled now. Try again in a moment.")
                )
        else:
            try:
                line_sudo.account_id._adapter().void(line_sudo.remote_id)
            except base.CarrierError as error:
                raise UserError(
                    self.env._(
                        "%(numbers)s was not cancelled: %(words)s",
                        numbers=line_sudo.numbers,
                        words=str(error),
                    )
                ) from None
        line_sudo.write(
            {
                "state": "voided",
                "note": self.env._("Cancelled by %s.", self.env.user.name),
            }
        )

    def _check_decidable(self, states):
        """The line with all rights, once it is clear that the user may decide about it."""
        self.ensure_one()
        # Carriers' accounts are not this user's to use otherwise.
        self.recovery_id.check_access("write")
        self.check_access("write")
        line_sudo = self.sudo()
        if not line_sudo.try_lock_for_update() or line_sudo.state not in states:
            raise UserError(self.env._("Somebody has decided about it already."))
        return line_sudo

    def _check_unused(self):
        used = self.env["shipment.shipment"].search(
            [("booking_key", "=", self.key), ("package_ids.live", "=", True)], limit=1
        )
        if used:
            raise UserError(
                self.env._(
                    "The delivery has been validated with it: cancel the label of %s.",
                    used.name,
                )
            )
