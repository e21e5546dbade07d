{
    "name": "Shipment Visibility: Keys on Loopback",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "summary": "Lets ShipEngine's keys come from this machine; never part of an installation",
    "author": "Shipment Visibility",
    "license": "LGPL-3",
    "depends": ["shipment_visibility_webhooks"],
}
