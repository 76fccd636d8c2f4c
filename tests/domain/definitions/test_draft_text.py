"""Does whoever writes a draft that can't be read learn where and why, whatever they wrote?"""

from __future__ import annotations

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the file must be a mapping"),
        ("- one\n- two\n", "line 1: the file must be a mapping"),
        ("a: 1\nb: 2\na: 3\n", "line 3: `a` is said twice"),
        ("a: 1\nb: [\n", "line 3: "),
        ("a: 1\n---\nb: 2\n", "line 2: but found another document"),
        ("a: 1\nb: !!python/object:os.system x\n", "line 2: could not determine a constructor"),
        ("a: 1\n? [b]\n: 2\n", "line 2: found unhashable key"),
        ("a: 1\nb: \x07\n", "line 2: a character no text has"),
        ("a: 1\nb: " + "[" * 100_000, "line 2: it nests deeper than any draft does"),
        ("a:\n" + "".join(" " * depth + "- \n" for depth in range(1, 2000)), "nests deeper than any draft does"),
    ],
    ids=lambda value: value[:24],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Faulty) as faulty:
        DraftText("draft.yaml", text)
    assert said in str(faulty.value)
    assert len(faulty.value.faults) == 1


def test_words_are_what_they_look_like_and_know_their_lines() -> None:
    text = "country: NO\nat: 17:00\non: 2026-05-31\ndeep:\n  - {share: 0.5, so: true, no: 012}\n"
    draft = DraftText("draft.yaml", text)
    deep = [{"share": 0.5, "so": True, "no": "012"}]
    assert draft.data == {"country": "NO", "at": "17:00", "on": "2026-05-31", "deep": deep}
    assert [draft.line(("on",)), draft.line(("deep", 0, "share")), draft.line(("deep", 7, "x"))] == [3, 5, 5]
