"""An example provider of people: a list of invented ones beside this file, for one that is asked over a wire."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from leadloom.domain.definitions.enrichment import LeadField, LeadWord
from leadloom.domain.enrichment.asked import AskedLead, Told

_LIST = Path(__file__).with_suffix(".csv")
_GIVES: tuple[LeadField, ...] = ("title", "phone", "time_zone")


class PeopleDirectory:
    """People of the example world by their address; synthetic."""

    name = "people-directory"
    gives = frozenset(_GIVES)
    asks: frozenset[LeadWord] = frozenset(("email",))

    def __init__(self, path: Path = _LIST) -> None:
        self._path = path

    async def look_up_lead(self, lead: AskedLead) -> Sequence[Told]:
        """What the list says of the address. Raises OSError without the list."""
        with self._path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["email"] == lead.email:
                    as_of = date.fromisoformat(row["as_of"])
                    return [Told(field=one, value=row[one], as_of=as_of) for one in _GIVES if row[one] != ""]
        return []


ENRICHER = PeopleDirectory()
