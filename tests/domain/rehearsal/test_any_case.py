"""Whatever the journey and whatever happens: a rehearsed run sends nothing it mustn't, nothing twice, and ends."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.mail_policy import ClassPolicy
from leadloom.domain.journeys import moves
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.windows import in_window
from leadloom.domain.rehearsal.happenings import Happens, Permits
from leadloom.domain.rehearsal.letterbox import ENDS_ALL_MAIL, ENDS_MARKETING
from leadloom.domain.rehearsal.player import Played
from tests.rehearsed.cases import Case, a_case
from tests.rehearsed.chance import SEASONS
from tests.rehearsed.hunt import definition_for
from tests.rehearsed.predicted import rehearse

CASES = 500
FAR = timedelta(days=2000)
"""Beyond the end of any of these journeys."""


@pytest.mark.parametrize("seed", range(4))
def test_no_rehearsed_run_sends_what_it_must_not_or_anything_twice_and_each_ends(seed: int) -> None:
    definition = definition_for(seed)
    rules, mails = SendRules(definition), Counter[str]()
    for no in range(CASES):
        case = a_case(seed, no, definition, SEASONS[seed])
        played = rehearse(case, definition, until=case.begins_at + FAR)
        assert faults(case, played, rules) == [], case.words()
        mails.update("went" if letter.goes else "never" for letter in played.letters)
    assert min(mails.values()) > CASES / 8, "the lot drew too little to prove anything"


def faults(case: Case, played: Played, rules: SendRules) -> list[str]:
    """What is wrong with a rehearsed run, in words."""
    found = [] if played.outcome is not None else [f"it never ends: it waits for {played.waits}"]
    asked = Counter((letter.mail.step, letter.mail.visit) for letter in played.letters)
    found += [f"{key} was asked for {times} times" for key, times in asked.items() if times > 1]
    visits = Counter(
        (did.step, did.visit) for did in played.did if isinstance(did.effect, moves.PlanMail | moves.OpenTask)
    )
    found += [f"step {key} was done {times} times" for key, times in visits.items() if times > 1]
    slots = {letter.message_id: letter.slot_at for letter in played.letters if letter.goes and letter.slot_at}
    for letter in played.letters:
        at = slots.get(letter.message_id)
        if at is None or letter.mail.to is not None:
            continue
        if played.outcome != moves.FINISHED and at > played.at:
            found.append(f"{letter.mail.step} goes at {at}, after the run was left at {played.at}")
        found += _said_no(case, letter.mail.mail_class, at) + _outside(case, letter.mail.mail_class, at, rules)
    capped = [
        slots[letter.message_id]
        for letter in played.letters
        if letter.message_id in slots and letter.mail.to is None and _policy(rules, letter.mail.mail_class).capped
    ]
    return found + _over_caps(case, sorted(capped), rules)


def _said_no(case: Case, mail_class: str, at: datetime) -> list[str]:
    before = [one for one in case.script if one.at < at]
    kinds = {one.kind for one in before if isinstance(one, Happens)}
    if kinds & ENDS_ALL_MAIL:
        return [f"a mail goes at {at}, after the address was given up"]
    yes = max((one.at for one in before if isinstance(one, Permits)), default=None)
    no = max((one.at for one in before if isinstance(one, Happens) and one.kind in ENDS_MARKETING), default=None)
    stands = no is not None and (yes is None or yes < no)
    return [f"marketing mail goes at {at}, after a no at {no}"] if stands and mail_class == "marketing" else []


def _outside(case: Case, mail_class: str, at: datetime, rules: SendRules) -> list[str]:
    of_lead = rules.of(case.lead, None)
    if not _policy(rules, mail_class).windowed or in_window(at, of_lead.window, of_lead.zone, of_lead.off):
        return []
    return [f"a windowed mail goes at {at}"]


def _over_caps(case: Case, slots: list[datetime], rules: SendRules) -> list[str]:
    found: list[str] = []
    for cap in rules.of(case.lead, None).per_person:
        if not cap.counts("marketing", case.journey.topic):
            continue
        for first, last in zip(slots, slots[cap.count :], strict=False):
            if last - first < cap.within:
                found.append(f"more than {cap.count} in {cap.within}: from {first} to {last}")
    return found


def _policy(rules: SendRules, mail_class: str) -> ClassPolicy:
    return rules.definition.mail.classes[mail_class]
