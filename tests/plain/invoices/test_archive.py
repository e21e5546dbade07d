"""Zipped files: member by member, with bounds."""

import io
import zipfile

import pytest

from odoo.addons.shipment_visibility_carriers.invoices import base
from odoo.addons.shipment_visibility_carriers.invoices.document import InvoiceFileError
from odoo.addons.shipment_visibility_carriers.invoices.reading import archive

from .samples import table, ups_row, x12

CONTENT = table([ups_row()])


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def unpacked(content):
    return [
        (member.name, member.stream.read())
        for member in archive.members(io.BytesIO(content))
    ]


def test_a_file_that_is_not_zipped_is_itself():
    assert unpacked(CONTENT) == [("", CONTENT)]


def test_the_members_come_in_the_order_of_the_archive():
    content = zipped(("b.csv", CONTENT), ("folder/", b""), ("folder/a.csv", b"1,2\r\n"))
    assert unpacked(content) == [("b.csv", CONTENT), ("folder/a.csv", b"1,2\r\n")]


@pytest.mark.parametrize("content", [CONTENT * 500, zipped(("a.csv", CONTENT * 500))])
def test_the_beginning_is_there_to_find_the_format_by(content):
    (member,) = archive.members(io.BytesIO(content))
    assert member.head == (CONTENT * 500)[:65_536]
    assert base.detect(member.head).code == "ups_billing"
    assert member.stream.read() == CONTENT * 500


def test_what_a_mac_adds_is_left_out():
    assert unpacked(zipped(("__MACOSX/._a.csv", b"?"), ("a.csv", CONTENT))) == [
        ("a.csv", CONTENT)
    ]


def test_a_workbook_is_one_file():
    content = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b""))
    assert unpacked(content) == [("", content)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zipped(("a.zip", zipped(("a.csv", CONTENT)))), "“a.zip” in the archive is an"),
        (zipped(*((f"{at}.csv", b"") for at in range(101))), "holds 101 files"),
        (zipped(), "The archive is empty"),
        (zipped(("a.csv", CONTENT * 20))[:200], "damaged or cut off"),
        (zipped(("zeros.csv", bytes(50_000_000))), "unpacks to far more"),
    ],
)
def test_what_is_not_taken_is_told(content, told):
    with pytest.raises(InvoiceFileError, match=told):
        unpacked(content)


def test_a_bomb_is_left_as_soon_as_it_shows():
    content = zipped(("zeros.csv", bytes(50_000_000)))
    (member,) = archive.members(io.BytesIO(content))
    taken = 0
    with pytest.raises(InvoiceFileError):
        while piece := member.stream.read(65_536):
            taken += len(piece)
    assert taken < 200 * len(content) + 2 * 65_536


def test_a_damaged_member_is_told():
    content = bytearray(zipped(("a.csv", CONTENT), method=zipfile.ZIP_STORED))
    content[60] ^= 0xFF
    with pytest.raises(InvoiceFileError, match="“a.csv” in the archive is damaged"):
        unpacked(bytes(content))


def test_a_locked_archive_is_told():
    content = bytearray(zipped(("a.csv", CONTENT)))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvoiceFileError, match="protected by a password"):
        unpacked(bytes(content))


@pytest.mark.parametrize("code", ["ups_billing", "x12_210"])
def test_what_came_before_the_damage_is_read_and_the_damage_told_once(code):
    good = {"ups_billing": CONTENT, "x12_210": x12(end=False)}[code]
    content = zipped(("a", good + bytes(50_000_000)), ("b", good))
    member = next(archive.members(io.BytesIO(content)))
    found = base.format_class(code)().read(member.stream)
    assert next(found).parcel.tracking_number
    with pytest.raises(InvoiceFileError):
        list(found)
    assert list(found) == []


def test_damage_in_the_middle_is_told_once_and_as_it_is():
    content = bytearray(zipped(("a.csv", CONTENT * 2000), method=zipfile.ZIP_STORED))
    content[400_000] ^= 0xFF
    (member,) = archive.members(io.BytesIO(bytes(content)))
    found = base.format_class("ups_billing")().read(member.stream)
    with pytest.raises(InvoiceFileError, match="^“a.csv” in the archive is damaged"):
        list(found)
    assert list(found) == []
