"""Does the tutorial work? Follows it line by line in a copy of the checkout: writes its files, runs its commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import repository
from tests.docs.reader import STEP, Reader, is_like
from tests.docs.reader import reader as reader


@pytest.mark.timeout(240)
def test_whoever_follows_the_tutorial_sees_what_it_says(reader: Reader) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the tutorial uses curl, and there is none here")
    reader.follow(repository.text(Path("docs/tutorial.md")))
    ended = reader.leave()
    assert reader.unlike == [], "\n\n".join(reader.unlike)
    assert ended == [0]


def test_the_tutorial_edits_nothing_that_was_there() -> None:
    written = {Path(step["path"]) for step in STEP.finditer(repository.text(Path("docs/tutorial.md"))) if step["path"]}
    assert len(written) == 8
    assert written & set(repository.files()) == set()


@pytest.mark.parametrize(
    ("said", "told"), [("a\nb\nc", "a\nc"), ("a\nb", "a"), ("5 passed in 0.1s, 1 failed", "4 passed in …"), ("", "a")]
)
def test_what_differs_would_be_noticed(said: str, told: str) -> None:
    assert not is_like(said, told)
    assert is_like(said, said)
    assert is_like(said, "…")
