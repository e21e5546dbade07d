from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.address import fingerprint

from .delivery_carrier import TYPE

ADDRESS_PARTS = ("street", "street2", "city", "zip", "state_id", "country_id")
# What an order hands on to its deliveries.
CHECKED = (
    "shipment_address_result",
    "shipment_address_checked_at",
    "shipment_address_account_id",
    "shipment_address_digest",
)


class ShipmentAddressMixin(models.AbstractModel):
    """Whether a carrier knows the address that an order or a delivery goes to."""

    _name = "shipment.address.mixin"
    _description = "Checked Address"

    shipment_address_result = fields.Selection(
        [
            ("confirmed", "Confirmed by the carrier"),
            ("corrected", "Corrected as the carrier suggested"),
            ("kept", "Kept as written"),
        ],
        string="Address Check",
        copy=False,
        readonly=True,
    )
    shipment_address_checked_at = fields.Datetime(
        string="Address Checked At", copy=False, readonly=True
    )
    shipment_address_account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Address Checked By",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    # Of the address that was checked: another address is not checked.
    shipment_address_digest = fields.Char(copy=False, readonly=True)
    shipment_address_is_checked = fields.Boolean(
        compute="_compute_shipment_address_is_checked"
    )
    shipment_address_is_asked = fields.Boolean(
        compute="_compute_shipment_address_is_asked"
    )

    def _compute_shipment_address_is_checked(self):
        for record in self:
            digest = record.shipment_address_digest
            record.shipment_address_is_checked = (
                bool(digest) and digest == record._get_shipment_address_digest()
            )

    def _compute_shipment_address_is_asked(self):
        """Whether the delivery method wants addresses checked, and its carrier can."""
        for record in self:
            method = record.carrier_id
            record.shipment_address_is_asked = (
                method.delivery_type == TYPE
                and method.shipment_address_check == "ask"
                and method.shipment_can_check_address
            )

    def _get_shipment_partner(self):
        """The partner whose address is checked."""
        raise NotImplementedError

    def _get_shipment_address_digest(self):
        partner = self._get_shipment_partner()
        builder = self.env["shipment.request.builder"]
        return partner.country_id and fingerprint(builder._address(partner))

    def _keep_address_check(self, result, account):
        """Remember who found what about the address as it is now."""
        self.write(
            {
                "shipment_address_result": result,
                "shipment_address_checked_at": fields.Datetime.now(),
                "shipment_address_account_id": account.id,
                "shipment_address_digest": self._get_shipment_address_digest(),
            }
        )

    def action_check_address(self):
        """Ask the carrier whether it knows the address, and show what it suggests."""
        self.ensure_one()
        self.check_access("write")
        method = self.carrier_id
        if not method.shipment_can_check_address:
            raise UserError(
                self.env._(
                    "%s cannot check addresses.", method.name or self.env._("Nobody")
                )
            )
        return self.env["shipment.address.check"]._open(self)
