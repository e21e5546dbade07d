import csv
import io
from dataclasses import dataclass
from decimal import Decimal

from odoo import api, fields, models

LONGEST_TEXT = 200
# A line of an invoice becomes a charge of the shipment it was matched with, once. Nobody is
# named as its writer: to check that a user is there takes as long as all else in a row.
CHARGE = """
    INSERT INTO shipment_charge (
        invoice_line_id, shipment_id, package_id, company_id, kind, family, amount,
        currency_id, amount_company, raw_code, description, date, entered_weight,
        billed_weight, weight_basis, invoice_number, create_date, write_date
    )
    SELECT line.id, line.shipment_id, line.package_id, line.company_id,
           CASE WHEN invoice.kind = 'credit_note' OR line.amount < 0
                THEN 'credited' ELSE 'invoiced' END,
           line.family, line.amount, line.currency_id, line.amount_company,
           line.raw_code, line.description,
           coalesce(invoice.date, line.create_date::date), line.entered_weight,
           line.billed_weight, line.weight_basis, invoice.name,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM {lines} AS line
      JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
     WHERE line.shipment_id IS NOT NULL
        ON CONFLICT (invoice_line_id) WHERE invoice_line_id IS NOT NULL DO NOTHING
"""
CHARGE_AGAIN = CHARGE.format(
    lines="(SELECT * FROM shipment_carrier_invoice_line WHERE id = ANY(%s))"
)
COLUMNS = (
    "invoice_id",
    "company_id",
    "fingerprint",
    "ordinal",
    "row",
    "tracking_number",
    "number_normalised",
    "master_number",
    "reference",
    "family",
    "raw_category",
    "raw_code",
    "description",
    "amount",
    "amount_company",
    "gross",
    "tax",
    "currency_id",
    "service",
    "zone",
    "pieces",
    "entered_weight",
    "billed_weight",
    "weight_basis",
    "shipped_on",
    "delivered_on",
    "shipment_id",
    "package_id",
    "is_unmatched",
)
# Copied, and inserted from there: a statement with thousands of values in it takes longer to
# be understood than to be carried out.
BATCH = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS carrier_invoice_line_batch
        ON COMMIT DROP
        AS SELECT {", ".join(COLUMNS)} FROM shipment_carrier_invoice_line WHERE FALSE;
    TRUNCATE carrier_invoice_line_batch
"""
INSERT = f"""
    WITH line AS (
        INSERT INTO shipment_carrier_invoice_line (
            {", ".join(COLUMNS)},
            disputed_amount, billed_amount, billed_disputed, create_date, write_date
        )
        SELECT {", ".join(COLUMNS)},
               0, 0, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM carrier_invoice_line_batch
            ON CONFLICT (invoice_id, fingerprint, ordinal) DO NOTHING
     RETURNING *
    ), charge AS ({CHARGE.format(lines="line")})
    SELECT invoice_id, is_unmatched FROM line
