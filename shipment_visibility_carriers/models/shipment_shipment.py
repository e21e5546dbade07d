from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class ShipmentShipment(models.Model):
    _inherit = "shipment.shipment"

    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    account_environment = fields.Char(
        compute="_compute_account_environment",
        # Whoever sees the shipment may know whether it is a test.
        compute_sudo=True,
        search="_search_account_environment",
    )
    booking_key = fields.Char(
        string="Booking Reference",
        readonly=True,
        copy=False,
        help="The reference under which the carrier booked it.",
    )
    has_label = fields.Boolean(compute="_compute_has_label")
    is_voidable = fields.Boolean(compute="_compute_has_label")

    _booking_key_uniq = models.UniqueIndex(
        "(booking_key) WHERE booking_key IS NOT NULL",
        "Somebody else has just attached this label to the delivery.",
    )

    @api.depends("account_id.environment")
    def _compute_account_environment(self):
        for shipment in self:
            shipment.account_environment = shipment.account_id.environment

    @api.model
    def _search_account_environment(self, operator, value):
        """The accounts are named, for then the planner knows how few shipments they have.

        Through a join it takes any account for the usual one, and reads all shipments.
        """
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        accounts_sudo = self.env["shipment.carrier.account"].sudo()
        found_sudo = accounts_sudo.with_context(active_test=False).search(
            [("environment", operator, value)]
        )
        return Domain("account_id", "in", found_sudo.ids)

    @api.depends("package_ids.label_id", "package_ids.live", "booking_key", "headline")
    def _compute_has_label(self):
        for shipment in self:
            live = shipment.package_ids.filtered("live")
            shipment.has_label = bool(live.label_id)
            shipment.is_voidable = bool(
                shipment.booking_key and live and not shipment._is_final()
            )

    # === FROM THE BOOKING === #

    @api.model
    def _prepare_booked_vals(self, ticket, account, answer, picking):
        """Values of the shipment that a booking becomes."""
        return {
            "account_id": account.id,
            "booking_key": ticket.key,
            "correlation_id": ticket.correlation_id,
            "service": answer.service,
            "master_number": answer.master_number,
            "promised_at": self._end_of_day(answer.promised_date, picking.partner_id),
        }

    @api.model
    def _end_of_day(self, date, partner):
        """A promised calendar date ends with the consignee's day."""
        if not date:
            return False
        zone = ZoneInfo(partner.tz or self.env.company.partner_id.tz or "UTC")
        end = datetime.combine(date, time(23, 59, 59), tzinfo=zone)
        return end.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _prepare_charges(self, kind, charges):
        """Freight charges exactly as the carrier said them."""
        get_currency = self.env["delivery.carrier"]._get_shipment_currency
        return [
            {
                "kind": kind,
                "family": charge.family,
                "amount": float(charge.money.amount),
                "currency_id": get_currency(charge.money.currency).id,
                "raw_code": charge.raw_code,
                "description": charge.description,
            }
            for charge in charges
        ]

    def _get_freight_cost(self, kind):
        """The sum of one kind of charges, in the company's currency at each one's date."""
        return sum(
            charge.currency_id._convert(
                charge.amount,
                charge.company_id.currency_id,
                charge.company_id,
                charge.date,
            )
            for charge in self.charge_ids
            if charge.kind == kind
        )

    # === VOIDING === #

    def action_void(self):
        """Cancel the labels at the carrier, as the button on the delivery does."""
        self.check_access("read")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only warehouse users can cancel a label."))
        for shipment in self:
            numbers = shipment.tracking_numbers
            shipment.sudo()._void_label()
            for picking in shipment.picking_ids:
                picking.message_post(body=self.env._("Shipment %s cancelled", numbers))

    def _void_label(self, keep_references_of=None):
        """Cancel labels at the carrier, then say so on the shipments and their deliveries.

        :param keep_references_of: deliveries whose mirror Odoo blanks itself.
        :raise UserError: the carrier does not cancel one, in its words.
        """
        desk = self.env["shipment.booking.desk"]
        for shipment in self:
            if shipment._is_final() and shipment.headline != "cancelled":
                raise UserError(
                    self.env._(
                        "%(shipment)s cannot be cancelled any more: %(status)s.",
                        shipment=shipment.name,
                        status=shipment._get_headline_label(),
                    )
                )
            if not desk._void(shipment.booking_key):
                raise UserError(
                    self.env._(
                        "The booking %s is not known as booked, so it cannot be "
                        "cancelled.",
                        shipment.booking_key,
                    )
                )
            shipment._end_voided_label(keep_references_of)

    def _is_label_void(self):
        """Whether the carrier has cancelled the label, whatever this transaction becomes."""
        tickets = self.env["shipment.booking"]._find(
            [("key", "in", self.mapped("booking_key"))]
        )
        return any(ticket.state == "voided" for ticket in tickets)

    def _end_voided_label(self, keep_references_of=None):
        """Say of a shipment whose label is void that it will not travel."""
        self.ensure_one()
        numbers = self.package_ids.filtered("live").mapped("tracking_number")
        self._cancel(self.env._("Label cancelled"))
        chain = self.sudo().picking_ids._get_transfer_chain()
        if keep_references_of:
            chain -= keep_references_of.sudo()
        chain._drop_tracking_numbers(numbers)

    def _get_headline_label(self):
        return dict(self._fields["headline"]._description_selection(self.env))[
            self.headline
        ]

    # === LINKS === #

    def action_view_booking(self):
        """Open what was asked of the carrier, and what it answered."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_booking_action"
        )
        action["views"] = [(False, "form")]
        action["res_id"] = (
            self.env["shipment.booking"].search([("key", "=", self.booking_key)]).id
        )
        return action

    def action_view_messages(self):
        """Open the conversations with the carrier about this shipment."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_message_action"
        )
        action["domain"] = [("correlation_id", "=", self.correlation_id)]
        action["context"] = {}
        return action
