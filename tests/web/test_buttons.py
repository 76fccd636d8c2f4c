"""Does a page show nobody a button that would refuse them?"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from fastapi.routing import APIRoute

from leadloom.domain.access.viewer import Person, viewer_of
from leadloom.web.app import routers
from leadloom.web.console._guard import needed_by
from tests.e2e.test_console import paths_of
from tests.web.console import Console

ONLOOKERS = {"engineer": "leo-novak", "head-of-marketing": "tom-achterberg"}
"""They open nearly every page, and lack rights that the other has."""
FORM = re.compile(r'<form(?=[^>]*method="post")([^>]*)>')
ACTION = re.compile(r'action="([^"]*)"')


def needed_to_post() -> list[tuple[re.Pattern[str], frozenset[str]]]:
    """Address of each form of the console → the rights its guard asks for."""
    found: list[tuple[re.Pattern[str], frozenset[str]]] = []
    for router in routers():
        for route in router.routes:
            if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
                needed = needed_by([*route.dependencies])
                found.append((route.path_regex, frozenset(needed.rights if needed else ())))
    return found


async def test_nobody_is_shown_a_button_that_would_refuse_them(console: Console) -> None:
    console.sit("samira-haddad")
    paths = await paths_of(console)
    posts, definition = needed_to_post(), console.site.book.definition
    faults: list[str] = []
    asked = 0
    for role, handle in ONLOOKERS.items():
        console.sit(handle)
        rights = viewer_of(Person(handle=handle, name=handle, roles=(role,)), definition).rights
        for name, path in paths.items():
            answer = await console.client.get(path)
            for attributes in FORM.findall(answer.text) if answer.status_code == 200 else []:
                told = ACTION.search(attributes)
                address = urlsplit(unescape(told[1]) if told else path).path
                needed = next(needs for pattern, needs in posts if pattern.match(address))
                asked += 1
                if missing := needed - rights:
                    faults.append(f"{role} sees on {name} a form to {address} and lacks {', '.join(sorted(missing))}")
            if name in ("campaign", "planned campaign") and role == "engineer":  # who may look, may pause; no more
                acts = set(re.findall(r'name="do" value="([a-z-]+)"', answer.text))
                faults += [f"{role} sees on {name} a button to {act}" for act in acts - {"pause"}]
    assert asked > 20, "there are forms to look at"
    assert sorted(set(faults)) == [], "\n".join(sorted(set(faults)))
