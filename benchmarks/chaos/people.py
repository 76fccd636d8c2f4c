"""Who are the leads? The first rows of a file somebody names, else invented people; a few of them have opted out."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from benchmarks.chaos.hurry import MAIL_DOMAIN

_FIRST = ("Ana", "Bram", "Chiara", "Dele", "Elif", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Keiko", "Lena")
_LAST = ("Abe", "Brandt", "Costa", "Duarte", "Eze", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya", "Lopez")
_COUNTRIES = ("US", "US", "US", "SG", "AU", "CA", "")


def invent(path: Path, count: int, seed: int, *, opted_out: float = 0.08) -> None:
    """Write a list of invented people, the same for the same seed. As many opt out as in the X Education list."""
    chance = Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Lead Number", "First Name", "Last Name", "Country", "Do Not Email"])
        for no in range(1, count + 1):
            first, last = chance.choice(_FIRST), chance.choice(_LAST)
            stop = "Yes" if chance.random() < opted_out else "No"
            rows.writerow([no, first, last, chance.choice(_COUNTRIES), stop])


def cut(source: Path, path: Path, count: int) -> int:
    """Copy the head and the first `count` rows of a CSV file; how many there were."""
    with source.open(newline="", encoding="utf-8-sig") as file, path.open("w", newline="", encoding="utf-8") as kept:
        rows, out = csv.reader(file), csv.writer(kept)
        out.writerow(next(rows))
        taken = 0
        for row in rows:
            if taken == count:
                break
            out.writerow(row)
            taken += 1
    return taken


def who_said_no(path: Path) -> frozenset[str]:
    """Addresses that must get nothing, by the list itself."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row.get("Do Not Email", "").strip().lower() == "yes"]
    return frozenset(f"{row['Lead Number']}@{MAIL_DOMAIN}" for row in rows)
