from datetime import timedelta

from odoo import api, fields, models

PUNCTUALITY = [("on_time", "On time"), ("late", "Late")]


class ShipmentShipment(models.Model):
    """What was promised, what is expected by now, and how it came."""

    _inherit = "shipment.shipment"

    punctuality = fields.Selection(
        PUNCTUALITY,
        readonly=True,
        copy=False,
        help="Of what is delivered, against what the customer was promised; where nothing "
        "was, against what the carrier promised.",
    )
    late_hours = fields.Float(
        string="Hours Late",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Negative when it came before.",
    )
    late_days = fields.Float(
        string="Working Days Late",
        compute="_compute_late_days",
        help="By the working hours of the company.",
    )

    def _promise(self):
        """Return what counts as promised: to the customer, else by the carrier."""
        self.ensure_one()
        return self.order_promised_at or self.promised_at

    def _judge(self, delivered_at):
        """Return the values that say whether it came in time."""
        promise = self._promise()
        if not (promise and delivered_at):
            return {"punctuality": False, "late_hours": 0.0}
        late = (delivered_at - promise) / timedelta(hours=1)
        return {
            "punctuality": "late" if late > 0 else "on_time",
            "late_hours": round(late, 2),
        }

    @api.depends("late_hours", "delivered_at", "company_id.resource_calendar_id")
    def _compute_late_days(self):
        for shipment in self:
            promise, actual = shipment._promise(), shipment.delivered_at
            calendar = shipment.company_id.resource_calendar_id
            if not (promise and actual and calendar and actual > promise):
                shipment.late_days = 0.0
                continue
            worked = calendar.get_work_duration_data(promise, actual)
            shipment.late_days = worked["days"]

    def _describe_estimates(self, timeline):
        """Return every change of the estimate, the oldest first."""
        told = []
        for entry in timeline.entries:
            estimate = entry.estimate
            if not estimate:
                continue
            described = {
                "estimated_from": _text(estimate.begin),
                "estimated_to": _text(estimate.end),
                "estimated_date": estimate.date
                and fields.Date.to_string(estimate.date),
            }
            if not told or not described.items() <= told[-1].items():
                told.append(
                    {
                        "said_at": _text(entry.occurred_at),
                        "sources": [self._source_label(s) for s in entry.sources],
                        **described,
                    }
                )
        return told


def _text(moment):
    return moment and fields.Datetime.to_string(moment.replace(tzinfo=None))
