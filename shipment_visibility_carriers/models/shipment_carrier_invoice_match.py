from odoo import api, models

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..invoices.matching import number_candidates

# Lines of the work list that are looked at in one transaction.
BATCH_SIZE = 2_000


class ShipmentCarrierInvoiceLine(models.Model):
    """Whose parcel a line is about: by number, by parts of it, by master, by reference."""

    _inherit = "shipment.carrier.invoice.line"

    @api.model
    def _match(self, parcels):
        """Find whose parcels these are.

        :param parcels: ``(company id, carrier id, invoices.document.Parcel)``
        :return: for each ``(shipment id, package id, normalised number)``, with ``None`` for
            ids that nobody knows
        """
        rows = [
            {
                "company_id": company_id,
                "carrier_id": carrier_id,
                "shipment_id": None,
                "package_id": None,
                "candidates": number_candidates(parcel.tracking_number),
                "master": parcel.master_number,
                "references": parcel.references,
            }
            for company_id, carrier_id, parcel in parcels
        ]
        return [
            (*match, row["candidates"][0] if row["candidates"] else "")
            for row, match in zip(rows, self._match_rows(rows), strict=True)
        ]

    @api.model
    def _match_rows(self, rows):
        self.env.flush_all()
        shipments = self.env["shipment.shipment"]
        normalise = self.env["shipment.carrier"]._normalise_number
        for row in rows:
            # Behind its own numbers comes that of the whole shipment.
            row["numbers"] = (*row["candidates"], normalise(row["master"]))
        unknown = rows
        for place in range(max((len(row["numbers"]) for row in rows), default=0)):
            for row in unknown:
                numbers = row["numbers"][place:]
                row["number_normalised"] = numbers[0] if numbers else ""
            shipments._match(unknown)
            unknown = [row for row in unknown if not row["shipment_id"]]
        self._match_references([row for row in unknown if row["candidates"]])
        return [(row["shipment_id"], row["package_id"]) for row in rows]

    @api.model
    def _match_references(self, rows):
        """A reference that names one delivery with one shipment of the carrier names it."""
        references = sorted(
            {word for row in rows for word in row["references"] if word}
        )
        if not references:
            return
        # Joined, and not = ANY(...): of a list the planner may ask the trigram index.
        self.env.cr.execute(
            """
            SELECT picking.name, picking.company_id, shipment.carrier_id,
                   min(shipment.id), count(DISTINCT shipment.id)
              FROM unnest(%s::varchar[]) AS wanted(name)
              JOIN stock_picking AS picking ON picking.name = wanted.name
              JOIN shipment_picking_rel AS rel ON rel.picking_id = picking.id
              JOIN shipment_shipment AS shipment ON shipment.id = rel.shipment_id
          GROUP BY picking.name, picking.company_id, shipment.carrier_id
            """,
            [references],
        )
        named = {
            (company, carrier, name): shipment
            for name, company, carrier, shipment, count in self.env.cr.fetchall()
            if count == 1
        }
        for row in rows:
            found = {
                named.get((row["company_id"], row["carrier_id"], word))
                for word in row["references"]
            } - {None}
            if len(found) == 1:
                (row["shipment_id"],) = found

    # === THE WORK LIST === #

    def action_match(self):
        """Look once more whose parcels these lines are about."""
        self.check_access("write")
        # The charges are the invoice's to write, not the user's.
        matched = self.sudo()._match_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if matched else "info",
                "message": self.env._(
                    "%(matched)s of %(all)s lines belong to a shipment now.",
                    matched=matched,
                    all=len(self),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _cron_match(self):
        """Match lines whose parcels have become known since."""
        last = 0
        while True:
            with own_transaction(self.env) as env:
                lines = env[self._name].search(
                    [("is_unmatched", "=", True), ("id", ">", last)],
                    order="id",
                    limit=BATCH_SIZE,
                )
                lines._match_again()
            if len(lines) < BATCH_SIZE:
                return
            last = lines.ids[-1]

    def _match_again(self):
        """Match lines that are not; return how many were."""
        lines = self.filtered("is_unmatched")
        rows = [
            {
                "company_id": line.company_id.id,
                "carrier_id": line.carrier_id.id,
                "shipment_id": None,
                "package_id": None,
                "candidates": number_candidates(line.tracking_number),
                "master": line.master_number,
                "references": tuple((line.reference or "").split(", ")),
            }
            for line in lines
        ]
        parcels = {}
        for line, parcel in zip(lines, self._match_rows(rows), strict=True):
            parcels.setdefault(parcel, []).append(line.id)
        parcels.pop((None, None), None)
        # What a parcel costs has several lines, and each write makes their charges.
        for (shipment, package), own in parcels.items():
            self.browse(own).write({"shipment_id": shipment, "package_id": package})
        return sum(map(len, parcels.values()))

    def write(self, vals):
        """Override of Odoo: who says whose parcel it is moves the charge along."""
        if "package_id" in vals and "shipment_id" not in vals:
            package = self.env["shipment.package"].browse(vals["package_id"] or [])
            vals = {**vals, "shipment_id": package.shipment_id.id}
        if "shipment_id" not in vals:
            return super().write(vals)
        vals["is_unmatched"] = not vals["shipment_id"]
        result = super().write(vals)
        # The charges are the invoice's to write, not the user's.
        lines_sudo = self.sudo()
        lines_sudo.charge_ids.unlink()
        lines_sudo._charge()
        return result
