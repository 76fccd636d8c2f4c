"""Which mails lie in a mailbox, over IMAP? Seen from a thread: the protocol waits, the house doesn't.

What lies in the watched folder is what is to be taken, read or not: a person who looks into the mailbox takes nothing
away by that. A mail leaves the folder only when somebody says so, after it is kept.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.domain.model import Value

_PATIENCE_S = 60.0
"""For one answer of the server."""
_UID = re.compile(rb"^[0-9]+ \(")


class MailboxAddress(Value):
    """Where a mailbox is."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: str
    """`implicit`, `starttls` or `none`."""

    @classmethod
    def from_url(cls, url: str) -> Self:
        """`imaps://user:password@host:port/folder`, or `imap://…?starttls=1`; the folder is INBOX unless said.

        Raises BadInput, which never quotes the URL: a password stands in it.
        """
        form = "Write imaps://user:password@host:port/folder, special characters as %40."
        try:
            parts = urlsplit(url)
            secure, port = parts.scheme == "imaps", parts.port
        except ValueError as error:
            raise BadInput("LEADLOOM_IMAP_URL", "…", form) from error
        if parts.scheme not in ("imap", "imaps") or not (parts.hostname and parts.username and parts.password):
            raise BadInput("LEADLOOM_IMAP_URL", "…", form)
        starttls = parse_qs(parts.query).get("starttls") == ["1"]
        return cls(
            host=parts.hostname,
            port=port or (993 if secure else 143),
            user=unquote(parts.username),
            password=unquote(parts.password),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            tls="implicit" if secure else "starttls" if starttls else "none",
        )

    @property
    def where(self) -> str:
        """For messages: never the user or the password."""
        return f"{self.host}:{self.port}"


class Mailbox:
    """An open mailbox. Not for two threads at once."""

    def __init__(self, box: BaseMailBox, address: MailboxAddress) -> None:
        """Use `open`."""
        self._box, self._address = box, address
        self._delimiter = "/"

    @classmethod
    def open(cls, address: MailboxAddress) -> Self:
        """Log in and look into the folder. Raises Unreachable, with whose fault it is as far as the server says."""
        with _translated(address):
            mailbox = cls(_connected(address), address)
            try:
                mailbox._box.login(address.user, address.password, initial_folder=None)
                mailbox._ask_again_what_it_can()
                mailbox._box.folder.set(address.folder)  # pyright: ignore[reportUnknownMemberType]  bare tuple of imap-tools
                mailbox._delimiter = mailbox._box.folder.list()[0].delim or "/"
            except BaseException:
                mailbox.close()
                raise
            return mailbox

    def _ask_again_what_it_can(self) -> None:
        """Servers offer IDLE and MOVE only to who is logged in; imaplib asks before."""
        _, said = self._box.client.capability()
        self._box.client.capabilities = tuple((said[0] or b"").decode("ascii", "replace").upper().split())

    def ids(self) -> list[str]:
        """What lies in the folder, oldest first, by the ids it has there."""
        with _translated(self._address):
            self._box.client.noop()
            return sorted(self._box.uids("ALL", charset=None), key=int)

    def read(self, uid: str) -> bytes | None:
        """The mail as it came, unmarked; None when somebody else took it away."""
        with _translated(self._address):
            status, found = self._box.client.uid("FETCH", uid, "(BODY.PEEK[])")
        if status != "OK":
            return None
        # imaplib answers a literal as a pair: what stands before it, and its bytes.
        pairs = cast("list[tuple[bytes, bytes]]", [each for each in found if isinstance(each, tuple)])
        return next((raw for before, raw in pairs if _UID.match(before)), None)

    def move(self, uid: str, folder: str) -> None:
        """Put it into a folder, which is made if need be; `a/b` is a folder in a folder, whatever the server writes."""
        with _translated(self._address):
            self._box.move(uid, self._folder(folder))  # pyright: ignore[reportUnknownMemberType]  bare tuple of theirs

    def wait(self, seconds: float) -> bool:
        """Wait for something new; whether the server tells of it itself (IDLE, RFC 2177). If not, nothing is waited."""
        if "IDLE" not in self._box.client.capabilities:
            return False
        with _translated(self._address):
            self._box.idle.wait(timeout=seconds)
        return True

    def close(self) -> None:
        """Hang up; what was moved stays moved."""
        with _nobody_minds():
            self._box.client.shutdown()

    def _folder(self, name: str) -> str:
        wanted = name.replace("/", self._delimiter)
        # Some servers keep every folder below the inbox.
        for spelled in (wanted, f"INBOX{self._delimiter}{wanted}"):
            if self._box.folder.exists(spelled):
                return spelled
            with _nobody_minds():
                self._box.folder.create(spelled)  # pyright: ignore[reportUnknownMemberType]  bare tuple of theirs
                return spelled
        raise ImapToolsError(f"folder {name} can't be made")


def _connected(address: MailboxAddress) -> BaseMailBox:
    kinds = {"implicit": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}
    return kinds[address.tls](address.host, port=address.port, timeout=_PATIENCE_S)


@contextmanager
def _translated(address: MailboxAddress) -> Generator[None]:
    try:
        yield
    except (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError) as error:
        # Not its own words: some servers quote the user in them.
        raise Unreachable("The mailbox", address.where, type(error).__name__) from error


@contextmanager
def _nobody_minds() -> Generator[None]:
    try:
        yield
    except (ImapToolsError, imaplib.IMAP4.error, OSError):
        return
