import logging

import psycopg2

from odoo import api, models

_logger = logging.getLogger(__name__)

PREFIX = "shipment_visibility_webhooks"
# Minutes; system parameters of these names say otherwise.
QUEUE_MINUTES = 5
BACKLOG_MINUTES = 15

BEGIN = "SET LOCAL statement_timeout = '3s'"
# The queue is at a standstill when a job could have run for long, none is running, and none
# has ended for long.
LOOK = """
    WITH clock AS (SELECT now() AT TIME ZONE 'UTC' AS utc),
         border AS (
             SELECT utc - %(queue)s * interval '1 minute' AS queue,
                    utc - %(backlog)s * interval '1 minute' AS backlog
               FROM clock
         )
    SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery(),
           EXISTS (
               SELECT 1
                 FROM ir_module_module
                WHERE state IN ('to install', 'to upgrade', 'to remove')
           ),
           EXISTS (
               SELECT 1
                 FROM queue_job
                WHERE state = 'pending'
                  AND coalesce(eta, date_created) < border.queue
           ) AND NOT EXISTS (
               SELECT 1
                 FROM queue_job
                WHERE state = 'started'
                   OR state = 'enqueued' AND date_enqueued > border.queue
           ) AND NOT EXISTS (
               SELECT 1
                 FROM queue_job_channel AS channel
                 JOIN queue_job AS job ON job.channel = channel.complete_name
                WHERE job.date_done > border.queue
           ),
           EXISTS (
               SELECT 1
                 FROM shipment_webhook_receipt
                WHERE state = 'received'
                  AND due_at < border.backlog
           )
      FROM border
"""


class ShipmentHealth(models.AbstractModel):
    """Whether messages are taken and worked on."""

    _name = "shipment.health"
    _description = "Shipment Health"

    @api.model
    def _reasons(self):
        """Why this server is not ready, in words; nothing when it is."""
        try:
            queue = self._minutes("health_queue_minutes", QUEUE_MINUTES)
            backlog = self._minutes("health_backlog_minutes", BACKLOG_MINUTES)
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(BEGIN)
                self.env.cr.execute(LOOK, {"queue": queue, "backlog": backlog})
                is_read_only, is_updating, is_stuck, is_late = self.env.cr.fetchone()
        except psycopg2.Error as error:
            _logger.warning("health: %s", type(error).__name__)
            return ["The database does not answer as it should."]
        reasons = {
            "The database takes no changes.": is_read_only,
            "Modules are being installed or updated.": is_updating,
            f"No job was taken for {queue} minutes, though some wait.": is_stuck,
            f"Messages have waited for more than {backlog} minutes.": is_late,
        }
        return [reason for reason, holds in reasons.items() if holds]

    def _minutes(self, name, default):
        # The one who asks need not be anybody.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        value = parameters_sudo.get_param(f"{PREFIX}.{name}") or default
        try:
            return max(int(value), 1)
        except ValueError:
            return default
