import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError

from ..adapters import base
from .booking_terms import CarrierDown
from .delivery_carrier import TYPE

_logger = logging.getLogger(__name__)

# So many booked shipments are written together.
ATTACH_BATCH = 10
# A label that could not be had for so long is a case for a person.
GIVE_UP_AFTER = timedelta(hours=24)
SHORTEST_PAUSE = 30
LONGEST_PAUSE = 15 * 60


class StockPicking(models.Model):
    """What happens to a delivery whose label cannot be had at once."""

    _inherit = "stock.picking"

    shipment_booking_state = fields.Selection(
        [("queued", "Label Follows"), ("failed", "Label Failed")],
        string="Label",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    shipment_booking_note = fields.Text(
        string="What Happened to the Label", readonly=True, copy=False
    )
    shipment_booking_since = fields.Datetime(readonly=True, copy=False)

    shipment_loose_weight = fields.Float(
        string="Weight without Packages",
        digits="Stock Weight",
        copy=False,
        help="What the scales say of the goods that are in no package. 0 is computed.",
    )
    shipment_loose_package_type_id = fields.Many2one(
        "stock.package.type", string="Box without Package", copy=False
    )

    def send_to_shipper(self):
        """Override of `stock_delivery`: when the carrier is down, the method's rule decides."""
        method = self.carrier_id
        if method.delivery_type != TYPE:
            return super().send_to_shipper()
        if not self.env.su:
            # Odoo does it with all rights when a delivery is validated, but not by the
            # button, and then fails at the sales order.
            self.check_access("write")
            self = self.sudo()
        try:
            return super().send_to_shipper()
        except CarrierDown as error:
            return self._divert(method, error)

    def _divert(self, method, error):
        """Do what the delivery method says for when the carrier is down.

        :raise CarrierDown: it says that the validation must not go through.
        """
        is_for_others = self.env.context.get("shipment_booking_job") or error.is_busy
        if is_for_others or method.shipment_when_down == "block":
            raise error
        if method.shipment_when_down == "reroute" and not error.is_unknown:
            for route in method.shipment_reroute_ids:
                if self._reroute(route, error):
                    return
        self._queue_label(str(error))

    def _reroute(self, route, error):
        """Book by another method; return whether that settled it."""
        before = self.carrier_id
        together = self._get_together()
        together.carrier_id = route.method_id
        try:
            with self.env.cr.savepoint():
                route._check_acceptable_price(self)
                # A job meets no rule for a carrier that is down: nor does this try.
                self.with_context(shipment_booking_job=True).send_to_shipper()
        except CarrierDown as trouble:
            if trouble.is_unknown:
                # It may be bought this way now: only this way may be gone on with.
                self._queue_label(str(trouble))
                return True
            return self._return_to(before, together, str(trouble))
        except (UserError, base.CarrierError) as trouble:
            return self._return_to(before, together, str(trouble))
        self.message_post(
            body=self.env._(
                "Sent by %(method)s instead of %(before)s: %(error)s",
                method=route.method_id.name,
                before=before.name,
                error=str(error),
            )
        )
        return True

    def _return_to(self, before, together, trouble):
        """Take the method back that another one was tried for."""
        tried = self.carrier_id
        together.carrier_id = before
        self.message_post(
            body=self.env._(
                "%(method)s was tried instead, in vain: %(trouble)s",
                method=tried.name,
                trouble=trouble,
            )
        )
        return False

    # === THE LABEL FOLLOWS === #

    def action_book_label(self):
        """Have a job book the labels that are missing, and tell who waits for them."""
        self.check_access("write")
        # Odoo books with all rights, too: the sales order's price is changed by it.
        missing_sudo = self.sudo()._filter_without_label()
        missing_sudo.write(
            {
                "shipment_booking_state": "queued",
                "shipment_booking_since": fields.Datetime.now(),
            }
        )
        missing_sudo._enqueue_label(seconds=0)

    def _queue_label(self, reason):
        """Let packing go on; a job has the label bought as soon as that is possible."""
        self.write(
            {
                "shipment_booking_state": "queued",
                "shipment_booking_note": reason,
                "shipment_booking_since": fields.Datetime.now(),
            }
        )
        for picking in self:
            picking.message_post(
                body=self.env._(
                    "The label follows as soon as the carrier can be asked: %s", reason
                )
            )
        self._enqueue_label()

    def _enqueue_label(self, seconds=SHORTEST_PAUSE):
        for picking in self:
            picking.with_delay(
                identity_key=f"shipment-label-{picking.id}",
                description=self.env._("Book the label of %s", picking.name),
                eta=seconds,
                max_retries=0,
            )._job_book_label()

    def _job_book_label(self):
        """Book the label of a delivery that is waiting for it.

        :raise RetryableJobError: not yet.
        """
        picking = self.exists()
        if picking.shipment_booking_state != "queued":
            return
        error = dict(picking._book_labels())[picking]
        if not error:
            picking._tell_label()
        elif self._is_worth_waiting(error):
            raise RetryableJobError(
                str(error), seconds=self._get_label_pause(error), ignore_retry=True
            )
        else:
            picking._fail_label(error)

    def _is_worth_waiting(self, error):
        return (
            isinstance(error, CarrierDown)
            and not error.needs_person
            and fields.Datetime.now() - self.shipment_booking_since < GIVE_UP_AFTER
        )

    def _get_label_pause(self, error):
        """As long as the carrier asks, else a tenth of the time it has lasted."""
        age = (fields.Datetime.now() - self.shipment_booking_since).total_seconds()
        pause = error.retry_after or age / 10
        return int(min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE))

    def _go_on_without_label(self, error):
        """Have the label follow, or a person look after it."""
        if isinstance(error, CarrierDown) and not error.needs_person:
            self._queue_label(str(error))
        else:
            self._fail_label(error)

    def _fail_label(self, error):
        """Have a person look after it."""
        self.ensure_one()
        self.write(
            {
                "shipment_booking_state": "failed",
                "shipment_booking_note": str(error),
            }
        )
        desk = self.env["shipment.booking.desk"]
        if isinstance(error, CarrierDown) and error.key:
            desk._announce_lost(error.key, str(error))
            return
        self.message_post(body=self.env._("There is no label yet: %s", str(error)))
        desk._ask_about_label(self, str(error))

    def _tell_label(self):
        """Tell who waits for it that the label is there."""
        user = self.user_id or self.create_uid
        user._bus_send(
            "simple_notification",
            {
                "type": "success",
                "title": self.env._("Label booked"),
                "message": self.env._(
                    "%(delivery)s: %(numbers)s",
                    delivery=self.name,
                    numbers=self.carrier_tracking_ref,
                ),
            },
        )

    # === MANY AT A TIME === #

    def action_book_labels(self):
        """Book the labels of many deliveries, and show how far it is."""
        run = self.env["shipment.booking.run"]._start(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book Labels"),
            "res_model": run._name,
            "res_id": run.id,
            "view_mode": "form",
        }

    def _book_labels(self):
        """Book these deliveries, as many at a time as their accounts allow.

        What is bought is kept, whatever becomes of the others.

        :return: one pair a delivery: itself, and the ``UserError`` that left it without a
            label, or ``None``.
        """
        outcomes, booked = [], []
        desk = self.env["shipment.booking.desk"]
        for pickings, result in desk._obtain_all(self._get_departures()):
            if isinstance(result, Exception):
                outcomes += [(picking, result) for picking in pickings]
                continue
            booked.append(result)
            if len(booked) == ATTACH_BATCH:
                outcomes += self._take_labels(booked)
                booked = []
        outcomes += self._take_labels(booked)
        conflicts = [e for _p, e in outcomes if isinstance(e, OperationalError)]
        if conflicts:
            # Only now, when all answers are kept: the job is repeated and finds them.
            raise conflicts[0]
        return outcomes

    def _get_departures(self):
        """These deliveries, those together that leave as one shipment."""
        departures, seen = [], self.browse()
        for picking in self:
            if picking not in seen:
                together = picking._get_together()
                departures.append(together)
                seen |= together
        return departures

    def _prepare_wish(self, together):
        """What a carrier is to be asked for this delivery and those that leave with it.

        :raise UserError: it cannot be sent as it is; tells all that is wrong.
        """
        self.ensure_one()
        method = self.carrier_id
        if method.delivery_type != TYPE:
            raise UserError(
                self.env._("%s has no delivery method that books labels.", self.name)
            )
        return method._prepare_shipment_wish(together)

    @api.model
    def _take_labels(self, booked):
        """Let Odoo's own flow go on with what was booked.

        :return: of each delivery what stood in its way, as :meth:`_book_labels`.
        """
        pickings = [(one, picking) for one in booked for picking in one[0].pickings]
        try:
            with self.env.cr.savepoint():
                self._attach_shipments(booked)
                for one, picking in pickings:
                    picking._ship_obtained(one)
        except Exception as error:
            # Which one it was is seen when each is taken alone.
            _logger.info("labels are attached one by one: %s", type(error).__name__)
            return [(picking, picking._take_label(one)) for one, picking in pickings]
        return [(picking, None) for _one, picking in pickings]

    def _ship_obtained(self, obtained):
        """Let Odoo's own flow go on with a label that is there, and attached."""
        self.with_context(
            shipment_booking_job=True, shipment_obtained=obtained
        ).send_to_shipper()

    def _take_label(self, obtained):
        try:
            with self.env.cr.savepoint():
                self._attach_shipments([obtained])
                self._ship_obtained(obtained)
        except (UserError, OperationalError) as error:
            return error
        except Exception:
            _logger.exception("the label of %s is bought, but not attached", self.name)
            return UserError(
                self.env._("The label is bought, but could not be attached. Try again.")
            )
        return None

    def _end_waiting_for_label(self):
        self.sudo().filtered("shipment_booking_state").write(
            {
                "shipment_booking_state": False,
                "shipment_booking_note": False,
                "shipment_booking_since": False,
            }
        )

    def _filter_without_label(self):
        """Those of these that left without a label which we could book.

        Odoo hands the method on to the transfers that pick and pack: of a chain, only what
        leaves the house has a label.
        """
        return self._filter_bookable().filtered(
            lambda p: (
                p.state == "done"
                and not p.carrier_tracking_ref
                and all(m.state == "cancel" for m in p.move_ids.move_dest_ids)
            )
        )

    def _filter_bookable(self):
        """Those of these whose delivery method books labels."""
        return self.filtered(
            lambda p: (
                p.carrier_id.delivery_type == TYPE
                and p.carrier_id.integration_level == "rate_and_ship"
                and p.picking_type_code != "incoming"
            )
        )
