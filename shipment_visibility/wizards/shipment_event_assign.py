from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ShipmentEventAssign(models.TransientModel):
    """Say to which shipment events belong whose number nobody knows."""

    _name = "shipment.event.assign"
    _description = "Assign Events to a Shipment"

    milestone_ids = fields.Many2many(
        "shipment.milestone",
        string="Events",
        required=True,
        default=lambda self: self._default_milestones(),
    )
    company_id = fields.Many2one("res.company", compute="_compute_from_milestones")
    carrier_id = fields.Many2one("shipment.carrier", compute="_compute_from_milestones")
    numbers = fields.Char(string="Tracking Numbers", compute="_compute_from_milestones")
    shipment_id = fields.Many2one(
        "shipment.shipment",
        required=True,
        domain="[('company_id', '=', company_id), ('carrier_id', 'in', (carrier_id, False))]",
    )
    package_id = fields.Many2one(
        "shipment.package",
        domain="[('shipment_id', '=', shipment_id), ('superseded_by_id', '=', False)]",
        help="Leave empty when it is about the whole shipment.",
    )
    later_too = fields.Boolean(
        string="Later Events of These Numbers Too",
        default=True,
        help="The shipment goes by these numbers from now on.",
    )

    @api.model
    def _default_milestones(self):
        context = self.env.context
        if context.get("active_model") != "shipment.milestone":
            return self.env["shipment.milestone"]
        return self.env["shipment.milestone"].browse(context.get("active_ids"))

    @api.depends("milestone_ids")
    def _compute_from_milestones(self):
        for wizard in self:
            milestones = wizard.milestone_ids
            wizard.company_id = milestones.company_id[:1]
            wizard.carrier_id = milestones.carrier_id[:1]
            wizard.numbers = ", ".join(wizard._find_numbers().values())

    def _find_numbers(self):
        """Return ``{number as it is compared: as it was written}`` of the events."""
        return {m.number_normalised: m.tracking_number for m in self.milestone_ids}

    @api.onchange("shipment_id")
    def _onchange_shipment_id(self):
        """Forget a parcel of another shipment."""
        if self.package_id.shipment_id != self.shipment_id:
            self.package_id = False

    def action_assign(self):
        """Give the events to the shipment, and let everything follow."""
        self.ensure_one()
        self._check_assignment()
        self.env.flush_all()
        # A recorded event is the suite's alone to touch, and what follows from it as well.
        shipment_sudo = self.shipment_id.sudo()
        shipment_sudo._lock()
        if not shipment_sudo.carrier_id:
            shipment_sudo.carrier_id = self.milestone_ids.carrier_id
        package_sudo = self.package_id.sudo()
        if self.later_too:
            package_sudo = self._take_numbers(shipment_sudo, package_sudo)
        self.milestone_ids.sudo().write(
            {"shipment_id": shipment_sudo.id, "package_id": package_sudo.id}
        )
        shipment_sudo._match_parked()
        shipment_sudo._refold()
        shipment_sudo._message_log(
            body=self.env._(
                "%(user)s assigned events of %(numbers)s.",
                user=self.env.user.name,
                numbers=self.numbers,
            )
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_assignment(self):
        milestones = self.milestone_ids
        shipment = self.shipment_id
        shipment.check_access("write")
        if milestones.shipment_id:
            raise UserError(
                self.env._("Some of these events have their shipment already.")
            )
        if milestones.company_id != shipment.company_id:
            raise UserError(
                self.env._(
                    "These events are not of %(company)s, which %(shipment)s belongs to.",
                    company=shipment.company_id.name,
                    shipment=shipment.name,
                )
            )
        if len(milestones.carrier_id) > 1:
            raise UserError(self.env._("Assign the events of one carrier at a time."))
        if shipment.carrier_id and shipment.carrier_id != milestones.carrier_id:
            raise UserError(
                self.env._(
                    "%(shipment)s travels with %(own)s, these events come from %(other)s.",
                    shipment=shipment.name,
                    own=shipment.carrier_id.name,
                    other=milestones.carrier_id.name,
                )
            )
        if self.package_id and self.package_id.shipment_id != shipment:
            raise UserError(
                self.env._("Choose a package of %(shipment)s.", shipment=shipment.name)
            )

    def _take_numbers(self, shipment_sudo, package_sudo):
        """Let the shipment go by the numbers from now on.

        :return: the parcel they are about, none for the whole shipment
        """
        numbers = self._find_numbers()
        self._check_free(shipment_sudo, numbers)
        written = list(numbers.values())
        parcels_sudo = shipment_sudo.package_ids.filtered(
            lambda package: not package.superseded_by_id
        )
        if len(parcels_sudo) == 1:
            package_sudo = parcels_sudo
        if not package_sudo and (parcels_sudo or len(written) == 1):
            return self._take_master_number(shipment_sudo, written)
        if package_sudo and not package_sudo.tracking_number:
            package_sudo.tracking_number = written.pop(0)
        shipment_sudo.package_ids = [
            Command.create(
                {
                    "sequence": package_sudo.sequence or place,
                    "tracking_number": number,
                    "superseded_by_id": package_sudo.id,
                }
            )
            for place, number in enumerate(written, start=1)
        ]
        return package_sudo

    def _take_master_number(self, shipment_sudo, numbers):
        """Let one number name all parcels together."""
        if len(numbers) > 1 or shipment_sudo.master_number:
            raise UserError(
                self.env._(
                    "%(shipment)s has several packages. Choose the one these numbers name.",
                    shipment=shipment_sudo.name,
                )
            )
        shipment_sudo.master_number = numbers[0]
        return shipment_sudo.package_ids.browse()

    def _check_free(self, shipment_sudo, numbers):
        taken = self.env["shipment.package"].search(
            [
                ("live", "=", True),
                ("company_id", "=", shipment_sudo.company_id.id),
                ("carrier_id", "=", shipment_sudo.carrier_id.id),
                ("number_normalised", "in", list(numbers)),
            ],
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(number)s is a package of %(shipment)s already.",
                    number=taken.tracking_number,
                    shipment=taken.shipment_id.name,
                )
            )
