from . import shipment_bench_receipt
