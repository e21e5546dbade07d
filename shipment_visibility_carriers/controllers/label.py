import io
import zipfile

from odoo import http
from odoo.http import request
from odoo.tools.pdf import DependencyError, PdfReadError, merge_pdf

from ..printing.base import MIMETYPES

# What Odoo's PDF library raises over a file it cannot take apart, such as an encrypted one.
UNMERGEABLE = (PdfReadError, DependencyError, NotImplementedError, ValueError, KeyError)

# What a browser shows by itself.
SHOWN = ("PDF", "IMAGE")


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
    def labels(self, shipment_ids, format=None):
        """All live labels of shipments, in the order in which they are named.

        :param format: only those of this format: ``PDF``, ``ZPL`` or ``IMAGE``.
        """
        shipments = self._browse("shipment.shipment", shipment_ids)
        name = shipments.name if len(shipments) == 1 else "labels"
        return self._respond(name, shipments._get_label_packages(), format)

    @http.route(
        f"{_labels_url}/package/<string:package_ids>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def package_labels(self, package_ids, format=None):
        """The labels of parcels, in the order in which they are named."""
        packages = self._browse("shipment.package", package_ids)
        name = packages.tracking_number if len(packages) == 1 else ""
        return self._respond(name or "labels", packages.filtered("label_id"), format)

    def _browse(self, model, ids):
        """The records of a list of ids; who is no employee finds none."""
        if not request.env.user._is_internal() or not all(
            part.isdecimal() for part in ids.split(",")
        ):
            raise request.not_found()
        records = request.env[model].browse(dict.fromkeys(map(int, ids.split(","))))
        records.check_access("read")
        return records

    def _respond(self, name, packages, format):
        # Who may read the parcel may have its label.
        labels = packages.sudo().label_id
        if format:
            labels = labels.filtered(lambda label: label._get_label_format() == format)
        if not labels:
            raise request.not_found()
        files = _make_files(labels)
        suffix, mimetype, content = files[0]
        is_shown = len(files) == 1 and labels[0]._get_label_format() in SHOWN
        if len(files) > 1:
            suffix, mimetype, content = "zip", "application/zip", _zip(files)
        file_name = f"{name.replace('/', '-')}.{suffix}"
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                (
                    "Content-Disposition",
                    http.content_disposition(
                        file_name, "inline" if is_shown else "attachment"
                    ),
                ),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )


def _make_files(labels):
    """As few files as the labels allow: ``(suffix, mimetype, content)`` each.

    One merged PDF and one stream of ZPL; of anything else each label is a file.
    """
    files = []
    for mimetype, group in labels.grouped("mimetype").items():
        suffix = _get_suffix(group[0])
        contents = [label.raw for label in group]
        if len(contents) > 1:
            if mimetype == MIMETYPES["ZPL"]:
                contents = [b"\n".join(contents)]
            elif mimetype == MIMETYPES["PDF"]:
                contents = _merge(contents)
        files += [(suffix, mimetype, content) for content in contents]
    return files


def _merge(contents):
    """One PDF, or those there are when they cannot be merged."""
    try:
        return [merge_pdf(contents)]
    except UNMERGEABLE:
        return contents


def _zip(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (suffix, _mimetype, content) in enumerate(files, start=1):
            archive.writestr(f"labels-{number}.{suffix}", content)
    return buffer.getvalue()


def _get_suffix(label):
    formats = {mimetype: name.lower() for name, mimetype in MIMETYPES.items()}
    return formats.get(label.mimetype) or label.name.rpartition(".")[2].lower()
