"""Which forms are there? Files of templates/forms/, found where they lie and read again when one changes."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import in_words
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty, NotFound
from leadloom.domain.intake import form_check
from leadloom.domain.intake.form import Form, FormParts
from leadloom.runtime import catalog

FOLDER = catalog.TEMPLATES / "forms"
_SHARED = "_shared.yaml"


@dataclass(frozen=True)
class Forms:
    """All forms that can be shown."""

    parts: FormParts
    by_name: Mapping[str, Form]
    faults: tuple[str, ...]
    """What keeps the others from being shown, each with its file, line and remedy."""

    def named(self, name: str) -> Form:
        """That form. Raises NotFound."""
        if (form := self.by_name.get(name)) is None:
            raise NotFound("form", name)
        return form


class FormFolder:
    """The forms of a folder. A file that changes counts from the next look on; a faulty one harms no other."""

    def __init__(self, folder: Path = FOLDER, *, looks_every_s: float = 0.0) -> None:
        """Nothing is read yet. Whoever is asked at every post needn't look at the files each time."""
        self._folder, self._looks_every_s = folder, looks_every_s
        self._looked_at = -math.inf
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._forms: Forms | None = None

    def forms(self) -> Forms:
        """What the files say now. Raises Faulty when what all forms share can't be read."""
        now = time.monotonic()
        if self._forms is not None and now - self._looked_at < self._looks_every_s:
            return self._forms
        seen, self._looked_at = self._stamps(), now
        if self._forms is None or seen != self._seen:
            self._forms, self._seen = self._read(), seen
        return self._forms

    def path_of(self, name: str) -> Path:
        """The file of a form."""
        return self._folder / f"{name}.yaml"

    def _stamps(self) -> tuple[tuple[str, int, int], ...]:
        files = [(path, path.stat()) for path in self._folder.glob("*.yaml")]
        return tuple(sorted((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in files))

    def _read(self) -> Forms:
        parts = form_check.read_parts(_draft(self._folder / _SHARED))
        found: dict[str, Form] = {}
        faults: list[str] = []
        for path in sorted(self._folder.glob("*.yaml")):
            if path.name.startswith("_"):
                continue
            try:
                found[path.stem] = form_check.read_form(_draft(path), parts, name=path.stem)
            except Faulty as faulty:
                faults += faulty.faults
        return Forms(parts, found, tuple(faults))


def lint(definition: Definition, folder: FormFolder | None = None) -> tuple[str, ...]:
    """Everything that is wrong with the forms, by themselves and before this definition."""
    home = folder or FormFolder()
    forms = home.forms()
    said = list(forms.faults)
    for name, form in forms.by_name.items():
        draft = _draft(home.path_of(name))
        said += in_words(draft, form_check.find_faults(form, definition))
    return tuple(said)


def _draft(path: Path) -> DraftText:
    return DraftText(_called(path), path.read_text(encoding="utf-8"))


def _called(path: Path) -> str:
    return str(path.relative_to(catalog.ROOT)) if path.is_relative_to(catalog.ROOT) else path.name
