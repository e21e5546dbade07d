from odoo import api, fields, models

ROLES = [
    ("warehouse", "Warehouse: who handles the delivery"),
    ("salesperson", "Salesperson of the order"),
    ("team", "Leader of the sales team"),
    ("finance", "Finance"),
    ("person", "A certain person"),
]


class ShipmentRole(models.AbstractModel):
    """Who in the company looks after a shipment, said by role instead of by name."""

    _name = "shipment.role.mixin"
    _description = "Role for Shipments"

    role = fields.Selection(ROLES, string="Owner")
    role_user_id = fields.Many2one("res.users", string="Person")

    def _find_user(self, shipment):
        """Return the active user who has the record's role.

        :param shipment: for what: a record with ``company_id`` and ``picking_ids``
        """
        return self._find_user_of(self.role, self.role_user_id, shipment)

    @api.model
    def _find_user_of(self, role, person, shipment):
        """Return the active user of the shipment's company who has a role for it.

        Where nobody has it, it falls to whoever is nearest to the goods, and at last to
        a shipment administrator of the company.
        """
        order = shipment.picking_ids.sale_id[:1]
        finders = {
            "warehouse": lambda: shipment.picking_ids.user_id[:1],
            "salesperson": lambda: order.user_id,
            "team": lambda: order.team_id.user_id,
            "finance": lambda: self._first_of_group(
                "account.group_account_user", shipment
            ),
            "person": lambda: person,
        }
        for candidate in (role or "warehouse", "warehouse", "salesperson"):
            user = finders[candidate]()
            if user.active and shipment.company_id in user.company_ids:
                return user
        return self._first_of_group(
            "shipment_visibility.shipment_group_manager", shipment
        )

    @api.model
    def _first_of_group(self, xmlid, shipment):
        """Return the member of a group who has been in the company for longest."""
        group = self.env.ref(xmlid)
        members = group.all_user_ids - self.env.ref("base.user_root")
        return members.filtered(
            lambda user: user.active and shipment.company_id in user.company_ids
        ).sorted("id")[:1]
