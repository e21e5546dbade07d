"""What the guide for operators advises, and what the suite counts on."""

import re

from dev.environment import odoo, paths

GUIDE = (paths.ROOT / "docs" / "operations.md").read_text()
BOOKINGS = paths.ROOT / "shipment_visibility_carriers" / "models"


def test_our_servers_run_with_the_time_limit_that_is_advised():
    [advised] = re.findall(r"^limit_time_real = (\d+)$", GUIDE, re.MULTILINE)
    assert int(advised) == odoo.LIMIT_TIME_REAL


def test_a_request_ends_before_its_booking_is_taken_for_abandoned():
    """Else another job would ask for what the first is still waiting for."""
    for name in ("shipment_booking_settle.py", "shipment_handover_mixin.py"):
        text = (BOOKINGS / name).read_text()
        [minutes] = re.findall(r"^PATIENCE = timedelta\(minutes=(\d+)\)$", text, re.M)
        assert int(minutes) * 60 > odoo.LIMIT_TIME_REAL
