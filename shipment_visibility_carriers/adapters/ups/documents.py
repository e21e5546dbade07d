"""Paperless documents: a form of our own is uploaded, then joined to a booked shipment.

``POST /paperlessdocuments/v2/upload`` and ``.../image``. The commercial invoice that UPS itself
makes needs neither: it comes with the booking, see :mod:`.customs`.
"""

import base64
import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from ....shipment_visibility.canonical.schema import Document
from ..errors import Refused
from ..reading import Message, Text, read
from .common import Coded, Json

UPLOAD_PATH = "/paperlessdocuments/v2/upload"
JOIN_PATH = "/paperlessdocuments/v2/image"
ACCOUNT_HEADER = "ShipperNumber"
COMMERCIAL_INVOICE = "002"
CERTIFICATE_OF_ORIGIN = "003"
OTHER_DOCUMENT = "008"
LARGEST_BYTES = 10 * 1024 * 1024
_SMALL_PACKAGE = "1"
_FORMATS = {
    "application/pdf": "pdf",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "text/plain": "txt",
}


def build_upload(document: Document, kind: str, account_number: str) -> Json:
    """The body of an upload. ``kind`` is UPS's code of the document's type.

    :raise Refused: UPS takes no such file.
    """
    form = _FORMATS.get(document.mimetype)
    if form is None:
        raise Refused(f"UPS takes no {document.mimetype}; make a PDF of it.")
    if len(document.content) > LARGEST_BYTES:
        raise Refused(f"{document.name} is larger than the 10 MB that UPS takes.")
    return {
        "UploadRequest": {
            "Request": {},
            "ShipperNumber": account_number,
            "UserCreatedForm": [
                {
                    "UserCreatedFormFileName": document.name[:300],
                    "UserCreatedFormFile": base64.b64encode(document.content).decode(),
                    "UserCreatedFormFileFormat": form,
                    "UserCreatedFormDocumentType": kind,
                }
            ],
        }
    }


def build_join(
    document_id: str,
    remote_id: str,
    tracking_numbers: Sequence[str],
    shipped_at: dt.datetime,
    account_number: str,
) -> Json:
    """The body that joins an uploaded document to a shipment booked at this local time."""
    return {
        "PushToImageRepositoryRequest": {
            "Request": {},
            "ShipperNumber": account_number,
            "FormsHistoryDocumentID": {"DocumentID": [document_id]},
            "ShipmentIdentifier": remote_id,
            "ShipmentDateAndTime": f"{shipped_at:%Y-%m-%d-%H.%M.%S}",
            "ShipmentType": _SMALL_PACKAGE,
            "TrackingNumber": list(tracking_numbers),
        }
    }


class _Ids(Message):
    DocumentID: list[Text] = Field(min_length=1)


class _Uploaded(Message):
    FormsHistoryDocumentID: _Ids


class _UploadAnswer(Message):
    UploadResponse: _Uploaded


class _Response(Message):
    ResponseStatus: Coded


class _Joined(Message):
    Response: _Response


class _JoinAnswer(Message):
    PushToImageRepositoryResponse: _Joined


def parse_upload(body: bytes) -> str:
    """The id under which UPS keeps the document."""
    return read(_UploadAnswer, body).UploadResponse.FormsHistoryDocumentID.DocumentID[0]


def parse_join(body: bytes) -> None:
    """The answer to joining.

    :raise Refused: UPS has not.
    """
    joined = read(_JoinAnswer, body).PushToImageRepositoryResponse
    if joined.Response.ResponseStatus.Code != "1":
        raise Refused("UPS has not joined the document to the shipment.")
