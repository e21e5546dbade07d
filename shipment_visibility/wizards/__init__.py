from . import shipment_adopt, shipment_exception_resolve, shipment_number_replace
