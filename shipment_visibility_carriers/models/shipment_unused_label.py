import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.milestone import Code

from ..adapters import base

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100
# So many days before the carrier's refund ends, for a cron that did not run at a weekend.
RESERVE_DAYS = 3
# What is said of a parcel that nobody has handed over.
SILENT = (Code.INFO_RECEIVED, Code.UNKNOWN)


class ShipmentShipment(models.Model):
    """Labels that nobody used are cancelled while the carrier still refunds them."""

    _inherit = "shipment.shipment"

    _unused_label_idx = models.Index(
        "(account_id, create_date) WHERE headline = 'info_received' AND active IS TRUE"
        " AND account_id IS NOT NULL"
    )

    @api.model
    def _cron_void_unused(self):
        """Cancel the labels of parcels that the carrier has never seen."""
        accounts_sudo = self.env["shipment.carrier.account"].sudo().search_fetch([], [])
        for account in accounts_sudo:
            days = account._get_unused_days()
            if not days:
                continue
            unused = self.sudo().search(
                [
                    ("account_id", "=", account.id),
                    ("headline", "=", "info_received"),
                    ("create_date", "<", fields.Datetime.now() - timedelta(days=days)),
                    ("package_ids.live", "=", True),
                ],
                order="create_date",
                limit=BATCH_SIZE,
            )
            for shipment in unused:
                shipment._void_unused(account)

    def _void_unused(self, account):
        """Ask the carrier once more whether it has seen the parcel; cancel it if not."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if self._is_known_at(account):
                    return
                numbers = self.tracking_numbers
                self._void_label()
        except UserError as error:
            _logger.info("unused label of %s: %s", self.name, error)
            return
        for picking in self.picking_ids:
            picking.message_post(
                body=self.env._(
                    "The label %s was never used. It has been cancelled before the "
                    "carrier's refund ends.",
                    numbers,
                )
            )

    def _is_known_at(self, account):
        """Whether the carrier has seen the parcel; yes also when it cannot say."""
        adapter = account._adapter(self.correlation_id)
        if not adapter.offers("track"):
            return False
        try:
            events = adapter.track(
                self.package_ids.filtered("live").mapped("tracking_number")
            )
        except base.CarrierError:
            return True
        return any(event.code not in SILENT for event in events)
