"""Does the operator's table name every setting, with its default, and none that is gone?"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloom.runtime.settings import Settings

OPERATE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "operate.md"
OF_COMMANDS = {"LEADLOOM_BY"}
"""Read by the command line, not by the settings."""


def table() -> dict[str, str]:
    """Variable → default, as the page says."""
    rows = [line.strip("|").split("|") for line in OPERATE.read_text(encoding="utf-8").splitlines()]
    cells = [[cell.strip().strip("`") for cell in row] for row in rows if len(row) >= 3]
    return {name: default for name, default, *_ in cells if name.isupper()}


def settings() -> dict[str, object]:
    """Variable → default, as the code has it."""
    return {
        str(field.validation_alias or f"LEADLOOM_{name.upper()}"): field.default
        for name, field in Settings.model_fields.items()
    }


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_is_in_the_table_with_its_default(name: str) -> None:
    default = settings()[name]
    assert name in table()
    assert table()[name] in ((str(default),) if default is not None else ("none", "made and kept"))


def test_the_table_names_no_setting_that_is_gone() -> None:
    assert table().keys() - settings().keys() == OF_COMMANDS
