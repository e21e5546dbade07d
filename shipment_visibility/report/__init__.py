from . import shipment_freight_report, shipment_proof_report
