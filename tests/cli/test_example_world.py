"""Is a play that was cut short told from one that came to its end?"""

from __future__ import annotations

from pathlib import Path

from leadloom.cli import _example_world as example
from leadloom.runtime.local.kept import write_whole


def test_only_a_play_that_began_and_never_ended_was_cut_short(tmp_path: Path) -> None:
    assert not example.was_cut_short(tmp_path), "nothing was ever played here"
    write_whole(tmp_path / "world", "playing\n")
    assert example.was_cut_short(tmp_path)
    write_whole(tmp_path / "world", "played\n")
    assert not example.was_cut_short(tmp_path)
