from . import (
    base_module_uninstall,
    shipment_booking_entry,
    shipment_print_wizard,
    shipment_rate_compare,
)
