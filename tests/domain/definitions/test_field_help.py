"""Is the help beside a field made of the definition in force, so that it changes with it?"""

from __future__ import annotations

from leadloom.domain.definitions.field_help import OWN, field_help
from tests.domain.a_standing import DEFINITION


def test_help_says_what_a_field_means_and_what_hangs_on_it() -> None:
    assert field_help(DEFINITION, "role") == (
        "What they do there, in one of our words. Fit: 25 points for quality or logistics, 15 for it. "
        "Needed to come to mql."
    )
    assert "Whoever comes to sal without it is told apart." in field_help(DEFINITION, "phone")
    assert field_help(DEFINITION, "engagement").endswith("1 from 60, 2 from 40, 3 from 15. It halves in 30 days.")
    assert field_help(DEFINITION, "shoe_size") == ""


def test_help_follows_the_definition_and_takes_its_words() -> None:
    other = DEFINITION.but(
        fields={**OWN, "role": "What is on their badge"},
        fit=DEFINITION.fit.but(role=DEFINITION.fit.role.but(points=40)),
        mql=DEFINITION.mql.but(needs=()),
    )
    assert field_help(other, "role") == ("What is on their badge. Fit: 40 points for quality or logistics, 15 for it.")
