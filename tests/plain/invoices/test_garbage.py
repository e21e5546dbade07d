"""Whatever is sent: charges, or errors that tell where; never anything else, never for ever."""

import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.invoices import base
from odoo.addons.shipment_visibility_carriers.invoices.document import InvoiceFileError
from odoo.addons.shipment_visibility_carriers.invoices.mapping import ColumnMapping
from odoo.addons.shipment_visibility_carriers.invoices.reading import archive

from dev import freight

from .samples import dhl_row, fedex, kept, table, ups_row, x12

bounded = settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
MAPPING = ColumnMapping(**freight.mapped.MAPPING)


def _workbook():
    book = openpyxl.Workbook()
    book.active.append(freight.mapped.HEADER)
    for at in range(3):
        book.active.append(["1", "2", "7.2.26", f"P{at}", "Diesel", "x", 1.5, 2])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOD = {
    "ups_billing": table([ups_row()] * 3),
    "fedex_billing": table(fedex(*[({}, [("Fuel Surcharge", "2.55")])] * 3)),
    "dhl_express": table([dhl_row("I"), dhl_row(), dhl_row()]),
    "x12_210": x12(),
    "mapped": _workbook(),
}
edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 30),
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [
                    b'"',
                    b"\0",
                    b"\n",
                    b"\r",
                    b";",
                    b",,",
                    b"~",
                    b"*",
                    b"\xff\xfe",
                    b"1e9",
                ]
                + [
                    b"NaN",
                    b"9" * 30,
                    b"=1+1",
                    "٣".encode(),
                    b"\xef\xbb\xbf",
                    b"'",
                    b"-",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def _edited(content, changes):
    for place, removed, added in changes:
        at = int(place * len(content))
        content = content[:at] + added + content[at + removed :]
    return content


@pytest.mark.parametrize("code", GOOD)
@bounded
@given(changes=edits)
def test_a_spoilt_file_gives_charges_or_errors_with_a_text(code, changes):
    content = _edited(GOOD[code], changes)
    good, wrong = kept(code, content, mapping=MAPPING)
    for line in good:
        assert line.amount.is_finite() and line.tax.is_finite()
        assert line.fingerprint()
    for error in wrong:
        assert str(error).endswith(".")
        assert error.row is None or error.row > 0


@bounded
@given(st.binary(max_size=400))
def test_bytes_by_chance_are_refused_or_nothing(content):
    for code in GOOD:
        good, _ = kept(code, content, mapping=MAPPING)
        assert good == []
    with pytest.raises(InvoiceFileError):
        base.detect(content)


@bounded
@given(changes=edits)
def test_a_spoilt_archive_gives_files_or_an_error(changes):
    for content in (_edited(GOOD["mapped"], changes), b"PK\x03\x04" + GOOD["x12_210"]):
        try:
            for member in archive.members(io.BytesIO(content)):
                member.stream.read()
        except InvoiceFileError as error:
            assert str(error).endswith(".")
