"""Do the books close? What was asked for, sent, accepted, doubled, lost and left uncertain, from rows and relay log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pydantic import Field

from benchmarks.chaos.ledger import Mail, Rows, Run
from benchmarks.chaos.relay_log import Accepted
from leadloom.domain.model import Value

_DELIVERED = {"sent", "uncertain"}
"""What the ledger may say of a mail that the relay has."""
_UNDER_WAY = {"reserved", "deferred", "claimed", "at_dot", "held"}
_GONE = {"expired", "refused"}
"""How a mail ends that went nowhere, though nobody had said no to it: no relay here refuses, no outage lasts days."""


class UncertainMail(Value):
    """A mail of which nobody can say that it arrived."""

    lead_id: str | None
    step: str
    why: str
    relay_has_it: bool


class Strokes(Value):
    """What was done to the system, as far as it can leave mails uncertain."""

    kills: dict[str, int] = Field(default_factory=dict)
    """How often each part was killed."""
    lost_replies: int = 0
    connections: int = 0
    """SMTP connections of one worker."""
    workers: int = 1

    @property
    def most_uncertain(self) -> int:
        """A lost reply leaves one; the death of a worker one for each of its connections; that of the relay or of

        Postgres, by SIGKILL or a full disk, one for each connection of all. Temporal's leaves none.
        """
        of_workers = sum(count for part, count in self.kills.items() if part.startswith("worker"))
        of_all = sum(self.kills.get(part, 0) for part in ("postgres", "disk", "smtp"))
        return self.connections * (of_workers + self.workers * of_all) + self.lost_replies


class Balance(Value):
    """The books of one run. They close when nothing is twice, lost, stuck, unbooked, or mailed against a no."""

    leads: int
    opted_out: int
    enrolled: int
    left_out: dict[str, int]
    """Leads without a run, by the campaign's reason."""
    outcomes: dict[str, int]
    """Ended runs by outcome."""
    ledger: dict[str, int]
    """Mails by state."""
    accepted: int
    """Mails the relay took, each time it took one."""
    twice: tuple[str, ...]
    lost: tuple[str, ...]
    stuck: tuple[str, ...]
    unbooked: tuple[str, ...]
    """Accepted, and the ledger does not know or believe it: tomorrow's duplicates."""
    against_a_no: tuple[str, ...]
    uncertain: tuple[UncertainMail, ...]
    most_uncertain: int
    delivered: frozenset[tuple[str, str]]
    """(recipient, journey/step) of every accepted mail, to compare two runs."""
    unsure: frozenset[tuple[str, str]]
    """The same of the uncertain ones."""

    @property
    def faults(self) -> list[str]:
        """Why the books don't close, in words; empty when they do."""
        found = [
            f"{len(entries)} {name}"
            for name, entries in (
                ("twice", self.twice),
                ("lost", self.lost),
                ("stuck", self.stuck),
                ("accepted but not booked", self.unbooked),
                ("mailed against a no", self.against_a_no),
            )
            if entries
        ]
        if len(self.uncertain) > self.most_uncertain:
            found.append(f"{len(self.uncertain)} uncertain, more than the {self.most_uncertain} explained")
        return found


def balance(rows: Rows, accepted: Sequence[Accepted], *, strokes: Strokes, said_no: Collection[str] = ()) -> Balance:
    """Close the books. `said_no` are the addresses that must get nothing, as the file of leads has them."""
    addresses = {member.lead_id: member.email for member in rows.members}
    taken = Counter(each.wire_id for each in accepted)
    mails = {mail.wire_id: mail for mail in rows.mails}
    to_leads = [mail for mail in rows.mails if not mail.for_owner]
    uncertain = [mail for mail in rows.mails if mail.status == "uncertain"]
    return Balance(
        leads=len(rows.members),
        opted_out=sum(member.opted_out for member in rows.members),
        enrolled=len(rows.runs),
        left_out=dict(Counter(member.left_out for member in rows.members if member.left_out)),
        outcomes=dict(Counter(run.outcome or run.status for run in rows.runs if run.status != "active")),
        ledger=dict(Counter(mail.status for mail in rows.mails)),
        accepted=len(accepted),
        twice=_twice(taken, accepted, mails),
        lost=(*_never_arrived(rows, taken), *_never_written(rows), *_gone(to_leads)),
        stuck=(*_stuck_runs(rows), *_stuck_mails(rows)),
        unbooked=_unbooked(taken, mails),
        against_a_no=_against_a_no(rows, accepted, said_no),
        uncertain=tuple(
            UncertainMail(
                lead_id=mail.lead_id,
                step=f"{mail.journey}/{mail.step}",
                why=_why(mail),
                relay_has_it=mail.wire_id in taken,
            )
            for mail in uncertain
        ),
        most_uncertain=strokes.most_uncertain,
        delivered=frozenset((each.recipient, each.step) for each in accepted),
        unsure=frozenset(
            (addresses.get(mail.lead_id or "") or "", f"{mail.journey}/{mail.step}") for mail in uncertain
        ),
    )


