"""Can this draft govern leads? If not: every fault, with its line and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import pairwise

from pydantic import ValidationError

from leadloom.domain.access import policy
from leadloom.domain.definitions import (
    campaign_policy,
    charter,
    checklists,
    company_rules,
    consent_policy_check,
    field_help,
    fit_rules,
    hand_off_check,
    mail_policy_check,
    move_reasons,
    needs,
    notice_routes,
    practice,
    programmes,
    regions,
    score_rules,
    talk,
    tracking_check,
    win_odds,
)
from leadloom.domain.definitions.definition import Definition, ScoredGate, Stage
from leadloom.domain.definitions.draft_faults import Fault, faults_of, in_words, repeated, unknown
from leadloom.domain.definitions.draft_text import DraftText, Path
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import Faulty
from leadloom.domain.lead import Track

PROCESS_EVENTS = (
    "attempt_made", "bounced", "clock_missed", "complained", "cooled", "deal_lost", "deal_opened", "deal_won",
    "definition_changed", "hand_off_accepted", "hand_off_recycled", "hand_off_rejected", "imported", "journey_ended",
    "link_clicked", "mail_opened", "points_given", "promise_missed", "recycle_due", "stage_given", "task_done",
    "tries_used_up",
    "unsubscribed", "went_inactive",
)  # fmt: skip
"""Events the process itself records."""

WORST_LETTER = "D"
MOST_FIT = 100
_NOTHING = timedelta(0)
_NEAR = ("http://localhost", "http://127.0.0.1")
"""Addresses that never leave the machine, for development."""


def read_definition(draft: DraftText) -> Definition:
    """The definition a draft says. Raises Faulty with every fault when it must not be published."""
    try:
        definition = Definition.model_validate(draft.data)
    except ValidationError as error:
        raise Faulty(draft.name, in_words(draft, faults_of(error))) from error
    if faults := check(definition):
        raise Faulty(draft.name, in_words(draft, faults))
    return definition


def check(definition: Definition) -> list[Fault]:
    """Everything that keeps a well-formed definition from being published; empty when nothing does."""
    return [
        *_stages(definition),
        *_tracks(definition),
        *_governors(definition),
        *_events(definition),
        *score_rules.check(definition.scoring, definition.events),
        *_fit(definition),
        *fit_rules.check(definition.fit, definition.profiles),
        *_engagement(definition),
        *_mql(definition),
        *_later_gates(definition),
        *company_rules.check(definition.company_score),
        *checklists.check(definition.checklists, definition.sql.of),
        *hand_off_check.check(definition),
        *mail_policy_check.check(definition),
        *consent_policy_check.check(definition),
        *campaign_policy.check(definition.campaigns, {entry.role for entry in definition.owners}),
        *programmes.check(definition.programmes, definition.events),
        *_endpoints(definition),
        *notice_routes.check(
            definition.notices,
            endpoints=definition.endpoints,
            owners=[entry.handle for entry in definition.owners],
            teams=definition.access.teams,
            pools=[definition.routing.default_pool, *definition.routing.pools],
            kinds=definition.hand_offs,
        ),
        *win_odds.check(definition.win_odds),
        *talk.check(definition.talk, events=definition.events, hand_offs=definition.hand_offs),
        *tracking_check.tracking_faults(definition, PROCESS_EVENTS),
        *charter.check(definition.charter, {entry.handle: entry.name for entry in definition.owners}),
        *practice.check(definition.practice, kinds=definition.hand_offs, reasons=definition.reject_reasons),
        *policy.check(
            definition.access,
            people={entry.handle: entry.role for entry in definition.owners},
            regions=definition.regions,
        ),
        *needs.check(definition),
        *field_help.check(definition),
        *move_reasons.check(definition),
        *regions.check(definition),
        *_variants(definition),
        *_foreign(definition),
    ]


def _stages(definition: Definition) -> Iterator[Fault]:
    names = [stage.name for stage in definition.stages]
    yield from repeated(("stages",), names, "stage")
    yield from unknown(("first_stage",), definition.first_stage, names, "stage")
    yield from _parts(definition)
    reachable = _reachable(definition)
    for index, stage in enumerate(definition.stages):
        path = ("stages", index)
        yield from _promise_of(definition, stage, index)
        for place, following in enumerate(stage.next):
            yield from unknown((*path, "next", place), following, names, "stage")
            if following == stage.name:
                yield Fault(path=(*path, "next", place), words=f"`{stage.name}` can't follow itself: take it out.")
        if stage.name not in reachable:
            words = (
                f"No lead can reach `{stage.name}` from `{definition.first_stage}`: "
                "name it in the `next` of a stage before it, or take it out."
            )
            yield Fault(path=path, words=words)


def _parts(definition: Definition) -> Iterator[Fault]:
    """Each part is played, and by one stage: the process could not choose between two."""
    played = [stage.plays for stage in definition.stages]
    for part in Part:
        if part not in played:
            words = f"No stage says `plays: {part.value}`, and the process moves leads to it: say it at one."
            yield Fault(path=("stages",), words=words)
    for index, stage in enumerate(definition.stages):
        if stage.plays is not None and stage.plays in played[:index]:
            before = definition.stages[played.index(stage.plays)].name
            words = f"`{stage.plays.value}` is played by `{before}` already: take it out at one of them."
            yield Fault(path=("stages", index, "plays"), words=words)


def _reachable(definition: Definition) -> set[str]:
    following = {stage.name: stage.next for stage in definition.stages}
    reached: set[str] = set()
    ahead = [definition.first_stage]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += following.get(name, ())
    return reached


def _promise_of(definition: Definition, stage: Stage, index: int) -> Iterator[Fault]:
    path = ("stages", index)
    if stage.promise is not None:
        yield from unknown((*path, "promise"), stage.promise, definition.promises, "promise")
    if stage.kind == "sla" and stage.promise is None:
        yield Fault(path=path, words=f"`{stage.name}` is an SLA stage without a clock: name its `promise`.")
    if stage.kind != "sla" and stage.promise is not None:
        words = f"`{stage.name}` is no SLA stage and keeps no promise: make it `sla` or take `promise` out."
        yield Fault(path=(*path, "promise"), words=words)


def _tracks(definition: Definition) -> Iterator[Fault]:
    yield from repeated(("tracks",), definition.tracks, "track")
    for index, track in enumerate(definition.tracks):
        if not track.strip():
            yield Fault(path=("tracks", index), words="A track without a name: write one, or take it out.")
    if Track.NEW_BUSINESS not in definition.tracks:
        yield Fault(path=("tracks",), words="Every lead begins in `new-business`: add it.")


def _governors(definition: Definition) -> Iterator[Fault]:
    handles = [entry.handle for entry in definition.owners]
    for role in ("owner", "approver", "sponsor"):
        yield from unknown((role,), getattr(definition, role), handles, "owner")
    for place, span in (("inactive_after", definition.inactive_after), ("half_life", definition.half_life)):
        if span <= _NOTHING:
            yield Fault(path=(place,), words="It must be longer than nothing.")


def _events(definition: Definition) -> Iterator[Fault]:
    for needed in PROCESS_EVENTS:
        if needed not in definition.events:
            yield Fault(path=("events",), words=f"The process records `{needed}`: add that event.")
    for kind, rule in definition.events.items():
        for flag in ("credit", "asks"):
            if getattr(rule, flag) and not rule.response:
                words = f"`{kind}` is no response, so it can't carry `{flag}`: add `response: true` or take it out."
                yield Fault(path=("events", kind, flag), words=words)
    if not any(rule.asks for rule in definition.events.values()):
        yield Fault(path=("events",), words="No event asks to talk, so nobody could raise a hand: set `asks` on one.")


def _fit(definition: Definition) -> Iterator[Fault]:
    fit = definition.fit
    best = fit.industry.points + fit.sites.points + max(fit.role.points, fit.role.else_.points) + fit.country.points
    if best > MOST_FIT:
        yield Fault(path=("fit",), words=f"Fit goes from 0 to {MOST_FIT}, these points reach {best}: lower some.")
    yield from _descending(("fit", "letters"), fit.letters, "letter")
    for letter, least in fit.letters.items():
        if least > best:
            words = f"No lead can reach {letter}: it takes {least} points and there are {best} at most."
            yield Fault(path=("fit", "letters", letter), words=words)
    if WORST_LETTER in fit.letters:
        words = f"{WORST_LETTER} is what stays below all letters: take it out."
        yield Fault(path=("fit", "letters", WORST_LETTER), words=words)


def _engagement(definition: Definition) -> Iterator[Fault]:
    digits = {str(digit): least for digit, least in definition.engagement_digits.items()}
    yield from _descending(("engagement_digits",), digits, "digit")
    if definition.cooling_below <= 0:
        words = "A score that halves for ever never reaches it: take a number above 0."
        yield Fault(path=("cooling_below",), words=words)
    if definition.warms_at is not None and definition.warms_at < definition.cooling_below:
        words = f"A lead would cool as it warms: write {definition.cooling_below:g} or more."
        yield Fault(path=("warms_at",), words=words)


def _descending(path: tuple[str, ...], thresholds: dict[str, int] | dict[str, float], noun: str) -> Iterator[Fault]:
    if not thresholds:
        yield Fault(path=path, words=f"There is no {noun}: add one.")
    marks = list(thresholds.items())
    for (better, more), (worse, less) in pairwise(marks):
        if not (better < worse and more > less):
            words = (
                f"Best first, each with fewer points: {noun} {better} at {more:g} stands before {worse} at {less:g}."
            )
            yield Fault(path=(*path, worse), words=words)


def _mql(definition: Definition) -> Iterator[Fault]:
    yield from unknown(("mql", "asks"), definition.mql.asks, definition.hand_offs, "hand-off kind")
    yield from _band(definition, ("mql", "scored"), definition.mql.scored)
    for place, band in enumerate(definition.mql.further):
        yield from _band(definition, ("mql", "further", place), band)


def _band(definition: Definition, path: Path, scored: ScoredGate) -> Iterator[Fault]:
    yield from unknown((*path, "hand_off"), scored.hand_off, definition.hand_offs, "hand-off kind")
    letters = (*definition.fit.letters, WORST_LETTER)
    digits = (*definition.engagement_digits, max(definition.engagement_digits, default=0) + 1)
    for index, letter in enumerate(scored.letters):
        yield from unknown((*path, "letters", index), letter, letters, "letter")
    for index, digit in enumerate(scored.digits):
        yield from unknown((*path, "digits", index), str(digit), [str(known) for known in digits], "digit")
    kinds = sum(rule.response for rule in definition.events.values())
    if not 1 <= scored.kinds_of_response <= kinds:
        words = f"There are {kinds} kinds of response: ask for 1 to {kinds}."
        yield Fault(path=(*path, "kinds_of_response"), words=words)
    if scored.within <= _NOTHING:
        yield Fault(path=(*path, "within"), words="It must be longer than nothing.")


def _later_gates(definition: Definition) -> Iterator[Fault]:
    sql = definition.sql
    yield from unknown(("sql", "and"), sql.and_, definition.events, "event")
    if not 0 <= sql.at_least <= len(sql.of):
        words = f"Of {len(sql.of)} things at most {len(sql.of)} can be known: lower it."
        yield Fault(path=("sql", "at_least"), words=words)
    for name, gate in (("adopted", definition.adopted), ("advocate", definition.advocate)):
        yield from _events_named((name, "all_of"), gate.all_of, definition.events)
        yield from _events_named((name, "any_of"), gate.any_of, definition.events)
        if not gate.all_of and not gate.any_of:
            yield Fault(path=(name,), words="A gate without evidence opens for everybody: name an event.")


def _variants(definition: Definition) -> Iterator[Fault]:
    """A region's own numbers must hold together as those of the definition do."""
    for key in definition.regions:
        local = regions.localised(definition, key)
        if local is not definition:
            known = {fault.words for fault in _judging(definition)}
            for fault in _judging(local):
                if fault.words not in known:
                    yield Fault(path=("regions", key), words=fault.words)


