"""What do the slots of this lead obey, and how does a mail stand in line? The mail policy, worked out for one lead."""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.mail_policy import ClassPolicy, PersonCap
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.days_off import DaysOff
from leadloom.domain.mails.slots import SlotRules
from leadloom.domain.mails.windows import LeadZone, lead_zone
from leadloom.domain.model import MessageId
from leadloom.domain.stages.scoring import country_of

USUAL_PRIORITY = 3
"""Of a journey that says nothing, 1 to 5; also of journeys as code."""
PACE, FEWER = "mail_pace", "fewer"
"""The attribute of a lead that says how often they want to hear from us, and its one value that changes something."""
_ROOM = 10
"""More than there are priorities of journeys, so that no journey lifts a mail over a class."""
SPREAD = timedelta(minutes=20)
"""Windowed mails that would all go at an edge are spread over this long."""


class SendRules:
    """The mail policy of one definition; keeps the days off of each country it was asked about."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._off: dict[str | None, DaysOff] = {}

    @property
    def longest_span(self) -> timedelta:
        """Of all the caps a lead's mails may obey: what lies further back counts for none of them."""
        policy = self.definition.mail
        own = () if policy.fewer is None else (policy.fewer,)
        return max(cap.within for cap in (*policy.per_person, *own, policy.per_company))

    def of(self, lead: Lead, account: Account | None) -> SlotRules:
        """The rules for this lead's slots."""
        policy = self.definition.mail
        return SlotRules.built(
            zone=self.zone_of(lead, account).name,
            window=policy.window,
            off=self.days_off(lead, account),
            per_person=(*policy.per_person, *self._asked_for(lead)),
            per_company=policy.per_company,
        )

    def _asked_for(self, lead: Lead) -> tuple[PersonCap, ...]:
        """What they asked of us themselves, over and above the policy."""
        fewer = self.definition.mail.fewer
        return (fewer,) if fewer is not None and lead.attributes.get(PACE) == FEWER else ()

    def zone_of(self, lead: Lead, account: Account | None) -> LeadZone:
        """The zone their window is judged in, and who told us."""
        return lead_zone(lead, account, self.definition.company)

    def days_off(self, lead: Lead, account: Account | None) -> DaysOff:
        """By their own country, else their company's, else ours."""
        country = country_of(lead, account) or self.definition.company.home_country
        if country not in self._off:
            self._off[country] = DaysOff.under(self.definition.mail, country)
        return self._off[country]


def priority_of(policy: ClassPolicy, journey_priority: int = USUAL_PRIORITY) -> int:
    """Where a mail stands in line: its class first, then its journey; lower goes first."""
    return policy.priority * _ROOM + journey_priority


def jitter_of(policy: ClassPolicy, message_id: MessageId) -> timedelta:
    """How much later this very mail goes at an edge: the same each time it is planned, and whole seconds."""
    return timedelta(seconds=message_id.int % int(SPREAD.total_seconds()) if policy.windowed else 0)
