{
    "name": "Shipment Visibility: Example Carrier",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "summary": "How a carrier is added in an addon of its own",
    "author": "Shipment Visibility",
    "license": "LGPL-3",
    "depends": ["shipment_visibility_carriers"],
}
