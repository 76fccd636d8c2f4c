"""Is a value that was built without validation the very value that pydantic would have made?"""

from __future__ import annotations

from typing import Any

from leadloom.domain.lead import EventDraft, LeadDraft
from tests import world


def test_a_built_value_equals_a_validated_one_and_shares_nothing_with_the_next() -> None:
    event: dict[str, Any] = {"kind": "reply", "at": world.MONDAY, "key": "mail/1"}
    assert EventDraft.built(**event) == EventDraft(**event)
    assert EventDraft.built(**event).model_dump() == EventDraft(**event).model_dump()
    assert LeadDraft.built().attributes is not LeadDraft.built().attributes
    assert LeadDraft.built(email="ana@torres.example").model_fields_set == {"email"}


def test_a_changed_value_equals_a_copy_with_the_change() -> None:
    draft = world.draft("ana.torres")
    changed = draft.but(country="DE", events=())
    assert changed == draft.model_copy(update={"country": "DE", "events": ()})
    assert changed.model_fields_set == draft.model_copy(update={"country": "DE", "events": ()}).model_fields_set
