"""Does the process know stages and reasons by their names anywhere? It must not: names are the definition's own."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from leadloom.domain.consequences import decide
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import check
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import EventDraft
from leadloom.domain.standing import Standing
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import a_standing
from tests.repository import ROOT

TEXT = DraftText("definition.yaml", (ROOT / "definition.yaml").read_text(encoding="utf-8"))
KELVANCE = Definition.model_validate(TEXT.data)
STAGES = [stage.name for stage in KELVANCE.stages]
NAMES = {*STAGES, *KELVANCE.reject_reasons}

OTHER_NOUNS = {
    "won": "a deal that was won, and the event that says so",
    "recycled": "the state of a hand-off that was given back with a date",
    "disqualified": "a code of why-not",
    "other": "the other one of two leads",
    "sql": "the folder of the queries",
}
"""Words that are a stage or a reason here and something else in the code; each may stand where that is meant."""
MEANT = {
    "won": ("deal", "sql/totals", "sql/support", "cli/_demo_words", "reports/pipeline", "cli/_report_tables",
            "store/totals", "schema.sql", "cli/_look_back", "store/odds", "sql/odds"),
    "recycled": ("sql/governance", "handoffs/", "hand_off", "reports/promises", "reports/response_time",
                 "web/charts", "schema.sql", "reports/mutual_promises", "store/inbox",
                 "cli/_demo_words", "cli/_report_tables", "store/totals"),
    "disqualified": ("campaigns/membership", "why_not_codes"),
    "other": ("store/captures", "store/lead_story", "sql/console.sql", "cli/duplicates", "store/duplicates",
              "store/merging", "store/parting", "web/console/duplicate", "store/conversions", "cli/_deal_opening"),
    "sql": ("store/names",),
}  # fmt: skip
"""Word → parts of the paths of files that mean the other noun by it."""


def literals() -> Iterator[tuple[str, int, str]]:
    """Every text of the program and of its queries that is a stage's or a reason's name: file, line, name."""
    for path in sorted((ROOT / "leadloom").rglob("*.py")):
        where = path.relative_to(ROOT / "leadloom").as_posix()
        if where.startswith(("world/", "domain/definitions/")):
            continue  # the example world, and the definition itself
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in NAMES:
                yield where, node.lineno, str(node.value)
    for path in sorted((ROOT / "leadloom" / "store").rglob("*.sql")):
        where = path.relative_to(ROOT / "leadloom").as_posix()
        if "migrations" in where:
            continue  # history
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in re.findall(r"'([a-z_-]+)'", line):
                if name in NAMES:
                    yield where, number, name


def test_no_stage_or_reason_of_the_example_world_is_named_outside_the_definition() -> None:
    strays = [
        f"{where}:{line} says {name!r}"
        for where, line, name in literals()
        if not any(part in where for part in MEANT.get(name, ()))
    ]
    assert strays == []


def test_each_word_that_is_let_pass_says_what_else_it_is() -> None:
    assert set(MEANT) == set(OTHER_NOUNS)
    named = {name for _, _, name in literals()}
    assert set(MEANT) <= named, "a word that nothing says any more needs no excuse"


# ── The same story under other names ────────────────────────────────────────────────────────────────────────────
RENAMED = {name: f"{name}-by-another-name" for name in NAMES}


def renamed(value: Any) -> Any:
    """The definition with every stage and reason called something else."""
    data = json.loads(json.dumps(value))
    for stage in data["stages"]:
        stage["name"] = RENAMED[stage["name"]]
        stage["next"] = [RENAMED[name] for name in stage["next"]]
    data["first_stage"] = RENAMED[data["first_stage"]]
    data["foreign"] = {
        system: {word: RENAMED[stage] for word, stage in words.items()} for system, words in data["foreign"].items()
    }
    data["reject_reasons"] = {RENAMED[key]: reason for key, reason in data["reject_reasons"].items()}
    for kind in data["hand_offs"].values():
        kind["reasons"] = [RENAMED[name] for name in kind.get("reasons", ())]
    for lead in data["practice"].values():
        lead["fits"] = [RENAMED.get(name, name) for name in lead["fits"]]
    return data


THEIRS = Definition.model_validate(renamed(TEXT.data))

STORIES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "asks to talk, is worked, bought from, and lives": [
        ("demo_requested", {}),
        ("hand_off_accepted", {"kind": "hand-raise"}),
        ("deal_opened", {}),
        ("deal_won", {}),
        ("loggers_80", {}),
        ("audit_report_made", {}),
        ("reference_given", {}),
    ],
    "engages, is given back with a reason, comes back": [
        ("guide_requested", {}),
        ("reply", {}),
        ("webinar_attended", {}),
        ("calculator_finished", {}),
        ("hand_off_recycled", {"kind": "scored-mql", "reason": "not-yet", "until": "2026-05-01"}),
        ("recycle_due", {"track": "new-business", "reason": "not-yet"}),
        ("went_inactive", {}),
        ("reply", {}),
    ],
    "is turned down for good and asks again": [
        ("demo_requested", {}),
        ("hand_off_rejected", {"kind": "hand-raise", "reason": "no-fit"}),
        ("call_requested", {}),
    ],
}


def told(definition: Definition, story: list[tuple[str, dict[str, Any]]], names: dict[str, str]) -> list[str]:
    """Each stage a story leads to, in order."""
    now: Standing = a_standing(None)
    stages: list[str] = []
    for hour, (kind, data) in enumerate(story):
        at = DAY_0 + timedelta(hours=hour)
        said = {name: names.get(str(value), value) if name == "reason" else value for name, value in data.items()}
        draft = EventDraft(kind=kind, at=at, data=said)
        then = decide(definition, (), code_journeys=(), standing=now, drafts=[draft], at=at)
        stages += [change.to_stage for change in then.changes]
        now = now.but(
            stages={**now.stages, **{change.track: change.to_stage for change in then.changes}},
            last_change_no={**now.last_change_no, **{change.track: change.no for change in then.changes}},
            since={**now.since, **{change.track: change.at for change in then.changes}},
            recent=(*now.recent, *then.events),
            entries=(*now.entries, *then.entries),
            last_event_no=then.events[-1].no,
        )
    return stages


def test_a_definition_under_other_names_is_as_good_as_ours() -> None:
    assert check(THEIRS) == []
    assert [THEIRS.named(part) for part in Part] == [RENAMED[KELVANCE.named(part)] for part in Part]
    assert THEIRS.free_reason() == RENAMED["other"]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_same_story_goes_the_same_way_under_other_names(story: list[tuple[str, dict[str, Any]]]) -> None:
    ours = told(KELVANCE, story, {})
    assert len(ours) > 3
    assert told(THEIRS, story, RENAMED) == [RENAMED[stage] for stage in ours]


def test_a_definition_published_before_stages_said_their_part_is_read_by_the_names_of_then() -> None:
    before = json.loads(json.dumps(TEXT.data))
    for stage in before["stages"]:
        stage.pop("plays", None)
    assert Definition.model_validate(before) == KELVANCE