def _twice(taken: Counter[str], accepted: Sequence[Accepted], mails: dict[str, Mail]) -> tuple[str, ...]:
    """Copies: the same Message-ID, or another id for the same step of the same lead."""
    found = [f"{_of(mails.get(wire), wire)}: accepted {count} times" for wire, count in taken.items() if count > 1]
    of_step: dict[tuple[str, str], set[str]] = {}
    for each in accepted:
        of_step.setdefault((each.recipient, each.step), set()).add(each.wire_id)
    for wires in of_step.values():
        # A journey that comes back to a step writes it once for each visit.
        visits = {(mail.run, mail.visit) for wire in wires if (mail := mails.get(wire))}
        if len(wires) > max(len(visits), 1):
            found.append(f"{_of(mails.get(min(wires)), min(wires))}: {len(wires)} mails for one step")
    return tuple(sorted(found))


def _never_arrived(rows: Rows, taken: Counter[str]) -> list[str]:
    sent = [mail for mail in rows.mails if mail.status == "sent" and mail.wire_id not in taken]
    return [f"{_of(mail, mail.wire_id)}: sent by the ledger, never accepted by the relay" for mail in sent]


def _never_written(rows: Rows) -> list[str]:
    written = {(mail.run, mail.step, mail.visit) for mail in rows.mails}
    return [
        f"run {run}, step {step}: asked for, and no row says what became of it"
        for run, step, _ in sorted(rows.asked - written)
    ]


def _gone(mails: Sequence[Mail]) -> list[str]:
    return [f"{_of(mail, mail.wire_id)}: {mail.status} ({_why(mail)})" for mail in mails if mail.status in _GONE]


def _stuck_runs(rows: Rows) -> list[str]:
    waiting = [f"lead {member.lead_id}: the campaign never came by" for member in rows.members if member.waits]
    return waiting + [f"run {run.run}: {_why_stuck(run)}" for run in rows.runs if run.status == "active"]


def _why_stuck(run: Run) -> str:
    return f"blocked: {run.error}" if run.blocked else f"still waits for {run.waiting_for}"


def _stuck_mails(rows: Rows) -> list[str]:
    return [f"{_of(mail, mail.wire_id)}: still {mail.status}" for mail in rows.mails if mail.status in _UNDER_WAY]


def _unbooked(taken: Counter[str], mails: dict[str, Mail]) -> tuple[str, ...]:
    found = [
        f"{_of(mail, wire)}: {f'the ledger says {mail.status}' if mail else 'in no ledger'}"
        for wire in taken
        if (mail := mails.get(wire)) is None or mail.status not in _DELIVERED
    ]
    return tuple(sorted(found))


def _against_a_no(rows: Rows, accepted: Sequence[Accepted], said_no: Collection[str]) -> tuple[str, ...]:
    stopped = {member.email: member.lead_id for member in rows.members if member.opted_out or member.email in said_no}
    found = [each for each in accepted if each.recipient in stopped]
    return tuple(f"lead {stopped[each.recipient]}, {each.step}: mailed though the lead opted out" for each in found)


def _of(mail: Mail | None, wire: str) -> str:
    return f"lead {mail.lead_id}, step {mail.step}" if mail else f"mail {wire}"


def _why(mail: Mail) -> str:
    return "; ".join(words for words in (mail.reason, mail.reply) if words) or "no reason was kept"


def differences(broken: Balance, quiet: Balance) -> list[str]:
    """What two runs of the same leads have not in common, but for mails that are uncertain; empty is the promise."""
    found = [
        f"{name}: {getattr(broken, name)} against {getattr(quiet, name)} in the quiet run"
        for name in ("leads", "opted_out", "enrolled", "left_out", "outcomes")
        if getattr(broken, name) != getattr(quiet, name)
    ]
    missing = quiet.delivered - broken.delivered - broken.unsure
    extra = broken.delivered - quiet.delivered - quiet.unsure
    found += [f"{len(missing)} mails of the quiet run never went"] if missing else []
    found += [f"{len(extra)} mails went that the quiet run did not send"] if extra else []
    return found
