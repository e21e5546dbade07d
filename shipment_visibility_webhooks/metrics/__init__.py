"""What Prometheus is told.

Counted in the memory of a process by :mod:`.counters`, added to a table every few seconds by
:mod:`.flusher`, turned into text at a scrape by :mod:`.exposition`. Only the flusher knows Odoo.
"""
