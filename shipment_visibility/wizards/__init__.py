from . import (
    shipment_adopt,
    shipment_exception_resolve,
    shipment_exception_settle,
    shipment_inbound,
    shipment_number_replace,
)
