import logging

_logger = logging.getLogger(__name__)


def uninstall_hook(env):
    """Say which labels stay bought when the records that know of them go."""
    for ticket in env["shipment.booking"]._get_live_labels():
        _logger.info("uninstalling; still live at the carrier: %s", ticket)
