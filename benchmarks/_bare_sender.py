"""What is the least a mail can cost? Kept aiosmtplib connections that send one prebuilt body, with nothing else to do.

`python -m benchmarks._bare_sender PORT MAILS CONNECTIONS BYTES` prints seconds from the first mail to the last answer.
"""

from __future__ import annotations

import asyncio
import sys
import time

import aiosmtplib


def body(size: int) -> bytes:
    """A mail of about so many bytes, in lines as long as ours."""
    head = b"From: <a@kelvance.example>\r\nTo: <b@company.example>\r\nSubject: prebuilt\r\n\r\n"
    line = b"x" * 74 + b"\r\n"
    return head + line * max(1, (size - len(head)) // len(line))


async def main(port: int, mails: int, connections: int, size: int) -> None:
    """Connect first, then send as fast as the answers come."""
    clients = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) for _ in range(connections)]
    await asyncio.gather(*(client.connect() for client in clients))
    numbers, wire = iter(range(mails)), body(size)

    async def carry(client: aiosmtplib.SMTP) -> None:
        for no in numbers:
            await client.sendmail("bounce@kelvance.example", [f"bare{no}@company.example"], wire)

    began = time.monotonic()
    await asyncio.gather(*(carry(client) for client in clients))
    print(time.monotonic() - began, flush=True)
    await asyncio.Event().wait()  # the stand reads what this process used, then ends it


if __name__ == "__main__":
    asyncio.run(main(*(int(each) for each in sys.argv[1:])))
