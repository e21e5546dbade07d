"""Who may come in with a message, how often, and why not: plain Python, without Odoo.

:mod:`.guard` decides before anything costs something, with the buckets and networks of
:mod:`.limits`; :mod:`.refusals` are the answers; :mod:`.trial` is the test that we send to
ourselves; :mod:`.parameters` is what may be set.
"""
