"""Does a new user come from nothing to a tested journey that runs? Follows the page line by line in a copy."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests import repository
from tests.docs.reader import Reader
from tests.docs.reader import reader as reader

PAGE = Path("docs/how-to/add-a-journey.md")
PROMISED_S = 600


@pytest.mark.timeout(420)
def test_whoever_follows_the_page_has_a_tested_journey_live_in_less_than_ten_minutes(reader: Reader) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the page uses curl, and there is none here")
    began = time.monotonic()
    reader.follow(repository.text(PAGE))
    took = time.monotonic() - began
    ended = reader.leave()
    assert reader.unlike == [], "\n\n".join(reader.unlike)
    assert ended == [0]
    assert took < PROMISED_S
