"""The long hunt: `python -m tests.e2e.rehearsal_hunt --cases 3000 --seed 1`; one case alone: `--seed 1 --case 17`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time

from tests import services
from tests.rehearsed.hunt import Found, hunt_twice

BATCH = 150
"""Cases of one house: more share its start, fewer let it tick faster."""


def main() -> int:
    """Hunt as the arguments say; 1 when something differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=BATCH, help="how many in all; batches have seeds that follow")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch")
    parser.add_argument("--case", type=int, action="append", help="only this case of the batch; may be repeated")
    parser.add_argument("--batch", type=int, default=BATCH, help="cases of one house")
    parser.add_argument("--wide", action="store_true", help="leads in several journeys, scores and stages")
    asked = parser.parse_args()
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    return asyncio.run(_hunt(asked))


async def _hunt(asked: argparse.Namespace) -> int:
    left, seed, differences, began = asked.cases, asked.seed, 0, time.monotonic()
    sums: list[Found] = []
    async with services.postgres() as databases, services.migrated(databases) as template:
        while left > 0:
            numbers = asked.case or list(range(min(asked.batch, left)))
            found = await hunt_twice(lambda: databases.fresh(template), seed, numbers, wide=asked.wide, tell=_tell)
            for words in found.differences.values():
                print(words, flush=True)
            for words in found.once.values():
                print(f"as rehearsed when it was played again: {words.partition(chr(10))[0]}", flush=True)
            sums.append(found)
            differences += len(found.differences)
            _tell(
                f"seed {seed}: {found.cases} cases, {found.decisions} decisions, mails: {found.sent} of {found.mails}, "
                f"{found.still_open} open, {len(found.differences)} differ; {time.monotonic() - began:.0f} s\n"
            )
            left, seed = (0 if asked.case else left - len(numbers)), seed + 1
    print(
        f"{sum(one.cases for one in sums)} cases, {sum(one.decisions for one in sums)} decisions, "
        f"{sum(one.sent for one in sums)} mails sent of {sum(one.mails for one in sums)}, {differences} differ, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if differences else 0


def _tell(words: str) -> None:
    print(f"\r{words:<100}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
