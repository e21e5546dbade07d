"""Everything the suite runs on, set up inside ``.local/``: Odoo, Python, PostgreSQL, PDFs.

Only the standard library is used up to the point where the virtual environment exists.
"""
