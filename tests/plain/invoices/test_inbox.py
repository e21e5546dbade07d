"""Where invoice files are fetched from: what is taken, and what is never opened."""

import datetime as dt
import os

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.inbox import (
    Entry,
    FolderInbox,
    InboxError,
    Trouble,
    is_settled,
    is_wanted,
)

NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "invoices" / "ups").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("no business of ours")
    return tmp_path / "invoices"


def trouble(root, folder):
    with pytest.raises(InboxError) as caught, FolderInbox(str(root or ""), folder):
        pass
    return caught.value.trouble


def test_plain_files_are_listed_and_read(root):
    (root / "ups" / "b.csv").write_bytes(b"two")
    (root / "ups" / "a.csv").write_bytes(b"1")
    (root / "ups" / "deeper").mkdir()
    os.mkfifo(root / "ups" / "pipe.csv")
    with FolderInbox(str(root), "ups") as inbox:
        listed = inbox.entries()
        assert [(each.name, each.size) for each in listed] == [
            ("a.csv", 1),
            ("b.csv", 3),
        ]
        with inbox.fetch(listed[1]) as stream:
            assert stream.read() == b"two"
    assert sorted(path.name for path in (root / "ups").iterdir()) == [
        "a.csv",
        "b.csv",
        "deeper",
        "pipe.csv",
    ]


def test_without_a_root_nothing_is_opened(root):
    assert trouble("", str(root / "ups")) is Trouble.NO_ROOT


@pytest.mark.parametrize("folder", ["..", "../outside", "ups/../../outside", "ups/.."])
def test_no_way_leads_up(root, folder):
    assert trouble(root, folder) is Trouble.OUTSIDE


def test_no_absolute_path_leads_out(root):
    assert trouble(root, str(root.parent / "outside")) is Trouble.OUTSIDE
    with FolderInbox(str(root), str(root / "ups")) as inbox:
        assert inbox.entries() == []


def test_no_link_leads_out(root):
    (root / "door").symlink_to(root.parent / "outside")
    (root / "ups" / "file.csv").symlink_to(root.parent / "outside" / "secret.csv")
    assert trouble(root, "door") is Trouble.OUTSIDE
    with FolderInbox(str(root), "ups") as inbox:
        assert inbox.entries() == []
        with pytest.raises(InboxError) as caught:
            inbox.fetch(Entry("file.csv", 1, 0))
    assert caught.value.trouble is Trouble.NO_FILE


def test_a_link_that_takes_a_files_place_is_not_followed(root):
    (root / "ups" / "a.csv").write_bytes(b"1")
    with FolderInbox(str(root), "ups") as inbox:
        (entry,) = inbox.entries()
        (root / "ups" / "a.csv").unlink()
        (root / "ups" / "a.csv").symlink_to(root.parent / "outside" / "secret.csv")
        with pytest.raises(InboxError) as caught:
            inbox.fetch(entry)
    assert caught.value.trouble is Trouble.NO_FILE


def test_a_pipe_in_a_files_place_keeps_nobody_waiting(root):
    os.mkfifo(root / "ups" / "a.csv")
    with FolderInbox(str(root), "ups") as inbox, pytest.raises(InboxError) as caught:
        inbox.fetch(Entry("a.csv", 1, 0))
    assert caught.value.trouble is Trouble.NO_FILE


def test_a_link_to_the_root_itself_is_a_root(root):
    (root.parent / "mounted").symlink_to(root)
    with FolderInbox(str(root.parent / "mounted"), "ups") as inbox:
        assert inbox.entries() == []


@pytest.mark.parametrize("folder", ["nothing", "a\0b", "x" * 5000])
def test_a_folder_that_is_not_there_is_said(root, folder):
    assert trouble(root, folder) is Trouble.NO_FOLDER


def test_a_file_is_no_folder(root):
    (root / "plain").write_text("")
    assert trouble(root, "plain") is Trouble.NO_FOLDER


def test_a_name_that_cannot_be_stored_is_passed_over(root):
    folder = os.fsencode(root / "ups")
    for name in (b"\xff.csv", b"a\nb.csv"):
        with open(os.path.join(folder, name), "wb"):
            pass
    with FolderInbox(str(root), "ups") as inbox:
        assert inbox.entries() == []


@pytest.mark.parametrize(
    ("name", "patterns", "expected"),
    [
        ("Invoice_1.CSV", ["*.csv"], True),
        ("invoice.edi", ["*.csv", "*.EDI"], True),
        ("invoice.pdf", ["*.csv"], False),
        ("invoice.csv", [], True),
        (".invoice.csv", [], False),
        ("invoice.csv.filepart", [], False),
        ("invoice.csv.part", ["*"], False),
        ("invoice.csv~", ["*"], False),
    ],
)
def test_what_is_taken_by_its_name(name, patterns, expected):
    assert is_wanted(name, patterns) is expected


def at(seconds, size=10):
    return Entry("a.csv", size, int(NOW.timestamp()) - seconds)


def test_a_file_that_was_just_written_waits():
    assert not is_settled(at(5), None, NOW)
    assert not is_settled(at(60), None, NOW)
    assert is_settled(at(61), None, NOW)


def test_a_file_that_stays_as_it_was_is_complete():
    assert is_settled(at(5), at(5).stamp, NOW)
    assert not is_settled(at(5), at(5, size=9).stamp, NOW)
    assert not is_settled(at(5), at(6).stamp, NOW)


def test_a_clock_that_is_ahead_says_nothing():
    assert not is_settled(at(-3600), None, NOW)
    assert is_settled(at(-3600), at(-3600).stamp, NOW)
