"""What do others show when somebody shares a microsite? Draws templates/microsites/<site>/preview.png with a browser.

`./dev run docs/preview_picture.py four-degrees` writes it anew from the site's own title and sentence. Run it after
those change; the picture is kept beside the site, so that serving it needs no browser.
"""

from __future__ import annotations

import os
import shutil
import sys
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

from leadloom.runtime.microsites import FOLDER, Microsite, SiteFolder

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1200, 630
"""What link previews are cut to (ogp.me leaves it open; 1.91 to 1 is what the large networks show whole)."""

_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { background: #11181a; color: #e3e9e8; height: 630px; margin: 0; position: relative; width: 1200px;
  font-family: Charter, "Source Serif 4", "Liberation Serif", serif; }
h1 { font-size: 92px; font-weight: 600; letter-spacing: -0.015em; line-height: 1.06; max-width: 1020px; top: 84px; }
p { color: #a2b0ae; font-size: 40px; line-height: 1.3; max-width: 940px; top: 320px; }
h1, p { left: 84px; margin: 0; position: absolute; text-wrap: balance; }
svg { bottom: 62px; left: 0; position: absolute; }
</style><h1>%(title)s</h1><p>%(stand)s</p>
<svg width="1200" height="120" viewBox="0 0 1200 120" fill="none" stroke-width="6" stroke-linecap="round">
<path stroke="#64c6ca" d="M84 84 C 260 80 380 88 560 82"/>
<path stroke="#f39a70" stroke-dasharray="2 18" d="M584 78 C 640 46 700 26 760 30"/>
<path stroke="#64c6ca" d="M784 40 C 880 78 1000 84 1116 82"/></svg>"""


def draw(site: Microsite) -> Path:
    """The picture of one site: its title, its sentence, and the unlogged minutes between two loggers."""
    page = _PAGE % {"title": escape(site.site.title), "stand": escape(site.site.stand)}
    path = FOLDER / site.name / "preview.png"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        screen = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        screen.set_content(page)
        screen.screenshot(path=path)
        browser.close()
    return path


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(f"{draw(SiteFolder().sites().named(name)).relative_to(ROOT)} written\n")
