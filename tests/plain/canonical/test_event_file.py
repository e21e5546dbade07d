import csv
import datetime as dt
import random
import time

import pytest

from odoo.addons.shipment_visibility.canonical.event_file import read_events
from odoo.addons.shipment_visibility.canonical.event_table import (
    REASONS,
    Reason,
    write_lines,
)
from odoo.addons.shipment_visibility.canonical.milestone import MILESTONES, Code
from odoo.addons.shipment_visibility.canonical.schema import Precision, Zone

NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
CARRIERS = {"post": "post", "test post": "post", "swift": "swift"}
HEAD = "carrier,tracking_number,milestone,occurred_at"
LINE = "post,SB 1,delivered,2026-03-02T09:30:15Z"


def read(content, **options):
    content = content.encode() if isinstance(content, str) else content
    return list(read_events(content, carriers=CARRIERS, now=NOW, **options))


def event(line, head=HEAD):
    """The event of a file of one line, which must be taken."""
    (found,) = read(f"{head}\n{line}\n")
    assert found.reason is None, found
    return found.event


def refusal(line, head=HEAD):
    """Why a file of one line is refused."""
    (found,) = read(f"{head}\n{line}\n")
    assert found.event is None
    return found.reason


def test_every_column_is_read():
    head = (
        f"{HEAD},city,postal_code,country,facility,text,raw_code,event_id,signer,"
        "estimated_at"
    )
    found = event(
        f"{LINE},Lyon,69001,fr,Depot 7,At the door,DL,E1,C. Exemple,2026-03-05", head
    )
    assert found.carrier == "post"
    assert found.tracking_number == "SB 1"
    assert found.code == Code.DELIVERED
    assert found.occurred_at == dt.datetime(2026, 3, 2, 9, 30, 15, tzinfo=dt.UTC)
    assert (found.zone, found.precision) == (Zone.KNOWN, Precision.SECOND)
    assert found.location.model_dump() == {
        "facility": "Depot 7",
        "city": "Lyon",
        "state": "",
        "postal_code": "69001",
        "country": "FR",
    }
    assert (found.raw_text, found.raw_code, found.event_id, found.signer) == (
        "At the door",
        "DL",
        "E1",
        "C. Exemple",
    )
    assert found.estimated_date == dt.date(2026, 3, 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_told_from_the_first_line(delimiter):
    text = f"{HEAD}\n{LINE}\n".replace(",", delimiter)
    assert read(text)[0].event.tracking_number == "SB 1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end):
    numbers = [line.number for line in read(f"{HEAD}{end}{LINE}{end}{end}{LINE}")]
    assert numbers == [2, 4]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]
)
def test_encodings_are_recognised(encoding):
    text = f"{HEAD},city\n{LINE},Orléans\n"
    content = text.encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert read(content)[0].event.location.city == "Orléans"


def test_columns_stand_in_any_order_and_capitals():
    head = 'Occurred At;"MILESTONE";remark;Tracking-Number;Carrier'
    found = event("2026-03-02;Delivered;nothing;SB1;Test Post", head)
    assert found.tracking_number == "SB1"


def test_an_unnamed_first_column_shifts_nothing():
    found = event("1\tpost\tSB1\tdelivered\t2026-03-02", "\t" + HEAD.replace(",", "\t"))
    assert found.tracking_number == "SB1"


@pytest.mark.parametrize("code", [code for code in Code if code != Code.UNKNOWN])
def test_a_milestone_is_a_code_or_its_label(code):
    for name in (code.value, code.value.upper(), MILESTONES[code].label):
        assert event(f"post,SB1,{name},2026-03-02").code == code


@pytest.mark.parametrize("name", ["", "unknown", "zapped"])
def test_what_no_milestone_names_is_unknown_with_its_raw_code(name):
    found = event(f"post,SB1,{name},2026-03-02,ZZ", f"{HEAD},raw_code")
    assert (found.code, found.raw_code) == (Code.UNKNOWN, "ZZ")
    assert refusal(f"post,SB1,{name},2026-03-02") == Reason.MILESTONE


