"""Does a score say in words what made it, what changed this week, and what is missing?"""

from __future__ import annotations

from leadloom.domain.definitions.fit_rules import Criterion, Profile
from leadloom.domain.stages.explanation import Explanation, explained
from leadloom.domain.stages.fit import fit, grade
from leadloom.domain.standing import ScoreEntry
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import ACCOUNT, DEFINITION, a_lead, an_event, entries

SITE = Profile(
    means="Site",
    criteria=(
        Criterion(of="sites", at_least=3, moves="letter"),
        Criterion.model_validate({"of": "industry", "is": ["pharma distribution"], "moves": "two-thirds"}),
        Criterion.model_validate({"of": "role", "is": ["quality"], "moves": "third", "mismatch": "letter"}),
    ),
)


def told(rows: tuple[ScoreEntry, ...] = (), **known: object) -> Explanation:
    lead = a_lead().model_copy(update=known)
    responses = [an_event(row.kind, row.event_no, row.at) for row in rows]
    return explained(DEFINITION, 1, lead, account=ACCOUNT, entries=rows, responses=responses, at=day(10))


def missing(found: Explanation) -> dict[str, str]:
    return {one.to: one.words for one in found.missing}


def test_reasons_come_best_first_and_the_week_tells_what_came_and_what_faded() -> None:
    found = told(entries(("webinar_attended", 20, DAY_0), ("price_page", 15, day(8))))

    assert [reason.words for reason in found.reasons] == [
        "Attended a webinar, 10 days ago", "Looked at the price page, 2 days ago",
    ]  # fmt: skip
    assert [reason.words for reason in found.earned_this_week] == ["Looked at the price page, 2 days ago"]
    # 20 were 18.66 a week ago and are 15.87; 15 came and are 14.32.
    assert round(found.faded_this_week, 2) == round(18.6607 - 15.8740 + 15 - 14.3226, 2)


def test_the_way_to_the_next_digit_is_a_few_things_the_caps_still_pay_for() -> None:
    found = told(entries(("webinar_attended", 20, day(10)), ("price_page", 15, day(10))))  # 35: 5 short of digit 2

    assert missing(found)["digit 2"].startswith("5.0 points, such as “")
    assert "price page" not in missing(found)["digit 2"], "today's is used up"


def test_what_is_missing_to_the_gate_is_said_beside_letter_and_digit() -> None:
    found = told((), role=None, title=None)

    assert {"digit 3", "mql"} <= set(missing(found))
    assert "Engagement is 4" in missing(found)["mql"]


def test_a_letter_is_missing_what_nobody_told_or_what_is_known_not_to_fit() -> None:
    nobody = explained(DEFINITION, 1, a_lead().model_copy(update={"role": None, "country": None}), account=None,
                       entries=(), responses=(), at=DAY_0)  # fmt: skip

    assert missing(nobody)["letter C"] == "25 points of fit: ask for their industry and sites and role and country."


def test_the_notice_gets_two_to_four_reasons_with_weights_and_the_version() -> None:
    found = told(entries(("webinar_attended", 20, DAY_0), ("price_page", 15, day(8)), ("reply", 25, day(9))))

    assert 2 <= len(found.told) <= 4
    assert found.told[1].endswith("by definition version 1")
    assert found.told[2] == "Replied to a mail, yesterday: +24.4"


def test_a_profile_moves_the_grade_by_thirds_and_unknown_is_no_mismatch() -> None:
    known = ACCOUNT.model_copy(update={"industry": "pharma distribution", "sites": 5})

    def graded(role: str | None, **account: object) -> str | None:
        return grade(SITE, a_lead().model_copy(update={"role": role}), account=known.model_copy(update=account)).grade

    assert graded("quality") == "B", "from D a letter, two thirds and a third up"
    assert graded("quality", sites=None) == "C", "a letter less: nobody told us"
    assert graded("quality", sites=1) == "D", "two letters less: we know it to be too few"
    assert graded("buyer") == "C−", "its mismatch costs a letter, though a match would bring a third"
    assert graded(None) == "B−"
    assert graded("buyer", sites=1, industry="hospital") == "D−", "lower there is nothing"


def test_a_profile_may_give_the_letter_in_place_of_points() -> None:
    definition = DEFINITION.model_copy(
        update={"profiles": {"site": SITE}, "fit": DEFINITION.fit.model_copy(update={"graded_by": "site"})}
    )
    found = fit(definition, a_lead().model_copy(update={"role": None}), account=None)

    assert (found.letter, found.grade, found.points) == ("D", "D", 9)
    assert found.why == ("sites unknown: nothing", "industry unknown: nothing", "role unknown: nothing")


def test_the_way_names_what_they_have_not_done_before_what_they_did() -> None:
    found = told(entries(("guide_requested", 10, day(4))))  # 8.7 left: 6.3 short of digit 3, and the guide would do

    assert "Asked for the guide" not in missing(found)["digit 3"]
