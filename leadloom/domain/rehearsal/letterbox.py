"""Which mails of a played run go? Each when its slot has come, unless something stands against it by then."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.facts import Facts, MessageStatus, SentMail
from leadloom.domain.journeys.moves import PlanMail
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_key import mail_id
from leadloom.domain.model import EnrolmentId
from leadloom.domain.rehearsal.postings import Letter, Postings

ENDS_MARKETING = frozenset({"unsubscribed", "let_go"})
"""Events that end marketing mail until the person allows it again."""
ENDS_ALL_MAIL = frozenset({"bounced", "complained"})
"""Events after which nothing at all goes to the address."""


class Letterbox:
    """The mails one played run asked for. It says how they stand; the player keeps that among the facts."""

    def __init__(self, postings: Postings, run_id: EnrolmentId | None) -> None:
        """`run_id` names the mails as production does; it matters to the minutes that spread mails at an edge."""
        self._postings, self._run_id = postings, run_id
        self._letters: list[Letter] = []
        self._settled: set[int] = set()
        self._silent = self._silent_for_marketing = False

    @property
    def letters(self) -> tuple[Letter, ...]:
        """All that was asked for, in order."""
        return tuple(self._letters)

    @property
    def last_slot(self) -> datetime | None:
        """When the last mail that is still to go has its slot."""
        open_ = (letter.slot_at for no, letter in enumerate(self._letters) if no not in self._settled)
        return max((slot for slot in open_ if slot is not None), default=None)

    def ask(self, asked: PlanMail, facts: Facts, at: datetime) -> SentMail:
        """Give a mail its slot. It goes when time passes: not before the look that asked for it is over."""
        message_id = mail_id(self._run_id, asked.step, asked.visit)
        letter = self._postings.placed(asked, message_id, facts, at)
        self._letters.append(letter)
        return SentMail(
            message_id=message_id,
            step=asked.step,
            visit=asked.visit,
            status=MessageStatus.EXPIRED if letter.slot_at is None else MessageStatus.RESERVED,
            slot_at=letter.slot_at or at,
        )

    def pass_time(self, facts: Facts, at: datetime) -> dict[str, object]:
        """Let go what is due by `at`; the facts that change by it."""
        stands: dict[object, MessageStatus] = {}
        for no, letter in enumerate(self._letters):
            if no in self._settled or letter.slot_at is None or letter.slot_at > at:
                continue
            self._settled.add(no)
            refused = self._is_refused(letter, facts)
            stands[letter.message_id] = MessageStatus.SUPPRESSED if refused else MessageStatus.SENT
            self._letters[no] = letter.but(refused=refused)
        return self._learnt(facts, stands) if stands else {}

    def hear(self, kind: str) -> None:
        """An event may say that no more mail is wanted."""
        self._silent |= kind in ENDS_ALL_MAIL
        self._silent_for_marketing |= kind in ENDS_MARKETING

    def permit(self) -> None:
        """The lead allows marketing mail again: the later word counts."""
        self._silent_for_marketing = False

    def cancel(self, facts: Facts) -> dict[str, object]:
        """The run was ended: what has not gone never goes. The facts that change by it."""
        stands: dict[object, MessageStatus] = {}
        for no, letter in enumerate(self._letters):
            if no not in self._settled and letter.slot_at is not None:
                self._settled.add(no)
                self._letters[no] = letter.but(cancelled=True)
                stands[letter.message_id] = MessageStatus.CANCELLED
        return self._learnt(facts, stands) if stands else {}

    def _is_refused(self, letter: Letter, facts: Facts) -> bool:
        if letter.mail.to is not None:
            return False
        is_marketing = letter.mail.mail_class == MailClass.MARKETING
        return self._silent or (is_marketing and (self._silent_for_marketing or not facts.may_market))

    def _learnt(self, facts: Facts, stands: dict[object, MessageStatus]) -> dict[str, object]:
        mails = tuple(
            mail.but(
                status=stands[mail.message_id],
                sent_at=mail.slot_at if stands[mail.message_id] is MessageStatus.SENT else None,
            )
            if mail.message_id in stands
            else mail
            for mail in facts.mails
        )
        never = {key for key, status in stands.items() if status is not MessageStatus.SENT}
        unseen = [letter.mail.mail for letter in self._letters if letter.message_id in never]
        seen = list(facts.seen_mails)
        for mail in unseen:
            if mail in seen:
                seen.remove(mail)
        return {"mails": mails, "seen_mails": tuple(seen)}
