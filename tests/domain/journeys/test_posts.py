"""Does what we post say who wrote it, whom it is about, and nothing nobody asked for?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.journeys import posts
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import AccountId, EnrolmentId, LeadId
from tests.receiver import KEY
from tests.world import MONDAY

RUN = EnrolmentId(UUID(int=1))
ANA = Lead(lead_id=LeadId(UUID(int=2)), email="ana@example.com", role="quality", attributes={"plan": "annual"},
           created_at=MONDAY)  # fmt: skip
MERIDIAN = Account(account_id=AccountId(UUID(int=3)), name="Meridian Pharma", industry="pharma distribution")


def test_the_signature_is_that_of_the_specifications_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = posts.signed(
        b'{"test": 2432232314}',
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, key=posts.key_of(KEY, name="KEY"),
    )  # fmt: skip
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_message_names_the_lead_by_id_and_carries_the_fields_asked_for_alone() -> None:
    body = posts.message(
        ANA, MERIDIAN, journey="welcome", step="tell", fields=("role", "plan", "industry", "budget"), reached_at=MONDAY
    )
    assert json.loads(body) == {
        "type": "journey.step_reached",
        "timestamp": "2026-03-02T14:00:00+00:00",
        "data": {
            "lead": str(ANA.lead_id),
            "journey": "welcome",
            "step": "tell",
            "fields": {"role": "quality", "plan": "annual", "industry": "pharma distribution", "budget": None},
        },
    }


def test_each_visit_of_a_step_is_a_message_of_its_own() -> None:
    assert posts.post_id(RUN, "tell", 1) == posts.post_id(RUN, "tell", 1)
    assert len({posts.post_id(RUN, "tell", 1), posts.post_id(RUN, "tell", 2), posts.post_id(RUN, "say", 1)}) == 3


def test_words_for_a_channel_cannot_mention_everybody() -> None:
    body = posts.channel_words("Unhappy <!channel> & loud", link="https://leads.example/leads/2")
    assert json.loads(body) == {"text": "Unhappy &lt;!channel&gt; &amp; loud\nhttps://leads.example/leads/2"}


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_AAAA", "whsec_%%%"])
def test_a_key_of_another_form_is_refused_and_never_repeated(secret: str) -> None:
    with pytest.raises(BadInput) as raised:
        posts.key_of(secret, name="KELVANCE_CRM_KEY")
    assert "KELVANCE_CRM_KEY" in str(raised.value)
    assert not secret or secret not in str(raised.value)
