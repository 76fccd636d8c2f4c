"""How does a journey begin? As one file, one template folder and one test that pass, ready to be rewritten."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import Value
from leadloom.runtime import catalog

SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class NewJourney(Value):
    """What a new journey begins with."""

    name: str
    event: str
    """An event of the definition that lets leads in."""
    owner: str
    sender: str


def write_new(new: NewJourney, definition: Definition, *, root: Path = catalog.ROOT) -> tuple[Path, ...]:
    """Write its files below `root` and name them. Raises BadInput for names nobody knows, Conflict if it exists."""
    _check(new, definition)
    files = {
        root / "workflows" / "journeys" / f"{new.name}.yaml": SKELETON / "journey.yaml",
        root / "tests" / "journeys" / f"test_{new.name.replace('-', '_')}.py": SKELETON / "test_journey.txt",
    }
    letter = root / "templates" / "journeys" / new.name / "hello"
    files |= {letter / path.name: path for path in sorted((SKELETON / "hello").iterdir())}
    if taken := next((path for path in (*files, letter.parent) if path.exists()), None):
        raise Conflict(f"{taken.relative_to(root)} exists already. Choose another name, or change what is there.")
    for path, source in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        path.write_text(Template(text).safe_substitute(new.model_dump()), encoding="utf-8")
    return tuple(files)


def _check(new: NewJourney, definition: Definition) -> None:
    if not _NAME.fullmatch(new.name):
        raise BadInput("name", new.name, "Write lower-case words with dashes, such as win-back.")
    if new.event not in definition.events:
        raise BadInput("on", new.event, f"Use an event of the definition: {', '.join(sorted(definition.events))}.")
    people = {entry.handle for entry in definition.owners}
    for field, handle in (("owner", new.owner), ("sender", new.sender)):
        if handle not in people:
            raise BadInput(field, handle, f"Use the handle of one of our people: {', '.join(sorted(people))}.")
