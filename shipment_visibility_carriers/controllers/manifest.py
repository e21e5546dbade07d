from base64 import b64decode

from odoo import http
from odoo.http import request
from odoo.tools.pdf import merge_pdf

REPORT = "shipment_visibility_carriers.shipment_manifest_action_report"


class ShipmentManifest(http.Controller):
    """Closed manifests as one file: the carrier's own document, or ours where it has none."""

    _manifests_url = "/shipment/manifests"

    @http.route(
        f"{_manifests_url}/<string:manifest_ids>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def manifests(self, manifest_ids):
        """What the drivers sign, in the order asked for."""
        if not request.env.user._is_internal() or not all(
            part.isdecimal() for part in manifest_ids.split(",")
        ):
            raise request.not_found()
        manifests = request.env["shipment.manifest"].browse(
            int(part) for part in manifest_ids.split(",")
        )
        manifests.check_access("read")
        if any(manifest.state != "confirmed" for manifest in manifests):
            raise request.not_found()
        contents = [self._content(manifest) for manifest in manifests]
        name = manifests.name if len(manifests) == 1 else "manifests"
        return request.make_response(
            contents[0] if len(contents) == 1 else merge_pdf(contents),
            [
                ("Content-Type", "application/pdf"),
                (
                    "Content-Disposition",
                    f'inline; filename="{name.replace("/", "-")}.pdf"',
                ),
            ],
        )

    def _content(self, manifest):
        if manifest.document:
            return b64decode(manifest.document)
        content, _kind = request.env["ir.actions.report"]._render_qweb_pdf(
            REPORT, manifest.ids
        )
        return content
