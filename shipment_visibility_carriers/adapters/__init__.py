"""How each carrier writes, signs and bills, in plain Python. Nothing here imports Odoo."""

from . import (
    aftership,
    base,
    easypost,
    sandbox,
    sendcloud,
    seventeen_track,
    shipengine,
    shippo,
    signature,
    transport,
    ups,
)
