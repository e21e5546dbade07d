"""Lets plain-Python tests import the addons' plain parts by their Odoo names."""

from dev import plain_imports

plain_imports.enable()
