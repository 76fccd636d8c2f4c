"""How do a campaign's clicks and opens stand on its page: people's beside all of them, each with its rows?"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from leadloom.domain.model import Value
from leadloom.store.clicks import MailVisits
from leadloom.web.console.rows_clicks import VERDICTS


class Cell(Value):
    """So many visits, and their rows."""

    number: int
    href: str


class Line(Value):
    """The visits of one mail, of one kind."""

    mail: str
    what: str
    raw: Cell
    by: tuple[Cell, ...]
    """In the order of `HEADS`."""


HEADS = tuple(VERDICTS.values())


def lines(found: Iterable[MailVisits], *, campaign: str) -> tuple[Line, ...]:
    """One line for each mail and kind."""
    return tuple(_line(one, {"campaign": campaign, "mail": one.mail, "kind": one.kind}) for one in found)


def _line(one: MailVisits, said: dict[str, str]) -> Line:
    counts = {"human": one.human, "proxy": one.proxy, "machine": one.machine, "unsure": one.unsure}
    counts["waiting"] = one.waiting
    return Line(
        mail=one.mail,
        what="clicks" if one.kind == "click" else "opens",
        raw=Cell(number=one.raw, href=f"/rows/clicks?{urlencode(said)}"),
        by=tuple(
            Cell(number=counts[verdict], href=f"/rows/clicks?{urlencode({**said, 'verdict': verdict})}")
            for verdict in VERDICTS
        ),
    )
