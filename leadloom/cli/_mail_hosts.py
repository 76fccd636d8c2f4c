"""Who takes in the mail of the domains we write to, as DNS said?"""

from __future__ import annotations

from leadloom.cli._data import AsJson, ask, table, write
from leadloom.runtime.wiring import House
from leadloom.store import mail_hosts
from leadloom.store.mail_hosts import KnownHost


def hosts(as_json: AsJson = False) -> None:
    """Who takes in the mail of recipient domains, as their MX said, and until when that is believed."""

    async def read(house: House) -> tuple[KnownHost, ...]:
        async with house.db.read() as tx:
            return await mail_hosts.every(tx)

    rows = ask(read)
    drawn = table(
        "domain", "provider", "counted with", "MX", "asked", "until",
        rows=((row.domain, row.provider, row.host, _said(row), row.wall_asked_at, row.wall_until) for row in rows),
        empty="DNS was asked about nobody yet: a sweep asks about the mail of the next hour.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


def _said(row: KnownHost) -> str:
    if row.failure is not None:
        return f"no answer: {row.failure}"
    if not row.takes_mail:
        return "takes no mail"
    return ", ".join(row.exchanges[:2]) + (" …" if len(row.exchanges) > 2 else "")
