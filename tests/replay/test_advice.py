"""Does a failed replay tell whoever changed a workflow what to do next?"""

from __future__ import annotations

import json
import re

import pytest

from leadloom.runtime.settings import Settings
from tests.replay import advice
from tests.replay.record import HISTORIES
from tests.replay.test_replay import refused
from tests.repository import ROOT

ACCEPTED = {"run": ["execute_activity 'invite'", "sleep", "-> finish()"]}


def test_it_names_the_first_command_that_differs_and_the_three_ways_out() -> None:
    said = advice.for_commands("Dinner", ACCEPTED, {"run": ["execute_activity 'invite'", "-> finish()"]})
    assert "- Dinner.run: command 2 was `sleep` and is `-> finish()`" in said
    for way in ("workflow.patched(", "VersioningBehavior.PINNED", "python -m tests.replay.record"):
        assert way in said


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"run": [*ACCEPTED["run"], "sleep"]}, "command 4 was `nothing` and is `sleep`"),
        ({}, "command 1 was `execute_activity 'invite'` and is `nothing`"),
        (None, "command 1 was `execute_activity 'invite'` and is `nothing`"),
    ],
)
def test_what_is_new_or_gone_is_named_too(now: dict[str, list[str]] | None, told: str) -> None:
    assert told in advice.for_commands("Dinner", ACCEPTED, now)


def test_what_did_not_change_is_not_named() -> None:
    said = advice.for_commands("Dinner", {**ACCEPTED, "rest": ["sleep"]}, {"run": ["sleep"], "rest": ["sleep"]})
    assert "Dinner.rest" not in said


async def test_a_recording_that_cannot_go_on_is_named_with_its_reason() -> None:
    [path] = HISTORIES.glob("Nurture/*/welcome-to-its-end.json")
    foreign = path.read_text(encoding="utf-8").replace('"Nurture"', '"HandOff"')
    said = advice.for_recordings(await refused({path: json.loads(foreign)}))
    assert re.search(r"^- Nurture/[\d.]+/welcome-to-its-end\.json: .*[Nn]ondeterminism", said, re.MULTILINE)
    assert advice.WAYS in said


def test_every_command_setting_and_page_it_names_exists() -> None:
    assert (ROOT / advice.PAGE).is_file()
    modules = re.findall(r"python -m ([\w.]+)", advice.WAYS)
    assert modules and all((ROOT / f"{name.replace('.', '/')}.py").is_file() for name in modules)
    assert {f"LEADLOOM_{name}".upper() for name in Settings.model_fields} >= set(
        re.findall(r"LEADLOOM_\w+", advice.WAYS)
    )
