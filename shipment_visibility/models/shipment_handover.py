import base64

from odoo import Command, api, models

from ..canonical.milestone import Code


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
        picking = pickings[:1]
        direction = values.get("direction", "outbound")
        # Whoever validates a delivery may do so without a right to write shipments.
        shipment_sudo = self.sudo().create(
            {
                "company_id": picking.company_id.id,
                "warehouse_id": picking.picking_type_id.warehouse_id.id,
                **self._prepare_carrier_vals(delivery_carrier),
                "direction": direction,
                "order_promised_at": pickings.sale_id._shipment_promise(),
                "partner_id": picking.partner_id.id,
                "picking_ids": [Command.set(pickings.ids)],
                "package_ids": [
                    Command.create(self._prepare_package_vals(number, parcel))
                    for number, parcel in enumerate(parcels, start=1)
                ],
                "charge_ids": [Command.create(charge) for charge in charges],
                **values,
            }
        )
        self.env["shipment.invoice.hold"].sudo()._hold_shipped(shipment_sudo)
        shipment_sudo._attach_labels(parcels)
        numbered = shipment_sudo.package_ids.filtered("tracking_number")
        if numbered:
            shipment_sudo._record_own(
                Code.INFO_RECEIVED, note or self.env._("Label created"), numbered
            )
            shipment_sudo._match_parked()
        return shipment_sudo.sudo(self.env.su)

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

    def _attach_labels(self, parcels):
        """Keep each parcel's label as an attachment of the shipment."""
        vals_list = []
        packages = []
        for package, parcel in zip(self.package_ids, parcels, strict=True):
            if parcel.get("label"):
                name, mimetype, content = parcel["label"]
                packages.append(package)
                vals_list.append(
                    {
                        "name": name,
                        "mimetype": mimetype,
                        "datas": base64.b64encode(content),
                        "res_model": self._name,
                        "res_id": self.id,
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
