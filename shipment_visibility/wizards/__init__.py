from . import shipment_adopt
