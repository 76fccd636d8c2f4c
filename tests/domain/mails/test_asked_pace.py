"""Does somebody who asked for fewer letters get fewer, and nobody else?"""

from datetime import timedelta
from uuid import UUID

from leadloom.domain.lead import Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.model import Json, LeadId
from tests import world


def caps(**attributes: Json) -> list[tuple[int, timedelta]]:
    lead = Lead(lead_id=LeadId(UUID(int=1)), created_at=world.MONDAY, attributes=attributes)
    return [(cap.count, cap.within) for cap in SendRules(world.definition()).of(lead, None).per_person]


def test_fewer_is_one_letter_in_thirty_days_beside_the_caps_of_all():
    assert caps(mail_pace="fewer") == [*caps(), (1, timedelta(days=30))]


def test_as_usual_changes_nothing():
    assert caps(mail_pace="usual") == caps() == [(2, timedelta(days=7))]
