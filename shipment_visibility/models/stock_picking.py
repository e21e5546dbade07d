from decimal import Decimal

from odoo import api, fields, models

from ..canonical.schema import Mass


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "shipment.followed.mixin"]

    shipment_ids = fields.Many2many(
        "shipment.shipment",
        "shipment_picking_rel",
        "picking_id",
        "shipment_id",
        string="Shipments",
        copy=False,
    )

    shipment_own_exception_ids = fields.One2many(
        "shipment.exception",
        "picking_id",
        string="Exceptions before the Shipment",
        copy=False,
    )

    @api.depends("shipment_own_exception_ids.state")
    def _compute_shipment_status(self):
        """Override to count what went wrong before there was a shipment."""
        result = super()._compute_shipment_status()
        for picking in self:
            picking.shipment_exception_count += len(picking._own_open_exceptions())
        return result

    @api.depends("shipment_own_exception_ids.state")
    def _compute_shipment_exception_ids(self):
        """Override to show what went wrong before there was a shipment."""
        result = super()._compute_shipment_exception_ids()
        for picking in self:
            picking.shipment_exception_ids |= picking._own_open_exceptions()
        return result

    def _own_open_exceptions(self):
        return self.shipment_own_exception_ids.filtered(lambda e: e.state == "open")

    def _action_done(self):
        """Override of `stock` to make shipments of what leaves by any delivery method."""
        result = super()._action_done()
        # A failing picking of a batch stays open; so does what has a shipment already.
        self.filtered(lambda picking: picking.state == "done")._make_shipments()
        return result

    def write(self, vals):
        """Override of Odoo to read tracking numbers once, when they are written."""
        result = super().write(vals)
        if vals.get("carrier_tracking_ref"):
            self._read_tracking_reference()
        return result

    def _is_shipped(self):
        """Whether the goods leave the warehouse by a carrier with this transfer."""
        self.ensure_one()
        return bool(self.carrier_id) and self.picking_type_code == "outgoing"

    def _make_shipments(self):
        """Make a shipment of each delivery that has none yet."""
        for picking in self.filtered(lambda p: p._is_shipped() and not p.shipment_ids):
            picking._make_shipment(picking._tracking_numbers())

    def _job_adopt(self):
        """Make shipments of deliveries of the past, without any effect. Safe to repeat."""
        # The job's user started it in the wizard and may see these deliveries.
        self.sudo().with_context(shipment_no_effects=True)._make_shipments()

    def _read_tracking_reference(self):
        """Make a shipment of numbers that another connector, or a person, has written.

        Odoo writes the number on all transfers of the chain; only the one that leaves the
        warehouse is a shipment. Numbers that a shipment has already are nothing new.
        """
        for picking in self.filtered(lambda p: p._shipment_direction()):
            normalise = self.env["shipment.carrier"]._normalise_number
            known = set(picking.shipment_ids.package_ids.mapped("number_normalised"))
            new = [n for n in picking._tracking_numbers() if normalise(n) not in known]
            if not new:
                continue
            unnumbered = picking.shipment_ids.filtered(
                lambda s: not any(s.package_ids.mapped("number_normalised"))
            )[:1]
            if unnumbered:
                unnumbered._give_numbers(new)
            elif picking.state == "done" or not picking.shipment_ids:
                picking._make_shipment(new)

    def _shipment_direction(self):
        """Return which way goods of this transfer travel with a carrier, if they do."""
        self.ensure_one()
        if not self.carrier_id:
            return False
        if self.picking_type_code == "incoming":
            return "return" if self.return_id else "inbound"
        return self.picking_type_code == "outgoing" and "outbound"

    def _tracking_numbers(self):
        """Return the numbers of Odoo's comma list, each once."""
        self.ensure_one()
        numbers = (self.carrier_tracking_ref or "").split(",")
        return self.env["shipment.carrier"]._distinct_numbers(numbers)

    def _make_shipment(self, numbers):
        self.ensure_one()
        parcels = self._prepare_parcels()
        if len(numbers) > len(parcels):
            parcels += [{} for _extra in range(len(numbers) - len(parcels))]
        for parcel, number in zip(parcels, numbers, strict=False):
            parcel["tracking_number"] = number
        return self.env["shipment.shipment"]._create_for_pickings(
            self,
            delivery_carrier=self.carrier_id,
            parcels=parcels,
            direction=self._shipment_direction(),
            outbound_id=self._shipment_sent_before().id,
        )

    def _shipment_sent_before(self):
        """Return the shipment that a return brings back."""
        sent = self.return_id.shipment_ids
        return sent.filtered(lambda shipment: shipment.direction == "outbound")[:1]

    def action_track_inbound(self):
        """Ask by which carrier and under which numbers goods come in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Track the Delivery"),
            "res_model": "shipment.inbound",
            "view_mode": "form",
            "target": "new",
            "context": {"default_picking_id": self.id},
        }

    def _prepare_parcels(self):
        """Return values of one parcel a package, and one for what is not packed."""
        self.ensure_one()
        parcels = []
        packed = self.move_line_ids.grouped("result_package_id")
        for package, lines in packed.items():
            parcels.append(
                {
                    "name": package.name,
                    "stock_package_id": package.id,
                    "weight_kg": self._parcel_weight(package, lines),
                    "contents": "\n".join(
                        f"{line.quantity:g} × {line.product_id.display_name}"
                        for line in lines
                    ),
                    **self._parcel_size(package.package_type_id),
                }
            )
        return parcels or [{"weight_kg": self.shipping_weight}]

    def _parcel_weight(self, package, lines):
        """Return what the packer weighed, else what the products weigh, in kilograms."""
        weight = (package and package.shipping_weight) or sum(
            line.product_id.weight * line.quantity_product_uom for line in lines
        )
        return float(Mass(value=Decimal(str(weight)), unit=self._weight_unit()).kg)

    @api.model
    def _weight_unit(self):
        """Return the unit in which weights are written here: ``kg`` or ``lb``."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        in_pounds = parameters_sudo.get_param("product.weight_in_lbs") == "1"
        return "lb" if in_pounds else "kg"

    @api.model
    def _parcel_size(self, package_type):
        """Return the outer size of a package type, in centimetres."""
        if not package_type:
            return {}
        unit = self.env[
            "product.template"
        ]._get_length_uom_id_from_ir_config_parameter()
        centimetre = self.env.ref("uom.product_uom_cm")
        return {
            key: unit._compute_quantity(package_type[name], centimetre, round=False)
            for key, name in (
                ("length_cm", "packaging_length"),
                ("width_cm", "width"),
                ("height_cm", "height"),
            )
        }
