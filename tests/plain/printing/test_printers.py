"""What a printer is sent, and what is said when it does not take it."""

import builtins
import socket
import threading

import pytest

from odoo.addons.shipment_visibility_carriers.printing import simulated
from odoo.addons.shipment_visibility_carriers.printing.base import (
    PDF,
    ZPL,
    PrinterAway,
    PrintRefused,
    PrintUnknown,
)
from odoo.addons.shipment_visibility_carriers.printing.ipp import IppPrinter
from odoo.addons.shipment_visibility_carriers.printing.raw import RawPrinter
from odoo.addons.shipment_visibility_carriers.printing.simulated import (
    SimulatedIppPrinter,
    SimulatedRawPrinter,
)
from odoo.addons.shipment_visibility_carriers.printing.test_page import make_test_page

LABEL = b"^XA^FDLyon^FS^XZ" * 10_000


@pytest.fixture
def raw():
    with SimulatedRawPrinter() as printer:
        yield printer


@pytest.fixture
def ipp():
    with SimulatedIppPrinter() as printer:
        yield printer


def _raw_printer(port):
    return RawPrinter("Bench 1", "127.0.0.1", port)


def test_a_raw_printer_gets_the_document_as_it_is(raw):
    _raw_printer(raw.port).print(LABEL, ZPL, "WH/OUT/1")
    raw.switch_off()  # waits for its handlers
    assert raw.documents == [LABEL]


def test_a_raw_printer_that_is_off_is_tried_again_and_prints_when_it_is_back(raw):
    raw.switch_off()
    with pytest.raises(PrinterAway, match="Bench 1: connection refused") as caught:
        _raw_printer(raw.port).print(LABEL, ZPL, "WH/OUT/1")
    assert caught.value.retry
    raw.switch_on()
    _raw_printer(raw.port).print(LABEL, ZPL, "WH/OUT/1")
    raw.switch_off()
    assert raw.documents == [LABEL]


def test_a_printer_that_closes_hard_after_the_last_byte_has_printed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def take():
            connection, _address = server.accept()
            with connection:
                connection.recv(6)

        thread = threading.Thread(target=take)
        thread.start()
        _raw_printer(server.getsockname()[1]).print(b"^XA^XZ", ZPL, "x")
        thread.join()


def test_an_ipp_printer_gets_document_title_and_format(ipp):
    IppPrinter("Office", ipp.uri).print(b"%PDF-1.4", PDF, "WH/OUT/1 Ä")
    [(attributes, document)] = ipp.documents
    assert document == b"%PDF-1.4"
    assert attributes["job-name"] == "WH/OUT/1 Ä"
    assert attributes["document-format"] == "application/pdf"
    assert attributes["printer-uri"] == ipp.uri


def test_an_ipp_printer_gets_zpl_as_it_is(ipp):
    IppPrinter("Office", ipp.uri).print(LABEL, ZPL, "x")
    assert ipp.documents[0][0]["document-format"] == "application/octet-stream"
    assert ipp.documents[0][1] == LABEL


def test_an_ipp_printer_that_is_off_is_tried_again(ipp):
    ipp.switch_off()
    with pytest.raises(PrinterAway, match="Office: cannot be reached"):
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")


@pytest.mark.parametrize("status", [0x0502, 0x0506, 0x0507])
def test_an_ipp_printer_that_is_busy_or_stopped_is_tried_again(ipp, status):
    ipp.status = status
    with pytest.raises(PrinterAway, match="busy or stopped"):
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")


def test_an_ipp_printer_that_does_not_take_the_format_is_not_tried_again(ipp):
    ipp.status = 0x040A
    with pytest.raises(PrintRefused, match="does not take this document") as caught:
        IppPrinter("Office", ipp.uri).print(LABEL, ZPL, "x")
    assert not caught.value.retry
    assert not ipp.documents


@pytest.mark.parametrize(
    ("http_status", "error"), [(404, PrintRefused), (503, PrinterAway)]
)
def test_an_http_error_in_front_of_the_printer(ipp, http_status, error):
    ipp.http_status = http_status
    with pytest.raises(error):
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")


def test_what_is_no_ipp_printer_is_told(ipp, monkeypatch):
    monkeypatch.setattr(simulated, "_make_answer", lambda *_args: b"<html>")
    with pytest.raises(PrintRefused, match="something else than IPP"):
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")


def test_an_answer_that_is_lost_after_the_document_is_not_tried_again(ipp):
    ipp.hangs_up = True
    with pytest.raises(PrintUnknown) as caught:
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")
    assert not caught.value.retry
    assert len(ipp.documents) == 1


def test_a_missing_library_is_told(ipp, monkeypatch):
    original = builtins.__import__

    def without_pyipp(name, *args, **kwargs):
        if name == "pyipp":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pyipp)
    with pytest.raises(PrintRefused, match="needs the Python package pyipp"):
        IppPrinter("Office", ipp.uri).print(b"%PDF", PDF, "x")


def test_a_test_page_is_of_the_kind_the_printer_takes():
    zpl = make_test_page(ZPL, ["Bänk ^XZ 1", "Rotterdam"])
    assert zpl.startswith(b"^XA") and zpl.count(b"^XZ") == 1
    assert b"Bank  XZ 1" in zpl
    assert make_test_page(PDF, ["Bench (1)"]).startswith(b"%PDF")
