"""Do the books close when any part may die at any moment? `./dev chaos --leads 200 --kills 3`.

Leads come in by import, a campaign sends them through the welcome journey (its weeks made seconds), while Postgres,
Temporal, the relay and the workers are killed and the relay fails in every way it can. Then the balance: what was
sent twice, lost, left uncertain, stuck. Exit 0 only when the books close.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.chaos import deferring, edits, handing_over, mails, people, sent_lists, told
from benchmarks.chaos.balance import differences
from benchmarks.chaos.edit_kinds import Kind
from benchmarks.chaos.relay_log import BREAKS, Fault
from benchmarks.chaos.story import Played, Stage, play
from benchmarks.chaos.strikes import Strike, plan

_PARTS = ("worker", "postgres", "temporal", "smtp")


def options() -> argparse.ArgumentParser:
    """What may be asked."""
    parser = argparse.ArgumentParser(
        prog="./dev chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--leads", type=int, default=200, help="how many leads (default 200)")
    add("--kills", type=int, default=3, help="SIGKILLs of each part (default 3)")
    add("--faults", default="all", help=f"`all`, `none`, or some of {','.join(BREAKS)}")
    add("--times", type=int, default=3, help="how often each fault comes (default 3)")
    add("--seed", type=int, default=1, help="the same seed strikes at the same places (default 1)")
    add("--workers", type=int, default=2, help="worker processes (default 2)")
    add(
        "--data",
        type=Path,
        metavar="FILE",
        help="a CSV list with the columns of X Education; without it, invented people",
    )
    add("--temporal", choices=("file", "memory"), default="file", help="whether Temporal's store survives its death")
    add("--day", type=float, default=1.0, metavar="SECONDS", help="how long a day of the journey lasts (default 1)")
    add("--scenario", choices=("all parts", "deferring", "edits", "hand-offs", "lists", "mails"), default="all parts",
        help="`deferring`: only a relay that says 451, for 3 seconds and for 10 virtual minutes; `edits`: each kind of "
        "edit of a journey with its own runs at every step, while workers and the publisher are killed; "
        "`hand-offs`: people who ask to be called, shared by turns while whoever takes them in is killed; `lists`: "
        "a list of so many rows that comes by the browser, while the web and all workers are killed; `mails`: the "
        "crash table, due mails while workers, Postgres, the relay's replies and the disk fail")  # fmt: skip
    add("--mails", type=int, default=3000, help="mails: how many in each row (default 3000)")
    add("--rows", default="all", help="mails: rows of the table by number, such as 1,4 (default all)")
    add("--kinds", default="all", help=f"edits: `all`, or some of {','.join(Kind)}")
    add("--wait", type=float, metavar="SECONDS", help="edits: how long each wait of the journey lasts")
    add("--compare", action="store_true", help="play it once more with nothing broken, and compare")
    add("--json", type=Path, metavar="FILE", help="keep the balance for machines, too")
    add("--keep", type=Path, metavar="FOLDER", help="keep all files and logs there")
    return parser


def chosen_faults(words: str) -> tuple[Fault, ...]:
    """The faults named. Raises ValueError."""
    if words in ("all", "none"):
        return BREAKS if words == "all" else ()
    return tuple(Fault(word.strip()) for word in words.split(","))


@contextlib.contextmanager
def folder_of(keep: Path | None) -> Generator[Path]:
    """Where everything lies: kept, or gone with the run."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="leadloom-chaos-") as folder:
        yield Path(folder)


async def main(asked: argparse.Namespace) -> int:
    """Play, tell, compare; 0 when all books close."""
    faults = chosen_faults(asked.faults)
    strikes = plan(asked.seed, parts=_PARTS, kills=asked.kills, faults=faults, times=asked.times)
    with folder_of(asked.keep) as folder:
        stage = Stage(
            folder=folder / "broken", leads=folder / "leads.csv", workers=asked.workers,
            in_memory=asked.temporal == "memory", day=timedelta(seconds=asked.day),
            # A Temporal that lost its store finds runs again by the sweep of what is ten minutes overdue.
            idle_limit=900 if asked.temporal == "memory" else 240,
        )  # fmt: skip
        count = _list(asked, stage.leads)
        print(f"{count} leads, {len(strikes)} strikes, seed {asked.seed}", file=sys.stderr)
        broken = await _played(stage, strikes)
        print(told.story(broken, planned=len(strikes)))
        quiet = await _played(replace(stage, folder=folder / "quiet"), []) if asked.compare else None
    unlike = [] if quiet is None else differences(broken.books, quiet.books)
    if quiet is not None:
        print(told.comparison(quiet, unlike))
    if asked.json is not None:
        asked.json.write_text(told.as_json(broken, quiet, unlike))
    return int(bool(broken.books.faults or unlike or broken.struck < len(strikes)))


