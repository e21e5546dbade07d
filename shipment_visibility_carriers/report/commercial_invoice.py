from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.operations import CM_PER_UNIT


class CommercialInvoice(models.AbstractModel):
    """What customs wants to see of the goods: one paper a shipment, in English."""

    _name = "report.shipment_visibility_carriers.report_commercial_invoice"
    _description = "Commercial Invoice"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Override of Odoo to gather what is printed.

        A request in the context is the shipment as it was booked.

        :raise UserError: customs would not take it; tells all that is missing.
        """
        pickings = self.env["stock.picking"].browse(docids)
        pickings.check_access("read")
        # Whoever may see a delivery may print it: prices are not the packer's to read.
        pickings_sudo = pickings.sudo()
        booked = self.env.context.get("shipment_invoice_request")
        return {
            "doc_ids": docids,
            "doc_model": pickings._name,
            "docs": pickings_sudo,
            "invoices": {
                picking.id: self._prepare_invoice(
                    picking, booked or self._build_request(picking)
                )
                for picking in pickings_sudo
            },
        }

    @api.model
    def _build_request(self, picking):
        if not picking.shipment_needs_customs:
            raise UserError(
                self.env._(
                    "%s crosses no customs border and needs no commercial invoice.",
                    picking.name,
                )
            )
        builder = self.env["shipment.request.builder"]
        return builder._from_picking(picking.carrier_id, picking)

    @api.model
    def _prepare_invoice(self, picking, request):
        items = [item for parcel in request.parcels for item in parcel.items]
        ours = picking.company_id.partner_id
        theirs = picking.partner_id
        if request.is_return:
            ours, theirs = theirs, ours
        order = picking.sale_id
        currency = self.env["delivery.carrier"]._get_shipment_currency(
            items[0].value.currency if items else picking.company_id.currency_id.name
        )
        reasons = picking._fields["shipment_contents"]._description_selection(
            self.env(context={**self.env.context, "lang": "en_US"})
        )
        return {
            "request": request,
            "date": request.ship_date or fields.Date.today(),
            "parties": [
                ("Exporter", self._prepare_party(request.shipper, ours)),
                ("Consignee", self._prepare_party(request.consignee, theirs)),
            ],
            "order": order.name,
            "customer_reference": order.client_order_ref,
            "reason": dict(reasons)[request.contents],
            "incoterm": " ".join(
                filter(None, (request.incoterm, order.incoterm_location))
            ),
            "currency": currency,
            "total": float(sum(item.value.amount for item in items)),
            "net_weight": float(sum(item.weight.kg for item in items)),
            "gross_weight": float(sum(p.weight.kg for p in request.parcels)),
            "sizes": {
                parcel.reference: _size(parcel.dimensions)
                for parcel in request.parcels
                if parcel.dimensions
            },
            "origins": self._name_countries(items),
        }

    @api.model
    def _prepare_party(self, party, partner):
        """A party's lines, as they stand on paper."""
        holder = partner.commercial_partner_id
        address = party.address
        country = self._get_country(address.country)
        place = " ".join(filter(None, (address.postal_code, address.city)))
        return {
            "lines": [
                line
                for line in dict.fromkeys(
                    (
                        party.company,
                        party.name,
                        address.street,
                        address.street2,
                        ", ".join(filter(None, (place, address.state))),
                        country.name,
                    )
                )
                if line
            ],
            "facts": [
                (label, value)
                for label, value in (
                    ("VAT", holder.vat),
                    ("EORI", holder.shipment_eori),
                    ("Phone", party.phone),
                    ("E-mail", party.email),
                )
                if value
            ],
        }

    @api.model
    def _get_country(self, code):
        countries = self.env["res.country"].with_context(lang="en_US")
        return countries.search([("code", "=", code)], limit=1)

    @api.model
    def _name_countries(self, items):
        codes = {item.origin_country for item in items if item.origin_country}
        countries = self.env["res.country"].with_context(lang="en_US")
        return {
            country.code: country.name
            for country in countries.search([("code", "in", list(codes))])
        }


def _size(dimensions):
    factor = CM_PER_UNIT[dimensions.unit]
    sides = (dimensions.length, dimensions.width, dimensions.height)
    return " × ".join(f"{side * factor:.0f}" for side in sides) + " cm"
