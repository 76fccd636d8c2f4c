"""Who may what, whose leads does one see, and what does a page say to somebody who may not see an address?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.access import agents, masking, passwords, patience
from leadloom.domain.access.patience import Failures
from leadloom.domain.access.policy import Access, RoleRights, Team, View, check
from leadloom.domain.access.rights import ADMIN, OF_ADMINS, WORDS, Right
from leadloom.domain.access.viewer import ONLOOKER, Person, Viewer, givers, viewer_of
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@cache
def _kelvance() -> Definition:
    return read_definition(DraftText("definition.yaml", (ROOT / "definition.yaml").read_text(encoding="utf-8")))


@pytest.fixture(name="kelvance")
def the_definition() -> Definition:
    return _kelvance()


def viewer(definition: Definition, *roles: str, handle: str = "ines-carvalho") -> Viewer:
    return viewer_of(Person(handle=handle, name="Somebody", roles=roles), definition)


# Rights


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("sdr", ["see-leads", "answer-hand-offs", "see-addresses"], ["launch-sends", "take-out-lists", "govern"]),
        ("support", ["see-leads", "answer-hand-offs"], ["see-figures", "see-campaigns", "steer-runs"]),
        ("marketer", ["launch-sends", "steer-runs"], ["answer-hand-offs", "change-scoring", "change-routing"]),
        ("lead-management-owner", ["change-definition", "change-scoring", "change-routing"], ["launch-sends"]),
        ("sales-lead-manager", ["change-routing", "answer-hand-offs"], ["launch-sends", "change-mail-policy"]),
        ("head-of-marketing", ["launch-sends", "govern"], ["see-addresses", "answer-hand-offs"]),
        ("engineer", ["operate"], ["see-addresses", "take-out-lists", "launch-sends"]),
        ("sponsor", ["govern"], ["see-addresses", "launch-sends", "change-scoring"]),
        (ADMIN, ["manage-users", "see-audit"], ["see-leads", "see-addresses", "answer-hand-offs", "launch-sends"]),
        ("nobody-knows-it", [], list(Right)),
    ],
)  # fmt: skip
def test_a_role_may_what_the_definition_gives_it_and_nothing_else(
    kelvance: Definition, role: str, may: list[str], may_not: list[str]
) -> None:
    somebody = viewer(kelvance, role)
    assert [right for right in may if not somebody.may(right)] == []
    assert [right for right in may_not if somebody.may(right)] == []


@given(roles=st.lists(st.sampled_from(["sdr", "marketer", "engineer", "sponsor", "support", ADMIN]), max_size=4))
def test_rights_of_several_roles_add_up_and_only_an_admin_looks_after_users(roles: list[str]) -> None:
    together = viewer(_kelvance(), *roles)
    alone = [viewer(_kelvance(), role) for role in roles]
    assert together.rights == frozenset().union(*(one.rights for one in alone))
    assert together.sight.all == any(one.sight.all for one in alone)
    assert bool(together.rights & OF_ADMINS) == (ADMIN in roles)


def test_every_right_is_said_in_words_and_somebody_has_it(kelvance: Definition) -> None:
    assert WORDS.keys() == set(Right)
    assert [right for right in Right if not givers(right, kelvance)] == []


def test_a_definition_of_before_there_were_rights_keeps_nobody_out_and_makes_nobody_admin(kelvance: Definition) -> None:
    before = kelvance.but(access=Access())
    somebody = viewer(before, "sdr")
    assert somebody.rights == frozenset(Right) - OF_ADMINS
    assert somebody.sight.all
    assert not viewer(before, ADMIN).may(Right.SEE_ADDRESSES)


def test_an_onlooker_sees_all_of_the_local_stack_but_no_users() -> None:
    assert (ONLOOKER.person, ONLOOKER.sight.all) == (None, True)
    assert not ONLOOKER.rights & OF_ADMINS


def faults(access: Access) -> list[str]:
    people, regions = {"ana": "sdr", "bo": "boss"}, ("north",)
    return [fault.words for fault in check(access, people=people, regions=regions)]


def test_faults_of_who_may_what_are_named() -> None:
    roles = {"sdr": RoleRights(), "boss": RoleRights()}
    assert faults(Access()) == []
    assert faults(Access(roles=roles)) == []
    assert "There is no owner `ann`" in faults(Access(roles=roles, teams={"x": Team(people=("ann",))}))[0]
    assert (
        "There is no region `nord`" in faults(Access(roles=roles, teams={"x": Team(people=(), regions=("nord",))}))[0]
    )
    twice = {"x": Team(people=("ana",)), "y": Team(people=("ana",))}
    assert "stands here twice" in faults(Access(roles=roles, teams=twice))[0]
    assert "Say what boss may" in faults(Access(roles={"sdr": RoleRights()}))[0]
    assert "Administrators" in faults(Access(roles={**roles, ADMIN: RoleRights()}))[0]
    assert (
        "an administrator's alone" in faults(Access(roles={**roles, "sdr": RoleRights(may=(Right.MANAGE_USERS,))}))[0]
    )


# Whose leads


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        (View.OWN, {"mine"}),
        (View.TEAM, {"mine", "the team's", "the pool's"}),
        (View.REGION, {"mine", "the team's", "the pool's", "unowned here", "theirs here"}),
        (View.ALL, {"mine", "the team's", "the pool's", "unowned here", "theirs here", "theirs", "unowned"}),
    ],
)
def test_each_view_holds_the_one_before_it(kelvance: Definition, view: View, seen: set[str]) -> None:
    leads = {
        "mine": {"owner": "ines-carvalho", "country": "US"},
        "the team's": {"owner": "jonas-brandt", "country": "US"},
        "the pool's": {"owner": None, "pool": "sales", "country": "US"},
        "unowned here": {"owner": None, "country": "de"},
        "theirs here": {"owner": "wei-jie-tan", "country": "DE"},
        "theirs": {"owner": "wei-jie-tan", "country": "SG"},
        "unowned": {"owner": None, "country": None},
    }
    role = kelvance.access.roles["sdr"].but(leads=view)
    definition = kelvance.but(access=kelvance.access.but(roles={"sdr": role}))
    sight = viewer(definition, "sdr").sight
    assert {name for name, lead in leads.items() if sight.sees(**lead)} == seen


def test_a_users_own_team_and_regions_come_before_the_definitions(kelvance: Definition) -> None:
    person = Person(
        handle="guest", name="A Guest", roles=("support",), team="americas", regions=("asia-pacific", "gone")
    )
    sight = viewer_of(person, kelvance).sight
    assert sight.handles == ("guest", "marcus-oyelaran", "dana-whitlock")
    assert (sight.sees(owner=None, country="SG"), sight.sees(owner=None, country="US")) == (True, False)
    assert sight.words == "the leads of Asia and Pacific"


# What cannot be read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Write to ana.torres@alder.example today", "Write to a…@alder.example today"),
        ("<a href='mailto:ana@alder.example'>", "<a href='mailto:a…@alder.example'>"),
        ("/p?lead=ana%40alder.example", "/p?lead=a…@alder.example"),
        ("call +49 30 1234-5678 at 9", "call +49 …78 at 9"),
        ("tel:+12125550141", "tel:+121 …41"),
        ("desk@kelvance.example, +1 212 555 0147", "desk@kelvance.example, +1 212 555 0147"),
        ("2026-03-03 10:00, +3 points, 41 excursions, v1.2", "2026-03-03 10:00, +3 points, 41 excursions, v1.2"),
    ],
)
def test_addresses_and_numbers_of_leads_are_made_unreadable_and_ours_are_not(said: str, read: str) -> None:
    assert masking.masked(said, domains=("Kelvance.example",), phones=("+1 212 555 0147",)) == read


@given(
    local=st.from_regex(r"[a-z][a-z0-9._+-]{2,20}", fullmatch=True),
    around=st.sampled_from(["%s", "<p>%s</p>", "(%s)", '"%s"']),
)
def test_no_address_gets_through_whatever_stands_around_it(local: str, around: str) -> None:
    assert local not in masking.masked(around % f"{local}@alder.example")


# Passwords and patience


@pytest.mark.parametrize(
    "weak", ["short", "aaaaaaaaaaaaaaaa", "password1234", "PasswortPasswort", "ines-carvalho1", "x" * 201]
)
def test_a_password_that_is_guessed_first_is_refused_and_not_repeated(weak: str) -> None:
    with pytest.raises(BadInput) as refused:
        passwords.checked(weak, names=("ines-carvalho", "ines.carvalho@kelvance.example"))
    assert weak not in str(refused.value)


def test_a_sentence_is_a_password_and_every_keyboard_writes_it_alike() -> None:
    assert passwords.checked("vier Grad über Null", names=("ines",)) == passwords.checked(
        "vier Grad u\u0308ber Null", names=("ines",)
    )


def test_waits_double_and_end_at_a_quarter_of_an_hour() -> None:
    def left(count: int) -> timedelta:
        failures = Failures(count=count, last_at=AT)
        return patience.wait_left([patience.next_try_at(failures, free=patience.FREE_TRIES)], AT)

    assert [left(count).total_seconds() for count in (0, 4, 5, 6, 7)] == [0, 0, 2, 4, 8]
    assert left(14) == left(4000) == patience.LONGEST_WAIT


def test_a_wait_ends_by_itself() -> None:
    found = [patience.next_try_at(Failures(count=6, last_at=AT), free=5), None]
    assert patience.wait_left(found, AT + timedelta(seconds=3)) == timedelta(seconds=1)
    assert patience.wait_left(found, AT + timedelta(seconds=4)) == timedelta(0)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("curl/8.1", "curl"),
        ("", "a program"),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_its_family(agent: str, words: str) -> None:
    assert agents.family(agent) == words
