from . import shipment_bench_charge, shipment_bench_receipt
