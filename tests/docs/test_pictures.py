"""Is each picture that is kept shown on a page, and does each scene's picture exist?"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_each_picture_is_shown_and_each_scene_has_its_own() -> None:
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
    assert shown == kept
    assert scenes <= kept
