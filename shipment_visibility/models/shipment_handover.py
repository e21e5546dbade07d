import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from odoo import Command, api, models

from ..canonical.milestone import Code


@dataclass(frozen=True, slots=True)
class Handover:
    """What is handed to a carrier at once; the fields are told where it is taken in."""

    pickings: Any
    delivery_carrier: Any
    parcels: Sequence[dict]
    charges: Sequence[dict]
    note: str
    values: dict


class ShipmentShipment(models.Model):
    """How a shipment comes to be when goods are handed to a carrier, and how it is undone."""

    _inherit = "shipment.shipment"

    @api.model
    def _create_for_pickings(
        self, pickings, *, delivery_carrier, parcels, charges=(), note="", **values
    ):
        """Create one shipment for deliveries that leave together.

        :param stock.picking pickings: usually one
        :param delivery.carrier delivery_carrier: the method that reaches the carrier;
            without one ``values`` names the carrier
        :param list[dict] parcels: one a parcel: ``tracking_number``, ``name``,
            ``weight_kg``, ``length_cm``, ``width_cm``, ``height_cm``, ``contents``,
            ``stock_package_id`` and ``label``, a ``(name, mimetype, bytes)``
        :param charges: dicts of values of ``shipment.charge``
        :param str note: what is said of the handing over, on the timeline
        :param values: further values of the shipment
        :return: the shipment
        """
        handover = Handover(pickings, delivery_carrier, parcels, charges, note, values)
        return self._hand_over([handover])

    @api.model
    def _hand_over(self, handovers):
        """As :meth:`_create_for_pickings` for many, in as many statements as for one.

        :param list[Handover] handovers:
        :return: the shipments, in the same order
        """
        # Whoever validates a delivery may do so without a right to write shipments.
        # The timeline tells how it began, so the chatter need not.
        shipments_sudo = (
            self.sudo()
            .with_context(mail_create_nolog=True)
            .create([self._prepare_handover(handover) for handover in handovers])
        )
        self.env["shipment.invoice.hold"].sudo()._hold_shipped(shipments_sudo)
        shipments_sudo._attach_labels([handover.parcels for handover in handovers])
        numbered = shipments_sudo.package_ids.filtered("tracking_number")
        notes = defaultdict(lambda: shipments_sudo.browse())
        for shipment, handover in zip(shipments_sudo, handovers, strict=True):
            if shipment.package_ids & numbered:
                notes[handover.note or self.env._("Label created")] |= shipment
        for note, noted in notes.items():
            noted._record_own(Code.INFO_RECEIVED, note, numbered & noted.package_ids)
        if numbered:
            numbered.shipment_id._match_parked()
        return shipments_sudo.sudo(self.env.su)

    @api.model
    def _prepare_handover(self, handover):
        pickings, values = handover.pickings, handover.values
        return {
            "company_id": pickings[:1].company_id.id,
            "warehouse_id": pickings[:1].picking_type_id.warehouse_id.id,
            **self._prepare_carrier_vals(handover.delivery_carrier),
            "direction": "outbound",
            "order_promised_at": pickings.sale_id._shipment_promise(),
            "partner_id": pickings[:1].partner_id.id,
            "picking_ids": [Command.set(pickings.ids)],
            "package_ids": [
                Command.create(self._prepare_package_vals(number, parcel))
                for number, parcel in enumerate(handover.parcels, start=1)
            ],
            "charge_ids": [Command.create(charge) for charge in handover.charges],
            **values,
        }

    @api.model
    def _prepare_carrier_vals(self, delivery_carrier):
        if not delivery_carrier:
            return {}
        return {
            "carrier_id": delivery_carrier._get_shipment_carrier().id,
            "delivery_carrier_id": delivery_carrier.id,
        }

    @api.model
    def _prepare_package_vals(self, number, parcel):
        known = self.env["shipment.package"]._fields
        return {
            "sequence": number,
            **{key: value for key, value in parcel.items() if key in known},
        }

    def _attach_labels(self, parcels_of_each):
        """Keep each parcel's label as an attachment of its shipment."""
        vals_list = []
        packages = []
        for shipment, parcels in zip(self, parcels_of_each, strict=True):
            for package, parcel in zip(shipment.package_ids, parcels, strict=True):
                if not parcel.get("label"):
                    continue
                name, mimetype, content = parcel["label"]
                packages.append(package)
                vals_list.append(
                    {
                        "name": name,
                        "mimetype": mimetype,
                        "datas": base64.b64encode(content),
                        "res_model": self._name,
                        "res_id": shipment.id,
                    }
                )
        labels = self.env["ir.attachment"].create(vals_list)
        for package, label in zip(packages, labels, strict=True):
            package.label_id = label

    def _give_numbers(self, numbers):
        """Give tracking numbers to parcels that left without one.

        :param list[str] numbers: one a parcel; further ones make further parcels
        """
        self.ensure_one()
        shipment_sudo = self.sudo()
        free = list(shipment_sudo.package_ids.filtered(lambda p: not p.tracking_number))
        for position, number in enumerate(numbers):
            if position < len(free):
                free[position].tracking_number = number
            else:
                shipment_sudo.package_ids = [
                    Command.create(
                        {"sequence": position + 1, "tracking_number": number}
                    )
                ]
        numbered = shipment_sudo.package_ids.filtered("tracking_number")
        shipment_sudo._record_own(
            Code.INFO_RECEIVED, self.env._("Tracking number added"), numbered
        )
        shipment_sudo._match_parked()

    def _cancel(self, reason):
        """Say that the labels are void; the record and its history stay.

        :param str reason: what is said of it on the timeline
        """
        for shipment in self.sudo():
            live = shipment.package_ids.filtered("live")
            # The carrier may give the number out again.
            live.live = False
            shipment._record_own(Code.CANCELLED, reason, live)
