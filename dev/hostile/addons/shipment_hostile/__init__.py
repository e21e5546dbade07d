"""Loaded server-wide, never installed: where keys come from is nothing to be set."""

import os

from odoo.addons.shipment_visibility_carriers.adapters.signature import shipengine

shipengine.ShipEngine.keys_url = os.environ["HOSTILE_KEYS_URL"]
