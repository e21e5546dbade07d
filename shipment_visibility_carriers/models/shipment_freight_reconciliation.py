from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, split_every

# Shipments that one job looks at.
BATCH_SIZE = 20_000
# So long after it was shipped something may still come of it by itself.
WINDOW = timedelta(days=180)
# What older shipments were billed since is looked at for so long, should a night fail.
BILLED_SINCE = timedelta(days=3)


class ShipmentFreightDifference(models.Model):
    """Which shipments are looked at, and when: at night, or when somebody asks."""

    _inherit = "shipment.freight.difference"

    @api.model
    def _cron_reconcile(self):
        """Have all looked at that may have changed: what is recent, open, or newly billed."""
        self.env.flush_all()
        since = fields.Datetime.now() - WINDOW
        self._reconcile_later(self._find_ranges(SQL("create_date >= %s", since)))
        first = self._find_first(since)
        for ids in split_every(BATCH_SIZE, self._find_old(first), list):
            self._delayed(
                f"{ids[0]}-{ids[-1]}-old",
                self.env._("%(count)s older shipments", count=len(ids)),
            )._job_reconcile(ids=ids)
        self._delayed(
            "unknown", self.env._("parcels that nobody knows")
        )._job_reconcile_unknown()

    @api.model
    def _reconcile_period(self, company, date_from, date_to):
        """Look at the shipments of a period: at once when they are few.

        :return: whether that is done, or will be in the background.
        """
        period = SQL(
            "company_id = %s AND create_date >= %s AND create_date < %s",
            company.id,
            date_from,
            fields.Date.add(date_to, days=1),
        )
        ranges = self._find_ranges(period)
        self._job_reconcile_unknown()
        if len(ranges) > 1:
            self._reconcile_later(ranges, company)
            return False
        for first, last in ranges:
            self._job_reconcile(first, last, company_id=company.id)
        return True

    def _reconcile_later(self, ranges, company=None):
        for first, last in ranges:
            self._delayed(
                f"{first}-{last}-{company.id if company else 'all'}",
                self.env._("shipments %(first)s to %(last)s", first=first, last=last),
            )._job_reconcile(first, last, company_id=company and company.id)

    def _delayed(self, key, what):
        return self.with_user(SUPERUSER_ID).with_delay(
            # A night that the last one has not left behind adds nothing.
            identity_key=f"shipment-freight-reconcile-{key}",
            description=self.env._("Reconcile freight: %(what)s", what=what),
        )

    @api.model
    def _find_ranges(self, condition):
        """Return from which to which id batches reach, of shipments that fulfil a condition."""
        self.env["shipment.shipment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT min(id), max(id)
                  FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS batch
                          FROM shipment_shipment
                         WHERE %(condition)s) AS numbered
              GROUP BY batch
              ORDER BY batch
                """,
                size=BATCH_SIZE,
                condition=condition,
            )
        )
        return [tuple(row) for row in rows]

    @api.model
    def _find_first(self, since):
        """Return the first shipment of the window; of none, one that is still to come."""
        rows = self.env.execute_query(
            SQL("SELECT min(id) FROM shipment_shipment WHERE create_date >= %s", since)
        )
        return rows[0][0] or 2**31 - 1

    @api.model
    def _find_old(self, first):
        """Return shipments before the window of which something is open or newly billed."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT shipment_id FROM shipment_freight_difference
                 WHERE state <> 'settled' AND shipment_id < %(first)s
                 UNION
                SELECT line.shipment_id
                  FROM shipment_carrier_invoice_line AS line
                  JOIN shipment_carrier_invoice AS invoice ON invoice.id = line.invoice_id
                 WHERE line.shipment_id < %(first)s
                   AND (line.write_date >= %(since)s OR invoice.write_date >= %(since)s)
              ORDER BY 1
                """,
                first=first,
                since=fields.Datetime.now() - BILLED_SINCE,
            )
        )
        return [row[0] for row in rows]
