"""Which letters may anybody read at /archive, and why does one of the list not stand there? `mail archive`."""

from __future__ import annotations

from leadloom.cli._data import AsJson, ask, table, write
from leadloom.domain.model import Instant, Value
from leadloom.runtime.mail_archive import Archive, Letter
from leadloom.runtime.wiring import House


class Listed(Value):
    """A letter of the list, without its words."""

    name: str
    sent_at: Instant | None
    languages: tuple[str, ...]
    why_not: str


def archive(as_json: AsJson = False) -> None:
    """Letters the definition opens to everybody (mail: archive), and why one of them isn't shown."""

    async def read(house: House) -> tuple[Letter, ...]:
        return await Archive(house.db, house.settings.public_url).letters(at=house.now())

    found = ask(read)
    drawn = table(
        "letter", "first sent", "languages", "address", "not shown because",
        rows=(
            (one.name, one.sent_at, " ".join(one.mails), f"/archive/{one.name}" if one.mails else "", one.why_not)
            for one in found
        ),
        empty="The definition opens no letter: name some under mail, archive.",
    )  # fmt: skip
    listed = (
        Listed(name=one.name, sent_at=one.sent_at, languages=tuple(one.mails), why_not=one.why_not) for one in found
    )
    write(tuple(listed), drawn, as_json=as_json)
