from functools import partial

import pytz
from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

PAGE_SIZE = 20
SORTINGS = {
    "date": "id desc",
    "news": "last_event_at desc nulls last, id desc",
    "status": "headline, id desc",
    "name": "name desc",
}
# A loss is told the customer by a person, so until then it is on the way.
OVER = ("delivered", "returned", "cancelled")
FILTERS = {
    "all": Domain.TRUE,
    "on_the_way": Domain("headline", "not in", OVER),
    "delivered": Domain("headline", "=", "delivered"),
}


class ShipmentPortal(CustomerPortal):
    """A customer's own shipments, in the customer's words."""

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to count the customer's shipments."""
        values = super()._prepare_home_portal_values(counters)
        if "shipment_count" in counters:
            Shipment = request.env["shipment.shipment"]
            readable = Shipment.has_access("read")
            domain = self._prepare_shipments_domain()
            values["shipment_count"] = Shipment.search_count(domain) if readable else 0
        return values

    def _prepare_shipments_domain(self):
        """Return whose shipments the portal lists: the record rules show employees more."""
        partner = request.env.user.partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", partner.id)

    def _prepare_search_domain(self, search):
        """Return which of the own shipments a search finds, by any number they go by."""
        number = request.env["shipment.carrier"]._normalise_number(search)
        if not number:
            return Domain.TRUE
        # A customer may look for the own parcels, but not read the parcels' records: what
        # is found here is looked up again with the customer's own rights.
        found_sudo = (
            request.env["shipment.shipment"]
            .sudo()
            ._search(
                self._prepare_shipments_domain()
                & Domain.OR(
                    [
                        Domain("name", "ilike", search.strip()),
                        Domain("tracking_numbers", "ilike", number),
                        Domain("picking_ids.sale_id.name", "ilike", search.strip()),
                        Domain(
                            "picking_ids.sale_id.client_order_ref",
                            "ilike",
                            search.strip(),
                        ),
                    ]
                )
            )
        )
        return Domain("id", "in", found_sudo)

    @http.route(
        ["/my/shipments", "/my/shipments/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_shipments(
        self, page=1, sortby="date", filterby="all", search="", **_kwargs
    ):
        """List the shipments that the record rules show to this user."""
        Shipment = request.env["shipment.shipment"]
        sortby = sortby if sortby in SORTINGS else "date"
        filterby = filterby if filterby in FILTERS else "all"
        own = self._prepare_shipments_domain()
        domain = own & FILTERS[filterby] & self._prepare_search_domain(search)
        pages = pager(
            url="/my/shipments",
            url_args={"sortby": sortby, "filterby": filterby, "search": search},
            total=Shipment.search_count(domain),
            page=page,
            step=PAGE_SIZE,
        )
        shipments = Shipment.search(
            domain, order=SORTINGS[sortby], limit=PAGE_SIZE, offset=pages["offset"]
        )
        request.session["my_shipments_history"] = shipments.ids[:100]
        return request.render(
            "shipment_visibility.portal_my_shipments",
            {
                **self._prepare_portal_layout_values(),
                # The parcels behind a shipment are not the customer's to read: the
                # page shows what of them is meant to be shown.
                "shipments": shipments.sudo(),
                "has_shipments": shipments or Shipment.search_count(own, limit=1),
                "say": partial(
                    Shipment._say_moment, zone=self._visitor_zone() or "UTC"
                ),
                "say_day": Shipment._say_day,
                "page_name": "shipment",
                "pager": pages,
                "default_url": "/my/shipments",
                "sortby": sortby,
                "filterby": filterby,
                "search": search,
                "searchbar_sortings": {
                    key: {"label": label} for key, label in _sorting_labels().items()
                },
                "filter_labels": _filter_labels(),
            },
        )

    @http.route(
        "/my/shipments/<int:shipment_id>", type="http", auth="public", website=True
    )
    def portal_my_shipment(self, shipment_id, access_token=None, **kwargs):
        """Show one shipment to its customer, or to whoever holds its link."""
        try:
            shipment_sudo = self._shipment_check_access(shipment_id, access_token)
        except (AccessError, MissingError):
            return self._refuse(access_token)
        if self._is_closed(shipment_sudo):
            return self._refuse(access_token, shipment_sudo.company_id)
        values = self._get_page_view_values(
            shipment_sudo,
            access_token,
            self._prepare_shipment_values(shipment_sudo),
            "my_shipments_history",
            False,
            **kwargs,
        )
        response = request.render("shipment_visibility.portal_my_shipment", values)
        # The address is a key: no search engine and no shared cache keeps it.
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @http.route(
        "/my/shipments/<int:shipment_id>/proof",
        type="http",
        auth="public",
        website=True,
        readonly=False,
    )
    def portal_my_shipment_proof(self, shipment_id, access_token=None, **_kwargs):
        """Print the proof of delivery for its customer."""
        shipment_sudo = self._shipment_or_not_found(shipment_id, access_token)
        if shipment_sudo.headline != "delivered":
            raise NotFound()
        return self._show_report(
            model=shipment_sudo,
            report_type="pdf",
            report_ref="shipment_visibility.shipment_proof_action_report",
            download=True,
        )

    @http.route(
        "/my/shipments/<int:shipment_id>/proof/<int:attachment_id>",
        type="http",
        auth="public",
        website=True,
    )
    def portal_my_shipment_document(
        self, shipment_id, attachment_id, access_token=None, **_kwargs
    ):
        """Hand out a document that proves the delivery of this shipment, and no other."""
        shipment_sudo = self._shipment_or_not_found(shipment_id, access_token)
        document_sudo = shipment_sudo._proof_documents().filtered(
            lambda document: document.id == attachment_id
        )
        if not document_sudo:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(document_sudo)
        return stream.get_response(as_attachment=stream.mimetype not in _SHOWN)

    def _shipment_check_access(self, shipment_id, access_token):
        return self._document_check_access(
            "shipment.shipment", shipment_id, access_token
        )

    def _shipment_or_not_found(self, shipment_id, access_token):
        """Return the shipment, or answer that there is nothing here."""
        try:
            shipment_sudo = self._shipment_check_access(shipment_id, access_token)
        except (AccessError, MissingError) as refusal:
            raise NotFound() from refusal
        if self._is_closed(shipment_sudo):
            raise NotFound()
        return shipment_sudo

    def _is_closed(self, shipment_sudo):
        """Whether the visitor has no more than a link, and the link has expired."""
        own = request.env["shipment.shipment"].browse(shipment_sudo.id)
        return shipment_sudo.share_expired and not own.has_access("read")

    def _refuse(self, access_token, company=None):
        """Say that a link opens nothing; the same of any link that is not good.

        A link that never was, that was revoked, and one to nothing look alike, so that
        trying them tells nothing.
        """
        if not access_token:
            return request.redirect("/my")
        response = request.render(
            "shipment_visibility.portal_link_expired",
            {
                "page_name": "shipment",
                "no_breadcrumbs": True,
                # A visitor without an account may not read companies.
                "company": (company or request.env.company).sudo(),
            },
        )
        response.status_code = 410
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _prepare_shipment_values(self, shipment_sudo):
        """Return what the page of a shipment shows, apart from the portal's own values."""
        zone = self._visitor_zone()
        entries = shipment_sudo._customer_entries()
        shown = zone or shipment_sudo._local_zone()
        orders = request.env["sale.order"].browse(shipment_sudo.order_ids.ids)
        pickings = request.env["stock.picking"].browse(shipment_sudo.picking_ids.ids)
        return {
            "page_name": "shipment",
            "shipment": shipment_sudo,
            "entries": entries,
            "steps": shipment_sudo._customer_steps(entries),
            "late": shipment_sudo._is_overdue(),
            "proofs": shipment_sudo._proofs(),
            "documents": shipment_sudo._proof_documents(),
            "contact": shipment_sudo._customer_contact(),
            # Whoever only has the link of a shipment gets no further by it.
            "orders": orders._filtered_access("read"),
            "pickings": pickings._filtered_access("read"),
            "zone": shown,
            "zone_known": bool(zone),
            "say": partial(request.env["shipment.shipment"]._say_moment, zone=shown),
            "say_day": request.env["shipment.shipment"]._say_day,
        }

    def _visitor_zone(self):
        """Return the zone of the visitor's account or browser, None when neither says."""
        user = request.env.user
        zone = (not user._is_public() and user.tz) or request.cookies.get("tz")
        return zone if zone in pytz.all_timezones_set else None


# What a browser shows without running anything; all else is saved.
_SHOWN = ("application/pdf", "image/jpeg", "image/png")


def _sorting_labels():
    return {
        "date": request.env._("Newest"),
        "news": request.env._("Latest news"),
        "status": request.env._("Status"),
        "name": request.env._("Number"),
    }


def _filter_labels():
    return {
        "all": request.env._("All"),
        "on_the_way": request.env._("On the way"),
        "delivered": request.env._("Delivered"),
    }
