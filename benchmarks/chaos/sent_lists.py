"""Does a list that comes by the browser come in whole and once while the web and the workers die?

Somebody sends a list, and the web is killed amid it; sends it again, has it rehearsed and brought in, while the web and
every worker are killed again and again at places of the list. In between they look at its page.

Afterwards: each person once and nobody missing, each row settled once, one import; the page always said how far it is,
and never less than before; the same list once more brings nothing new.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import asyncpg
import httpx

from benchmarks.big_list import written
from benchmarks.chaos.parts import Command
from benchmarks.chaos.story import Parts, Stage, environment, running
from leadloom.domain.model import Value
from leadloom.runtime.local.children import free_port
from leadloom.runtime.settings import Settings

_SEAT = "priya-nair"
_PATIENCE = 240.0
"""Seconds without progress after which it is called stuck."""
_PIECE = 1 << 16
_STATES = {"Being rehearsed": "rehearsing", "Being brought in": "bringing in", "It is brought in": "brought in",
           "What would become of its": "rehearsed"}  # fmt: skip


class Brought(Value):
    """What came of it."""

    rows: int
    people: int
    leads: int
    addresses: int
    settled: int
    """Rows of the list that something became of."""
    settled_twice: int
    imports: int
    kept_of_half: int
    """Lists that were kept of a sending that was cut off."""
    kills: dict[str, int]
    news: int
    """New or changed by the same list once more."""
    seconds: float
    seen: tuple[str, ...]
    """What the page said after each kill."""
    went_back: int
    """How often it said less than before."""

    @property
    def faults(self) -> list[str]:
        """What was not as promised, in words."""
        said = {
            f"{self.people - self.leads} people are missing": self.leads < self.people,
            f"{self.leads - self.people} leads are too many": self.leads > self.people,
            f"{self.leads - self.addresses} leads share an address": self.leads != self.addresses,
            f"{self.rows - self.settled} rows came to nothing": self.settled != self.rows,
            f"{self.settled_twice} rows were settled twice": self.settled_twice > 0,
            f"there were {self.imports} imports": self.imports != 1,
            f"{self.kept_of_half} halves of a list were kept": self.kept_of_half > 0,
            f"the same list again changed {self.news}": self.news > 0,
            f"{self.went_back} times the page said less than before": self.went_back > 0,
            "the page didn't say how far it was": any("%" not in each for each in self.seen),
        }
        return [words for words, is_so in said.items() if is_so]


def lines(found: Brought) -> str:
    """For whoever asked."""
    killed = ", ".join(f"{name} {count} times" for name, count in found.kills.items())
    head = f"{found.rows:,} rows, {found.people:,} people, in {found.seconds:.0f} s; killed: {killed}"
    body = [f"after a kill the page said: {each}" for each in found.seen]
    tail = (
        f"{found.leads:,} leads, {found.addresses:,} addresses, {found.settled:,} rows settled, "
        f"{found.settled_twice} of them twice; the same list again: {found.news} new or changed"
    )
    return "\n".join([head, *body, tail, *(found.faults or ["Every promise is kept."])])


async def play(folder: Path, rows: int, *, kills: int) -> Brought:
    """Send, kill, look, count; then send the same list again in peace."""
    path, people = written(folder / "fair.csv", rows)
    began = time.monotonic()
    async with running(Stage(folder=folder, leads=path)) as parts:
        port = free_port()
        env = {**environment(parts.settings), "LEADLOOM_SIGN_IN": "seats"}
        web = Command("web", ["starter.py", "serve", "--listen", f"127.0.0.1:{port}"], env=env, log=folder / "web.log")
        await web.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                client.cookies.set("seat", _SEAT, domain="127.0.0.1")
                somebody = _Somebody(client, parts, web)
                half = await somebody.cut_off(path)
                seen = await somebody.brings_in(path, kills=kills)
                first = await _counted(parts.settings)
                await somebody.brings_in(path, kills=0)
                went_back = somebody.went_back
        finally:
            await web.stop()
        last = await _told(parts.settings)
        died = {"the web": web.deaths, "each worker": min(worker.deaths for worker in parts.workers)}
    return Brought(
        rows=rows, people=people, **first, kept_of_half=half, kills=died, news=last["new"] + last["changed"],
        seconds=time.monotonic() - began, seen=tuple(seen), went_back=went_back,
    )  # fmt: skip


class _Somebody:
    """At a browser, with a list."""

    def __init__(self, client: httpx.AsyncClient, parts: Parts, web: Command) -> None:
        self._client, self._parts, self._web = client, parts, web
        self.went_back = 0

    async def cut_off(self, path: Path) -> int:
        """Send the list while the web dies; how many lists were kept of it."""
        form, headers = await self._form(path)
        half = len(form) // 2

        async def slowly() -> AsyncIterator[bytes]:
            for at in range(0, half, _PIECE):
                yield form[at : min(at + _PIECE, half)]
            await self._web.die()
            yield form[half:]

        try:
            await self._client.post("/imports", content=slowly(), headers=headers)
        except httpx.TransportError:
            await self._web.start()
        await self._page("/imports")
        return (await _rows(self._parts.settings, "SELECT count(*) AS n FROM upload"))[0]["n"]

    async def brings_in(self, path: Path, *, kills: int) -> list[str]:
        """Send it, rehearse it, bring it in; what the page said after each kill of everything."""
        form, headers = await self._form(path)
        sent = await self._client.post("/imports", content=form, headers=headers)
        page = sent.headers["location"]
        token = await self._token(page)
        columns = {name: value for name, value in _selected(await self._page(page)).items() if value}
        await self._client.post(page, data={"token": token, "do": "rehearse", "zone": "UTC", **columns})
        if kills:
            await self._killed(page)
        await self._until(page, "rehearsed", strikes=[])
        await self._client.post(page, data={"token": await self._token(page), "do": "bring-in"})
        strikes = [(no + 1) / (kills + 1) for no in range(kills)]
        return await self._until(page, "brought in", strikes=strikes)

    async def _until(self, page: str, state: str, *, strikes: list[float]) -> list[str]:
        """Look at the page until it says so; kill everything when so much of the list is done."""
        seen: list[str] = []
        before, changed, most = "", time.monotonic(), 0.0
        while True:
            said, done = _said(await self._page(page))
            if said != state:
                self.went_back += done < most
                most = max(most, done)
            if said == state:
                return seen
            if strikes and said != "rehearsed" and done >= strikes[0]:
                strikes.pop(0)
                seen.append(await self._killed(page))
            if f"{said} {done}" != before:
                before, changed = f"{said} {done}", time.monotonic()
                print(f"{said} {100 * done:.0f} %", file=sys.stderr, flush=True)
            if time.monotonic() - changed > _PATIENCE:
                raise RuntimeError(f"the list stands still at {before}")
            await asyncio.sleep(0.2)

    async def _killed(self, page: str) -> str:
        """Kill the workers and the web at once; look at the page while no worker lives; then all are back."""
        await asyncio.gather(*(worker.die() for worker in self._parts.workers), self._web.die())
        await self._web.start()
        said, done = _said(await self._page(page))
        await asyncio.gather(*(worker.start() for worker in self._parts.workers))
        return f"{said}, {100 * done:.0f} %"

    async def _form(self, path: Path) -> tuple[bytes, dict[str, str]]:
        told = {"token": await self._token("/imports")}
        with path.open("rb") as file:
            built = self._client.build_request("POST", "/imports", data=told, files={"file": (path.name, file)})
            return built.read(), {"Content-Type": built.headers["content-type"]}

    async def _token(self, path: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', await self._page(path))
        assert found is not None, f"{path} has no form"
        return unescape(found[1])

    async def _page(self, path: str) -> str:
        """A page, as soon as the web is there."""
        async with asyncio.timeout(60):
            while True:
                try:
                    answer = await self._client.get(path)
                except httpx.TransportError:
                    await asyncio.sleep(0.2)
                    continue
                if answer.is_success:
                    return answer.text
                raise RuntimeError(f"{path} says {answer.status_code}: {answer.text[:300]}")


def _said(page: str) -> tuple[str, float]:
    """Which state a list's page tells, and how much of the work is done, 0 to 1."""
    done = re.search(r'<progress max="100" value="(\d+)"', page)
    state = next((state for words, state in _STATES.items() if words in page), "new")
    return state, int(done[1]) / 100 if done else 0.0


