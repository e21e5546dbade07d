import datetime as dt
import hashlib
from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.canonical.exception_type import ExceptionType
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.audit import Billed, Facts, Terms, Tolerance, audit
from ..invoices.document import Invoice, InvoiceKind, Line, Parcel, WeightBasis
from ..invoices.tariff import Tariff

# Shipments that are audited in one transaction.
BATCH_SIZE = 500
# A parcel that the carrier has not scanned so long after it was booked, it has never seen.
UNSEEN_DAYS = 14


class ShipmentCarrierInvoice(models.Model):
    """Comparing what is billed with what is known of each shipment."""

    _inherit = "shipment.carrier.invoice"

    finding_ids = fields.One2many("shipment.freight.finding", "invoice_id")
    open_finding_count = fields.Integer(compute="_compute_findings")
    amount_at_stake = fields.Monetary(
        compute="_compute_findings", help="In all findings that nobody has decided on."
    )

    @api.depends("finding_ids.state", "finding_ids.amount")
    def _compute_findings(self):
        found = {
            invoice.id: (count, amount)
            for invoice, count, amount in self.env[
                "shipment.freight.finding"
            ]._read_group(
                [("invoice_id", "in", self.ids), ("state", "=", "open")],
                ["invoice_id"],
                ["__count", "amount:sum"],
            )
        }
        for invoice in self:
            count, amount = found.get(invoice.id, (0, 0.0))
            invoice.open_finding_count = count
            invoice.amount_at_stake = amount

    def action_audit(self):
        """Check the invoices again, in the background."""
        for invoice in self:
            if invoice.state not in ("imported", "review"):
                raise UserError(
                    self.env._(
                        "The invoice %(name)s has been decided on.", name=invoice.name
                    )
                )
            invoice._audit_later()
        return True

    def _audit_later(self):
        for invoice in self:
            invoice.with_delay(
                identity_key=f"shipment-carrier-invoice-{invoice.id}",
                description=self.env._(
                    "Check carrier invoice %(name)s", name=invoice.name
                ),
            )._job_audit()

    def _job_audit(self):
        """Charge, and audit, all shipments of an invoice. Safe to repeat.

        An invoice that is read to its end is what the carrier asks for; half of one is not.
        """
        self.ensure_one()
        if self.state not in ("imported", "review"):
            return None
        shipments = self._get_billed_shipments()
        for start in range(0, len(shipments), BATCH_SIZE):
            with own_transaction(self.env) as env:
                invoice = env[self._name].browse(self.id)
                batch = shipments[start : start + BATCH_SIZE]
                invoice._charge(batch)
                invoice._audit(batch)
        with own_transaction(self.env) as env:
            invoice = env[self._name].browse(self.id)
            invoice._match_refunds()
            invoice._conclude()
        self.invalidate_recordset()
        return self.env._("%(count)s shipments", count=len(shipments))

    def _get_billed_shipments(self):
        self.env["shipment.carrier.invoice.line"].flush_model(["shipment_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT shipment_id FROM shipment_carrier_invoice_line
                 WHERE invoice_id = %s AND shipment_id IS NOT NULL ORDER BY shipment_id
                """,
                self.id,
            )
        )
        return [row[0] for row in rows]

    def _charge(self, shipment_ids):
        """Make what is billed for some shipments their charges."""
        lines = self.env["shipment.carrier.invoice.line"].search(
            [("invoice_id", "=", self.id), ("shipment_id", "in", shipment_ids)]
        )
        lines._charge()

    def _audit(self, shipment_ids):
        """Find what is wrong with what is billed for some shipments."""
        shipments = self.env["shipment.shipment"].browse(shipment_ids)
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        terms = policy._get_terms(self.carrier_id)
        billed = self._read_billed(shipments)
        facts = shipments._get_audit_facts()
        contracts = {
            account: account._read_contract() for account in shipments.account_id
        }
        found = {}
        for shipment in shipments:
            lines = billed.get(shipment.id, ())
            agreed, at_entered = shipment.account_id._price_by_contract(
                contracts.get(shipment.account_id, Tariff(())),
                [each.line for each in lines if not each.is_settled],
            )
            own = replace(terms, contract=agreed, contract_at_entered=at_entered)
            found[shipment] = audit(lines, facts[shipment], own)
        self.env["shipment.freight.finding"]._replace(self, found)

    def _read_billed(self, shipments):
        """Return all that was ever billed for some shipments, by shipment."""
        lines = self.env["shipment.carrier.invoice.line"].search(
            [
                ("shipment_id", "in", shipments.ids),
                ("invoice_id.state", "!=", "cancelled"),
            ]
        )
        heads = {invoice: invoice._as_document() for invoice in lines.invoice_id}
        billed = {}
        for line in lines:
            billed.setdefault(line.shipment_id.id, []).append(
                Billed(
                    id=line.id,
                    line=line._as_document(heads[line.invoice_id]),
                    is_settled=line.invoice_id != self
                    and line.invoice_id.state in ("approved", "posted"),
                )
            )
        return billed

    def _as_document(self):
        return Invoice(
            carrier=self.carrier_id.code,
            account=self.account_number or "",
            number=self.name,
            date=self.date or None,
            currency=self.currency_id.name,
            kind=InvoiceKind(self.kind),
            original_number=self.original_number or "",
        )

    # === WHAT FOLLOWS === #

    def _conclude(self):
        """Approve an invoice of which little is at stake, or have it reviewed."""
        self._open_exceptions()
        policy = self.env["shipment.freight.policy"]._of(self.company_id)
        if not self._can_approve_itself(policy):
            self.state = "review"
        elif self._is_sample(policy):
            self.state = "review"
            self._message_log(
                body=self.env._("It could approve itself, and is a sample for review.")
            )
        else:
            self.state = "approved"
            self._message_log(
                body=self.env._(
                    "Approved by itself: no more than %(amount)s is at stake.",
                    amount=self.currency_id.format(self.amount_at_stake),
                )
            )

    def _can_approve_itself(self, policy):
        limit = policy.currency_id._convert(
            policy.approve_below,
            self.currency_id,
            self.company_id,
            self.date or fields.Date.context_today(self),
        )
        return (
            bool(policy.approve_below)
            and not self.unmatched_count
            and self.currency_id.is_zero(self.difference)
            and self.amount_at_stake <= limit
        )

    def _is_sample(self, policy):
        """Whether it is one of those that are reviewed all the same: always the same ones."""
        digest = hashlib.sha256(f"{self.company_id.id} {self.id}".encode()).digest()
        return int.from_bytes(digest[:4]) < policy.sample_share * 2**32

    def _open_exceptions(self):
        """A shipment with a finding is an exception for finance."""
        findings = self.finding_ids.filtered(lambda found: found.state == "open")
        kind = self.env["shipment.exception.type"]._get(ExceptionType.COST_MISMATCH)
        exceptions = self.env["shipment.exception"]._open_all(
            [
                {
                    "shipment_id": shipment.id,
                    "type_id": kind,
                    "key": f"!cost {self.id}",
                    # No amount: all who follow the shipment read it.
                    "reason": self.env._(
                        "%(invoice)s: %(count)s findings to decide on",
                        invoice=self.name,
                        count=len(own),
                    ),
                    "opened_at": fields.Datetime.now(),
                }
                for shipment, own in findings.grouped("shipment_id").items()
            ]
        )
        by_shipment = exceptions.grouped("shipment_id")
        for shipment, own in findings.grouped("shipment_id").items():
            own.exception_id = by_shipment.get(shipment, exceptions.browse())[:1]

    def action_approve(self):
        """Take what is billed, but for what is disputed."""
        for invoice in self:
            if invoice.state not in ("imported", "review"):
                continue
            if not invoice.currency_id.is_zero(invoice.difference):
                raise UserError(
                    self.env._(
                        "The lines of %(name)s do not add up to its total: %(amount)s is "
                        "missing. Import the rest of its file first.",
                        name=invoice.name,
                        amount=invoice.currency_id.format(invoice.difference),
                    )
                )
            if invoice.state == "imported":
                # It is not checked yet, and would become charges only then.
                invoice._charge(invoice._get_billed_shipments())
            invoice.finding_ids.filtered(lambda found: found.state == "open")._accept()
            invoice.state = "approved"
        return True

    def action_view_findings(self):
        """Open what is wrong with them."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_freight_finding_action"
        )
        action["domain"] = [("invoice_id", "in", self.ids)]
        action["context"] = {"search_default_open": 1}
        return action


class ShipmentCarrierInvoiceLine(models.Model):
    _inherit = "shipment.carrier.invoice.line"

    def write(self, vals):
        """Override of Odoo: a line of which it is said whose it is can be checked now."""
        result = super().write(vals)
        if vals.get("shipment_id") or vals.get("package_id"):
            # The job is the invoice's, not the user's.
            invoices_sudo = self.sudo().invoice_id
            invoices_sudo.filtered(lambda i: i.state == "review")._audit_later()
        return result

    def _as_document(self, head):
        """The line as the audit takes it; texts and amounts as they were read."""
        return Line(
            invoice=head,
            row=self.row,
            part=0,
            family=self.family,
            amount=_exact(self.amount, self.currency_id),
            currency=self.currency_id.name,
            parcel=Parcel(
                tracking_number=self.tracking_number or "",
                master_number=self.master_number or "",
                zone=self.zone or "",
                pieces=self.pieces or None,
                entered_weight=_weight(self.entered_weight),
                billed_weight=_weight(self.billed_weight),
                weight_basis=WeightBasis(self.weight_basis)
                if self.weight_basis
                else None,
                shipped_on=self.shipped_on or None,
                delivered_on=self.delivered_on or None,
            ),
            raw_category=self.raw_category or "",
            raw_code=self.raw_code or "",
            description=self.description or "",
            service=self.service or "",
        )


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    def _get_audit_facts(self):
        """What is known of each shipment that an invoice can be compared with."""
        amounts = {}
        for shipment, kind, family, currency, amount in self.env[
            "shipment.charge"
        ]._read_group(
            [
                ("shipment_id", "in", self.ids),
                ("kind", "in", ("quoted", "booked", "adjusted")),
                ("family", "!=", "info"),
            ],
            ["shipment_id", "kind", "family", "currency_id"],
            ["amount:sum"],
        ):
            side = "quoted" if kind == "quoted" else "booked"
            own = amounts.setdefault((shipment.id, side), {})
            key = (family, currency.name)
            own[key] = own.get(key, Decimal(0)) + _exact(amount, currency)
        return {
            shipment: Facts(
                is_known=True,
                booked=amounts.get((shipment.id, "booked")),
                quoted=amounts.get((shipment.id, "quoted")),
                **shipment._prepare_audit_facts(),
            )
            for shipment in self
        }

    def _prepare_audit_facts(self):
        self.ensure_one()
        partner = self.partner_id
        zone = partner.tz or self.company_id.partner_id.tz or "UTC"
        packages = self.package_ids.filtered("live") or self.package_ids
        account = self.account_id
        promised, delivered = (
            moment
            and fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
            for moment in (self.promised_at, self.delivered_at)
        )
        return {
            "is_void": self.headline == "cancelled",
            # The weight of one parcel says nothing about another one's.
            "entered_weight": _weight(packages.weight_kg)
            if len(packages) == 1
            else None,
            "pieces": len(packages) or None,
            "is_residential": False
            if partner.commercial_partner_id.is_company
            else None,
            "is_validated": any(
                picking.shipment_address_result in ("confirmed", "corrected")
                for picking in self.picking_ids
            ),
            "has_scan": self._has_scan(),
            "is_guaranteed": self.carrier_id._guarantees(self.service),
            "promised_on": promised.date() if promised else None,
            "delivered_on": delivered.date() if delivered else None,
            "account": account.billing_number or None,
            "currency": account.billing_currency_id.name or None,
            "service": self.service or None,
        }

    def _has_scan(self):
        """Whether the carrier has ever seen it; ``None`` when nobody can tell."""
        if self.phase not in ("none", "pre_carrier"):
            return True
        age = fields.Datetime.now() - self.create_date
        is_followed = self.account_id and self.headline != "unknown"
        return False if is_followed and age > dt.timedelta(days=UNSEEN_DAYS) else None


class ShipmentCarrier(models.Model):
    _inherit = "shipment.carrier"

    guaranteed_services = fields.Char(
        help="Services, apart by commas, for which the carrier gives money back when they are "
        "late; written as it names them."
    )

    def _guarantees(self, service):
        named = {
            name.strip().casefold()
            for name in (self.guaranteed_services or "").split(",")
        }
        return (service or "").casefold() in named - {""} if named - {""} else None


class ShipmentCarrierAccount(models.Model):
    _inherit = "shipment.carrier.account"

    billing_number = fields.Char(
        string="Number on Invoices", help="The account's number as invoices name it."
    )
    billing_currency_id = fields.Many2one(
        "res.currency", help="In which the carrier bills the account."
    )


class ShipmentFreightPolicy(models.Model):
    _inherit = "shipment.freight.policy"

    def _get_terms(self, carrier):
        """The tolerances that hold for a carrier: its own come before those of all."""
        self.ensure_one()
        rows = self.tolerance_ids.filtered(
            lambda row: not row.carrier_id or row.carrier_id == carrier
        ).sorted(lambda row: bool(row.carrier_id))
        return Terms(
            tolerances={row.family or "": row._get_tolerance() for row in rows}
        )


class ShipmentFreightTolerance(models.Model):
    _inherit = "shipment.freight.tolerance"

    def _get_tolerance(self):
        """An empty limit is none, unless both are empty: then nothing is let pass."""
        self.ensure_one()
        amount = self.amount or not self.share
        return Tolerance(
            amount=_exact(self.amount, self.currency_id) if amount else None,
            percent=Decimal(str(self.share)) * 100 if self.share else None,
        )


def _exact(amount, currency):
    """An amount of the database, as it was written there."""
    return Decimal(f"{amount:.{currency.decimal_places}f}")


def _weight(kilograms):
    return Decimal(f"{kilograms:.3f}") if kilograms else None
