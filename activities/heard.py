"""What did the relays say in one drain, and of whom else is it true?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.mails.outcome import Deferred, Refused, SendOutcome, Sent
from leadloom.domain.mails.retries import IN_A_ROW, relay_rests
from leadloom.domain.mails.routes import Group, Whole


class Heard:
    """What the relays said in one drain: which groups took mail, and which are to be left alone, and why."""

    def __init__(self) -> None:
        self._last: dict[str, deque[tuple[Provider | Whole, SendOutcome]]] = {}
        self.resting: dict[Group, Deferred] = {}
        self.taking: set[Group] = set()

    def rests_whole(self, relay: str) -> bool:
        """Whether the relay takes nothing at all."""
        return (relay, "*") in self.resting

    def rests(self, relay: str, provider: Provider) -> bool:
        """Whether mail to the provider shouldn't go over the relay now."""
        return self.rests_whole(relay) or (relay, provider) in self.resting

    def note(self, relay: str, provider: Provider | Whole, outcome: SendOutcome) -> None:
        """One more answer; `*` when the relay itself was at fault, whoever the mail was for."""
        for group in (relay, f"{relay}/{provider}"):
            self._last.setdefault(group, deque(maxlen=IN_A_ROW)).append((provider, outcome))
        if isinstance(outcome, Sent | Refused):
            self.taking |= {(relay, provider), (relay, "*")}
            return
        if provider not in ("*", "others"):
            self._judge((relay, provider), self._last[f"{relay}/{provider}"])
        if {said for said, _ in self._last[relay]} & {"*", "others"} or len(
            {said for said, _ in self._last[relay]}
        ) > 1:
            self._judge((relay, "*"), self._last[relay])

    def _judge(self, group: Group, last: Iterable[tuple[Provider | Whole, SendOutcome]]) -> None:
        if group not in self.resting and (why := relay_rests([outcome for _, outcome in last])) is not None:
            self.resting[group] = why
