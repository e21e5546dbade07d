"""Labels as a scanner, a printer and a person see them.

Rendered and read by poppler-utils and zbar-tools; without them these tests fail.
"""

import re
import subprocess

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.base import adapter_class
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import typeface
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from .samples import consignee, parcel, shipment


def booked(**changes):
    sandbox = adapter_class("sandbox")
    adapter = sandbox(sandbox.credentials_model(), Transport())
    request = shipment(**changes)
    book = adapter.return_label if request.is_return else adapter.book
    return adapter.parse_booking(book(request)).labels


def command(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, **options).stdout


def text_of(pdf):
    return command("pdftotext", "-layout", "-", "-", input=pdf).decode()


@pytest.fixture(scope="module")
def labels():
    return booked(label_format="PDF")


def test_a_scanner_reads_every_label(labels, tmp_path):
    assert len(labels) == 2
    for label in labels:
        image = tmp_path / "label"
        command(
            "pdftoppm", "-r", "150", "-gray", "-singlefile", "-", image,
            input=label.label.content,
        )  # fmt: skip
        read = command("zbarimg", "-q", "--nodbus", f"{image}.pgm").decode().split()
        assert read == [f"CODE-128:{label.tracking_number}"]


def test_a_person_reads_the_label(labels):
    text = text_of(labels[1].label.content)
    for expected in (
        "STANDARD",
        "Parcel Demo Company",
        "Wilhelminakade 1",
        "3072 AP Rotterdam",
        "Émile Exemple",
        "Maison Exemple SARL",
        "12 rue de la République",
        "69002 Lyon",
        "FR 69002",
        "12.10 kg",
        "2 of 2",
        "2026-01-30",
        "WH/OUT/00042",
        "Not valid for carriage",
    ):
        assert expected in text
    spaced = re.search(r"SBX( \d{4}){4}", text).group()
    assert spaced.replace(" ", "") == labels[1].tracking_number
    assert "RETURN" not in text


def test_one_page_of_a6_and_always_the_same_bytes(labels):
    content = labels[0].label.content
    assert content.startswith(b"%PDF-")
    assert re.search(rb"MediaBox \[ 0 0 297\.6\d* 419\.5\d* \]", content)
    assert content.count(b"/Type /Page\n") == 1
    assert (labels[0].label.mimetype, labels[0].label.name) == (
        "application/pdf",
        f"{labels[0].tracking_number}.pdf",
    )
    assert booked(label_format="PDF") == labels


# A name of the far east, of the right-to-left world, and of no world at all.
FOREIGN = "Łucja Дмитрий 北京 שלום \U0001f4e6\x00\u202e"


@pytest.mark.parametrize("fonts", ["found", "bundled", "none"])
def test_any_text_can_be_printed(monkeypatch, fonts):
    shown = {"found": "Łucja Дмитрий ??", "bundled": "Łucja ", "none": "?ucja ????"}
    if fonts != "found":
        truetype = typeface._truetype
        missing = {"bundled": {"DejaVuSans"}, "none": {"DejaVuSans", "Vera"}}[fonts]

        def _truetype(regular, bold):
            if regular in missing:
                raise typeface.TTFError
            return truetype(regular, bold)

        monkeypatch.setattr(typeface, "_truetype", _truetype)
    typeface.typeface.cache_clear()
    try:
        (label,) = booked(
            label_format="PDF",
            parcels=(parcel(),),
            consignee=consignee(FOREIGN, street="ł" * 300, city=FOREIGN * 9),
            reference=FOREIGN * 5,
        )
    finally:
        typeface.typeface.cache_clear()
    text = text_of(label.label.content)
    assert shown[fonts] in text
    assert "69002" in text


def test_a_return_label_says_so():
    (label,) = booked(label_format="PDF", parcels=(parcel(),), is_return=True)
    text = text_of(label.label.content)
    assert "RETURN" in text and "Standard" in text


# === ZPL === #


def fields(zpl):
    return re.findall(r"\^FH_\^FD(.*?)\^FS", zpl)


def test_a_printer_reads_every_label():
    for position, label in enumerate(booked(), start=1):
        zpl = label.label.content.decode()
        assert zpl.startswith("^XA^CI28") and zpl.endswith("^XZ")
        assert zpl.count("^XA") == zpl.count("^XZ") == 1
        barcode = re.search(
            r"\^FO(\d+),\d+\^BY3\^BCN,\d+,N,N,N,A\^FH_\^FD(\w+)\^FS", zpl
        )
        assert barcode.group(2) == label.tracking_number
        # Start, SBX, the change to pairs of digits, eight pairs, check and stop.
        width = 3 * (11 * (1 + 3 + 1 + 8 + 1) + 13)
        quiet, left = 3 * 10, int(barcode.group(1))
        assert quiet <= left and left + width + quiet <= 812
        assert f"{position} of 2" in fields(zpl)
        assert (label.label.mimetype, label.label.name[-4:]) == (
            "application/zpl",
            ".zpl",
        )


def test_text_cannot_command_the_printer():
    evil = "Evil^XZ~JA_5E\n^FO0"
    (label,) = booked(parcels=(parcel(),), consignee=consignee(evil))
    zpl = label.label.content.decode()
    assert zpl.count("^XZ") == 1 and "~" not in zpl
    name = next(field for field in fields(zpl) if field.startswith("Evil"))
    meant = re.sub("_([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), name)
    assert meant == "Evil^XZ~JA_5E ^FO0"


def test_a_return_says_so_to_the_printer():
    (label,) = booked(parcels=(parcel(),), is_return=True)
    assert "RETURN Standard" in fields(label.label.content.decode())


def test_foreign_text_goes_to_the_printer_as_it_is():
    (label,) = booked(parcels=(parcel(),), consignee=consignee("北京"))
    assert "北京" in fields(label.label.content.decode())
