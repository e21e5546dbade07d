"""How each carrier writes, signs and bills, in plain Python. Nothing here imports Odoo."""

from . import base, easypost, sandbox, signature, transport, ups
