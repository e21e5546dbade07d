import uuid
from datetime import UTC

from odoo import fields, models
from odoo.exceptions import UserError

from ..outgoing import envelope
from ..outgoing.couriers import Couriers
from ..outgoing.sending import Result


class ShipmentSubscription(models.Model):
    """Trying a receiver out."""

    _inherit = "shipment.subscription"

    def action_send_test(self):
        """Send a test event, now, and say what came of it. It is not kept."""
        self.ensure_one()
        self.check_access("write")
        if not self.has_secret:
            raise UserError(self.env._("Create a secret first; messages are signed."))
        outcome = self._post_test()
        if outcome.result == Result.TAKEN:
            message = self.env._(
                "The receiver answered %(status)s after %(milliseconds)s ms.",
                status=outcome.status,
                milliseconds=outcome.milliseconds,
            )
        else:
            message = self._explain_outcome(outcome)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if outcome.result == Result.TAKEN else "danger",
                "title": self.env._("Test Event"),
                "message": message,
                "sticky": outcome.result != Result.TAKEN,
            },
        }

    def _post_test(self):
        now = fields.Datetime.now().replace(tzinfo=UTC)
        event = envelope.Event(
            id=str(uuid.uuid4()),
            code="test",
            occurred_at=now,
            subject="TEST",
            correlation_id=str(uuid.uuid4()),
            data={
                "shipment": "TEST",
                "code": "test",
                "occurred_at": envelope.moment(now),
            },
        )
        couriers = Couriers(1)  # which bounds the whole of it
        couriers.send_out("test", self._sealed(event))
        return couriers.returned()["test"]
