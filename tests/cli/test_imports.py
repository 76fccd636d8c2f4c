"""Does a stranger's file come in whole, once, with each row's fate told, whatever is wrong with it?"""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.repository import ROOT
from tests.store.acts import rows

LIST = """Email,First Name,Lead Source,Created Date,Do Not Email,City
ana@alder.example,Ana,Olark Chat,2026-01-05,No,Select
ben@birch.example,Ben,google,2026-01-06,Yes,Oslo
"cara@cedar.example",Cara,Google,2026-01-07,,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small list, well made."""
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults are written where one stands."""
    monkeypatch.chdir(tmp_path)


def put(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.write_text(text, encoding=encoding)


def put_table(name: str, lines: list[list[str]]) -> None:
    with Path(name).open("w", newline="") as out:
        csv.writer(out).writerows(lines)


def table(name: str) -> list[list[str]]:
    with Path(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def there(name: str) -> bool:
    return Path(name).exists()


PERMISSION = ("--basis", "express", "--collected-on", "2026-01-05", "--source", "badge scan")


async def test_a_list_comes_in_once_and_is_unchanged_the_second_time(book: Book, command: Command, file: Path) -> None:
    first, second = [await command("leads", "import", file, "--json") for _ in range(2)]
    assert (first.code, second.code) == (0, 0), first.err
    told = first.json
    assert (told["new"], told["changed"], told["unchanged"], told["refused"]) == (3, 0, 0, 0)
    assert (told["opted_out"], told["placeholders"], told["blanks"]) == (1, {"City": 1}, {"Do Not Email": 1, "City": 1})
    assert told["sources"] == {"google": 2, "olark-chat": 1}
    assert [second.json[name] for name in ("new", "changed", "unchanged")] == [0, 0, 3]
    assert first.json["import_id"] != second.json["import_id"]
    listed = (await command("leads", "imports", "--json")).json
    assert [(one["file_name"], one["taken"]) for one in listed] == [("list.csv", 3), ("list.csv", 3)]


async def test_an_import_starts_no_journey_and_no_workflow(
    db: Db, book: Book, command: Command, file: Path, dsn: str
) -> None:
    await command("leads", "import", file, *PERMISSION)
    (count,) = await rows(
        dsn,
        "SELECT (SELECT count(*) FROM enrolment) + (SELECT count(*) FROM outbox)"
        " + (SELECT count(*) FROM hand_off) AS n",
    )
    assert count["n"] == 0
    stood = await rows(dsn, "SELECT at, evidence FROM stage_change JOIN lead USING (lead_id) ORDER BY email, no")
    assert [f"{row['at']:%Y-%m-%d}" for row in stood] == ["2026-01-05", "2026-01-06", "2026-01-07"]


async def test_only_a_stated_permission_lets_anybody_be_mailed_and_a_no_stands(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    without = await command("leads", "import", file)
    assert "Nobody of this list may get marketing mail" in without.out
    # Their countries aren't known, so only what suffices everywhere does.
    stated = await command("leads", "import", file, "--basis", "double-opt-in", *PERMISSION[2:], "--json")
    assert (stated.json["mailable"], stated.json["opted_out"]) == (2, 1)
    allowed = await rows(dsn, "SELECT email FROM basis JOIN lead USING (lead_id) WHERE act = 'given' ORDER BY email")
    assert [row["email"] for row in allowed] == ["ana@alder.example", "cara@cedar.example"]
    silent = await rows(dsn, "SELECT value, purpose FROM suppression")
    assert [tuple(row) for row in silent] == [("ben@birch.example", "marketing")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--basis", "express"), "give all three"),
        (("--basis", "hearsay", *PERMISSION[2:]), "Use one of: express"),
        (("--basis", "express", "--collected-on", "2031-01-01", "--source", "x"), "still to come"),
        (("--basis", "implied", "--collected-on", "2020-01-01", "--source", "x"), "ran out on"),
        (("--stage", "hot"), "Use one of: aware"),
        (("--list-source", "hearsay"), "Use one of: "),
        (("--value", "colour:1=won"), "FIELD:THEIRS=OURS"),
        (("--zone", "Moon/Base"), "time zone"),
        (("--separator", "ab"), "one character"),
        (("--map", "email=Mail"), "no column 'Mail'"),
    ],
)
async def test_an_option_that_cannot_be_is_refused_before_anything_is_written(
    book: Book, command: Command, file: Path, dsn: str, options: tuple[str, ...], words: str
) -> None:
    ran = await command("leads", "import", file, *options)
    assert ran.code == 2
    assert words in ran.err
    assert await rows(dsn, "SELECT FROM lead") == []


async def test_a_rehearsal_says_the_same_and_writes_nothing(book: Book, command: Command, file: Path, dsn: str) -> None:
    put(file, LIST + "ana@alder.example,Anna,,,,\nno address,,,,,\n")
    rehearsed = await command("leads", "import", file, "--dry-run", "--json")
    assert await rows(dsn, "SELECT FROM lead") == await rows(dsn, "SELECT FROM import") == []
    assert not there("list.faults.csv")
    real = await command("leads", "import", file, "--json")
    same = ("rows", "new", "refused", "opted_out", "placeholders", "sources", "refusals", "columns")
    assert {name: rehearsed.json[name] for name in same} == {name: real.json[name] for name in same}
    assert rehearsed.json["examples"][0]["email"] == "ana@alder.example"


async def test_refused_rows_go_into_a_file_that_is_mended_and_brought_in_again(
    book: Book, command: Command, file: Path
) -> None:
    bad = 'ana@,Ana,,,,\ndora@dune.example,Dora,,02/03/2026,,\nshort\nlong,1,2,3,4,5,6\n"eve@elm.example,Eve,,,,\n'
    put(file, LIST + bad)
    ran = await command("leads", "import", file, "--json")
    assert (ran.code, ran.json["new"], ran.json["refused"]) == (0, 3, 5)
    assert ran.json["faults_file"] == "list.faults.csv"
    header, *faulty = table("list.faults.csv")
    assert header[:3] == ["fault_field", "fault", "Email"]
    assert [row[0] for row in faulty] == ["email", "created_at", "row", "row", "row"]
    assert "Line 7: has 1 cells, the header has 6" in faulty[2][1]
    assert "a quote opens in it and isn't closed" in faulty[4][1]
    mended = [header, [*faulty[0][:2], "ana2@alder.example", *faulty[0][3:]], faulty[2]]
    put_table("mended.csv", mended)
    again = await command("leads", "import", "mended.csv", "--json")
    assert (again.json["new"], again.json["refused"]) == (1, 1)
    assert {use["column"] for use in again.json["columns"]} == set(header[2:])


async def test_a_file_of_which_no_row_can_be_taken_ends_as_faulty(book: Book, command: Command, file: Path) -> None:
    put(file, "Email\nnobody\n")
    ran = await command("leads", "import", file)
    assert ran.code == 6
    assert "row 1, email" in ran.err


async def test_two_columns_for_one_field_and_no_column_for_whom_are_named_with_the_remedy(
    book: Book, command: Command, file: Path
) -> None:
    put(file, "Email,Phone,Business Phone\na@b.example,1,2\n")
    two = await command("leads", "import", file)
    assert two.code == 2
    assert "both mean phone" in two.err
    put(file, "Nr,Colour\n1,red\n2,red\n")
    none = await command("leads", "import", file)
    assert none.code == 2
    assert "--map 'external_id=Nr'" in none.err
    made = await command("leads", "import", file, "--map", "email={Nr}@leads.example", "--json")
    assert made.json["new"] == 2


async def test_a_file_in_another_encoding_is_read_and_a_wrong_one_is_refused(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    put(file, "Email;First Name\na@b.example;Zoë\n", encoding="cp1252")
    wrong = await command("leads", "import", file, "--encoding", "utf-8")
    assert wrong.code == 2
    assert "can't be read in it" in wrong.err
    ran = await command("leads", "import", file)
    assert "cp1252 guessed, because it is no UTF-8, semicolon." in ran.out
    assert [row["first_name"] for row in await rows(dsn, "SELECT first_name FROM lead")] == ["Zoë"]


async def test_a_workbook_comes_in_like_a_list_and_its_faults_are_mended_as_csv(
    book: Book, command: Command, tmp_path: Path, dsn: str
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet("Fair", 0)
    sheet.append(("Email", "Phone", "Zip", "Created Date"))
    sheet.append(("ana@alder.example", 4915112345678, 1067, date(2026, 1, 5)))
    sheet.append(("ben@birch.example", 49151123456789012, 1067, 46027))
    sheet["C2"].number_format = "00000"
    workbook.save(tmp_path / "fair.xlsx")
    unnamed = await command("leads", "import", "fair.xlsx")
    assert unnamed.code == 2
    assert "--sheet 'Fair'" in unnamed.err
    first, second = [await command("leads", "import", "fair.xlsx", "--sheet", "Fair", "--json") for _ in range(2)]
    assert [first.json[name] for name in ("new", "refused", "encoding", "separator")] == [
        1, 1, "Excel workbook", "sheet 'Fair'",
    ], first.err  # fmt: skip
    assert [second.json[name] for name in ("new", "changed", "unchanged", "refused")] == [0, 0, 1, 1]
    (kept,) = await rows(
        dsn, "SELECT phone, attributes ->> 'postal_code' AS zip, created_at::date::text AS day FROM lead"
    )
    assert tuple(kept) == ("4915112345678", "01067", "2026-01-05")
    header, faulty = table("fair.faults.csv")
    assert header[2:] == ["Email", "Phone", "Zip", "Created Date"]
    assert "B3 is a number of 17 digits" in faulty[1]


async def test_the_next_file_with_the_same_header_is_read_as_the_last_one_was(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    put(file, "Nr,Mail,Won?,Met\n1,ana@alder.example,1,03/02/2026\n")
    said = ("--map", "email=Mail", "--map", "stage=Won?", "--map", "created_at=Met", "--value", "stage:1=mql,0=inquiry")
    first = await command("leads", "import", file, *said, "--dates", "dmy", *PERMISSION, "--json")
    assert (first.json["new"], first.json["read_as"]) == (1, None), first.err
    put(Path("next.csv"), "Nr,Mail,Won?,Met\n2,ben@birch.example,0,04/02/2026\n")
    rehearsed = await command("leads", "import", "next.csv", "--dry-run")
    assert "Read as list.csv was on" in rehearsed.out
    assert "--dates dmy" in rehearsed.out
    then = await command("leads", "import", "next.csv", "--map", "created_at=", "--json")
    assert (then.json["new"], then.json["mailable"]) == (1, 0), "a permission is stated anew"
    assert "--map 'created_at=Met'" not in then.json["read_as"]["options"]
    stood = await rows(dsn, "SELECT stage FROM lead_stage JOIN lead USING (lead_id) ORDER BY email")
    assert [row["stage"] for row in stood] == ["mql", "inquiry"]
    afresh = await command("leads", "import", "next.csv", "--afresh")
    assert "None of them says who a lead is" in afresh.err


async def test_what_is_wrong_is_counted_by_field_and_reason_in_a_rehearsal_and_for_real(
    book: Book, command: Command, file: Path
) -> None:
    bad = "".join(f"p{no}@b.example,P,,2031-01-{no:02},," + "\n" for no in range(1, 8))
    put(file, LIST + bad + "nobody,,,,,\nana@alder.example,,Bing,,,Rome\n")
    rehearsed, real = [await command("leads", "import", file, *how, "--json") for how in (("--dry-run",), ())]
    assert rehearsed.json["reasons"] == real.json["reasons"]
    assert [(one["kind"], one["field"], one["rows"]) for one in real.json["reasons"]] == [
        ("refused", "created_at", 7), ("refused", "email", 1),
    ]  # fmt: skip
    assert (
        real.json["reasons"][0]["reason"]
        == "… lies ahead of now (…); what is to come is no fact. Write the day it was."
    )
    assert real.json["changed_fields"] == {"attributes": 1}


async def test_known_leads_keep_what_they_said_when_asked_to(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    await command("leads", "import", file)
    put(file, "Email,Company,City\nana@alder.example,Alder Foods,Rome\nben@birch.example,Birch,Rome\n")
    kept = await command("leads", "import", file, "--keep-existing", "--json")
    assert (kept.json["changed"], kept.json["new"]) == (2, 0)
    cities = await rows(dsn, "SELECT attributes ->> 'city' AS city FROM lead ORDER BY email")
    assert [row["city"] for row in cities] == ["Rome", "Oslo", None]


async def test_a_company_written_without_its_space_is_the_same_one_and_that_is_said(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    put(file, "Lead ID,Company\n1,Golden Path\n2,GoldenPath\n3,golden path\n4,Other\n")
    ran = await command("leads", "import", file, "--json")
    assert {(one["told"], one["known"]) for one in ran.json["aliases"]} == {
        ("GoldenPath", "Golden Path"), ("golden path", "Golden Path"),
    }  # fmt: skip
    assert sorted(row["name"] for row in await rows(dsn, "SELECT name FROM account")) == ["Golden Path", "Other"]
    assert (await command("leads", "import", file, "--json")).json["unchanged"] == 4


async def test_deals_come_in_under_their_leads_and_contradictions_are_set_apart(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    await command("leads", "import", file, "--stage", "mql")
    deals = Path("deals.csv")
    put(
        deals,
        "deal,email,won_date,amount,product\n"
        "d-1,ana@alder.example,2026-02-01,500,GTX Pro\n"
        "d-2,ben@birch.example,2026-01-01,0,GTXPro\n"
        "d-3,nobody@x.example,2026-02-01,1,\n",
    )
    first, second = [await command("deals", "import", deals, "--currency", "USD", "--json") for _ in range(2)]
    assert [first.json[name] for name in ("new", "refused", "quarantined")] == [2, 1, 1]
    assert [second.json[name] for name in ("new", "changed", "unchanged", "refused")] == [0, 0, 2, 1]
    assert "before its lead was first met on 2026-01-06" in first.json["quarantine"][0]["why"]
    assert first.json["refusals"][0]["field"] == "lead"
    assert [(one["told"], one["known"]) for one in first.json["aliases"]] == [("GTXPro", "GTX Pro")]
    kept = await rows(dsn, "SELECT external_id, amount, product FROM deal ORDER BY external_id")
    assert [(row["external_id"], row["amount"], row["product"]) for row in kept] == [
        ("d-1", 500, "GTX Pro"), ("d-2", None, "GTX Pro"),
    ]  # fmt: skip
    stages = await rows(dsn, "SELECT email, stage FROM lead_stage JOIN lead USING (lead_id) ORDER BY email")
    assert [row["stage"] for row in stages] == ["won", "won", "mql"]
    started = await rows(dsn, "SELECT FROM hand_off UNION ALL SELECT FROM enrolment UNION ALL SELECT FROM outbox")
    assert started == []


async def test_a_won_deal_makes_a_customer_of_a_lead_whose_stage_nobody_told(
    book: Book, command: Command, file: Path, dsn: str
) -> None:
    await command("leads", "import", file)
    put(Path("deals.csv"), "email,won_date\nana@alder.example,2026-02-01\n")
    await command("deals", "import", "deals.csv")
    stages = await rows(dsn, "SELECT stage FROM lead_stage JOIN lead USING (lead_id) ORDER BY email")
    assert [row["stage"] for row in stages] == ["won", "aware", "aware"]


async def test_deals_of_companies_alone_are_taken_with_their_company(book: Book, command: Command, dsn: str) -> None:
    put(
        Path("deals.csv"),
        "opportunity_id,account,deal_stage,engage_date,close_date,close_value\n"
        "o-1,Acme Corp,Won,2026-01-02,2026-02-03,1054\no-2,AcmeCorp,Lost,2026-01-02,2026-02-03,0\n"
        "o-3,,Engaging,2026-01-02,,\n",
    )
    ran = await command("deals", "import", "deals.csv", "--currency", "USD", "--value", "stage:Engaging=open", "--json")
    assert (ran.json["new"], ran.json["refused"]) == (3, 0), ran.out
    companies = await rows(dsn, "SELECT a.name, d.stage FROM deal d LEFT JOIN account a USING (account_id) ORDER BY 2")
    assert [tuple(row) for row in companies] == [("Acme Corp", "lost"), (None, "open"), ("Acme Corp", "won")]


async def test_an_import_that_is_killed_goes_on_where_it_stopped(
    book: Book, command: Command, tmp_path: Path, dsn: str
) -> None:
    file, total = tmp_path / "many.csv", 6000
    put(file, "Email,Company\n" + "".join(f"p{no}@c{no % 70}.example,C{no % 70}\n" for no in range(total)))
    arguments = [sys.executable, str(ROOT / "starter.py"), "leads", "import", str(file)]
    process = await asyncio.create_subprocess_exec(*arguments, env={**os.environ}, stdout=asyncio.subprocess.DEVNULL)
    reached = 0
    while reached == 0:
        reached = (await rows(dsn, "SELECT count(*) AS n FROM import_row"))[0]["n"]
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    reached = (await rows(dsn, "SELECT count(*) AS n FROM import_row"))[0]["n"]
    assert 0 < reached < total
    ran = await command("leads", "import", file, "--json")
    assert ran.code == 0, ran.err
    told = ran.json
    assert (told["resumed_after"], told["rows"]) == (reached, total)
    assert (told["new"], told["changed"], told["unchanged"], told["refused"]) == (total, 0, 0, 0)
    (count,) = await rows(
        dsn, "SELECT (SELECT count(*) FROM lead) AS leads, (SELECT count(*) FROM event) AS events,"
        " (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM import) AS imports",
    )  # fmt: skip
    assert tuple(count) == (total, total, 70, 1)


DATA = Path(os.environ.get("LEADLOOM_DATA", ROOT.parent / "shared" / "data"))
EDUCATION = DATA / "x-education" / "Leads.csv"
OLIST_LEADS = DATA / "olist-funnel" / "olist_marketing_qualified_leads_dataset.csv"
OLIST_DEALS = DATA / "olist-funnel" / "olist_closed_deals_dataset.csv"
needs_data = pytest.mark.skipif(
    not EDUCATION.exists(), reason="the public data sets aren't here; LEADLOOM_DATA names their folder"
)


@needs_data
@pytest.mark.timeout(600)
async def test_x_education_comes_in_whole_with_its_traps(book: Book, command: Command, dsn: str) -> None:
    address = ("--map", "email={Lead Number}@leads.example")
    first = (await command("leads", "import", EDUCATION, *address, *PERMISSION, "--json")).json
    assert [first[name] for name in ("rows", "new", "refused", "opted_out")] == [9240, 9240, 0, 734]
    assert first["placeholders"] == {
        "How did you hear about X Education": 5043, "Lead Profile": 4146, "City": 2249, "Specialization": 1942,
    }  # fmt: skip
    assert first["sources"]["google"] == 2873
    silent = await rows(dsn, "SELECT FROM suppression WHERE purpose = 'marketing'")
    mailable = await rows(
        dsn, "SELECT FROM basis b JOIN import_row r USING (lead_id) WHERE r.opted_out AND b.act <> 'withdrawn'"
    )
    assert (len(silent), len(mailable)) == (734, 0)
    again = (await command("leads", "import", EDUCATION, *address, *PERMISSION, "--json")).json
    assert [again[name] for name in ("new", "changed", "unchanged")] == [0, 0, 9240]


@needs_data
@pytest.mark.timeout(600)
async def test_the_olist_funnel_comes_in_whole_with_its_deals(book: Book, command: Command, dsn: str) -> None:
    leads = (await command("leads", "import", OLIST_LEADS, "--stage", "mql", "--json")).json
    assert (leads["new"], leads["refused"], leads["blanks"]) == (8000, 0, {"origin": 60})
    assert leads["sources"]["unknown"] == 1099
    deals = (await command("deals", "import", OLIST_DEALS, "--json")).json
    assert [deals[name] for name in ("new", "refused", "quarantined")] == [842, 0, 1]
    (set_apart,) = await rows(dsn, "SELECT cells FROM import_fault WHERE kind = 'quarantined'")
    assert "b91cf8812365f50ff4bda4bcd6206b05" in set_apart["cells"]
    funnel = (await command("reports", "funnel", "--by", "source", "--json")).json
    assert (funnel["cohort"]["overall"]["part"], funnel["cohort"]["overall"]["whole"]) == (842, 8000)
    again = (await command("deals", "import", OLIST_DEALS, "--json")).json
    assert [again[name] for name in ("new", "changed", "unchanged")] == [0, 0, 842]


ATTENDANCE = """Email,Attended,Join Time,Questions asked
ana@alder.example,Yes,2026-02-24 15:02,Who signs a gap?
ben@birch.example,No,,
"""
ATTENDED = ("--event", "webinar_attended", "--when", "Join Time", "--missed", "webinar_missed",
            "--held", "2026-02-24", "--tells", "question=Questions asked")  # fmt: skip


async def test_a_list_of_attendance_says_who_came_and_the_second_time_it_is_no_news(
    book: Book, command: Command, dsn: str
) -> None:
    put(Path("attendance.csv"), ATTENDANCE)
    first, second = [await command("leads", "import", "attendance.csv", *ATTENDED, "--json") for _ in range(2)]

    assert (first.code, first.json["new"], second.json["unchanged"]) == (0, 2, 2), first.err
    happened = await rows(dsn, "SELECT kind, data ->> 'question' AS question FROM event WHERE kind LIKE 'webinar_%'")
    assert {(row["kind"], row["question"]) for row in happened} == {
        ("webinar_attended", "Who signs a gap?"),
        ("webinar_missed", None),
    }
    assert len(happened) == 2


async def test_what_a_row_is_must_be_said_before_when_it_was(book: Book, command: Command) -> None:
    put(Path("attendance.csv"), ATTENDANCE)
    told = await command("leads", "import", "attendance.csv", "--when", "Join Time")

    assert told.code == 2
    assert "--event webinar_attended" in told.err
