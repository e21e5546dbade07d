from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

PAGE_SIZE = 20
SORTINGS = {
    "date": "id desc",
    "status": "headline, id desc",
    "name": "name desc",
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
        return [("commercial_partner_id", "=", partner.id)]

    @http.route(
        ["/my/shipments", "/my/shipments/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_shipments(self, page=1, sortby="date", **_kwargs):
        """List the shipments that the record rules show to this user."""
        Shipment = request.env["shipment.shipment"]
        labels = {
            "date": request.env._("Newest"),
            "status": request.env._("Status"),
            "name": request.env._("Number"),
        }
        sortby = sortby if sortby in SORTINGS else "date"
        domain = self._prepare_shipments_domain()
        pages = pager(
            url="/my/shipments",
            url_args={"sortby": sortby},
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
                "page_name": "shipment",
                "pager": pages,
                "default_url": "/my/shipments",
                "sortby": sortby,
                "searchbar_sortings": {
                    key: {"label": label, "order": SORTINGS[key]}
                    for key, label in labels.items()
                },
            },
        )

    @http.route(
        "/my/shipments/<int:shipment_id>", type="http", auth="public", website=True
    )
    def portal_my_shipment(self, shipment_id, access_token=None, **kwargs):
        """Show one shipment to its customer, or to whoever holds its link."""
        try:
            shipment_sudo = self._document_check_access(
                "shipment.shipment", shipment_id, access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        values = self._get_page_view_values(
            shipment_sudo,
            access_token,
            {
                "page_name": "shipment",
                "shipment": shipment_sudo,
                "entries": shipment_sudo._customer_timeline(),
            },
            "my_shipments_history",
            False,
            **kwargs,
        )
        return request.render("shipment_visibility.portal_my_shipment", values)
