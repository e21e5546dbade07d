from . import commercial_invoice
