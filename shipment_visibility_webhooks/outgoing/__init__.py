"""What we tell other systems: plain Python, without Odoo.

:mod:`.envelope` writes a message, :mod:`.address` decides whether we may talk to a receiver at
all, :mod:`.sending` does so, :mod:`.pauses` says when to try again, and :mod:`.couriers` sends
many at a time. Messages are signed by ``adapters.signature.standard``, which verifies, too.
"""
