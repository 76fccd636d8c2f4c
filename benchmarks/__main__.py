"""Which benchmarks are there, and what do they say today? `./dev bench [NAME ...] [--quick] [--json FILE]`.

Finds its modules in this folder: each says its QUESTION, its TARGETS, and how to `measure`. Writes nothing into docs.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.metadata
import json
import os
import pkgutil
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks._measured import Measured, Row, Size, Target
from benchmarks._stand import standing
from leadloom.runtime.local.postgres import find_binaries
from leadloom.runtime.local.temporal import find_binary

PARTS = ("server", "worker", "postgres", "sink", "client")


def names() -> list[str]:
    """The modules that measure, by name."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    return sorted(name for name in found if not name.startswith("_"))


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    said = {
        "cores": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "temporalio": importlib.metadata.version("temporalio"),
        "Temporal": _version([find_binary("temporal"), "--version"]),
        "Postgres": _version([str(find_binaries() / "postgres"), "--version"]) + ", fsync and synchronous_commit on",
    }
    return {name: " ".join(words.split()) for name, words in said.items()}


def _version(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()


async def measure(name: str, size: Size) -> tuple[Any, Measured, float]:
    """One module's answer on a stand of its own, and how long it took in seconds."""
    module = importlib.import_module(f"benchmarks.{name}")
    print(f"{name}: {module.QUESTION}", file=sys.stderr, flush=True)
    began = time.monotonic()
    async with standing(size) as stand:
        return module, await module.measure(stand, size), time.monotonic() - began


def show(module: Any, measured: Measured) -> None:
    """The answer as a table on stdout."""
    print(f"\n## {module.QUESTION}\n")
    for row in measured.rows:
        _show_row(row)
    targets: tuple[Target, ...] = module.TARGETS
    promised = {target.figure: target for target in targets}
    for name, value in measured.figures.items():
        told = f"  {name}: {value:,.3f}".rstrip("0").rstrip(".")
        if target := promised.get(name):
            told += f"   target {target.words}: {'met' if target.met_by(value) else 'NOT MET'}"
        print(told)
    for missing in promised.keys() - measured.figures.keys():
        print(f"  {missing}: not measured at this size")
    for note in measured.notes:
        print(f"  note: {note}")


def _show_row(row: Row) -> None:
    print(f"  {row.what}")
    for who, rate, cpu in (("ours", row.ours_per_s, row.ours_cpu_ms), ("floor", row.floor_per_s, row.floor_cpu_ms)):
        if rate is None and not cpu:
            continue
        what = f" ({row.floor})" if who == "floor" else ""
        told = f"{rate:10,.1f} {row.unit}s/s" if rate is not None else " " * 14
        print(f"    {who:5} {told}   CPU ms a {row.unit}: {_split(cpu)}{what}")
    if row.ours_per_s and row.floor_per_s:
        print(f"    ratio {row.ours_per_s / row.floor_per_s:10.2f}")


def _split(cpu: Mapping[str, float]) -> str:
    order = [*PARTS, *sorted(cpu.keys() - set(PARTS))]
    parts = ", ".join(f"{name} {cpu[name]:.2f}" for name in order if name in cpu)
    return f"{sum(cpu.values()):.2f} = {parts}" if parts else "–"


def as_json(module: Any, measured: Measured, took_s: float) -> dict[str, object]:
    """The answer for machines."""
    targets = [
        {**asdict(target), "met": target.figure in measured.figures and target.met_by(measured.figures[target.figure])}
        for target in module.TARGETS
    ]
    return {"question": module.QUESTION, **asdict(measured), "targets": targets, "took_s": round(took_s, 1)}


async def main(wanted: list[str], size: Size, file: Path | None) -> int:
    """Measure, show, keep; 1 when a target was missed."""
    on = machine()
    print("Machine: " + "; ".join(f"{name} {words}" for name, words in on.items()))
    if size.quick:
        print("Quick size: figures for trying, not for quoting.")
    answers: dict[str, dict[str, object]] = {}
    missed = False
    for name in wanted:
        module, measured, took_s = await measure(name, size)
        show(module, measured)
        answers[name] = as_json(module, measured, took_s)
        figures = measured.figures
        missed |= any(not each.met_by(figures[each.figure]) for each in module.TARGETS if each.figure in figures)
        if file is not None:
            _keep(file, {"machine": on, "quick": size.quick, "answers": answers})
    return int(missed and not size.quick)


def _keep(file: Path, found: Mapping[str, object]) -> None:
    file.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(names())}; all without one")
    options.add_argument("--quick", action="store_true", help="small figures, for trying")
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures for machines, too")
    asked = options.parse_args()
    if unknown := set(asked.names) - set(names()):
        options.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    sys.exit(asyncio.run(main(asked.names or names(), Size(quick=asked.quick), asked.json)))
