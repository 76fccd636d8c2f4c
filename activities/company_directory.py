"""An example provider: a list of invented companies beside this file, for one that is asked over a wire."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from leadloom.domain.definitions.enrichment import CompanyField
from leadloom.domain.enrichment.asked import AskedCompany, Told

_LIST = Path(__file__).with_suffix(".csv")


class CompanyDirectory:
    """Companies of the example world by their domain; synthetic."""

    name = "company-directory"
    gives: frozenset[CompanyField] = frozenset(("industry", "sites", "country"))
    asks = frozenset(("domain",))

    def __init__(self, path: Path = _LIST) -> None:
        self._path = path

    async def look_up(self, company: AskedCompany) -> Sequence[Told]:
        """What the list says of the domain. Raises OSError without the list."""
        with self._path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["domain"] == company.domain:
                    as_of = date.fromisoformat(row["as_of"])
                    told: dict[CompanyField, str | int] = {"industry": row["industry"], "country": row["country"]}
                    told["sites"] = int(row["sites"])
                    return [Told(field=field, value=value, as_of=as_of) for field, value in told.items() if value != ""]
        return []


ENRICHER = CompanyDirectory()
