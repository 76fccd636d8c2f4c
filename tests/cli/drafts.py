"""The drafts a test of commands may change: a copy of the repository's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadloom.runtime import catalog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository's drafts that a test may change; the commands read this one."""
    root = tmp_path / "checkout"
    for folder in ("templates", "workflows/journeys"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "definition.yaml", root)
    monkeypatch.setattr(catalog, "ROOT", root)
    monkeypatch.setattr(catalog, "JOURNEYS", root / "workflows" / "journeys")
    monkeypatch.setattr(catalog, "TEMPLATES", root / "templates")
    monkeypatch.setattr(catalog, "DEFINITION", root / "definition.yaml")
    return root
