import uuid
from datetime import timedelta

from odoo import api, fields, models

# How long after the end of a journey its link still opens, unless somebody says otherwise.
DAYS_AFTER_THE_END = 90

# What a customer with an account may read of the own shipments, whatever asks for it.
# A field that comes later is not theirs until it is named here.
CUSTOMER_FIELDS = frozenset(
    {
        *models.MAGIC_COLUMNS,
        "access_token",
        "access_url",
        "access_warning",
        "active",
        "commercial_partner_id",
        "company_id",
        "delivered_at",
        "direction",
        "display_name",
        "estimated_date",
        "estimated_from",
        "estimated_to",
        "headline",
        "headline_at",
        "last_event_at",
        "message_ids",
        "name",
        "order_ids",
        "partner_id",
        "phase",
        "picked_up_at",
        "picking_ids",
        "promised_at",
        "service",
        "share_ends_at",
        "share_expires_at",
        "signer",
        "website_message_ids",
    }
)


class ShipmentShipment(models.Model):
    """The link by which a customer follows a shipment, and how it ends."""

    _inherit = "shipment.shipment"

    share_expires_at = fields.Datetime(
        string="Link Expires",
        copy=False,
        help="After this the customer's link opens nothing. When empty, the link ends "
        "90 days after the end of the journey. Customers with an account still see "
        "their shipments.",
    )
    share_ends_at = fields.Datetime(
        string="Link Open Until",
        compute="_compute_share_ends_at",
        help="When the customer's link ends; empty while the parcels are on their way.",
    )
    share_expired = fields.Boolean(compute="_compute_share_ends_at")
    share_link = fields.Char(string="Link", compute="_compute_share_link")

    @api.depends("share_expires_at", "headline", "headline_at")
    def _compute_share_ends_at(self):
        now = fields.Datetime.now()
        for shipment in self:
            ends_at = shipment.share_expires_at
            if not ends_at and shipment._is_final() and shipment.headline_at:
                ends_at = shipment.headline_at + timedelta(days=DAYS_AFTER_THE_END)
            shipment.share_ends_at = ends_at
            shipment.share_expired = bool(ends_at and ends_at <= now)

    @api.depends("access_token")
    def _compute_share_link(self):
        for shipment in self:
            # Looking at a shipment writes nothing: every shipment is made with a token.
            shipment.share_link = shipment.access_token and (
                shipment.get_base_url() + shipment.get_portal_url()
            )

    @api.depends("share_expired")
    def _compute_access_warning(self):
        """Override of `portal` to say before sharing that the link opens nothing."""
        result = super()._compute_access_warning()
        for shipment in self.filtered("share_expired"):
            shipment.access_warning = self.env._(
                "The link of this shipment has expired. Set a later end on the shipment "
                "before you share it."
            )
        return result

    def action_revoke_link(self):
        """Give the shipment another link; whoever has the old one sees nothing more."""
        for shipment in self:
            shipment.access_token = str(uuid.uuid4())
            shipment._message_log(
                body=self.env._(
                    "The customer's link was revoked. Whoever should still follow the "
                    "shipment needs the new one."
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The old link opens nothing any more. Share the new one with "
                    "whoever should still follow the shipment."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """Override of `portal`: an expired link opens the conversation as little."""
        thread = super()._get_thread_with_access(thread_id, **kwargs)
        if thread and thread.sudo().share_expired:
            own = self.browse(thread.id)
            if not own.has_access("read"):
                return self.browse()
        return thread

    def _has_field_access(self, field, operation):
        """Override of Odoo: a customer reads what is meant for customers alone."""
        allowed = super()._has_field_access(field, operation)
        if allowed and not self.env.su and not self.env.user._is_internal():
            return field.name in CUSTOMER_FIELDS
        return allowed
