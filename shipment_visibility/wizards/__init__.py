from . import shipment_adopt, shipment_event_entry
