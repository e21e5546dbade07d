from odoo import models

from ..printing.base import MIMETYPES

# Pictures that a browser shows without running anything in them.
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_FORMATS = {mimetype: name for name, mimetype in MIMETYPES.items()}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _get_label_format(self):
        """The name of a label's format: PDF, ZPL, IMAGE, or ``False`` for anything else."""
        if self.mimetype in _PICTURES:
            return "IMAGE"
        return _FORMATS.get(self.mimetype, False)
