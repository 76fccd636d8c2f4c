"""Does the page of imports count each row once, open it, and give back what is to be mended?"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from uuid import uuid4

from leadloom.runtime.how_to_read import opened
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Imported
from leadloom.runtime.importing import Import
from leadloom.store import published
from tests.web.console import Console, words

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
FIGURE = re.compile(r'<a class="figure[^"]*" href="(/rows/[^"]+)">([\d,]+)</a>')
LIST = "Email,First Name,Created Date,Email Opt Out\n" + "".join(
    f"p{no}@alder.example,<b>P{no}</b>,2026-01-0{no},{'Yes' if no == 3 else 'No'}\n" for no in range(1, 6)
)
BAD = "nobody,Nobody,,\n" + "".join(f"q{no}@alder.example,Q,2031-0{no}-01,\n" for no in (1, 2)) + "short\n"


async def bring_in(console: Console, folder: Path, text: str, name: str = "fair.csv") -> Imported:
    """As an operator would."""
    path, db = folder / name, console.site.db
    path.write_text(text)
    how = LeadList(dates="dmy")
    table = await opened(path, how, lambda share, words: None)
    async with db.read() as tx:
        book = await published.book(tx)
    bringing = Import(db, table, LeadWork(table, how, book, at=AT), now=lambda: AT, told=lambda share, words: None)
    return await bringing.bring_in(how.model_dump(mode="json"), by="omar", faults_file=folder / "faults.csv")


async def test_no_import_yet_says_how_to_begin(console: Console) -> None:
    assert "leads import FILE --dry-run" in words(await console.page("/imports"))


async def test_every_number_of_an_import_counts_the_rows_it_opens(console: Console, tmp_path: Path) -> None:
    ended = await bring_in(console, tmp_path, LIST + BAD)
    again = await bring_in(console, tmp_path, LIST.replace("P2", "Paula"), "next.csv")
    page = await console.page(f"/imports/{ended.import_id}")
    figures = FIGURE.findall(page) + FIGURE.findall(await console.page("/imports"))
    assert [number for _, number in figures[:6]] == ["5", "0", "0", "1", "4", "0"]
    assert sorted(number for _, number in figures[6:9]) == ["1", "1", "2"], "by reason"
    for href, number in figures:
        found = re.search(r"data-total>([\d,]+)<", await console.page(unescape(href)))
        assert (href, found.group(1) if found else "0") == (href, number)
    assert "'2031-01-01' lies ahead of now (2026-03-03)" in words(page)
    assert "--dates dmy" in words(page)
    assert again.new == 0
    taken = await console.page(f"/rows/import-rows?import={ended.import_id}&outcome=new")
    assert "<b>P1" not in taken


async def test_a_refused_row_shows_what_it_says_and_why_and_comes_back_mended(console: Console, tmp_path: Path) -> None:
    ended = await bring_in(console, tmp_path, LIST + BAD)
    rows = words(await console.page(f"/rows/import-faults?import={ended.import_id}&kind=refused"))
    assert "Email: nobody · First Name: Nobody" in rows
    assert "Give an address such as ana@company.example" in rows
    answer = await console.client.get(f"/imports/{ended.import_id}/faults.csv")
    assert answer.headers["content-disposition"].endswith("fair.faults.csv")
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert header == ["fault_field", "fault", "Email", "First Name", "Created Date", "Email Opt Out"]
    mended = answer.text.replace(",nobody,", ",nora@birch.example,")
    second = await bring_in(console, tmp_path, mended, "mended.csv")
    assert (len(lines), second.new, second.refused) == (4, 1, 3)
    twice = csv.reader(io.StringIO((await console.client.get(f"/imports/{second.import_id}/faults.csv")).text))
    assert next(twice) == header


async def test_an_unknown_import_is_not_found_and_an_old_bookmark_of_its_rows_is_empty(console: Console) -> None:
    await console.page(f"/imports/{uuid4()}", status=404)
    for which in ("rows", "faults"):
        for named in (str(uuid4()), "nonsense", ""):
            assert "No such row" in await console.page(f"/rows/import-{which}?import={named}")
