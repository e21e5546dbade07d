from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import UserError

from ..canonical.milestone import Code
from .shipment_exception import _naive

# The steps of a journey that a paper about its end tells; the rest is scans.
KEY_MILESTONES = frozenset(
    {
        Code.INFO_RECEIVED,
        Code.PICKED_UP,
        Code.CUSTOMS_CLEARED,
        Code.OUT_FOR_DELIVERY,
        Code.ATTEMPT_FAILED,
        Code.AVAILABLE_FOR_PICKUP,
        Code.DELIVERED,
    }
)
PICTURES = ("image/jpeg", "image/png")


class ShipmentShipment(models.Model):
    """What proves that a shipment was delivered, as its customer and an auditor see it."""

    _inherit = "shipment.shipment"

    def _proofs(self):
        """Return how each parcel was delivered: when, where, who signed, which photos.

        Parcels that were handed over together are told once.
        """
        self.ensure_one()
        timeline = self._timelines()[self.id]
        numbers = self._customer_numbers()
        last = {}
        for entry in timeline.entries:
            parcel = timeline.parcels.get(entry.package)
            stands = self.headline == Code.DELIVERED or (
                parcel and parcel.code == Code.DELIVERED
            )
            if entry.code == Code.DELIVERED and stands:
                last[entry.package] = entry
        told = {}
        for parcel, entry in last.items():
            fact = {
                "moment": _naive(entry.occurred_at),
                "precision": entry.precision.value,
                "zone": entry.zone.value,
                "place": entry.location,
                "signer": entry.signer,
            }
            proof = told.setdefault(
                tuple(fact.values()), {**fact, "parcels": [], "photos": []}
            )
            if parcel:
                proof["parcels"].append(numbers.get(parcel, parcel))
            if photo := _web_address(entry.photo_url):
                proof["photos"].append(photo)
        for proof in told.values():
            proof["photos"] = sorted(set(proof["photos"]))
            # What is said of all parcels need not name them.
            alone = len(told) == 1 and self.headline == Code.DELIVERED
            proof["parcels"] = [] if alone else sorted(proof["parcels"])
        return sorted(told.values(), key=lambda proof: proof["moment"])

    def _proof_documents(self):
        """Return the documents that prove the delivery; a label is none, whoever filed it."""
        return self.proof_attachment_ids - self.package_ids.label_id

    def _proof_pictures(self):
        """Return those of the documents that a page can show."""
        return self._proof_documents().filtered(lambda a: a.mimetype in PICTURES)

    def _proof_milestones(self):
        """Return the steps that a proof of delivery tells, the oldest first."""
        return [
            entry
            for entry in reversed(self._customer_entries())
            if entry["code"] in KEY_MILESTONES
        ]

    def _check_delivered(self):
        """Refuse a proof of what has not been delivered.

        :raise UserError: one of them is still on its way, or went elsewhere
        """
        if waiting := self.filtered(lambda s: s.headline != Code.DELIVERED):
            raise UserError(
                self.env._(
                    "There is a proof of delivery only of what is delivered. "
                    "Take out what is not: %(shipments)s",
                    shipments=", ".join(waiting.mapped("name")),
                )
            )

    def _get_report_base_filename(self):
        """Return the name of the printed proof, for the portal's download."""
        self.ensure_one()
        return self._proof_name()

    def _proof_name(self):
        self.ensure_one()
        name = self.name.replace("/", "-")
        return self.env._("Proof of Delivery %(shipment)s", shipment=name)

    def _render_proof(self):
        """Return the proof of delivery as PDF."""
        self.ensure_one()
        # Its reader need not read orders, warehouses and whatever else is printed on it.
        report_sudo = self.env["ir.actions.report"].sudo()
        content, _kind = report_sudo.with_company(self.company_id)._render_qweb_pdf(
            "shipment_visibility.shipment_proof_action_report", self.ids
        )
        return content


def _web_address(address):
    """Return an address that is safe to follow; what is no web page is none."""
    return address if urlsplit(address or "").scheme in ("http", "https") else ""
