import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

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
      FROM shipment_carrier_invoice_line AS line
      JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
     WHERE line.id = ANY(%s) AND line.shipment_id IS NOT NULL
        ON CONFLICT (invoice_line_id) WHERE invoice_line_id IS NOT NULL DO NOTHING
"""
# What a carrier says of a parcel, and whose it is to us.
PARCEL = (
    "shipment_id",
    "package_id",
    "is_unmatched",
    "tracking_number",
    "number_normalised",
    "master_number",
    "reference",
    "zone",
    "pieces",
    "entered_weight",
    "billed_weight",
    "weight_basis",
    "shipped_on",
    "delivered_on",
)
# What it charges for it.
CHARGED = (
    "invoice_id",
    "company_id",
    "currency_id",
    "fingerprint",
    "ordinal",
    "row",
    "family",
    "raw_category",
    "raw_code",
    "description",
    "amount",
    "amount_company",
    "gross",
    "tax",
    "service",
)
# Copied, and inserted from there: a statement with thousands of values in it takes longer to
# be understood than to be carried out.
BATCH = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS carrier_invoice_parcel_batch ON COMMIT DROP AS
        SELECT 0 AS place, {", ".join(PARCEL)} FROM shipment_carrier_invoice_line WHERE FALSE;
    CREATE TEMPORARY TABLE IF NOT EXISTS carrier_invoice_line_batch ON COMMIT DROP AS
        SELECT 0 AS place, {", ".join(CHARGED)} FROM shipment_carrier_invoice_line WHERE FALSE;
    TRUNCATE carrier_invoice_parcel_batch, carrier_invoice_line_batch
"""
COPY = "COPY carrier_invoice_{}_batch FROM STDIN (FORMAT csv)"
# Characters: behind each piece the thread queues up for Python again.
COPIED_AT_ONCE = 1 << 20
INSERT = f"""
    WITH line AS (
        INSERT INTO shipment_carrier_invoice_line (
            {", ".join(PARCEL + CHARGED)},
            disputed_amount, billed_amount, billed_disputed, create_date, write_date
        )
        SELECT {", ".join(PARCEL + CHARGED)},
               0, 0, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM carrier_invoice_line_batch
          JOIN carrier_invoice_parcel_batch USING (place)
            ON CONFLICT (invoice_id, fingerprint, ordinal) DO NOTHING
     RETURNING invoice_id, is_unmatched
    )
    SELECT invoice_id, count(*), count(*) FILTER (WHERE is_unmatched)
      FROM line
  GROUP BY invoice_id
"""


class Terms(NamedTuple):
    """What holds for the lines of an invoice in one currency."""

    invoice_id: int
    company_id: int
    carrier_id: int
    currency_id: int
    # What an amount is in the company's currency.
    in_company: Callable[[Decimal], Decimal | float]


@dataclass(slots=True)
class Stored:
    """What became of a batch of lines."""

    invoice_ids: list[int]
    """Of lines that are new."""
    new: int
    known: int
    unmatched: int


