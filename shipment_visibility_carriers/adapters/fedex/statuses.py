"""FedEx's event codes, and what they mean here.

The definition beside each code is FedEx's own, from the tables that the package names. Codes that
say nothing about where the parcel is (a request of the recipient's, data that was sent on, a
corrected address) and codes that the two tables define differently (``EA``) have no row.
"""

from collections.abc import Mapping

from ....shipment_visibility.canonical.milestone import Code

EVENTS: Mapping[str, tuple[Code, str]] = {
    "OC": (Code.INFO_RECEIVED, ""),  # Shipment information sent to FedEx
    "EP": (Code.PICKUP_SCHEDULED, ""),  # Enroute to Pickup
    "AP": (Code.PICKUP_SCHEDULED, ""),  # At Pickup
    "PD": (Code.DELAYED, ""),  # Pickup delayed
    "DO": (Code.PICKED_UP, ""),  # Dropped Off
    "IP": (Code.PICKED_UP, ""),  # In FedEx possession
    "PU": (Code.PICKED_UP, ""),  # Picked up
    "PX": (Code.PICKED_UP, ""),  # Picked up (see Details)
    "DP": (Code.DEPARTED, ""),  # Departed; Left FedEx origin facility
    "LO": (Code.DEPARTED, ""),  # Left Origin
    "EO": (Code.IN_TRANSIT, ""),  # Enroute to Origin Airport
    "IT": (Code.IN_TRANSIT, ""),  # In Transit; On the way
    "IX": (Code.IN_TRANSIT, ""),  # In transit (see Details)
    "OW": (Code.IN_TRANSIT, ""),  # On the way
    "PF": (Code.IN_TRANSIT, ""),  # Plane in Flight
    "PM": (Code.IN_TRANSIT, ""),  # In Progress
    "TR": (Code.IN_TRANSIT, ""),  # Transfer; Enroute to delivery
    "AA": (Code.ARRIVED, ""),  # At Airport
    "AC": (Code.ARRIVED, ""),  # At Canada Post facility
    "AF": (Code.ARRIVED, ""),  # At local FedEx facility
    "AR": (Code.ARRIVED, ""),  # Arrived at FedEx location
    "AX": (Code.ARRIVED, ""),  # At USPS facility
    "OF": (Code.ARRIVED, ""),  # At FedEx origin facility
    "PL": (Code.ARRIVED, ""),  # Plane Landed
    "SF": (Code.ARRIVED, ""),  # At Sort Facility
    "CP": (Code.CUSTOMS_PROCESSING, ""),  # Clearance in Progress
    "CD": (Code.CUSTOMS_HELD, "customs_delay"),  # Clearance delay
    "CC": (Code.CUSTOMS_CLEARED, ""),  # Cleared Customs; International shipment release
    "FD": (Code.AT_DESTINATION, ""),  # At FedEx Destination
    "AD": (Code.AT_DESTINATION, ""),  # At Delivery
    "AE": (Code.DELIVERY_SCHEDULED, ""),  # Shipment arriving early
    "AO": (Code.DELIVERY_SCHEDULED, ""),  # Shipment arriving On-Time
    "US": (Code.DELIVERY_SCHEDULED, ""),  # Scheduled delivery updated
    "ED": (Code.OUT_FOR_DELIVERY, ""),  # Enroute to Delivery
    "OD": (Code.OUT_FOR_DELIVERY, ""),  # Out for delivery
    "HL": (Code.AVAILABLE_FOR_PICKUP, ""),  # Hold at Location
    "HP": (Code.AVAILABLE_FOR_PICKUP, ""),  # Ready for Recipient Pickup
    "DL": (Code.DELIVERED, ""),  # Delivered
    # An exception is something unexpected that changes when the parcel will come. Whether the
    # courier stood at the door is in the exception's code, which FedEx documents nowhere.
    "DE": (Code.DELAYED, ""),  # Delivery Exception
    "SE": (Code.DELAYED, ""),  # Shipment Exception
    "DD": (Code.DELAYED, ""),  # Delivery Delay
    "DY": (Code.DELAYED, ""),  # Delay; Delivery updated
    "RS": (Code.RETURNING, ""),  # Returning package to shipper
    "CA": (Code.CANCELLED, ""),  # Shipment Cancelled
}
