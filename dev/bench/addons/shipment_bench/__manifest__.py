{
    "name": "Shipment Visibility: Benchmark Baselines",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "summary": "What the benchmarks compare with; never part of an installation",
    "author": "Shipment Visibility",
    "license": "LGPL-3",
    "depends": ["shipment_visibility_webhooks"],
    "data": ["security/ir.model.access.csv"],
}