def test_two_milestones_of_one_moment_are_two_observations():
    first, second = read(
        f"{HEAD}\npost,SB1,arrived,2026-03-02\npost,SB1,departed,2026-03-02\n"
    )
    hashed = {"code", "reason", "tracking_number"}
    assert first.event.model_dump(exclude=hashed) != second.event.model_dump(
        exclude=hashed
    )


@pytest.mark.parametrize(
    ("written", "zone_name", "utc", "zone", "precision"),
    [
        ("2026-03-02T09:30+01:00", "", "08:30:00", "known", "minute"),
        ("2026-03-02 09:30:05 -0530", "", "15:00:05", "known", "second"),
        ("2026-03-02t09:30:05.123z", "Europe/Paris", "09:30:05", "known", "second"),
        ("2026-03-02 09:30", "Europe/Paris", "08:30:00", "known", "minute"),
        ("2026-03-02 09:30", "", "09:30:00", "local", "minute"),
        ("2026-03-02", "", "00:00:00", "local", "day"),
        ("2026-03-02", "Asia/Tokyo", "00:00:00", "local", "day"),
    ],
)
def test_a_time_is_as_fine_and_as_certain_as_it_was_written(
    written, zone_name, utc, zone, precision
):
    found = event(f"post,SB1,delivered,{written},{zone_name}", f"{HEAD},time_zone")
    assert found.occurred_at.isoformat() == f"2026-03-02T{utc}+00:00"
    assert (found.zone, found.precision) == (zone, precision)
    assert found.occurred_text.startswith(written)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", Reason.TIME),
        ("0000-00-00", Reason.TIME),
        ("31/02/2026", Reason.TIME),
        ("2026-02-31", Reason.TIME),
        ("2026-03-02 25:61", Reason.TIME),
        ("2026-03-02T09:30+99:00", Reason.TIME),
        ("٢٠٢٦-٠٣-٠٢", Reason.TIME),
        ("=NOW()", Reason.TIME),
        ("0001-01-01T00:00+14:00", Reason.TIME),
        ("1999-12-31", Reason.TOO_EARLY),
        ("2027-03-05", Reason.TOO_LATE),
        ("9999-12-31T23:59:59-12:00", Reason.TIME),
    ],
)
def test_absurd_dates_are_refused(written, reason):
    assert refusal(f"post,SB1,delivered,{written}") == reason


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "../../etc/passwd", "Europe", "x" * 99]
)
def test_a_time_zone_that_is_none_is_refused(name):
    line = f"post,SB1,delivered,2026-03-02 09:30,{name}"
    assert refusal(line, f"{HEAD},time_zone") == Reason.TIME_ZONE


def test_an_estimate_may_be_a_time():
    found = event(f"{LINE},2026-03-04T10:00Z", f"{HEAD},estimated_at")
    assert found.estimated_from == found.estimated_to
    assert found.estimated_from.hour == 10
    assert refusal(f"{LINE},soon", f"{HEAD},estimated_at") == Reason.TIME


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nobody,SB1,delivered,2026-03-02", Reason.CARRIER),
        (",SB1,delivered,2026-03-02", Reason.CARRIER),
        ("post,,delivered,2026-03-02", Reason.NUMBER),
        ("post, - - ,delivered,2026-03-02", Reason.NUMBER),
        (f"post,{'1' * 129},delivered,2026-03-02", Reason.TOO_LONG),
        ("post,SB1,delivered,2026-03-02,a,b", Reason.CELLS),
        ('post,"SB"1,delivered,2026-03-02', Reason.QUOTES),
        ('post,"SB1,delivered,2026-03-02', Reason.QUOTES),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(line, reason):
    assert refusal(line) == reason


@pytest.mark.parametrize("country", ["France", "F1", "Fr.", "ÑÑ"])
def test_a_country_is_two_letters(country):
    assert refusal(f"{LINE},{country}", f"{HEAD},country") == Reason.COUNTRY


def test_every_reason_has_plain_words():
    assert set(REASONS) == set(Reason)


