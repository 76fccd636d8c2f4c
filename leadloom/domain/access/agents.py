"""Which browser is that, in words a person knows their own by?"""

from __future__ import annotations

_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"),
    ("FxiOS/", "Firefox"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
"""The first that is named counts: nearly all of them also name the others."""
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def family(user_agent: str) -> str:
    """`Firefox on Windows`; never the versions, which tell more than anybody needs to know their own session."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " on ".join(part for part in (browser or ("a browser" if system else ""), system) if part) or "a program"
