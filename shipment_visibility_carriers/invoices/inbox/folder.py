"""A folder of this server, below the one directory that its administrator has named.

Whoever administers a database is not for that reason entitled to the other files of the server
it runs on. So there is one root, and neither ``..`` nor a link leads out of it.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .base import Entry, Inbox, InboxError, Trouble

ROOT_OPTION = "shipment_invoice_folder"


class FolderInbox(Inbox):
    """Files of one folder, without those of folders in it."""

    def __init__(self, root: str | None, folder: str) -> None:
        """Find the folder.

        :param root: what ``odoo.conf`` names; empty when it names none.
        :param folder: below the root.
        :raise InboxError: ``NO_ROOT``, ``OUTSIDE`` or ``NO_FOLDER``.
        """
        self._path = _resolve(root, folder)
        self._descriptor = -1

    def __enter__(self) -> "FolderInbox":
        # What is listed is what is opened, even if somebody puts a link in its place.
        try:
            self._descriptor = os.open(
                self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            )
        except OSError:
            raise InboxError(Trouble.NO_FOLDER, self._path.name) from None
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)
        self._descriptor = -1

    def entries(self) -> list[Entry]:
        """See :meth:`Inbox.entries`."""
        try:
            with os.scandir(self._descriptor) as listing:
                found = [_entry(each) for each in listing]
        except OSError:
            raise InboxError(Trouble.NO_FOLDER, self._path.name) from None
        return sorted(filter(None, found), key=lambda entry: entry.name)

    def fetch(self, entry: Entry) -> BinaryIO:
        """See :meth:`Inbox.fetch`."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(entry.name, flags, dir_fd=self._descriptor)
        except OSError:
            raise InboxError(Trouble.NO_FILE, entry.name) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InboxError(Trouble.NO_FILE, entry.name)
        return os.fdopen(descriptor, "rb")


def _resolve(root: str | None, folder: str) -> Path:
    if not root:
        raise InboxError(Trouble.NO_ROOT)
    if ".." in Path(folder).parts:
        raise InboxError(Trouble.OUTSIDE, folder)
    try:
        base = Path(root).resolve(strict=True)
        # Where it really is: no link leads out of the directory.
        path = (base / folder).resolve()
        is_folder = path.is_dir()
    except (OSError, ValueError, RuntimeError):
        raise InboxError(Trouble.NO_FOLDER, folder) from None
    if not path.is_relative_to(base):
        raise InboxError(Trouble.OUTSIDE, folder)
    if not is_folder:
        raise InboxError(Trouble.NO_FOLDER, folder)
    return path


def _entry(each: os.DirEntry) -> Entry | None:
    """One file; None for what is none, or whose name cannot be stored."""
    try:
        told = each.stat(follow_symlinks=False)
    except OSError:
        # It went away while it was listed.
        return None
    if not stat.S_ISREG(told.st_mode) or not each.name.isprintable():
        return None
    return Entry(each.name, told.st_size, int(told.st_mtime))
