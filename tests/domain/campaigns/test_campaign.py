"""What may be done to a campaign when and by whom, who is held out, and who is left out for which reason?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.campaigns.arms import arm_of, edges, fraction
from leadloom.domain.campaigns.audience import Audience, audience_words, check_audience
from leadloom.domain.campaigns.campaign import (
    Act,
    Campaign,
    CampaignDraft,
    Status,
    check_draft,
    move,
    next_look,
    put_off,
)
from leadloom.domain.campaigns.membership import WORDS, LeftOut, MemberFacts, key_of, left_out, needs_permission
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.journey import Entry, Journey
from leadloom.domain.journeys.steps.send import Send
from leadloom.domain.model import CampaignId, LeadId
from tests import world
from tests.domain.a_run import facts
from tests.world import MONDAY

CAMPAIGN = CampaignId(UUID(int=7))
SOME = Audience(sources=("webinar",), track="new-business")
NAMES = st.uuids().map(LeadId)


def a_campaign(**said: object) -> Campaign:
    words = {
        "campaign_id": CAMPAIGN, "name": "autumn", "journey": "small", "goal": "Twenty meetings", "owner": "priya-nair",
        "audience": SOME, "per_minute": None, "spread_s": 0, "holdout": 0.0, "status": Status.PLANNED,
        "status_at": MONDAY, "planned_at": MONDAY, "planned_by": "priya-nair", "launched_at": None, "ended_at": None,
        "waiting_for": None, "waits_until": None, "error": None,
    }  # fmt: skip
    return Campaign.model_validate({**words, **said})


def a_draft(**said: object) -> CampaignDraft:
    words = {"name": "autumn", "journey": "small", "goal": "Twenty meetings", "owner": "priya-nair", "audience": SOME}
    return CampaignDraft.model_validate({**words, **said})


WAYS = {
    (Status.PLANNED, Act.LAUNCH): Status.RUNNING,
    (Status.PLANNED, Act.STOP): Status.STOPPED,
    (Status.RUNNING, Act.PAUSE): Status.PAUSED,
    (Status.RUNNING, Act.STOP): Status.STOPPED,
    (Status.PAUSED, Act.RESUME): Status.RUNNING,
    (Status.PAUSED, Act.STOP): Status.STOPPED,
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("status", Status)
def test_each_act_is_allowed_where_it_means_something_and_refused_with_since_when(status: Status, act: Act) -> None:
    campaign = a_campaign(status=status)
    if (status, act) in WAYS:
        assert move(campaign, act, by="priya-nair", definition=world.definition()) is WAYS[status, act]
        return
    with pytest.raises(Conflict, match="2026-03-02 14:00 UTC"):
        move(campaign, act, by="priya-nair", definition=world.definition())


def test_a_campaign_that_stands_still_with_an_error_may_be_resumed() -> None:
    campaign = a_campaign(status=Status.RUNNING, error="NotFound: NotFound")
    assert move(campaign, Act.RESUME, by="priya-nair", definition=world.definition()) is Status.RUNNING


def test_a_rep_may_pause_and_only_marketing_lets_mail_go_on() -> None:
    running = a_campaign(status=Status.RUNNING)
    assert move(running, Act.PAUSE, by="ines-carvalho", definition=world.definition()) is Status.PAUSED
    with pytest.raises(Conflict, match="ask priya-nair"):
        move(a_campaign(status=Status.PAUSED), Act.RESUME, by="ines-carvalho", definition=world.definition())


def test_nobody_the_definition_does_not_name_may_do_anything() -> None:
    with pytest.raises(NotFound):
        move(a_campaign(), Act.LAUNCH, by="nobody", definition=world.definition())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"holdout": 1.0}, "holdout"),
        ({"holdout": -0.1}, "holdout"),
        ({"per_minute": 0}, "per minute"),
        ({"spread": timedelta(days=2)}, "spread"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"cost": Decimal(10)}, "currency"),
    ],
)
def test_a_draft_that_can_not_be_is_refused_with_field_and_remedy(said: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check_draft(a_draft(**said), world.definition())
    assert refusal.value.field == field


def test_an_owner_who_is_no_marketer_is_refused_and_the_marketers_are_named() -> None:
    with pytest.raises(Conflict, match="priya-nair"):
        check_draft(a_draft(owner="ines-carvalho"), world.definition())


@given(NAMES, st.floats(0, 0.99))
def test_an_arm_is_the_same_whenever_asked_and_only_grows_with_the_share(lead: LeadId, holdout: float) -> None:
    arm = arm_of(CAMPAIGN, lead, edges(holdout, ()))
    assert arm == arm_of(CAMPAIGN, lead, edges(holdout, ()))
    assert arm_of(CAMPAIGN, lead, edges(0, ())) == "enrol"
    if arm == "holdout":
        assert arm_of(CAMPAIGN, lead, edges(min(0.999, holdout + 0.01), ())) == "holdout"


def test_a_holdout_of_a_tenth_is_a_tenth_and_another_campaign_draws_others() -> None:
    leads = [LeadId(UUID(int=no)) for no in range(4000)]
    held = {lead for lead in leads if arm_of(CAMPAIGN, lead, edges(0.1, ())) == "holdout"}
    others = {lead for lead in leads if arm_of(CampaignId(UUID(int=8)), lead, edges(0.1, ())) == "holdout"}
    assert 340 < len(held) < 460
    assert len(held & others) < 80


@given(NAMES)
def test_a_first_step_is_put_off_within_the_spread_and_not_by_the_arm_s_number(lead: LeadId) -> None:
    put = put_off(CAMPAIGN, lead, timedelta(minutes=10))
    assert timedelta() <= put < timedelta(minutes=10)
    assert fraction(CAMPAIGN, lead) != fraction(CAMPAIGN, lead, "spread")


def test_the_pace_rests_a_minute_for_a_minute_s_worth_and_less_for_larger_ones() -> None:
    assert (a_campaign(per_minute=30).per_look, a_campaign(per_minute=30).rest) == (30, timedelta(minutes=1))
    assert (a_campaign(per_minute=2000).per_look, a_campaign(per_minute=2000).rest) == (500, timedelta(seconds=15))
    assert (a_campaign().per_look, a_campaign().rest) == (500, timedelta())


def test_a_nudge_amid_a_rest_lets_nobody_in_early() -> None:
    later = MONDAY + timedelta(seconds=40)
    assert next_look(a_campaign(per_minute=30, waits_until=later), MONDAY) == later
    assert next_look(a_campaign(per_minute=30, waits_until=MONDAY), MONDAY) == MONDAY
    assert next_look(a_campaign(waits_until=later), MONDAY) == MONDAY


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "audience"),
        ({"everybody": True, "sources": ("webinar",)}, "everybody"),
        ({"stages": ("warm",)}, "stage"),
        ({"owner": "nobody"}, "owner"),
        ({"countries": ("Germany",)}, "country"),
    ],
)
def test_a_question_that_asks_for_nobody_in_particular_is_refused(said: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check_audience(Audience.model_validate({"track": "new-business", **said}), world.definition())
    assert refusal.value.field == field


def test_an_audience_reads_as_a_person_would_say_it() -> None:
    audience = Audience(sources=("webinar", "expo"), stages=("inquiry",), countries=("DE",), track="new-business")
    assert audience_words(audience) == "leads whose source is webinar or expo, in stage inquiry, in DE"
    assert audience_words(Audience(track="new-business", everybody=True)) == "everybody"


# ── Who is left out ──

WELCOME = {
    "open_run": False, "was_in": False, "has_address": True, "silenced": False, "silenced_for_marketing": False,
    "in_conversation": False, "disqualified": False, "mails_allowed": True,
}  # fmt: skip


def member(**said: object) -> MemberFacts:
    return MemberFacts.model_validate({**WELCOME, **said})


def a_journey(**said: object) -> Journey:
    return world.small_journey().model_copy(update=said)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"open_run": True}, LeftOut.IN_ALREADY),
        ({"was_in": True}, LeftOut.WAS_IN),
        ({"has_address": False}, LeftOut.NO_ADDRESS),
        ({"silenced": True}, LeftOut.SUPPRESSED),
        ({"silenced_for_marketing": True}, LeftOut.SUPPRESSED),
        ({"mails_allowed": False}, LeftOut.NO_BASIS),
        ({"in_conversation": True}, LeftOut.IN_CONVERSATION),
        ({"disqualified": True}, LeftOut.DISQUALIFIED),
        ({}, None),
    ],
)
def test_each_thing_against_a_member_has_its_code(said: dict[str, object], code: LeftOut | None) -> None:
    assert left_out(a_journey(), member(**said), markets=True) is code


def test_who_is_in_already_is_told_so_before_anything_else() -> None:
    assert left_out(a_journey(), member(open_run=True, has_address=False), markets=True) is LeftOut.IN_ALREADY


def test_a_journey_for_again_takes_who_was_in_and_names_the_run_after_the_campaign() -> None:
    again = a_journey(enter=Entry(events=("guide_requested",), again="after exit"))
    assert left_out(again, member(was_in=True), markets=True) is None
    assert key_of(again, f"campaign/{CAMPAIGN}") == f"campaign/{CAMPAIGN}"
    assert key_of(a_journey(), f"campaign/{CAMPAIGN}") == "once"


def test_a_journey_for_customers_does_not_mind_the_conversation() -> None:
    assert left_out(a_journey(audience="customer"), member(in_conversation=True), markets=True) is None


def test_service_mail_alone_needs_no_permission_and_one_marketing_mail_does() -> None:
    service = a_journey(steps=(Send(do="send", id="one", mail="guide", mail_class="service"),))
    assert not needs_permission(service, world.definition())
    assert needs_permission(world.small_journey(), world.definition())
    assert left_out(service, member(mails_allowed=False, silenced_for_marketing=True), markets=False) is None


def test_the_journey_s_own_condition_is_asked_as_well() -> None:
    only_it = a_journey(enter=Entry(events=("guide_requested",), when=Condition(field="role", one_of=("it",))))
    assert left_out(only_it, member(facts=facts()), markets=True) is LeftOut.CONDITION


def test_every_code_has_words() -> None:
    assert set(WORDS) == set(LeftOut)
