from . import (
    delivery_carrier,
    sale_order,
    shipment_booking,
    shipment_booking_desk,
    shipment_booking_janitor,
    shipment_carrier_account,
    shipment_message,
    shipment_request_builder,
    shipment_shipment,
    stock_package_type,
    stock_picking,
)
