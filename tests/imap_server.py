"""A real IMAP server of a test's own: pymap, in a process that ends with the block."""

from __future__ import annotations

import asyncio
import imaplib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

USER, PASSWORD = "returns@kelvance.example", "a password: of/these@tests"


class ImapServer:
    """Where it is, and what lies in its folders, asked by the standard library's client."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def url(self) -> str:
        return f"imap://returns%40kelvance.example:a%20password%3A%20of%2Fthese%40tests@127.0.0.1:{self.port}"

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self._client() as client:
            for mail in mails:
                assert client.append(folder, None, None, mail)[0] == "OK"

    def holds(self, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder; none when there is no such folder."""
        with self._client() as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            _, found = client.fetch("1:*", "(BODY.PEEK[])")
            return [each[1] for each in found if isinstance(each, tuple)]

    def look_at_everything(self) -> None:
        """A person opens the mailbox: all of it is seen now."""
        with self._client() as client:
            client.select("INBOX")
            client.store("1:*", "+FLAGS", "\\Seen")

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(USER, PASSWORD)
        return client


@asynccontextmanager
async def imap_server(port: int | None = None) -> AsyncIterator[ImapServer]:
    """The server with one empty mailbox."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    run = "from pymap.main import main; main()"
    arguments = ["--no-tls", "--host", "127.0.0.1", "--port", str(port), "dict"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", run, *arguments, "--demo-user", USER, "--demo-password", PASSWORD,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(200):
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.05)
        yield ImapServer(port)
    finally:
        process.terminate()
        await process.wait()
