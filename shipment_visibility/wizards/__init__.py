from . import (
    shipment_adopt,
    shipment_event_assign,
    shipment_event_entry,
    shipment_exception_resolve,
    shipment_exception_settle,
    shipment_inbound,
    shipment_number_replace,
)
