from collections import defaultdict

from psycopg2.extras import execute_values

from odoo import fields, models
from odoo.tools import SQL

from ..invoices.reconciliation import Patience, Reason, Standing, differences

# What is known of each shipment, each part summed up once for the whole batch.
STANDINGS = """
    WITH charged AS (
        SELECT charge.shipment_id,
               sum(charge.amount_company) FILTER (
                   WHERE charge.kind IN ('booked', 'adjusted')) AS booked,
               sum(charge.amount_company) FILTER (
                   WHERE charge.kind IN ('invoiced', 'credited')) AS billed,
               bool_or(charge.kind = 'invoiced') AS is_billed,
               min(charge.date) FILTER (WHERE charge.kind = 'invoiced') AS billed_on
          FROM shipment_charge AS charge
     LEFT JOIN shipment_carrier_invoice_line AS line ON line.id = charge.invoice_line_id
     LEFT JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
         WHERE %(of_charge)s
           AND charge.family <> 'info'
           AND invoice.state IS DISTINCT FROM 'cancelled'
      GROUP BY charge.shipment_id
    ),
    on_invoice AS (
        SELECT line.shipment_id,
               coalesce(line.package_id::text, line.number_normalised) AS parcel,
               line.invoice_id,
               sum(line.amount_company) FILTER (WHERE line.family = 'freight') AS freight,
               bool_or(line.delivered_on IS NOT NULL) AS said_delivered
          FROM shipment_carrier_invoice_line AS line
          JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
         WHERE %(of_line)s
           AND invoice.state <> 'cancelled'
      GROUP BY line.shipment_id, parcel, line.invoice_id
    ),
    by_parcel AS (
        SELECT shipment_id,
               CASE WHEN count(*) FILTER (WHERE freight > 0) > 1
                    THEN greatest(sum(freight) - max(freight), 0) ELSE 0 END AS twice,
               bool_or(said_delivered) AS said_delivered
          FROM on_invoice
      GROUP BY shipment_id, parcel
    ),
    lined AS (
        SELECT shipment_id, sum(twice) AS twice,
               bool_or(said_delivered) AS said_delivered
          FROM by_parcel
      GROUP BY shipment_id
    ),
    sent AS (
        SELECT rel.shipment_id,
               bool_or(picking.state = 'done') AS is_done,
               bool_or(picking.shipment_freight_payer IS NOT NULL) AS is_paid_by_others
          FROM shipment_picking_rel AS rel
          JOIN stock_picking AS picking ON picking.id = rel.picking_id
         WHERE %(of_rel)s
      GROUP BY rel.shipment_id
    )
    SELECT shipment.id, shipment.company_id, shipment.carrier_id, shipment.headline,
           CASE WHEN shipment.picked_up_at IS NOT NULL OR sent.is_done
                  OR shipment.phase NOT IN ('none', 'pre_carrier')
                THEN coalesce(shipment.picked_up_at, shipment.create_date)::date END,
           shipment.delivered_at::date,
           shipment.last_event_at IS NOT NULL,
           sent.is_paid_by_others IS NOT TRUE,
           coalesce(charged.booked, 0),
           CASE WHEN charged.is_billed THEN charged.billed END,
           charged.billed_on,
           coalesce(lined.twice, 0),
           lined.said_delivered IS TRUE
      FROM shipment_shipment AS shipment
 LEFT JOIN shipment_carrier_account AS account ON account.id = shipment.account_id
 LEFT JOIN charged ON charged.shipment_id = shipment.id
 LEFT JOIN lined ON lined.shipment_id = shipment.id
 LEFT JOIN sent ON sent.shipment_id = shipment.id
     WHERE %(of_shipment)s
       AND shipment.active
       AND shipment.carrier_id IS NOT NULL
       AND account.environment IS DISTINCT FROM 'test'
"""
# By which parcel and on which invoice those are known that differ.
DETAILS = """
    SELECT shipment.id,
           (SELECT min(tracking_number) FROM shipment_package
             WHERE shipment_id = shipment.id AND superseded_by_id IS NULL),
           (SELECT max(line.invoice_id)
              FROM shipment_carrier_invoice_line AS line
              JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
             WHERE line.shipment_id = shipment.id AND invoice.state <> 'cancelled'
                   AND invoice.kind <> 'credit_note')
      FROM shipment_shipment AS shipment
     WHERE shipment.id = ANY(%s)
"""
KEEP = """
    ON CONFLICT (company_id, key) DO UPDATE
        SET amount = EXCLUDED.amount, date = EXCLUDED.date,
            invoice_id = EXCLUDED.invoice_id, carrier_id = EXCLUDED.carrier_id,
            tracking_number = EXCLUDED.tracking_number,
            state = CASE WHEN known.state <> 'settled' THEN known.state
                         WHEN known.note IS NOT NULL THEN 'aside' ELSE 'open' END,
            settled_at = NULL, write_date = EXCLUDED.write_date
      WHERE known.state = 'settled'
         OR (known.amount, known.date, known.invoice_id)
            IS DISTINCT FROM (EXCLUDED.amount, EXCLUDED.date, EXCLUDED.invoice_id)
"""
COLUMNS = """
    shipment_freight_difference AS known (
        company_id, key, reason, shipment_id, carrier_id, invoice_id, tracking_number,
        amount, date, state, create_uid, write_uid, create_date, write_date
    )
"""
# Parcels that nobody knows: one difference a number and invoice.
UNKNOWN = """
    INSERT INTO %(columns)s
    SELECT line.company_id, 'unknown:' || invoice.id || ':'
           || coalesce(line.number_normalised, ''),
           %(reason)s, NULL, invoice.carrier_id, invoice.id, min(line.tracking_number),
           sum(line.amount_company), coalesce(invoice.date, min(line.create_date)::date),
           'open', %(uid)s, %(uid)s,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM shipment_carrier_invoice_line AS line
      JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
     WHERE line.is_unmatched AND invoice.state <> 'cancelled'
  GROUP BY line.company_id, invoice.id, line.number_normalised
    HAVING sum(line.amount_company) > 0
    %(keep)s
"""
KNOWN_BY_NOW = """
    UPDATE shipment_freight_difference AS difference
       SET state = 'settled', settled_at = now() AT TIME ZONE 'UTC',
           write_date = now() AT TIME ZONE 'UTC'
     WHERE difference.reason = %(reason)s
       AND difference.state <> 'settled'
       AND NOT EXISTS (
           SELECT FROM shipment_carrier_invoice_line AS line
             JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
            WHERE line.invoice_id = difference.invoice_id
              AND line.is_unmatched
              AND invoice.state <> 'cancelled'
              AND difference.key
                  = 'unknown:' || line.invoice_id || ':'
                     || coalesce(line.number_normalised, ''))
"""


