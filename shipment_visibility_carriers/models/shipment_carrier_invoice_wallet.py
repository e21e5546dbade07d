from odoo import Command, api, fields, models


class ShipmentCarrierInvoice(models.Model):
    """A charge report of what was taken from a wallet: it is billed, and paid already.

    It becomes a vendor bill like any other invoice, for taxes and analytics are the same.
    Then an entry settles the bill against the prepayment account of the freight policy,
    where the payments to the wallet stand: what is left on that account is what is left in
    the wallet. Charges that are disputed and held back are not on the bill, so they stay on
    the prepayment account as what the carrier owes. Without such an account the bill stays
    open, and is reconciled with the payments to the wallet by hand.
    """

    _inherit = "shipment.carrier.invoice"

    is_prepaid = fields.Boolean(
        string="Paid from a Wallet",
        compute="_compute_is_prepaid",
        store=True,
        readonly=False,
        help="What it asks for was taken from a wallet, and is not to be paid again.",
    )

    @api.depends("company_id", "carrier_id", "account_number")
    def _compute_is_prepaid(self):
        # Whoever imports an invoice need not be allowed to see the account.
        wallets_sudo = (
            self.env["shipment.carrier.account"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("carrier_id", "in", self.carrier_id.ids),
                    ("is_prepaid", "=", True),
                ]
            )
        )
        for invoice in self:
            invoice.is_prepaid = any(
                wallet.company_id == invoice.company_id
                and wallet.carrier_id == invoice.carrier_id
                and wallet._is_billed_as(invoice.account_number)
                for wallet in wallets_sudo
            )

    def _bill(self):
        """Extend to settle the bill from the wallet."""
        move = super()._bill()
        if move and self.is_prepaid:
            self._settle_from_wallet(move)
        return move

    def _settle_from_wallet(self, move):
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        owed = move.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "liability_payable"
                and not line.reconciled
            )
        )
        if not owed or not policy.wallet_account_id:
            return
        entry = self.env["account.move"].create(
            self._prepare_wallet_entry(policy, move, owed)
        )
        entry.action_post()
        for account in owed.account_id:
            (owed | entry.line_ids).filtered(
                lambda line, account=account: line.account_id == account
            ).reconcile()

    def _prepare_wallet_entry(self, policy, move, owed):
        """An entry from what is owed to the vendor to the wallet; or back, for a refund."""
        words = self.env._(
            "%(invoice)s: taken from the wallet of %(carrier)s",
            invoice=self.name,
            carrier=self.carrier_id.name,
        )
        paid = {
            "name": words,
            "partner_id": move.partner_id.id,
            "currency_id": self.currency_id.id,
        }
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            **(
                {"journal_id": policy.accrual_journal_id.id}
                if policy.accrual_journal_id
                else {}
            ),
            "date": move.date,
            "ref": words,
            "carrier_invoice_id": self.id,
            "line_ids": [
                Command.create(
                    {
                        **paid,
                        "account_id": line.account_id.id,
                        "balance": -line.balance,
                        "amount_currency": -line.amount_currency,
                    }
                )
                for line in owed
            ]
            + [
                Command.create(
                    {
                        **paid,
                        "account_id": policy.wallet_account_id.id,
                        "balance": sum(owed.mapped("balance")),
                        "amount_currency": sum(owed.mapped("amount_currency")),
                    }
                )
            ],
        }


class ShipmentCarrierAccount(models.Model):
    _inherit = "shipment.carrier.account"

    def _is_billed_as(self, number):
        """Whether an invoice with this account number is the account's; where either is
        unknown it may be."""
        self.ensure_one()
        own, named = _plain(self.billing_number), _plain(number)
        return not own or not named or own == named


class ShipmentFreightPolicy(models.Model):
    _inherit = "shipment.freight.policy"

    wallet_account_id = fields.Many2one(
        "account.account",
        string="Prepayment Account",
        check_company=True,
        help="Where payments to carriers' wallets stand until freight is taken from them. "
        "Empty: bills that were paid from a wallet are reconciled by hand.",
    )


def _plain(number):
    # As the audit compares them: people write blanks and dashes, carriers pad with zeros.
    return "".join(filter(str.isalnum, number or "")).upper().lstrip("0")
