"""Does a list say of itself who is in it twice?"""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command

_HEAD = "rec_id,given_name,surname,date_of_birth,postcode,suburb,phone number,cluster"
_ROWS = """
a-1,Ana,Torres,1980-03-02,10004,New York,212 555 0143,7
a-2,Anna,Tores,02.03.1980,10004,New York,+1 212 555 0143,7
b-1,Bea,Lind,1971-01-01,20095,Hamburg,040 123456,8
c-1,Cid,Marsh,1990-12-24,50001,Lyon,,9
"""


async def test_two_rows_of_one_person_are_told_with_the_ids_of_the_list(command: Command, tmp_path: Path) -> None:
    (file := tmp_path / "list.csv").write_text(_HEAD + _ROWS, encoding="utf-8")
    ran = await command("duplicates", "find", str(file), "--json")
    [pair] = ran.json["pairs"]
    assert (pair["one"], pair["other"]) == ({"row": 1, "id": "a-1"}, {"row": 2, "id": "a-2"})
    assert "date of birth equal" in pair["reasons"] and "last name nearly equal" in pair["reasons"]
    assert (ran.json["rows"], ran.json["people"]) == (4, 3)
    assert ran.json["columns"]["city"] == "suburb" and "cluster" not in ran.json["columns"].values()
    assert "3 people, 1 pairs" in ran.err


async def test_a_list_that_says_who_nobody_is_asks_for_its_columns(command: Command, tmp_path: Path) -> None:
    (file := tmp_path / "list.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    ran = await command("duplicates", "find", str(file))
    assert (ran.code, "--map last_name=" in ran.err) == (2, True)
    ran = await command("duplicates", "find", str(file), "--map", "last_name=b", "--json")
    assert ran.json["columns"] == {"last_name": "b"}