def _judging(definition: Definition) -> Iterator[Fault]:
    """The faults of what a region may say differently."""
    yield from (*_fit(definition), *_engagement(definition), *_mql(definition))
    yield from hand_off_check.calendars(definition)


def _foreign(definition: Definition) -> Iterator[Fault]:
    names = [stage.name for stage in definition.stages]
    for system, words in definition.foreign.items():
        for word, stage in words.items():
            yield from unknown(("foreign", system, word), stage, names, "stage")


def _events_named(path: tuple[str, ...], kinds: tuple[str, ...], known: Collection[str]) -> Iterator[Fault]:
    for index, kind in enumerate(kinds):
        yield from unknown((*path, index), kind, known, "event")


def _endpoints(definition: Definition) -> Iterator[Fault]:
    """Where journeys may post to: encrypted on the way, and signed where the receiver checks it."""
    for name, endpoint in definition.endpoints.items():
        path = ("endpoints", name)
        if not endpoint.url.startswith(("https://", "env:", *_NEAR)):
            yield Fault(path=(*path, "url"), words="What a lead did travels encrypted: write an address with https://.")
        if endpoint.kind == "signed" and not endpoint.secret:
            words = "A signed message needs a key: name the environment variable that holds it in `secret`."
            yield Fault(path=path, words=words)
        if endpoint.kind == "slack" and endpoint.secret:
            yield Fault(path=(*path, "secret"), words="Such a channel checks no signature: take `secret` out.")
