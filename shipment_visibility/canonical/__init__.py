"""What a shipment is and what its events mean, in plain Python.

Nothing below this package imports Odoo: it is tested in milliseconds and may be
used by adapters, parsers and models alike.
"""
