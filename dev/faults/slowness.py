"""Drains that last, so that a fault meets one at work."""

from dev.environment import databases

# Each milestone takes its time, and a batch is soon full.
SLOW = """
CREATE FUNCTION fault_of_slowness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.1);
    RETURN NEW;
END $$;
CREATE TRIGGER fault_of_slowness BEFORE INSERT ON shipment_milestone FOR EACH ROW
    EXECUTE FUNCTION fault_of_slowness();
UPDATE ir_config_parameter SET value = '10'
 WHERE key = 'shipment_visibility_webhooks.drain_batch';
"""


def slow_down(database: str) -> None:
    """Have drains last, before the server starts."""
    databases.execute(database, SLOW)
