"""Do the journeys that the how-to shows work as they stand there?"""

from __future__ import annotations

import re
from pathlib import Path

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey_check import check_journey, read_journey
from tests import repository
from tests.domain.a_run import the_definition

PAGE = Path("docs/how-to/write-a-journey.md")


def test_every_whole_journey_of_the_page_may_be_published() -> None:
    blocks = re.findall(r"```yaml\n(name: .*?)```", repository.text(PAGE), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        journey = read_journey(DraftText(str(PAGE), block))
        mails = {letter.mail for step in journey.steps for letter in step.letters(journey)}
        assert check_journey(journey, the_definition(), mails) == []
