"""What do layouts say themselves, in each language? `_layout/words.yaml`, put in place when a mail is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import yaml

WORDS_FILE = "words.yaml"
"""In `_layout/`: what layouts say themselves, by language."""

_SAID = re.compile(r"\{\{-?\s*(?:say\([\"'](?P<key>\w+)[\"']\)|(?P<language>language))\s*-?\}\}")


def layout_words(layout: Mapping[str, str], code: str) -> tuple[Mapping[str, str], list[str]]:
    """The words of a language, and what is wrong when there are words but none of it. `layout` is by file name."""
    said = _spoken_words(layout.get(WORDS_FILE, ""))
    if said and code not in said:
        return {}, [f"_layout/{WORDS_FILE}:1: it has no words in {code}; add them beside {', '.join(sorted(said))}"]
    return said.get(code, {}), []


@lru_cache(maxsize=16)
def _spoken_words(text: str) -> Mapping[str, Mapping[str, str]]:
    return cast("dict[str, dict[str, str]]", yaml.safe_load(text) or {})


def say(source: str, words: Mapping[str, str], code: str) -> tuple[str, list[tuple[int, str]]]:
    """The layout with its own words in place, and (line, key) of those that there aren't."""
    unsaid = [
        (source.count("\n", 0, found.start()) + 1, found["key"])
        for found in _SAID.finditer(source)
        if found["key"] and found["key"] not in words
    ]
    return _SAID.sub(lambda found: code if found["language"] else words.get(found["key"], ""), source), unsaid
