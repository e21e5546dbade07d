from . import (
    base_module_uninstall,
    shipment_booking_entry,
    shipment_label_correct,
    shipment_rate_compare,
)
