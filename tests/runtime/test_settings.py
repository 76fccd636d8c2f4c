"""Settings come from the environment under their own names only, and secrets may stand in files."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput
from leadloom.runtime.settings import Settings


def test_the_environment_is_read_by_our_names_and_not_by_bare_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SECRET": "bare", "STATE": "/nowhere", "EPOCH": "9", "LEADLOOM_EPOCH": "4"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", "postgresql://here/db")
    settings = Settings()
    assert (settings.secret, settings.state, settings.epoch) == (None, Path(".state"), 4)
    assert settings.database_url == "postgresql://here/db"


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("LEADLOOM_STATE", "")
    assert (Settings().database_url, Settings().state) == (None, Path(".state"))


def test_a_secret_may_stand_in_a_file_and_the_environment_wins_over_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from-a-file-that-is-long-enough\n")
    monkeypatch.setenv("LEADLOOM_SECRET_FILE", str(tmp_path / "key"))
    assert Settings().signing_keys() == ["from-a-file-that-is-long-enough"]
    monkeypatch.setenv("LEADLOOM_SECRET", "newest-key-of-the-house, older-key-of-the-house")
    assert Settings().signing_keys() == ["newest-key-of-the-house", "older-key-of-the-house"]


def test_a_local_stack_makes_its_secret_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "state")
    assert settings.signing_keys() == settings.signing_keys()
    assert settings.signing_keys() != [settings.message_id_secret()]
    assert stat.S_IMODE((tmp_path / "state" / "secret").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_the_secret_that_is_made(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as together:
        for no in range(60):
            settings = Settings(state=tmp_path / str(no))
            made = {future.result() for future in [together.submit(settings.message_id_secret) for _ in range(8)]}
            assert len(made) == 1
            assert "" not in made


def test_a_kept_secret_that_is_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(BadInput, match="empty"):
        Settings(state=tmp_path).signing_keys()
