"""Carriers' invoices: one parser a format, and what is found when they are checked.

Plain Python. A parser reads a file once, from front to back, and holds a row at a time.
"""
