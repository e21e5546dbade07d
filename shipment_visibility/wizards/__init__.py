from . import shipment_adopt, shipment_number_replace
