"""Can somebody bring in a list by the browser: see what it is, what would become of it, and lose no row of it?"""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path
from uuid import UUID

import httpx
import openpyxl

from leadloom.runtime.importing import PAGE
from leadloom.runtime.uploaded_lists import ListTaker, safe_name
from leadloom.store import uploads
from tests.store.acts import TUESDAY
from tests.web.console import Console, words

LIST = "E-Mail;Vorname;Surname;Company;Score;Opt Out\n" + "".join(
    f"p{no}@alder.example;Zoë;<b>{no}</b>;Alder;{no};{'yes' if no == 2 else 'no'}\n" for no in range(1, 5)
)
BAD = "nobody;No;Body;Alder;1;no\nshort\n"
FORM = {
    "column-0": "email", "column-1": "first_name", "column-2": "last_name", "column-3": "company",
    "column-5": "opt_out", "basis": "soft-opt-in", "source": "the fair in Hanover", "zone": "UTC",
    "collected_on": "2026-03-01",
}  # fmt: skip


async def token_of(console: Console, path: str = "/imports") -> str:
    found = re.search(r'name="token" value="([^"]+)"', await console.page(path))
    assert found is not None
    return unescape(found.group(1))


async def sent(console: Console, content: bytes, name: str = "fair.csv", **fields: str) -> httpx.Response:
    """Send a file as the page of imports does."""
    data = {"token": await token_of(console), **fields}
    return await console.client.post("/imports", data=data, files={"file": (name, content)})


async def page_of(console: Console, content: str | bytes = LIST + BAD) -> str:
    """The page of a list that was sent."""
    told = content.encode() if isinstance(content, str) else content
    answer = await sent(console, told)
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["location"]


async def worker_looks(console: Console, page: str) -> str:
    """What a worker does when the list's workflow asks it."""
    return await ListTaker(console.site.db).look(UUID(page.rpartition("/")[2]), at=TUESDAY)


async def acts(console: Console, page: str, do: str, **fields: str) -> httpx.Response:
    return await console.client.post(page, data={"token": await token_of(console, page), "do": do, **fields})


async def test_a_list_is_mapped_rehearsed_and_brought_in(console: Console) -> None:
    assert "Choose your seat to send a list" in words(await console.page("/imports"))
    console.sit("priya-nair")
    page = await page_of(console)
    shown = await console.page(page)
    for column, field in (("E-Mail", "email"), ("Surname", "last name"), ("Company", "company")):
        chosen = rf"<strong>{column}</strong>.*?<option value=\"[a-z_]+\" selected>([a-z ]+)</option>"
        found = re.search(chosen, shown, re.DOTALL)
        assert found is not None, column
        assert found.group(1) == field
    assert "Zoë" in shown, "what a column says, for example"
    assert "semicolon" in words(shown)
    assert (await acts(console, page, "bring-in")).status_code == 400, "nothing is brought in that nobody has rehearsed"

    before = await console.site.count("lead")
    assert (await acts(console, page, "rehearse", **FORM)).status_code == 303
    assert "waiting for a worker" in words(await console.page(page))
    again = await acts(console, page, "rehearse", **FORM)
    assert (again.status_code, "It is being rehearsed" in again.text) == (400, True)
    assert await worker_looks(console, page) == "rehearsed"
    assert await console.site.count("lead") == before, "a rehearsal writes nothing"
    rehearsed = words(await console.page(page))
    assert "new leads 4" in rehearsed
    assert "refused 2" in rehearsed
    assert "said no to mail 1" in rehearsed
    assert "has 1 cells, the header has 6" in rehearsed
    assert "<b>1</b>" not in await console.page(page), "what a stranger wrote is text"

    assert (await acts(console, page, "bring-in")).status_code == 303
    assert await worker_looks(console, page) == "brought_in"
    assert await worker_looks(console, page) == "brought_in", "once more is nothing"
    assert await console.site.count("lead") == before + 4
    done = await console.page(page)
    assert "It is brought in" in words(done)
    link = re.search(r'href="(/imports/[0-9a-f-]{36})"', done)
    assert link is not None
    assert "refused 2" in words(await console.page(link.group(1)))
    assert await console.site.count("upload_part") == 0, "its bytes are of no use any more"
    [kept] = await console.site.rows("SELECT found, told FROM upload")
    assert "alder.example" not in f"{kept['found']}{kept['told']}"
    [basis] = await console.site.rows("SELECT DISTINCT source, kind FROM basis WHERE source LIKE 'the fair%'")
    assert basis["kind"] == "soft-opt-in"