def test_a_bad_line_takes_no_good_one_with_it():
    lines = read(f'{HEAD}\npost,"A"1,delivered,2026-03-02\n{LINE}\nx,y\n{LINE}\n')
    assert [(line.number, line.event is not None) for line in lines] == [
        (2, False),
        (3, True),
        (4, False),
        (5, True),
    ]


def test_a_file_without_carriers_takes_the_default():
    head = HEAD.removeprefix("carrier,")
    line = LINE.removeprefix("post,")
    (found,) = read(f"{head}\n{line}\n", default_carrier="swift")
    assert found.event.carrier == "swift"
    (found,) = read(f"{head}\n{line}\n")
    assert (found.reason, found.detail) == (Reason.COLUMNS, "carrier")


@pytest.mark.parametrize("content", [b"", b"\n \n\r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(content):
    (found,) = read(content)
    assert found.reason == Reason.EMPTY


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        b"PK\x03\x04" + bytes(range(255, -1, -1)) * 40,
        b"\xfe\xff" + bytes(range(256)) * 3 + b"\x01",
        b"%PDF-1.7 \x81\x8d\x8f",
        f"{HEAD}\n{LINE}\n".replace(",", "|").encode(),
        b"name,price\nLamp,5\n",
        b'"' * 1000,
    ],
    ids=["png", "zip", "utf-16", "pdf", "pipes", "other", "quotes"],
)
def test_what_is_no_such_table_is_refused_as_a_whole(content):
    (found,) = read(content)
    assert found.reason == Reason.COLUMNS
    assert "tracking_number" in found.detail


def test_control_characters_are_removed_and_people_s_scripts_kept():
    text = "\u200fنُقل الطرد\u202c 📦👩🏽‍🚒"
    found = event(f"post,S\0B1,delivered,2026-03-02,\x01\x1b{text}\x85", f"{HEAD},text")
    assert found.tracking_number == "SB1"
    assert found.raw_text == text


def test_a_text_of_ten_megabytes_is_cut():
    head = f"{HEAD},text"
    started = time.monotonic()
    first, second = read(f"{head}\n{LINE},{'x' * 10_000_000}\n{LINE},short\n")
    assert len(first.event.raw_text) == 10_000
    assert second.event.raw_text == "short"
    assert time.monotonic() - started < 5


def test_a_text_may_have_line_breaks():
    lines = read(f'{HEAD},text\n{LINE},"one\r\ntwo"\n{LINE},three\n')
    assert [line.event.raw_text for line in lines] == ["one\ntwo", "three"]


def test_a_long_file_is_read_line_by_line():
    lines = read_events(
        (HEAD + "\n" + (LINE + "\n") * 200_000).encode(), carriers=CARRIERS, now=NOW
    )
    started = time.monotonic()
    assert next(lines).event
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("seed", range(20))
def test_garbage_never_raises(seed):
    chance = random.Random(seed)
    alphabet = list('",;\t\n\r\0\x85é٣🦊\ufeff\ud800 postSB1delivered2026-03-02T09:+Z')
    noise = "".join(chance.choices(alphabet, k=5_000))
    content = f"{HEAD},text,country,time_zone,estimated_at\n{noise}"
    for line in read(content.encode("utf-8", "surrogatepass")):
        assert (line.event is None) == (line.reason is not None)


def test_refused_lines_are_written_so_that_they_can_be_sent_again():
    text = (
        f"{HEAD};text\n".replace(",", ";")
        + "post;SB1;delivred\n"
        + "post;SB1;delivred;2026-03-02;=1+1\n"
        + "post;SB2;delivered;2026-03-02;fine\n"
        + 'post;"SB"3;delivered;2026-03-02;quotes\n'
    )
    written = write_lines(text.encode("cp1252"), {3: "No such milestone", 5: "Quotes"})
    head, first, second = csv.reader(written.splitlines())
    assert head == [*HEAD.split(","), "text", "reason"]
    assert first == [
        "post",
        "SB1",
        "delivred",
        "2026-03-02",
        "'=1+1",
        "No such milestone",
    ]
    assert second[0] == 'post;"SB"3;delivered;2026-03-02;quotes'
    (mended, _quotes) = read(written.replace("delivred", "delivered"))
    assert mended.event.raw_text == "=1+1"
