from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.shipment_visibility.canonical.freight import (
    ChargeKind,
    FreightCharge,
)
from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

from ..invoices.accrual import Reason, accrued, moves

REASONS = [
    (Reason.NOT_INVOICED.value, "Not Invoiced Yet"),
    (Reason.PARTLY_INVOICED.value, "Invoiced in Part"),
    (Reason.INVOICED.value, "Invoiced"),
    (Reason.CLOSED.value, "No Invoice Expected"),
    (Reason.NOT_BOOKED.value, "Booking Gone"),
]
# Freight that was booked longer ago and never invoiced is not waited for any more.
MONTHS = 6


class ShipmentFreightAccrual(models.Model):
    """What was posted at a period's end, or taken back when an invoice came.

    What is due follows from the charges alone; what is posted is the difference to what
    stands in the books. So a run that is repeated posts nothing.
    """

    _name = "shipment.freight.accrual"
    _description = "Freight Accrual"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True,
        default=lambda self: self._default_date(),
        help="The last day of the period.",
    )
    line_ids = fields.One2many(
        "shipment.freight.accrual.line", "accrual_id", readonly=True
    )
    amount = fields.Monetary(compute="_compute_amount", store=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "To Post"), ("posted", "Posted")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )

    @api.model
    def _default_date(self):
        """The last day of last month."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(fields.Date.start_of(today, "month"), days=1)

    @api.depends("date")
    def _compute_name(self):
        for accrual in self:
            accrual.name = self.env._(
                "Freight until %(date)s", date=format_date(self.env, accrual.date)
            )

    @api.depends("line_ids.amount_company")
    def _compute_amount(self):
        for accrual in self:
            accrual.amount = sum(accrual.line_ids.mapped("amount_company"))

    def action_compute(self):
        """Find what is to be accrued, and what to be taken back."""
        for accrual in self.filtered(lambda a: a.state == "draft"):
            accrual._compute_lines(accrual._find_shipments())
        return True

    def action_post(self):
        """Post the difference as one entry."""
        for accrual in self:
            accrual.lock_for_update()
            if accrual.state != "draft":
                raise UserError(self.env._("This accrual is posted already."))
            accrual._compute_lines(accrual._find_shipments())
            if not accrual.line_ids:
                raise UserError(
                    self.env._("There is nothing to accrue or to take back.")
                )
            accrual._post()
        return True

    def _find_shipments(self):
        """Return shipments booked of late, and those of which something is accrued."""
        since = fields.Date.subtract(self.date, months=MONTHS)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT shipment_id
                  FROM shipment_charge
                 WHERE company_id = %(company)s AND date BETWEEN %(since)s AND %(until)s
                       AND kind IN ('booked', 'adjusted')
                 UNION
                SELECT shipment_id
                  FROM shipment_freight_accrual_line
                 WHERE company_id = %(company)s AND is_posted
              GROUP BY shipment_id, family, currency_id
                HAVING sum(amount) <> 0
                """,
                company=self.company_id.id,
                since=since,
                until=self.date,
            )
        )
        return self.env["shipment.shipment"].browse(sorted(row[0] for row in rows))

    def _compute_lines(self, shipments):
        """Write down what is to be posted for some shipments."""
        currencies = self.env["res.currency"].with_context(active_test=False)
        by_name = {currency.name: currency for currency in currencies.search([])}
        due = accrued(
            shipments._read_freight_charges(),
            self.date,
            lambda amount, code: Decimal(str(by_name[code].round(float(amount)))),
            closed=shipments.filtered(lambda s: s.headline == "cancelled").ids,
        )
        standing = shipments._read_accrued()
        posted = {key: amount for key, (amount, _in_company) in standing.items()}
        values = [
            {
                "shipment_id": move.shipment,
                "family": move.family,
                "currency_id": by_name[move.currency].id,
                "amount": float(move.amount),
                "amount_company": self._value(
                    move, by_name[move.currency], standing.get(move.key)
                ),
                "reason": move.reason.value,
            }
            for move in moves(due, posted)
        ]
        self.line_ids = [Command.clear(), *(Command.create(vals) for vals in values)]

    def _value(self, move, currency, standing):
        """Return what a move is worth in the company's currency.

        What is taken back is worth what it was when it was accrued: at today's rate a
        remainder would stand on the accrual account for ever.

        :param standing: the amounts that were posted so far, or ``None``
        """
        if move.amount < 0 and standing:
            amount, in_company = standing
            return self.currency_id.round(float(move.amount / amount) * in_company)
        return currency._convert(
            float(move.amount), self.currency_id, self.company_id, self.date
        )

    def _post(self):
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        if not (policy.accrual_account_id and policy.accrual_journal_id):
            raise UserError(
                self.env._(
                    "Choose the journal and the account for accruals in the freight policy."
                )
            )
        move = self.env["account.move"].create(self._prepare_move(policy))
        self.write({"move_id": move.id, "state": "posted"})
        self.line_ids.is_posted = True
        move.action_post()

    def _prepare_move(self, policy):
        """One line for each family's account, against the accrual account."""
        sums = {}
        for line in self.line_ids:
            account = policy._find_account(line.family).account_id
            sums[account] = sums.get(account, 0.0) + line.amount_company
        sums = {
            account: self.currency_id.round(amount) for account, amount in sums.items()
        }
        sums[policy.accrual_account_id] = -sum(sums.values())
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": policy.accrual_journal_id.id,
            "date": self.date,
            "ref": self.name,
            "line_ids": [
                Command.create(
                    {
                        "name": self.name,
                        "account_id": account.id,
                        "balance": self.currency_id.round(amount),
                    }
                )
                for account, amount in sums.items()
                if not self.currency_id.is_zero(amount)
            ],
        }

    def action_view_move(self):
        """Open the entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entry"),
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": self.move_id.id,
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if "posted" in self.mapped("state"):
            raise UserError(
                self.env._("What is posted cannot be deleted; it is taken back.")
            )


class ShipmentFreightAccrualLine(models.Model):
    """What was accrued of one family of one shipment; negative when it was taken back."""

    _name = "shipment.freight.accrual.line"
    _description = "Accrued Freight"
    _order = "accrual_id desc, shipment_id, id"

    accrual_id = fields.Many2one(
        "shipment.freight.accrual", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="accrual_id.company_id", store=True, index=True
    )
    date = fields.Date(related="accrual_id.date", store=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="restrict", index=True
    )
    carrier_id = fields.Many2one(related="shipment_id.carrier_id", store=True)
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES], required=True
    )
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary(required=True)
    amount_company = fields.Monetary(
        string="Amount in Company Currency", currency_field="company_currency_id"
    )
    reason = fields.Selection(REASONS, required=True)
    is_posted = fields.Boolean()


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _read_freight_charges(self):
        """The charges of shipments as plain values."""
        return [
            FreightCharge(
                id=charge.id,
                kind=ChargeKind(charge.kind),
                family=charge.family,
                amount=Decimal(
                    f"{charge.amount:.{charge.currency_id.decimal_places}f}"
                ),
                currency=charge.currency_id.name,
                date=charge.date,
                shipment=charge.shipment_id.id,
                invoice=charge.invoice_number or "",
            )
            for charge in self.env["shipment.charge"].search(
                [("shipment_id", "in", self.ids)]
            )
        ]

    def _read_accrued(self):
        """What stands in the books as accrued.

        :return: ``{(shipment id, family, currency): (amount, amount for the company)}``
        """
        return {
            (shipment.id, family, currency.name): (
                Decimal(f"{amount:.{currency.decimal_places}f}"),
                in_company,
            )
            for shipment, family, currency, amount, in_company in self.env[
                "shipment.freight.accrual.line"
            ]._read_group(
                [("shipment_id", "in", self.ids), ("is_posted", "=", True)],
                ["shipment_id", "family", "currency_id"],
                ["amount:sum", "amount_company:sum"],
            )
            if not currency.is_zero(amount)
        }


class ShipmentCarrierInvoice(models.Model):
    _inherit = "shipment.carrier.invoice"

    def _bill(self):
        """Override of ours to take back what was accrued for what is billed now."""
        move = super()._bill()
        if move:
            self._take_back_accruals(move.date)
        return move

    def _take_back_accruals(self, date):
        shipments = self.env["shipment.shipment"].browse(self._get_billed_shipments())
        accrued_ids = {
            shipment for shipment, _family, _code in shipments._read_accrued()
        }
        if not accrued_ids:
            return
        # Whoever bills need not be allowed to accrue.
        accrual_sudo = (
            self.env["shipment.freight.accrual"]
            .sudo()
            .create({"company_id": self.company_id.id, "date": date})
        )
        accrual_sudo._compute_lines(shipments.browse(sorted(accrued_ids)))
        if accrual_sudo.line_ids:
            accrual_sudo._post()
        else:
            accrual_sudo.unlink()