async def test_what_is_wrong_with_a_list_is_said_before_a_row_is_read(console: Console, tmp_path: Path) -> None:
    console.sit("priya-nair")
    two = tmp_path / "two.xlsx"
    book = openpyxl.Workbook()
    for title in ("north", "south"):
        book.create_sheet(title).append(["Email"])
        book[title].append(["p@alder.example"])
    book.save(two)
    wrong = {
        "empty.csv": (b"", "It is empty"),
        "header.csv": (b"Email\n", "It has a header and no rows"),
        "photo.csv": (b"\x89PNG\r\n\x1a\n\0\0\0", "NUL characters"),
        "list.pdf": (b"%PDF-1.7", "a PDF, not a CSV"),
        "two.xlsx": (two.read_bytes(), "north"),
    }
    for name, (content, says) in wrong.items():
        answer = await sent(console, content, name)
        assert (answer.status_code, says in words(answer.text)) == (400, True), (name, words(answer.text)[:900])
    told = await sent(console, "Email\nZoë@alder.example\n".encode("cp1252"), encoding="utf-8")
    assert "can't be read in it from byte" in words(told.text)
    assert (await sent(console, two.read_bytes(), "two.xlsx", sheet="south")).status_code == 303
    none = await console.client.post("/imports", data={"token": await token_of(console)}, files={"x": ("", b"")})
    assert "Choose a CSV file" in words(none.text)

    page = await page_of(console, "Email,Primary Email,Note\na@alder.example,b@alder.example,x\n")
    doubled = await acts(console, page, "rehearse", **{"column-0": "email", "column-1": "email"})
    assert "'Email' and 'Primary Email' can't both be email" in words(doubled.text)
    nobody = await acts(console, page, "rehearse", **{"column-2": "company"})
    assert "None of them says who a lead is" in words(nobody.text)
    half = await acts(console, page, "rehearse", **{"column-0": "email", "basis": "express"})
    assert "give all three, or none" in words(half.text)
    odd = await acts(console, page, "rehearse", **{"column-0": "email", "dates": "ymd"})
    assert (odd.status_code, "Choose one of those" in words(odd.text)) == (400, True)
    made = {"column-2": "", "made": "email={Note}@leads.example", "zone": "Europe/Berlin"}
    assert (await acts(console, page, "rehearse", **made)).status_code == 303
    assert await worker_looks(console, page) == "rehearsed"
    assert "x@leads.example" in words(await console.page(page))


async def test_nobody_else_sends_a_list_and_none_is_larger_than_it_may_be(console: Console) -> None:
    console.sit("priya-nair")
    file = {"file": ("fair.csv", LIST.encode())}
    assert (await console.client.post("/imports", data={"token": "forged"}, files=file)).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    told = {"token": await token_of(console)}
    assert (await console.client.post("/imports", data=told, files=file, headers=elsewhere)).status_code == 403
    assert (await console.client.post("/imports", data=told)).status_code == 415
    large = {"Content-Length": str(300 << 20), "Content-Type": "multipart/form-data; boundary=x"}
    assert (await console.client.post("/imports", content=b"--x", headers=large)).status_code == 413
    page = await page_of(console)
    assert (await console.client.post(page, data={"do": "x" * 70_000})).status_code == 413, "only the list may be large"
    assert (await console.client.post(page, data={"token": "forged", "do": "cancel"})).status_code == 403
    assert safe_name("../../etc/pass\0wd\n.csv") == "pass_wd_.csv"
    assert safe_name("C:\\lists\\" + "a" * 300 + ".csv") == "a" * 120 + ".csv"
    assert safe_name("..") == "list.csv"
    for _ in range(uploads.MOST_OPEN - 1):
        await page_of(console, LIST)
    assert "lists wait to be brought in already" in words((await sent(console, LIST.encode())).text)


async def test_a_worker_that_dies_is_followed_by_one_that_goes_on_and_a_stop_is_heard(console: Console) -> None:
    console.sit("priya-nair")
    count = 6 * PAGE
    page = await page_of(console, "Email\n" + "".join(f"p{no}@alder.example\n" for no in range(count)))
    await acts(console, page, "rehearse", **{"column-0": "email"})
    await worker_looks(console, page)
    await acts(console, page, "bring-in")

    async def until_taken(rows: int) -> None:
        while await console.site.count("import_row") < rows:  # noqa: ASYNC110  it happens in the database
            await asyncio.sleep(0.02)

    dies = asyncio.create_task(worker_looks(console, page))
    await until_taken(PAGE)
    dies.cancel()
    await asyncio.wait([dies])
    assert PAGE <= await console.site.count("import_row") < count
    upload_id = UUID(page.rpartition("/")[2])
    async with console.site.db.transaction() as tx:
        assert await uploads.tell(tx, upload_id, share=0.5, words="bringing in · row 1,500")
        assert await uploads.tell(tx, upload_id, share=0.1, words="passing rows taken before · row 300")
    assert "50 %, passing rows taken before" in words(await console.page(page)), "what is done stays done"

    # After three tries that failed the list shows its error, and waits for somebody who lets it go on.
    async with console.site.db.transaction() as tx:
        await uploads.end(tx, upload_id, "failed", error="Postgres has no room left on its disk")
    stopped = words(await console.page(page))
    assert "no room left on its disk" in stopped
    assert "It stopped midway At 50 %" in stopped
    assert (await acts(console, page, "bring-in")).status_code == 303
    assert "50 %: waiting for a worker" in words(await console.page(page))
    assert await worker_looks(console, page) == "brought_in"
    [rows] = await console.site.rows("SELECT count(*) AS n, count(DISTINCT row_no) AS each FROM import_row")
    assert (rows["n"], rows["each"]) == (count, count)
    assert await console.site.count("import") == 1

    stopped = await page_of(console, "Email\n" + "".join(f"q{no}@alder.example\n" for no in range(60 * PAGE)))
    await acts(console, stopped, "rehearse", **{"column-0": "email"})
    works = asyncio.create_task(worker_looks(console, stopped))
    await asyncio.sleep(0.5)
    assert (await acts(console, stopped, "cancel")).headers["location"] == "/imports"
    assert await asyncio.wait_for(works, 5) == "cancelled"
    assert "It was given up" in words(await console.page(stopped))
    assert await console.site.count("upload_part") == 0


async def test_a_list_that_nobody_brings_in_is_given_up(console: Console) -> None:
    console.sit("priya-nair")
    page = await page_of(console)
    async with console.site.db.transaction() as tx:
        assert await uploads.forget(tx, at=console.site.house.now()) == 0
        assert await uploads.forget(tx, at=console.site.house.now() + uploads.KEPT * 1.1) == 1
    assert "It was given up" in words(await console.page(page))
    assert "fair.csv" not in words(await console.page("/imports")).partition("Bring in a list")[0]
