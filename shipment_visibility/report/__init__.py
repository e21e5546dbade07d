from . import shipment_proof_report
