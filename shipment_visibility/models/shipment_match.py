from collections import defaultdict

from odoo import api, models


class ShipmentShipment(models.Model):
    """Which shipment an event is about: whose parcel, or whole, has its number."""

    _inherit = "shipment.shipment"

    @api.model
    def _match(self, rows):
        """Give each row the package, or the shipment, that its number names.

        A live parcel's number wins. After it comes the last parcel that had the number: a
        voided label that the carrier scans after all is news that must not be lost. Last
        come master numbers.

        What an aggregator tells of a number that is not its own is about another carrier's
        parcel; when two carriers have given out the same number, nobody can say whose.
        """
        open_rows = [row for row in rows if row["shipment_id"] is None]
        numbers = sorted({row["number_normalised"] for row in open_rows} - {""})
        if not numbers:
            return
        # Joined, and not = ANY(...): of a list the planner asks the trigram index that is
        # there for searches, and thousands of numbers take minutes in place of milliseconds.
        self.env.cr.execute(
            """
            WITH wanted AS (SELECT unnest(%(numbers)s::varchar[]) AS number)
            SELECT company_id, carrier_id, master_normalised, MAX(id),
                   NULL::int AS package_id, -1 AS precedence
              FROM wanted
              JOIN shipment_shipment ON master_normalised = wanted.number
             WHERE active
          GROUP BY company_id, carrier_id, master_normalised
             UNION ALL
            SELECT company_id, carrier_id, number_normalised, shipment_id, id, live::int
              FROM wanted
              JOIN shipment_package ON number_normalised = wanted.number
          ORDER BY precedence, package_id
            """,
            {"numbers": numbers},
        )
        # What comes last wins.
        found = defaultdict(dict)
        for (
            company,
            carrier,
            number,
            shipment,
            package,
            _last,
        ) in self.env.cr.fetchall():
            found[company, number][carrier] = (shipment, package)
        carriers = self.env["shipment.carrier"].browse(
            {r["carrier_id"] for r in open_rows}
        )
        aggregators = set(carriers.filtered("is_aggregator").ids)
        for row in open_rows:
            parcels = found[row["company_id"], row["number_normalised"]]
            parcel = parcels.get(row["carrier_id"])
            if not parcel and row["carrier_id"] in aggregators and len(parcels) == 1:
                (parcel,) = parcels.values()
            row["shipment_id"], row["package_id"] = parcel or (None, None)

    def _lock(self):
        """Lock the shipments in the order of their ids; wait for whoever has them."""
        if self:
            self.env.cr.execute(
                "SELECT id FROM shipment_shipment WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                [sorted(self.ids)],
            )

    def _match_parked(self):
        """Take in the events that were waiting for the numbers of these shipments."""
        numbers = self.package_ids.mapped("number_normalised") + self.mapped(
            "master_normalised"
        )
        parked = self.env["shipment.milestone"].search(
            [
                ("shipment_id", "=", False),
                ("company_id", "in", self.company_id.ids),
                ("number_normalised", "in", sorted(set(filter(None, numbers)))),
            ]
        )
        parked._take_in()

    @api.model
    def _match_stragglers(self):
        """Match events that were committed while their number was being written.

        Neither transaction saw the other's row, so nobody has matched them yet.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT milestone.id
              FROM shipment_milestone AS milestone
              JOIN shipment_package AS package
                ON package.number_normalised = milestone.number_normalised
               AND package.company_id = milestone.company_id
              JOIN shipment_carrier AS carrier ON carrier.id = milestone.carrier_id
               AND (carrier.is_aggregator OR carrier.id = package.carrier_id)
             WHERE milestone.shipment_id IS NULL
               AND package.create_date > now() AT TIME ZONE 'UTC' - interval '1 day'
             UNION
            SELECT milestone.id
              FROM shipment_milestone AS milestone
              JOIN shipment_shipment AS shipment
                ON shipment.master_normalised = milestone.number_normalised
               AND shipment.company_id = milestone.company_id
              JOIN shipment_carrier AS carrier ON carrier.id = milestone.carrier_id
               AND (carrier.is_aggregator OR carrier.id = shipment.carrier_id)
             WHERE milestone.shipment_id IS NULL
               AND shipment.create_date > now() AT TIME ZONE 'UTC' - interval '1 day'
            """
        )
        found = [row[0] for row in self.env.cr.fetchall()]
        self.env["shipment.milestone"].browse(found)._take_in()


class ShipmentMilestone(models.Model):
    _inherit = "shipment.milestone"

    def _take_in(self):
        """Give events that waited to the shipments that have their numbers by now."""
        if not self:
            return
        self.env.flush_all()
        shipments = self.env["shipment.shipment"]
        rows = [
            {
                "shipment_id": None,
                "company_id": milestone.company_id.id,
                "carrier_id": milestone.carrier_id.id,
                "number_normalised": milestone.number_normalised,
                "milestone": milestone,
            }
            for milestone in self
        ]
        shipments._match(rows)
        matched = [row for row in rows if row["shipment_id"]]
        shipments = shipments.browse({row["shipment_id"] for row in matched})
        shipments._lock()
        for row in matched:
            row["milestone"].write(
                {"shipment_id": row["shipment_id"], "package_id": row["package_id"]}
            )
        shipments._refold()
