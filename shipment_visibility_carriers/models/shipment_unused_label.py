import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.shipment_visibility.canonical.milestone import Code

from ..adapters import base

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100
# So many days before the carrier's refund ends, for a cron that did not run at a weekend.
RESERVE_DAYS = 3
# Less than the day between two runs, which never start at the very same second.
TRY_AGAIN_AFTER = timedelta(hours=20)
# What is said of a parcel that nobody has handed over.
SILENT = (Code.INFO_RECEIVED, Code.UNKNOWN)


class ShipmentShipment(models.Model):
    """Labels that nobody used are cancelled while the carrier still refunds them."""

    _inherit = "shipment.shipment"

    void_tried_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When it was last tried to cancel the label because nobody used it.",
    )
    void_refusal = fields.Char(
        readonly=True,
        copy=False,
        help="Why the label could not be cancelled then; told once.",
    )

    _unused_label_idx = models.Index(
        "(account_id, create_date) WHERE headline = 'info_received' AND active IS TRUE"
        " AND account_id IS NOT NULL"
    )

    @api.model
    def _cron_void_unused(self):
        """Cancel the labels of parcels that the carrier has never seen."""
        accounts_sudo = self.env["shipment.carrier.account"].sudo().search_fetch([], [])
        for account in accounts_sudo:
            for shipment in self.sudo()._find_unused(account):
                shipment._void_unused(account)

    @api.model
    def _find_unused(self, account):
        """The labels of an account to try now: those that wait longest for a try first.

        What is refused is tried again the next day, after all that was not tried yet.
        """
        days = account._get_unused_days()
        if not days:
            return self.browse()
        now = fields.Datetime.now()
        domain = Domain(
            [
                ("account_id", "=", account.id),
                ("headline", "=", "info_received"),
                ("create_date", "<", now - timedelta(days=days)),
                ("package_ids.live", "=", True),
            ]
        )
        domain &= Domain("void_tried_at", "=", False) | Domain(
            "void_tried_at", "<=", now - TRY_AGAIN_AFTER
        )
        if refund_days := account._adapter_class().refund_days:
            # After that there is no money back, only a carrier who says no.
            domain &= Domain("create_date", ">=", now - timedelta(days=refund_days))
        return self.search(
            domain,
            order="void_tried_at ASC NULLS FIRST, create_date, id",
            limit=BATCH_SIZE,
        )

    def _void_unused(self, account):
        """Ask the carrier once more whether it has seen the parcel; cancel it if not."""
        self.ensure_one()
        self.void_tried_at = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                if self._is_known_at(account):
                    return
                numbers = self.tracking_numbers
                self._void_label()
        except UserError as error:
            self._note_refusal(str(error))
        except Exception:
            # One label in trouble must not keep the others from being cancelled.
            _logger.exception("unused label of %s", self.name)
        else:
            self._tell_deliveries(
                self.env._(
                    "The label %s was never used. It has been cancelled before the "
                    "carrier's refund ends.",
                    numbers,
                )
            )

    def _note_refusal(self, words):
        """Say once why the carrier keeps the money; the next days only try again."""
        if self.void_refusal:
            return
        self.void_refusal = words
        self._tell_deliveries(
            self.env._(
                "The label %(numbers)s was never used, but could not be cancelled: "
                "%(reason)s",
                numbers=self.tracking_numbers,
                reason=words,
            )
        )

    def _tell_deliveries(self, body):
        for picking in self.picking_ids:
            picking.message_post(body=body)

    def _is_known_at(self, account):
        """Whether the carrier has seen the parcel; yes also when it cannot say."""
        try:
            adapter = account._adapter(self.correlation_id)
            if not adapter.offers("track"):
                return False
            events = adapter.track(
                self.package_ids.filtered("live").mapped("tracking_number")
            )
        except (base.CarrierError, UserError):
            return True
        return any(event.code not in SILENT for event in events)
