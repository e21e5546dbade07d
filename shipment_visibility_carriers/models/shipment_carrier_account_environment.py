from odoo import api, fields, models
from odoo.exceptions import UserError

# What cannot be another once something was booked with it: the carrier would not know the
# label that is to be voided, or would have it voided among the wrong ones.
FIXED_ONCE_BOOKED = ("adapter", "environment", "company_id")


class ShipmentCarrierAccount(models.Model):
    """Test and production are two accounts, and their keys never meet."""

    _inherit = "shipment.carrier.account"

    has_booked = fields.Boolean(
        compute="_compute_has_booked",
        help="Labels were booked, so that environment, connection and company stay.",
    )

    def write(self, vals):
        """Override of `shipment_visibility_carriers`: other credentials, tested anew."""
        changed = self._get_changed(vals, FIXED_ONCE_BOOKED)
        self._check_not_booked(changed)
        if {"adapter", "environment"} & changed:
            # A key of the test environment is never tried on the real one.
            vals = {"credentials": False, **vals}
        if {"credentials", "credential_form"} & vals.keys():
            vals = {"test_outcome": False, "test_message": False, **vals}
        return super().write(vals)

    @api.onchange("environment")
    def _onchange_environment(self):
        saved_sudo = self._origin.sudo()
        if saved_sudo.credentials and saved_sudo.environment != self.environment:
            return {
                "warning": {
                    "title": self.env._("Other Credentials"),
                    "message": self.env._(
                        "Test and production have credentials of their own. Those that were "
                        "stored here are removed; enter the other ones and test the "
                        "connection."
                    ),
                }
            }
        return None

    def _get_changed(self, vals, names):
        return {
            name
            for name in names
            if name in vals
            and any(
                account._fields[name].convert_to_write(account[name], account)
                != vals[name]
                for account in self
            )
        }

    def _compute_has_booked(self):
        booked = set(self._get_booked_ids())
        for account in self:
            account.has_booked = account.id in booked

    def _get_booked_ids(self):
        # sudo: whether there are bookings is no secret, their content stays one.
        bookings_sudo = self.env["shipment.booking"].sudo()
        groups = bookings_sudo._read_group(
            [("account_id", "in", self.ids), ("state", "!=", "refused")],
            ["account_id"],
        )
        return [account_id for (account_id,) in groups]

    def _check_not_booked(self, changed):
        booked = self.browse(self._get_booked_ids()) if changed else self.browse()
        if booked:
            raise UserError(
                self.env._(
                    "%(accounts)s: labels have been booked with it, so its %(fields)s "
                    "cannot change any more. Connect a new account and archive this one.",
                    accounts=", ".join(booked.mapped("name")),
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in FIXED_ONCE_BOOKED
                        if name in changed
                    ),
                )
            )
