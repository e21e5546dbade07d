"""Pictures of UPS's as files that can be printed."""

import base64
from io import BytesIO

from PIL import Image
from reportlab.lib.units import inch
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ....shipment_visibility.canonical.schema import Document
from ..errors import MalformedMessage

WIDTH, HEIGHT = 4 * inch, 6 * inch
_PICTURES = frozenset({"GIF", "PNG"})
_TYPES = {
    "PDF": ("pdf", "application/pdf"),
    "ZPL": ("zpl", "application/zpl"),
    "HTML": ("html", "text/html"),
    "GIF": ("gif", "image/gif"),
    "PNG": ("png", "image/png"),
}
_WHITE = 255


def label(name: str, code: str, content: str) -> Document:
    """A label. A picture becomes a PDF of the label's size, as no label printer takes a GIF.

    :raise MalformedMessage: it is no base64, or no picture.
    """
    found = document(name, code, content)
    if code.upper() not in _PICTURES:
        return found
    return Document(
        name=f"{name}.pdf",
        mimetype="application/pdf",
        content=picture_to_pdf(found.content),
    )


def document(name: str, code: str, content: str) -> Document:
    """A file of UPS's, from base64, as it is.

    :raise MalformedMessage: it is no base64.
    """
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError:
        raise MalformedMessage(f"{name} is not base64") from None
    code = code.upper()
    suffix, mimetype = _TYPES.get(code, (code.lower(), "application/octet-stream"))
    return Document(name=f"{name}.{suffix}", mimetype=mimetype, content=data)


def picture_to_pdf(data: bytes) -> bytes:
    """One page of 4 by 6 inches, upright. The same bytes for the same picture.

    UPS draws its label lying on its side and leaves white paper behind its end.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            picture = image.convert("L")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise MalformedMessage("the label is no picture") from None
    if picture.width > picture.height:
        picture = _without_white_end(picture).transpose(Image.Transpose.ROTATE_270)
    output = BytesIO()
    canvas = Canvas(output, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.drawImage(
        ImageReader(picture), 0, 0, WIDTH, HEIGHT, preserveAspectRatio=True, anchor="n"
    )
    canvas.save()
    return output.getvalue()


def _without_white_end(picture: Image.Image) -> Image.Image:
    """What fills the label: one and a half times as wide as high, when only white is behind."""
    end = picture.height * 3 // 2
    if picture.width <= end:
        return picture
    behind = picture.crop((end, 0, picture.width, picture.height))
    if behind.getextrema()[0] < _WHITE:
        return picture
    return picture.crop((0, 0, end, picture.height))