class ShipmentFreightDifference(models.Model):
    """Finding where shipped, billed and delivered differ, many shipments at a time."""

    _inherit = "shipment.freight.difference"

    def _job_reconcile(self, first=0, last=0, ids=None, company_id=None):
        """Look at a range of shipments, or at some. Safe to repeat: the same is found again."""
        self.env.flush_all()

        def among(column):
            name = SQL.identifier(*column.split("."))
            if ids is not None:
                return SQL("%s = ANY(%s)", name, ids)
            return SQL("%s BETWEEN %s AND %s", name, first, last)

        mine = among("shipment.id")
        if company_id:
            mine = SQL("%s AND shipment.company_id = %s", mine, company_id)
        found = self._find_differences(
            SQL(
                STANDINGS,
                of_charge=among("charge.shipment_id"),
                of_line=among("line.shipment_id"),
                of_rel=among("rel.shipment_id"),
                of_shipment=mine,
            )
        )
        keys = self._keep(found)
        self._settle(among("shipment_id"), keys, company_id)
        self.env.invalidate_all(flush=False)
        return self.env._("%(count)s differences", count=len(found))

    def _find_differences(self, query):
        """Return what differs: ``[(company id, carrier id, Difference)]``."""
        patience, bills_since = self._read_patience(), self._read_first_invoices()
        today = fields.Date.context_today(self)
        return [
            (company, carrier, difference)
            for shipment, company, carrier, *known in self.env.execute_query(query)
            for difference in differences(
                Standing(shipment, *known, bills_since.get((company, carrier))),
                patience(company, carrier),
                today,
            )
        ]

    def _read_patience(self):
        """Return a function of a company and a carrier."""
        policies = {
            policy.company_id.id: Patience(policy.bill_days, policy.deliver_days)
            for policy in self.env["shipment.freight.policy"].search([])
        }
        carriers = {
            (row.company_id.id, row.carrier_id.id): Patience(
                row.bill_days, row.deliver_days
            )
            for row in self.env["shipment.freight.patience"].search([])
        }
        usual = defaultdict(Patience, policies)
        return lambda company, carrier: (
            carriers.get((company, carrier)) or usual[company]
        )

    def _read_first_invoices(self):
        """Return since when we have a carrier's invoices: ``{(company, carrier): date}``."""
        return {
            (company.id, carrier.id): date
            for company, carrier, date in self.env[
                "shipment.carrier.invoice"
            ]._read_group(
                [("state", "!=", "cancelled"), ("date", "!=", False)],
                ["company_id", "carrier_id"],
                ["date:min"],
            )
        }

    def _keep(self, found):
        """Note each difference once; one that was set aside stays so. Return their keys."""
        details = self._read_details([each.shipment for _co, _ca, each in found])
        now = fields.Datetime.now()
        rows = [
            (
                company,
                f"{each.reason.value}:{each.shipment}",
                each.reason.value,
                each.shipment,
                carrier,
                details[each.shipment][1],
                details[each.shipment][0],
                each.amount,
                each.date,
                "open",
                self.env.uid,
                self.env.uid,
                now,
                now,
            )
            for company, carrier, each in found
        ]
        if rows:
            execute_values(
                self.env.cr._obj,
                f"INSERT INTO {COLUMNS} VALUES %s {KEEP}",
                rows,
                page_size=1000,
            )
        return [row[1] for row in rows]

    def _read_details(self, shipment_ids):
        rows = self.env.execute_query(SQL(DETAILS, sorted(set(shipment_ids))))
        return {shipment: (number, invoice) for shipment, number, invoice in rows}

    def _settle(self, among, keys, company_id):
        """What was looked at and not found is no longer true."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE shipment_freight_difference AS difference
                   SET state = 'settled', settled_at = %(now)s, write_date = %(now)s
                 WHERE %(among)s
                   AND state <> 'settled'
                   AND %(company)s IN (0, company_id)
                   AND NOT EXISTS (SELECT FROM unnest(%(keys)s::text[]) AS found(key)
                                    WHERE found.key = difference.key)
                """,
                now=fields.Datetime.now(),
                among=among,
                company=company_id or 0,
                keys=keys,
            )
        )

    def _job_reconcile_unknown(self):
        """Note parcels that nobody knows, and settle those that somebody does by now."""
        self.env.flush_all()
        reason = Reason.UNKNOWN.value
        self.env.cr.execute(
            SQL(
                UNKNOWN,
                columns=SQL(COLUMNS),
                keep=SQL(KEEP),
                reason=reason,
                uid=self.env.uid,
            )
        )
        self.env.cr.execute(SQL(KNOWN_BY_NOW, reason=reason))
        self.env.invalidate_all(flush=False)
