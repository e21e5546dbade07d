from odoo import http
from odoo.http import request
from odoo.tools.pdf import merge_pdf

MIMETYPES = {"pdf": "application/pdf", "zpl": "application/zpl"}


class ShipmentLabel(http.Controller):
    """Labels as one file, made when it is asked for, from what was bought once."""

    _labels_url = "/shipment/labels"

    @http.route(
        f"{_labels_url}/<string:shipment_ids>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def labels(self, shipment_ids):
        """All live labels of shipments, in their order: merged PDF, or one ZPL stream."""
        if not request.env.user._is_internal() or not all(
            part.isdecimal() for part in shipment_ids.split(",")
        ):
            raise request.not_found()
        shipments = request.env["shipment.shipment"].browse(
            int(part) for part in shipment_ids.split(",")
        )
        shipments.check_access("read")
        labels = shipments.package_ids.filtered("live").label_id.sudo()
        mimetypes = set(labels.mapped("mimetype"))
        if len(mimetypes) != 1:
            # None at all, or for different printers.
            raise request.not_found()
        is_pdf = mimetypes == {MIMETYPES["pdf"]}
        contents = [label.raw for label in labels]
        name = shipments.name if len(shipments) == 1 else "labels"
        suffix = "pdf" if is_pdf else "zpl"
        disposition = "inline" if is_pdf else "attachment"
        return request.make_response(
            merge_pdf(contents) if is_pdf else b"\n".join(contents),
            [
                ("Content-Type", MIMETYPES[suffix]),
                (
                    "Content-Disposition",
                    f'{disposition}; filename="{name.replace("/", "-")}.{suffix}"',
                ),
            ],
        )
