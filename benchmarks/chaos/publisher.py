"""Publishes an edited journey, saying each page of runs it has moved: a process to be killed amid its work."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from benchmarks.chaos import edit_kinds
from benchmarks.chaos.edit_books import MAIL_CLASS
from benchmarks.chaos.edit_kinds import Kind
from benchmarks.chaos.edits import BY, letters
from leadloom.runtime import live_edits
from leadloom.runtime.wiring import opened


async def main(kind: Kind, wait: timedelta) -> None:
    """Put the new version in force and move its runs."""
    journey = edit_kinds.after(kind, wait=wait, mail_class=MAIL_CLASS)
    edit = live_edits.Edit(journey, letters(journey))
    async with opened() as house:
        await live_edits.publish(
            house.db, edit, edit_kinds.choice(kind), at=house.now(), by=BY,
            told=lambda moved: print(f"page: {moved} runs", flush=True),
        )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(Kind(sys.argv[1]), timedelta(seconds=float(sys.argv[2]))))