def _selected(page: str) -> dict[str, str]:
    """What the form's columns say before anybody changed them."""
    found = re.findall(r'<select id="(column-\d+)".*?</select>', page, flags=re.DOTALL)
    chosen = {
        name: re.search(rf'<select id="{name}".*?<option value="([a-z_]+)" selected', page, re.DOTALL) for name in found
    }
    return {name: match[1] for name, match in chosen.items() if match is not None}


async def _counted(settings: Settings) -> dict[str, int]:
    query = """WITH became AS (SELECT row_no FROM import_row UNION ALL
                              SELECT DISTINCT row_no FROM import_fault WHERE kind = 'refused')
               SELECT (SELECT count(*) FROM lead) AS leads, (SELECT count(DISTINCT email) FROM lead) AS addresses,
                      (SELECT count(DISTINCT row_no) FROM became) AS settled,
                      (SELECT count(*) - count(DISTINCT row_no) FROM became) AS settled_twice,
                      (SELECT count(*) FROM import) AS imports"""
    return dict((await _rows(settings, query))[0])


async def _told(settings: Settings) -> dict[str, int]:
    """What the last list's page says of it."""
    query = "SELECT told -> 'new' AS new, told -> 'changed' AS changed FROM upload ORDER BY uploaded_at DESC LIMIT 1"
    row = (await _rows(settings, query))[0]
    return {name: int(row[name]) for name in ("new", "changed")}


async def _rows(settings: Settings, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
