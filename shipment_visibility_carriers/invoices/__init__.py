"""Carriers' invoices: one parser a format, and what is found when they are checked.

Plain Python. A parser reads a file once, from front to back, and holds a row at a time.
"""

from . import dhl_express
from . import fedex_billing
from . import mapped
from . import ups_billing
from . import x12_210
