"""How is a whole audience rehearsed in minutes? Company by company, on as many processes as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.audience import play
from leadloom.domain.rehearsal.cast import Cue, LeadAtStart, Setting
from leadloom.domain.rehearsal.tally import Tally

PER_PART = 90
"""Leads of one part, about: small enough that the bar moves, large enough that handing over costs nothing."""
ALONE = 450
"""So few leads are played by this process itself: starting another takes longer."""
LEFT_ASIDE = (
    "The relay's rate: a lane that is full sends minutes later than planned; the slots are those of the plan.",
    "Journeys as code: what their workflows do is not written down as data.",
)
"""What a rehearsal doesn't play, in words."""

Part = tuple[list[list[LeadAtStart]], list[Cue]]
Told = Callable[[float, str], None]


class _Known(NamedTuple):
    setting: Setting
    rules: SendRules


def rehearse(
    setting: Setting,
    leads: Sequence[LeadAtStart],
    cues: Iterable[Cue],
    *,
    processes: int | None = None,
    told: Told = lambda share, words: None,
) -> Tally:
    """Play all leads and count. `told` hears how far it is, from 0 to 1. The same whatever the number of processes."""
    parts = list(_parts(leads, cues))
    workers = min(processes or os.cpu_count() or 1, len(parts))
    total, done = Tally(), 0
    for tally in _played(setting, parts, 1 if len(leads) <= ALONE else workers):
        total.add(tally)
        done += tally.leads
        told(done / len(leads), f"{done:,} of {len(leads):,} leads")
    return total


def _played(setting: Setting, parts: Sequence[Part], workers: int) -> Iterator[Tally]:
    if workers <= 1:
        known = _Known(setting, SendRules(setting.definition))
        yield from (_play(known, part) for part in parts)
        return
    # Not forked: the parent may hold a database connection and an event loop.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawning, initializer=_learn, initargs=(setting,)) as pool:
        under_way = [pool.submit(_play_part, part) for part in parts]
        try:
            for part in under_way:  # in their order: then the counts read the same whoever is faster
                yield part.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _parts(leads: Sequence[LeadAtStart], cues: Iterable[Cue]) -> Iterator[Part]:
    """Whole companies, in the order their first leads come, about `PER_PART` leads each."""
    companies: dict[object, list[LeadAtStart]] = {}
    for lead in leads:
        known = lead.standing.lead
        companies.setdefault(known.account_id or known.lead_id, []).append(lead)
    of_lead: Mapping[LeadId, list[Cue]] = defaultdict(list)
    for cue in cues:
        of_lead[cue.lead_id].append(cue)
    part, size = list[list[LeadAtStart]](), 0
    for company in companies.values():
        part.append(company)
        size += len(company)
        if size >= PER_PART:
            yield part, _cues_of(part, of_lead)
            part, size = [], 0
    if part:
        yield part, _cues_of(part, of_lead)


def _cues_of(part: Iterable[Iterable[LeadAtStart]], of_lead: Mapping[LeadId, list[Cue]]) -> list[Cue]:
    return [cue for company in part for lead in company for cue in of_lead.get(lead.standing.lead.lead_id, ())]


def _play(known: _Known, part: Part) -> Tally:
    companies, cues = part
    of_lead: defaultdict[LeadId, list[Cue]] = defaultdict(list)
    for cue in cues:
        of_lead[cue.lead_id].append(cue)
    tally = Tally()
    for company in companies:
        mine = [cue for lead in company for cue in of_lead[lead.standing.lead.lead_id]]
        tally.add(play(known.setting, company, mine, rules=known.rules))
    return tally


_known: list[_Known] = []
"""What a worker process was told once, instead of with each part."""


def _learn(setting: Setting) -> None:
    _known[:] = [_Known(setting, SendRules(setting.definition))]


def _play_part(part: Part) -> Tally:
    return _play(_known[0], part)
