"""Where carriers leave their invoices: a folder of this server, or one behind SFTP."""

from .base import Entry, Inbox, InboxError, Trouble, is_settled, is_wanted
from .folder import FolderInbox
from .sftp import HostKey, SftpInbox, SftpTerms, offered_key
