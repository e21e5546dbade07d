"""The registry of formats, and finding the one of a file."""

import io
from typing import ClassVar

import pytest

from odoo.addons.shipment_visibility_carriers.invoices import base
from odoo.addons.shipment_visibility_carriers.invoices.document import InvoiceFileError

from .samples import X12_BODY, dhl_row, fedex, lines, table, ups_row, x12

FILES = {
    "ups_billing": table([ups_row()]),
    "fedex_billing": table(fedex(({}, []))),
    "dhl_express": table([dhl_row("I"), dhl_row()], ";", "cp1252"),
    "x12_210": x12(),
}


@pytest.mark.parametrize("code", FILES)
def test_the_format_of_a_file_is_found(code):
    assert base.detect(FILES[code]) is base.format_class(code)


@pytest.mark.parametrize(
    "head",
    [b"", b"\0" * 100, b"Order,Price\r\n1,2\r\n", b"ISA*", b"%PDF-1.7", b"\xff\xfe"],
)
def test_what_nobody_recognises_is_for_the_user_to_say(head):
    with pytest.raises(InvoiceFileError, match="choose the format, or map its columns"):
        base.detect(head)


def test_another_addon_can_add_a_format(monkeypatch):
    monkeypatch.setattr(base, "_registry", dict(base.formats()))

    @base.register("demo")
    class Demo(base.InvoiceFormat):
        title: ClassVar[str] = "Demo"

        @classmethod
        def recognise(cls, head):
            return head.startswith(b"DEMO")

    assert base.formats()["demo"] is Demo
    assert base.detect(b"DEMO1") is Demo
    with pytest.raises(ValueError, match="already registered"):
        base.register("demo")(Demo)


def test_formats_have_titles_and_their_codes():
    for code, format_class in base.formats().items():
        assert format_class.code == code
        assert format_class.title


@pytest.mark.parametrize("code", FILES)
def test_going_on_behind_a_row_reads_the_rest(code):
    content = {
        "ups_billing": table([ups_row(net=str(at)) for at in range(9)]),
        "fedex_billing": table(
            fedex(*(({}, [("Fuel Surcharge", "2.55")]) for _ in "123"))
        ),
        "dhl_express": table([dhl_row(shipment=str(at)) for at in range(9)]),
        "x12_210": x12(X12_BODY * 3),
    }[code]
    everything = lines(code, content)
    for row in sorted({line.row for line in everything}):
        rest = [line for line in everything if line.row > row]
        assert lines(code, content, row) == rest


def test_a_file_of_another_carrier_gives_errors_and_no_charges():
    for code in FILES:
        for other, content in FILES.items():
            if other == code:
                continue
            with pytest.raises(InvoiceFileError):
                list(base.format_class(code)().read(io.BytesIO(content)))
