"""How do people stand with marketing mail? The rows behind the consent report."""

from __future__ import annotations

from leadloom.store import consent_report
from leadloom.store.consent_report import MAILABLE, STATES, StandingRow
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

_MAY = "mailable"


def _filters(_: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="country", label="Country"),
        Filter(name="state", label="Stands", choices=choices({_MAY: "may be mailed", **STATES})),
    )


async def _read(asking: Asking) -> Listed:
    country, state = asking.get("country"), asking.get("state")
    states = MAILABLE if state == _MAY else tuple(one for one in STATES if one == state) or None
    where = country.upper() if country else None
    return listed(await consent_report.people(asking.tx, where, states, asking.order, at=asking.at), _cells)


def _cells(row: StandingRow) -> tuple[Cell, ...]:
    place = "not known" if row.country == consent_report.UNKNOWN else row.country
    mark = "bad" if row.state == "suppressed" else ""
    return person_of(row), Cell(text=place), Cell(text=STATES[row.state], mark=mark)


router = routes(
    List(
        path="/rows/consent",
        title="Consent",
        hint="Everybody with an address, and on which permission marketing mail may go to them.",
        columns=(Column(label="Lead", sort="name"), Column(label="Country"), Column(label="Stands")),
        first_sort="name",
        first_descending=False,
        empty="Nobody stands so.",
        filters=_filters,
        read=_read,
    )
)