async def defer(asked: argparse.Namespace) -> int:
    """The story of a relay that says "later"; 0 when it cost delay and nothing else."""
    with folder_of(asked.keep) as folder:
        people.invent(folder / "leads.csv", asked.leads, asked.seed, opted_out=0)
        found: list[deferring.Deferred] = []
        for name in ("seconds", "minutes"):
            (folder / name).mkdir(exist_ok=True)
        stage = Stage(folder=folder / "seconds", leads=folder / "leads.csv", day=timedelta(seconds=asked.day))
        found.append(await deferring.in_seconds(stage))
        print(deferring.lines(found[-1]), flush=True)
        found.append(await deferring.in_minutes(folder / "minutes", folder / "leads.csv"))
        print(deferring.lines(found[-1]))
    if asked.json is not None:
        asked.json.write_text(json.dumps([each.model_dump(mode="json") for each in found], indent=1))
    return int(any(each.faults for each in found))


async def edit(asked: argparse.Namespace) -> int:
    """The story of journeys edited under their leads' feet; 0 when each balance closes."""
    kinds = list(Kind) if asked.kinds == "all" else [Kind(word.strip()) for word in asked.kinds.split(",")]
    # As long as the runs of one wait take a worker, and a little longer: then they stand at every step.
    wait = timedelta(seconds=asked.wait or max(6.0, asked.leads / 40))
    with folder_of(asked.keep) as folder:
        people.invent(folder / "leads.csv", asked.leads, asked.seed, opted_out=0)
        stage = Stage(folder=folder / "edits", leads=folder / "leads.csv", workers=asked.workers)
        stage.folder.mkdir(parents=True, exist_ok=True)
        found = await edits.play(stage, kinds, kills=asked.kills, wait=wait, seed=asked.seed)
    if asked.json is not None:
        asked.json.write_text(json.dumps([each.model_dump(mode="json") for each in found], indent=1))
    return int(any(each.faults for each in found))


async def hand_over(asked: argparse.Namespace) -> int:
    """The story of a pool that shares leads; 0 when everybody has their share and nobody is unowned."""
    with folder_of(asked.keep) as folder:
        (folder / "hand-offs").mkdir(exist_ok=True)
        found = await handing_over.play(folder / "hand-offs", asked.leads, kills=asked.kills, seed=asked.seed)
    print(handing_over.lines(found))
    if asked.json is not None:
        asked.json.write_text(found.model_dump_json(indent=1))
    return int(bool(found.faults))


async def send_list(asked: argparse.Namespace) -> int:
    """The story of a list that somebody sends by the browser; 0 when it came in whole and once."""
    with folder_of(asked.keep) as folder:
        (folder / "lists").mkdir(exist_ok=True)
        found = await sent_lists.play(folder / "lists", asked.leads, kills=asked.kills)
    print(sent_lists.lines(found))
    if asked.json is not None:
        asked.json.write_text(found.model_dump_json(indent=1))
    return int(bool(found.faults))


async def crash(asked: argparse.Namespace) -> int:
    """The crash table of single mails; 0 when every row keeps its promises."""
    planned = mails.picked(mails.rows(kills=asked.kills, times=asked.times, seed=asked.seed), asked.rows)
    with folder_of(asked.keep) as folder:
        crashed = await mails.play(folder, planned, asked.mails)
    if told_all := mails.listed(crashed):
        print(told_all)
    print(mails.table(crashed, asked.mails))
    faults = [fault for each in crashed for fault in each.faults]
    missing = [row.what for row in planned if row not in [each.row for each in crashed]]
    print("\n".join([*faults, *(f"Not tried: {each}" for each in missing)]) or "Every promise is kept.")
    if asked.json is not None:
        asked.json.write_text(json.dumps([mails.for_machines(each) for each in crashed], indent=1))
    return int(bool(faults))


async def _played(stage: Stage, strikes: list[Strike]) -> Played:
    stage.folder.mkdir(parents=True, exist_ok=True)
    return await play(stage, strikes)


def _list(asked: argparse.Namespace, path: Path) -> int:
    if asked.data is not None:
        return people.cut(asked.data, path, asked.leads)
    people.invent(path, asked.leads, asked.seed)
    return asked.leads


_SCENARIOS = {"deferring": defer, "edits": edit, "hand-offs": hand_over, "lists": send_list, "mails": crash}

if __name__ == "__main__":
    parser = options()
    try:
        words = parser.parse_args()
        scenario = _SCENARIOS.get(words.scenario, main)
        sys.exit(asyncio.run(scenario(words)))
    except ValueError as error:
        parser.error(str(error))
