"""How each carrier writes, signs and bills, in plain Python. Nothing here imports Odoo."""

from . import aftership
from . import sendcloud
from . import seventeen_track
from . import shipengine
from . import shippo
from . import base, easypost, sandbox, signature, transport, ups
from . import dhl
from . import easyship
from . import fedex
from . import generic
from . import ship24