class ShipmentCarrierInvoice(models.Model):
    _inherit = "shipment.carrier.invoice"

    @api.model
    def _get_terms(self, company, carrier, heads, usual):
        """Return what holds for lines: ``{(head, currency code): Terms}``.

        Invoices that are not known yet are created.

        :param carrier: whose invoices they are: a function of a head's carrier code
        :param heads: pairs of a head and the currency code of a line
        :param usual: currency of what names none
        """
        named = {
            code: carrier(code) for code in {head.carrier for head, _code in heads}
        }
        carriers = {head: named[head.carrier] for head, _code in heads}
        invoices = self._find_or_create(company, carriers, usual)
        own, terms = company.currency_id, {}
        for head, code in heads:
            invoice, currency = invoices[head], self._get_currency(code, usual)
            date = invoice.date or fields.Date.context_today(self)
            rate = own._get_conversion_rate(currency, own, company, date)
            terms[head, code] = Terms(
                invoice.id,
                company.id,
                carriers[head].id,
                currency.id,
                _valued(own, rate),
            )
        return terms

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
    """Storing many lines at once: matched, and each once."""

    _inherit = "shipment.carrier.invoice.line"

    @api.model
    def _store(self, numbered, terms):
        """Store lines that are not known yet.

        :param numbered: ``(line, ordinal)``, see :mod:`..invoices.occurrences`
        :param terms: see ``_get_terms`` of their invoices
        """
        # A parcel is charged for in several lines, told once, and looked for once.
        parcels, charged, before = [], [], None
        for line, ordinal in numbered:
            # Compared by identity: they have many parts.
            told = (id(line.invoice), line.currency, id(line.parcel))
            if told != before:
                before, held = told, terms[line.invoice, line.currency]
                parcels.append((held.company_id, held.carrier_id, line.parcel))
            place = len(parcels) - 1
            charged.append(self._prepare_charged(place, held, line, ordinal))
        matches = self._match(parcels)
        inserted = self._insert(
            [
                (place, *self._prepare_parcel(parcel, *match))
                for place, ((_company, _carrier, parcel), match) in enumerate(
                    zip(parcels, matches, strict=True)
                )
            ],
            charged,
        )
        new = sum(count for _invoice, count, _unmatched in inserted)
        return Stored(
            invoice_ids=[invoice for invoice, _count, _unmatched in inserted],
            new=new,
            known=len(charged) - new,
            unmatched=sum(unmatched for _invoice, _count, unmatched in inserted),
        )

    def _prepare_parcel(self, parcel, shipment_id, package_id, number):
        """The values of a parcel, in the order of ``PARCEL``."""
        return (
            shipment_id,
            package_id,
            bool(number) and not shipment_id,
            _text(parcel.tracking_number),
            _text(number),
            _text(parcel.master_number),
            _text(", ".join(filter(None, parcel.references))),
            _text(parcel.zone),
            parcel.pieces,
            parcel.entered_weight,
            parcel.billed_weight,
            parcel.weight_basis and parcel.weight_basis.value,
            parcel.shipped_on,
            parcel.delivered_on,
        )

    def _prepare_charged(self, place, terms, line, ordinal):
        """The place of the parcel, and the values of a line in the order of ``CHARGED``."""
        return (
            place,
            terms.invoice_id,
            terms.company_id,
            terms.currency_id,
            line.fingerprint(),
            ordinal,
            line.row,
            line.family,
            _text(line.raw_category),
            _text(line.raw_code),
            _text(line.description),
            line.amount,
            terms.in_company(line.amount) if line.family != "info" else 0,
            line.gross,
            line.tax,
            _text(line.service),
        )

    def _insert(self, parcels, charged):
        """Insert rows that are not there yet.

        :return: of each invoice with new rows its id, how many they are, and how many of them
            are unmatched.
        """
        cr = self.env.cr
        cr.execute(BATCH)
        for name, values in (("parcel", parcels), ("line", charged)):
            text = io.StringIO()
            csv.writer(text).writerows(values)
            text.seek(0)
            cr.copy_expert(COPY.format(name), text, size=COPIED_AT_ONCE)
        cr.execute(INSERT)
        # What was inserted is not in the cache, nor what follows from it.
        self.env.invalidate_all(flush=False)
        return cr.fetchall()

    def _charge(self):
        """Make a charge of each line that is matched and has none yet."""
        self.env.flush_all()
        self.env.cr.execute(CHARGE, [self.ids])
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


# Most texts are the same from charge to charge.
@lru_cache(maxsize=8192)
def _text(value):
    """A text of the carrier as the database takes it, on one line; ``None`` for no text."""
    if not value:
        return None
    if not value.isprintable():
        value = "".join(
            char if char.isprintable() else " " for char in value.replace("\0", "")
        )
    return value[:LONGEST_TEXT]