"""


@dataclass(slots=True)
class Stored:
    """What became of a batch of lines."""

    invoice_ids: set
    new: int = 0
    known: int = 0
    unmatched: int = 0


class ShipmentCarrierInvoice(models.Model):
    _inherit = "shipment.carrier.invoice"

    @api.model
    def _find_or_create(self, company, carriers, currency):
        """Return the invoices that heads name, created where they are new: ``{head: invoice}``.

        :param carriers: ``{head: carrier}``
        :param currency: of heads that name none
        """
        found = self.search(
            [
                ("company_id", "=", company.id),
                ("carrier_id", "in", [carrier.id for carrier in carriers.values()]),
                ("name", "in", [head.number for head in carriers]),
            ]
        )
        known = {
            (one.carrier_id, one.account_number or "", one.name, one.kind): one
            for one in found
        }
        keys = {
            head: (carrier, head.account or "", head.number, head.kind.value)
            for head, carrier in carriers.items()
        }
        new = {key: head for head, key in keys.items() if key not in known}
        # Whose file it came with is told there: no message for each says so again.
        created = self.with_context(tracking_disable=True).create(
            [
                self._prepare_invoice(company, carriers[head], head, currency)
                for head in new.values()
            ]
        )
        known.update(zip(new, created.with_env(self.env), strict=True))
        return {head: known[key] for head, key in keys.items()}

    @api.model
    def _prepare_invoice(self, company, carrier, head, currency):
        return {
            "name": head.number,
            "company_id": company.id,
            "carrier_id": carrier.id,
            "account_number": head.account,
            "kind": head.kind.value,
            "date": head.date,
            "due_date": head.due_date,
            "original_number": head.original_number,
            "currency_id": self._get_currency(head.currency, currency).id,
            "is_total_stated": head.total is not None,
            "total_stated": float(head.total or 0),
        }

    def _reopen(self):
        """What came after the decision is checked as well, and billed on top."""
        decided = self.filtered(lambda one: one.state in ("approved", "posted"))
        decided.state = "imported"
        for invoice in decided:
            invoice._message_log(
                body=self.env._("More of it was imported, so it is checked again.")
            )

    @api.model
    def _get_currency(self, code, usual):
        if not code:
            return usual
        return self.env["delivery.carrier"]._get_shipment_currency(code)


class ShipmentCarrierInvoiceLine(models.Model):
    """Storing many lines at once: matched, each once, and a charge of its shipment."""

    _inherit = "shipment.carrier.invoice.line"

    @api.model
    def _store(self, company, carrier, numbered, currency):
        """Store lines that are not known yet, and make charges of those that are matched.

        :param carrier: whose invoices they are: a function of a head's carrier code
        :param numbered: ``(line, ordinal)``, see :mod:`..invoices.occurrences`
        :param currency: of what names none
        """
        self.env.flush_all()
        if not numbered:
            return Stored(invoice_ids=set())
        heads = dict.fromkeys(line.invoice for line, _ordinal in numbered)
        named = {code: carrier(code) for code in {head.carrier for head in heads}}
        carriers = {head: named[head.carrier] for head in heads}
        heads = self.env["shipment.carrier.invoice"]._find_or_create(
            company, carriers, currency
        )
        # A head is looked up once a line: it has many parts, and all of them are compared.
        ids = {head: invoice.id for head, invoice in heads.items()}
        placed = [(ids[line.invoice], line) for line, _ordinal in numbered]
        matches = self._match(placed)
        terms = self._get_terms(placed, currency)
        new = self._insert(
            [
                self._prepare_row(invoice, line, ordinal, match, terms)
                for (invoice, line), (_line, ordinal), match in zip(
                    placed, numbered, matches, strict=True
                )
            ]
        )
        self.env["shipment.carrier.invoice"].browse(
            {invoice for invoice, _unmatched in new}
        )._reopen()
        return Stored(
            invoice_ids={invoice.id for invoice in heads.values()},
            new=len(new),
            known=len(numbered) - len(new),
            unmatched=sum(is_unmatched for _invoice, is_unmatched in new),
        )

    def _get_terms(self, placed, usual):
        """Return what holds for amounts: ``{(invoice id, currency code): terms}``.

        Terms are the company's id, the currency's, and a function of an amount: what it is in
        the company's currency.
        """
        terms = {}
        for invoice_id, code in {(invoice, line.currency) for invoice, line in placed}:
            invoice = self.env["shipment.carrier.invoice"].browse(invoice_id)
            company, currency = invoice.company_id, invoice._get_currency(code, usual)
            own = company.currency_id
            date = invoice.date or fields.Date.context_today(self)
            rate = own._get_conversion_rate(currency, own, company, date)
            terms[invoice_id, code] = (company.id, currency.id, _valued(own, rate))
        return terms

    def _prepare_row(self, invoice, line, ordinal, match, terms):
        """The values of a line, in the order of ``COLUMNS``."""
        company, currency, in_company = terms[invoice, line.currency]
        shipment_id, package_id, number = match
        return (
            invoice,
            company,
            line.fingerprint(),
            ordinal,
            line.row,
            _text(line.tracking_number),
            _text(number),
            _text(line.master_number),
            _text(", ".join(filter(None, line.references))),
            line.family,
            _text(line.raw_category),
            _text(line.raw_code),
            _text(line.description),
            line.amount,
            in_company(line.amount) if line.family != "info" else 0,
            line.gross,
            line.tax,
            currency,
            _text(line.service),
            _text(line.zone),
            line.pieces,
            line.entered_weight,
            line.billed_weight,
            line.weight_basis and line.weight_basis.value,
            line.shipped_on,
            line.delivered_on,
            shipment_id,
            package_id,
            bool(number) and not shipment_id,
        )

    def _insert(self, values):
        """Insert rows that are not there yet, with the charges of those that are matched.

        :return: of each that was inserted its invoice's id, and whether it is unmatched.
        """
        cr = self.env.cr
        cr.execute(BATCH)
        text = io.StringIO()
        csv.writer(text).writerows(values)
        text.seek(0)
        cr.copy_expert("COPY carrier_invoice_line_batch FROM STDIN (FORMAT csv)", text)
        cr.execute(INSERT)
        # What was inserted is not in the cache, nor what follows from it.
        self.env.invalidate_all(flush=False)
        return cr.fetchall()

    def _charge(self):
        """Make a charge of each line that is matched and has none yet."""
        self.env.flush_all()
        self.env.cr.execute(CHARGE_AGAIN, [self.ids])
        # What was inserted is not in the cache, nor what follows from it.
        self.env.invalidate_all(flush=False)


def _valued(currency, rate):
    """Return a function of an amount: what it is in a currency at a rate."""
    step = Decimal(1).scaleb(-currency.decimal_places)

    def rounded(amount):
        return currency.round(float(amount) * rate)

    def as_billed(amount):
        payable = amount.quantize(step)
        return payable if payable == amount else rounded(amount)

    # Most are in the company's own currency, and what can be paid needs no rounding.
    is_own = rate == 1 and Decimal(str(currency.rounding)) == step
    return as_billed if is_own else rounded


def _text(value):
    """A text of the carrier as the database takes it, on one line; ``None`` for no text."""
    if not value:
        return None
    if not value.isprintable():
        value = "".join(
            char if char.isprintable() else " " for char in value.replace("\0", "")
        )
    return value[:LONGEST_TEXT]
