"""What stands against a launch, who may approve it, in which stages does it go, and when does it hold by itself?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.campaigns.approval import Approval, Said, Terms, changed, may_approve, stands
from leadloom.domain.campaigns.arms import Arm, arm_names, arm_of, check_arms, edges, read_arm
from leadloom.domain.campaigns.checklist import (
    Finding,
    FirstSend,
    Grade,
    JourneyNow,
    LaunchFacts,
    Letters,
    findings,
    refuses,
)
from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.campaigns.stages import (
    Group,
    Results,
    Stage,
    at_gate,
    opens_at,
    read_stages,
    stages_of,
    summed,
    trouble,
)
from leadloom.domain.definitions.campaign_policy import ApprovalPolicy, CampaignPolicy, HoldPolicy, check
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import LeadId
from tests import world
from tests.domain.campaigns.test_campaign import CAMPAIGN, a_campaign
from tests.world import MONDAY

WEEK = timedelta(days=7)
TERMS = Terms(
    audience="everybody", members=600, holdout=0.1, arms=(), journey="small", journeys={"small": "abc"},
    mails={"small/guide": "def"}, costs={"EUR": "5,000.00"}, free_because=None,
)  # fmt: skip
POLICY = ApprovalPolicy()


def a_first(**said: object) -> FirstSend:
    words = {"zone": "Asia/Singapore", "members": 90, "mail": "guide", "at": MONDAY, "worth_until": MONDAY + WEEK}
    return FirstSend.model_validate({**words, **said})


def facts(**said: object) -> LaunchFacts:
    words = {
        "campaign": a_campaign(), "members": 100, "held_out": 10, "left_out": {},
        "first_sends": (a_first(),), "letters": Letters(leads=2, languages={"en": 2}, mails=2, faults=()),
        "costs": {"EUR": "5.00"}, "at_cap": 0, "approval": Approval(needed=False, state="none", last=None),
        "journeys": (JourneyNow(name="small", in_force=True, by_hand=True, paused_since=None),),
    }  # fmt: skip
    return LaunchFacts.model_validate({**words, **said})


def found(**said: object) -> dict[str, Finding]:
    return {one.what: one for one in findings(facts(**said), world.definition(), MONDAY)}


def test_a_campaign_with_nothing_against_it_is_let_go() -> None:
    assert {one.grade for one in found().values()} == {Grade.OK}
    assert refuses(list(found().values()), despite="") == ()


AGAINST: dict[str, tuple[dict[str, object], str, Grade, str]] = {
    "nobody would come in": ({"left_out": {LeftOut.SUPPRESSED: 90}}, "audience", Grade.BLOCKS, "0 would come in"),
    "more than expected": ({"campaign": a_campaign(expected=50)}, "audience", Grade.WARNS, "50 more than the 50"),
    "most are left out": ({"left_out": {LeftOut.WAS_IN: 46}}, "exclusions", Grade.WARNS, "more than half"),
    "a consent gap that blocks": (
        {"campaign": a_campaign(on_gap="block"), "left_out": {LeftOut.NO_BASIS: 3}}, "consent", Grade.BLOCKS,
        "3 members without a permission",
    ),
    "the window never opens": ({"first_sends": (a_first(at=None),)}, "first send", Grade.BLOCKS, "worth nothing"),
    "one zone is too late": (
        {"first_sends": (a_first(), a_first(zone="UTC", members=4, at=MONDAY + WEEK))}, "first send", Grade.WARNS,
        "4 would never get",
    ),
    "a first mail after more than a week": (
        {"first_sends": (a_first(at=MONDAY + 1.1 * WEEK, worth_until=MONDAY + 2 * WEEK),)}, "first send", Grade.WARNS,
        "after more than a week",
    ),
    "a letter fails": (
        {"letters": Letters(leads=2, languages={"en": 2}, mails=2, faults=("small/guide for lead 1: bad",))},
        "letters", Grade.BLOCKS, "1 letter can't be written",
    ),
    "no cost and no reason": ({"costs": {}}, "cost", Grade.BLOCKS, "no reason why"),
    "an owner who is no marketer": (
        {"campaign": a_campaign(owner="ines-carvalho")}, "goal and owner", Grade.BLOCKS, "marketing answers",
    ),
    "a journey that is not published": (
        {"journeys": (JourneyNow(name="small", in_force=False, by_hand=False, paused_since=None),)}, "journey",
        Grade.BLOCKS, "not published",
    ),
    "a journey that is paused": (
        {"journeys": (JourneyNow(name="small", in_force=True, by_hand=True, paused_since=MONDAY),)}, "journey",
        Grade.BLOCKS, "paused since 2026-03-02",
    ),
    "an approval that nobody asked for": (
        {"approval": Approval(needed=True, state="none", last=None)}, "approval", Grade.BLOCKS, "need one by",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", AGAINST)
def test_each_thing_against_a_launch_is_graded_and_says_what_to_do(what: str) -> None:
    said, name, grade, words = AGAINST[what]
    one = found(**said)[name]
    assert (one.grade, words in one.says, bool(one.remedy)) == (grade, True, True), one


def test_a_reason_lets_pass_what_warns_and_never_what_blocks() -> None:
    seen = list(found(costs={}, campaign=a_campaign(expected=50)).values())
    assert [one.what for one in refuses(seen, despite="the fair was full")] == ["cost"]
    assert [one.what for one in refuses(seen, despite="")] == ["audience", "cost"]


def test_a_reason_why_it_is_free_stands_for_a_cost() -> None:
    assert found(costs={}, campaign=a_campaign(free_because="our own list"))["cost"].grade is Grade.OK


# ── Approval ──


def said(act: str, terms: Terms = TERMS, no: int = 1) -> Said:
    return Said.model_validate(
        {"no": no, "act": act, "at": MONDAY, "by": "priya-nair", "why": "", "terms": terms.model_dump()}
    )


def test_only_a_large_audience_needs_one() -> None:
    assert stands(TERMS, (), POLICY).needed
    assert not stands(TERMS.model_copy(update={"members": 500}), (), POLICY).needed


@pytest.mark.parametrize(
    ("acts", "state"),
    [((), "none"), (("submitted",), "submitted"), (("submitted", "approved"), "approved"),
     (("submitted", "approved", "taken back"), "none")],
)  # fmt: skip
def test_what_was_said_last_counts(acts: tuple[str, ...], state: str) -> None:
    assert stands(TERMS, [said(act, no=no) for no, act in enumerate(acts, 1)], POLICY).state == state


CHANGES: dict[str, tuple[dict[str, object], str]] = {
    "cost": ({"costs": {"EUR": "6,000.00"}}, "cost: 5,000.00 EUR → 6,000.00 EUR"),
    "no cost": ({"costs": {}, "free_because": "ours"}, "cost: 5,000.00 EUR → nothing (ours)"),
    "journey": ({"journeys": {"small": "abd"}}, "version of small: abc → abd"),
    "letter": ({"mails": {}}, "letter small/guide: def → none"),
    "members": ({"members": 601}, "members: 600 → 601"),
    "arms": (
        {"arms": (Arm(name="a", share=50), Arm(name="b", share=50))},
        "arms: none → a 50 % (small), b 50 % (small)",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_asks_anew_and_is_shown(what: str) -> None:
    update, words = CHANGES[what]
    now = TERMS.model_copy(update=update)
    approval = stands(now, (said("submitted"), said("approved", no=2)), POLICY)
    assert (approval.state, approval.changes, approval.given) == ("changed", (words,), False)
    assert changed(TERMS, TERMS) == ()


def test_nobody_approves_what_they_planned_unless_the_definition_lets_them() -> None:
    submitted = stands(TERMS, (said("submitted"),), POLICY)
    definition = world.definition()
    with pytest.raises(Conflict, match="nobody approves a plan of their own: ask samira-haddad or ruth-adeyemi"):
        may_approve("tom-achterberg", planned_by="tom-achterberg", approval=submitted, definition=definition)
    lenient = definition.model_copy(
        update={"campaigns": CampaignPolicy(approval=POLICY.model_copy(update={"not_the_planner": False}))}
    )
    may_approve("tom-achterberg", planned_by="tom-achterberg", approval=submitted, definition=lenient)


# ── Stages ──


@pytest.mark.parametrize(
    ("text", "shares"), [("10%,100%", (10, 100)), ("10%, 50%, rest", (10, 50, 100)), ("100", (100,))]
)
def test_stages_are_read_as_shares_that_rise_to_the_whole(text: str, shares: tuple[float, ...]) -> None:
    assert read_stages(text) == shares


@pytest.mark.parametrize("text", ["", "10%", "50%,10%,rest", "ten,rest", "0%,rest", "10%,rest,rest", "120%"])
def test_stages_that_end_nowhere_or_fall_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="rising percentages"):
        read_stages(text)


@given(st.lists(st.floats(0.1, 99), max_size=5, unique=True), st.integers(1, 5000))
def test_every_member_is_in_one_stage_and_the_last_ends_with_the_audience(shares: list[float], members: int) -> None:
    found = stages_of((*sorted(shares), 100.0), members, None)
    assert found[-1].upto == members
    assert [one.no for one in found] == list(range(1, len(found) + 1))
    assert [one.upto for one in found] == sorted({one.upto for one in found})


def test_a_stage_opens_by_itself_only_after_the_wait_behind_its_last_member() -> None:
    first, last = Stage(no=1, upto=5, wait_s=3600, opened_at=MONDAY, opened_by="x"), Stage(no=2, upto=9, wait_s=3600)
    assert opens_at((first, last)) is None
    assert opens_at((first.but(reached_at=MONDAY), last)) == MONDAY + timedelta(hours=1)
    assert opens_at((first.but(reached_at=MONDAY, wait_s=None), last)) is None


def test_a_gate_lies_between_a_stage_that_is_all_decided_and_one_that_is_shut() -> None:
    first, last = Stage(no=1, upto=5, wait_s=None, opened_at=MONDAY, opened_by="x"), Stage(no=2, upto=9, wait_s=None)
    reached = first.but(reached_at=MONDAY)
    assert at_gate((reached, last))
    assert not any(at_gate(each) for each in ((), (first, last), (reached,), (reached, last.but(opened_at=MONDAY))))


def test_what_came_of_groups_is_summed_field_by_field() -> None:
    first = Group(stage=1, arm="short", members=5, enrolled=4, reached_goal=1, results=Results(sent=4, clicked=2))
    total = summed([first, first.but(arm="long", members=6, results=Results(sent=1, bounced=1))])
    assert (total.members, total.enrolled, total.reached_goal) == (11, 8, 2)
    assert total.results == Results(sent=5, bounced=1, clicked=2)
    assert summed([]).results == Results()


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (Results(sent=99, complained=9), None),
        (Results(sent=1000, complained=3, bounced=50), None),
        (Results(sent=1000, complained=4), "4 of 1,000 mails called our mail spam: 0.40 %, and 0.3 % is the most"),
        (Results(sent=1000, bounced=51), "51 of 1,000 mails came back: 5.10 %, and 5 % is the most"),
    ],
)
def test_a_campaign_holds_above_the_shares_of_the_definition(results: Results, words: str | None) -> None:
    assert trouble(results, HoldPolicy()) == words


# ── Arms ──


@given(st.uuids().map(LeadId), st.floats(0, 0.9))
def test_everybody_is_in_one_arm_and_who_is_held_out_is_so_whatever_the_arms(lead: LeadId, holdout: float) -> None:
    arms = (Arm(name="short", share=30), Arm(name="long", share=70))
    arm = arm_of(CAMPAIGN, lead, edges(holdout, arms))
    assert arm in ("holdout", "short", "long")
    assert (arm == "holdout") == (arm_of(CAMPAIGN, lead, edges(holdout, ())) == "holdout")


def test_arms_get_their_shares_of_those_who_are_not_held_out() -> None:
    arms = (Arm(name="short", share=25), Arm(name="long", share=75))
    drawn = [arm_of(CAMPAIGN, LeadId(UUID(int=no)), edges(0.2, arms)) for no in range(4000)]
    assert abs(drawn.count("holdout") - 800) < 100
    assert abs(drawn.count("short") - 800) < 100


def test_an_arm_is_read_with_its_share_and_its_journey() -> None:
    assert read_arm("short=50") == Arm(name="short", share=50)
    assert read_arm("long=12.5%:welcome-long") == Arm(name="long", share=12.5, journey="welcome-long")
    with pytest.raises(BadInput, match="short=50"):
        read_arm("half")


def test_arms_are_named_in_the_order_of_the_plan_and_whoever_is_held_out_last() -> None:
    arms = (Arm(name="short", share=50), Arm(name="long", share=50))
    assert arm_names(0.0, arms) == ("short", "long")
    assert arm_names(0.1, arms) == ("short", "long", "holdout")
    assert arm_names(0.1, ()) == ()


@pytest.mark.parametrize(
    "arms",
    [
        [("a", 100)],
        [("a", 50), ("a", 50)],
        [("holdout", 50), ("b", 50)],
        [("a", 0), ("b", 100)],
        [("a", 50), ("b", 40)],
    ],
)
def test_arms_nobody_could_tell_apart_or_that_make_no_whole_are_refused(arms: list[tuple[str, float]]) -> None:
    with pytest.raises(BadInput):
        check_arms([Arm(name=name, share=share) for name, share in arms])


def test_a_policy_nobody_could_live_by_is_refused_with_its_place() -> None:
    policy = CampaignPolicy(
        approval=ApprovalPolicy(above=-1, by=("pope",)), hold=HoldPolicy(bounced=0, of_at_least=0), sample=0
    )
    paths = [".".join(map(str, fault.path)) for fault in check(policy, {"marketer"})]
    assert paths == [
        "campaigns.approval.above", "campaigns.approval.by.0", "campaigns.hold.bounced", "campaigns.hold.of_at_least",
        "campaigns.sample",
    ]  # fmt: skip
