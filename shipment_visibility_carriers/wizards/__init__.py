from . import (
    base_module_uninstall,
    shipment_account_connect,
    shipment_booking_entry,
    shipment_drop_off_choice,
    shipment_freight_reconcile,
    shipment_label_correct,
    shipment_rate_compare,
    stock_put_in_pack,
    shipment_print_wizard,
    shipment_address_check,
    shipment_request_check,
)
