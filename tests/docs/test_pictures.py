"""Is each picture in the docs one that a scene takes, and does each scene's picture stand on a page?"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_pictures_are_those_of_the_scenes_and_each_is_shown() -> None:
    scenes = {
        f"{file.stem}-{scene['name']}.png"
        for file in (DOCS / "scenes").glob("*.yaml")
        for scene in yaml.safe_load(file.read_text(encoding="utf-8"))
    }
    shown = {
        name
        for page in DOCS.rglob("*.md")
        for name in re.findall(r"!\[[^\]]+\]\((?:\.\./)*pictures/([^)]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    kept = {path.name for path in (DOCS / "pictures").glob("*.png")}
    assert scenes == shown == kept
