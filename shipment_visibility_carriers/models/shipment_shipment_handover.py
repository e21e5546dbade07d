from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .shipment_handover_mixin import LIVE

# A driver who did not come on Friday takes it along on Monday.
LOOK_BACK = timedelta(days=4)


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    manifest_ids = fields.Many2many(
        "shipment.manifest",
        "shipment_manifest_rel",
        "shipment_id",
        "manifest_id",
        readonly=True,
        copy=False,
    )
    pickup_ids = fields.Many2many(
        "shipment.pickup",
        "shipment_pickup_rel",
        "shipment_id",
        "pickup_id",
        readonly=True,
        copy=False,
    )
    is_to_be_handed_over = fields.Boolean(
        compute="_compute_is_to_be_handed_over",
        help="Booked, not cancelled, and not with the carrier yet.",
    )

    @api.depends("booking_key", "direction", "phase", "package_ids.live")
    def _compute_is_to_be_handed_over(self):
        for shipment in self:
            shipment.is_to_be_handed_over = bool(
                shipment.booking_key
                and shipment.direction == "outbound"
                and shipment.phase in ("none", "pre_carrier")
                and any(shipment.package_ids.mapped("live"))
            )

    @api.model
    def _find_to_hand_over(self, companies):
        """What waits for a driver and is on no list yet."""
        return self.search(
            [
                ("company_id", "in", companies.ids),
                ("booking_key", "!=", False),
                ("account_id", "!=", False),
                ("direction", "=", "outbound"),
                ("phase", "in", ("none", "pre_carrier")),
                ("manifest_ids", "=", False),
                ("create_date", ">=", fields.Datetime.now() - LOOK_BACK),
                ("package_ids.live", "=", True),
            ]
        )

    def _get_handover_warehouse(self):
        """The warehouse it leaves from."""
        self.ensure_one()
        return (
            self.warehouse_id
            or self.picking_ids[:1].picking_type_id.warehouse_id
            or self.env["stock.warehouse"].search(
                [("company_id", "=", self.company_id.id)], limit=1
            )
        )

    def _get_remote_ids(self):
        """The carrier's ids of booked shipments, by shipment."""
        bookings = self.env["shipment.booking"]._find(
            [("key", "in", self.filtered("booking_key").mapped("booking_key"))]
        )
        remote_ids = {ticket.key: ticket.remote_id for ticket in bookings}
        return {
            shipment: remote_ids[shipment.booking_key]
            for shipment in self
            if remote_ids.get(shipment.booking_key)
        }

    # === BUTTONS === #

    def action_request_pickup(self):
        """Draft pickups of the selected shipments, one for each account and warehouse."""
        pickups = self.env["shipment.pickup"]
        pickups._check_warehouse_user()
        waiting = self.filtered("is_to_be_handed_over")
        coming = waiting.pickup_ids.filtered(lambda pickup: pickup.state in LIVE)
        fetched = waiting.filtered(lambda one: one.pickup_ids & coming)
        refused = (waiting - fetched).filtered(
            lambda one: not one.account_id._offers("pickup")
        )
        drafted = pickups._draft(waiting - fetched - refused)
        problems = [
            self.env._("%s: cancelled, not booked, or on its way.", one.name)
            for one in self - waiting
        ]
        problems += [
            self.env._(
                "%(name)s: %(pickup)s comes already.",
                name=one.name,
                pickup=(one.pickup_ids & coming)[:1].name,
            )
            for one in fetched
        ]
        problems += [
            self.env._(
                "%(name)s: %(carrier)s sends no driver on request.",
                name=one.name,
                carrier=one.carrier_id.name,
            )
            for one in refused
        ]
        if not drafted and problems:
            raise UserError("\n".join(problems))
        action = pickups._open(drafted)
        if not problems:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not all of them are fetched"),
                "message": "\n".join(problems),
                "sticky": True,
                "next": action,
            },
        }

    def action_view_pickup(self):
        """Open the pickups of the shipment."""
        return self.env["shipment.pickup"]._open(self.pickup_ids)

    def action_view_manifest(self):
        """Open the list the shipment is on."""
        return self.env["shipment.manifest"]._open(self.manifest_ids)
