"""How does a journey travel? As one folder or one zip: its file and its mails. It arrives as a draft, never in force.

An archive comes from anywhere, so nothing in it decides where a file goes: only names of the form below are read, in
bounded numbers and sizes, and what they hold is checked as a draft before anything is written.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import in_words
from leadloom.domain.definitions.draft_text import DraftText, parts_of
from leadloom.domain.errors import BadInput, Conflict, Faulty, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import find_faults, read_journey
from leadloom.domain.journeys.journey_text import journey_yaml
from leadloom.domain.model import Json, Value
from leadloom.mail.building import build_template
from leadloom.runtime import catalog
from leadloom.runtime.publishing import read_folder

FORMAT = 1
MOST_FILES = 400
LARGEST_FILE = 256 * 1024
"""Bytes of one file once unpacked."""
LARGEST = 8 * 1024 * 1024
"""Bytes of all files together once unpacked."""

_JOURNEY, _NOTE = "journey.yaml", "archive.json"
_MAIL_FILE = re.compile(
    r"mails/(?P<mail>[a-z0-9][a-z0-9_-]{0,80})"
    r"/(?P<file>(?:subject|preheader|body)(?:\.[a-z]{2})?\.(?:txt|html)|mail\.yaml)"
)
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_OBJECT = TypeAdapter[dict[str, Json]](dict[str, Json])
_ONE_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip, so that the same journey is the same zip."""


class Arrived(Value):
    """A journey that came as a draft."""

    journey: str
    files: tuple[str, ...]
    """What was written, relative to the checkout."""
    next: str
    """What puts it in force."""


def export_journey(name: str, to: Path) -> tuple[str, ...]:
    """Write the draft of a journey and its mails into a new folder, or a zip when `to` ends so; the names inside.

    Raises NotFound, Faulty for a draft that doesn't read, Conflict when `to` exists.
    """
    path = catalog.JOURNEYS / f"{name}.yaml"
    if path not in catalog.journey_files():
        raise NotFound("draft of a journey as data", name)
    if to.exists():
        raise Conflict(f"{to} exists already. Name another, or remove it.")
    text = path.read_text(encoding="utf-8")
    read_journey(DraftText(path.name, text))
    files = {_NOTE: json.dumps({"format": FORMAT, "journey": name}) + "\n", _JOURNEY: text}
    for folder in catalog.mail_folders(name):
        files |= {f"mails/{folder.name}/{file}": body for file, body in read_folder(folder).items()}
    (_write_zip if to.suffix == ".zip" else _write_folder)(to, files)
    return tuple(files)


def import_journey(
    source: Path, definition: Definition, *, name: str | None = None, replace: bool = False, root: Path | None = None
) -> Arrived:
    """Check what an export wrote (folder, zip) or `journeys show --json` said, and write it as a draft.

    Nothing runs by it before somebody publishes. Raises BadInput for what isn't such a thing or reaches outside of it,
    Faulty with every fault under our definition, Conflict when there is such a journey and `replace` wasn't said.
    """
    root = root or catalog.ROOT
    files = _read(source)
    journey, text = _named(_text_of(files, source.name), name)
    mails = _mails(files)
    _check(journey, text, mails, definition, has_mails=_NOTE in files)
    written = {root / "workflows" / "journeys" / f"{journey.name}.yaml": text}
    folder = root / "templates" / "journeys" / journey.name
    written |= {folder / mail / file: body for mail, bodies in mails.items() for file, body in bodies.items()}
    standing = [path for path in (*list(written)[:1], folder) if path.exists()]
    if standing and not replace:
        raise Conflict(f"{standing[0].relative_to(root)} exists already. Take --as NAME for another, or --replace it.")
    if mails and folder.exists():
        shutil.rmtree(folder)
    for path, body in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
    return Arrived(
        journey=journey.name,
        files=tuple(str(path.relative_to(root)) for path in written),
        next=f"python starter.py journeys check {journey.name}, then journeys publish: until then nobody enters it",
    )


def _check(
    journey: Journey, text: str, mails: Mapping[str, Mapping[str, str]], definition: Definition, *, has_mails: bool
) -> None:
    """Raise Faulty with what keeps it from being published here: its people, kinds and stages must be ours."""
    # What came without its mails is checked as if they were written: they are in place already, or come next.
    present = set(mails) if has_mails else {step.mail for step in journey.steps if step.do == "send"}
    faults = in_words(DraftText(_JOURNEY, text), find_faults(journey, definition, present, catalog.custom_steps()))
    layout = read_folder(catalog.TEMPLATES / "_layout")
    for mail, bodies in mails.items():
        try:
            build_template(bodies, layout, name=f"mails/{mail}", events=frozenset(definition.events))
        except Faulty as faulty:
            faults += [f"{faulty.what}/{fault}" for fault in faulty.faults]
    if faults:
        raise Faulty(f"The journey {journey.name}", faults)


def _named(text: str, name: str | None) -> tuple[Journey, str]:
    """The journey and its file, called `name` when that is said. Raises BadInput, Faulty."""
    if name is not None:
        text = re.sub(r"^name:.*$", f"name: {name}", text, count=1, flags=re.MULTILINE)
    _refuse_aliases(text)
    journey = read_journey(DraftText(_JOURNEY, text))
    if not _NAME.fullmatch(journey.name) or (name is not None and journey.name != name):
        raise BadInput("name", name or journey.name, "Write lower-case words with dashes, such as win-back.")
    return journey, text


def _refuse_aliases(text: str) -> None:
    """Raise BadInput for YAML that says less than it means: ten lines of aliases can mean a billion steps."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in parts_of(_JOURNEY, text)):
            raise BadInput("file", _JOURNEY, "It repeats a part by an alias (*name): write the part out.")
    except yaml.YAMLError:
        return  # reading it names the place


def _text_of(files: Mapping[str, str], name: str) -> str:
    if _JOURNEY not in files:
        raise BadInput("file", name, f"It has no {_JOURNEY}: import what `journeys export` wrote.")
    if _object(files.get(_NOTE, json.dumps({"format": FORMAT})), name).get("format") != FORMAT:
        raise BadInput("file", name, f"Its {_NOTE} names a format we don't read; we read {FORMAT}.")
    return files[_JOURNEY]


def _mails(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    mails: dict[str, dict[str, str]] = {}
    for path, body in files.items():
        if match := _MAIL_FILE.fullmatch(path):
            mails.setdefault(match["mail"], {})[match["file"]] = body
    return mails


def _read(source: Path) -> dict[str, str]:
    """The files of an archive by their names in it. Raises BadInput, NotFound."""
    if not source.exists():
        raise NotFound("file or folder", source)
    if source.is_dir():
        return _bounded(source.name, _of_folder(source))
    if source.suffix in (".json", ".yaml", ".yml"):
        [text] = _bounded(source.name, iter([(_JOURNEY, _at_most(source))])).values()
        return {_JOURNEY: text if source.suffix != ".json" else _yaml_of(text, source.name)}
    try:
        with zipfile.ZipFile(source) as archive:
            return _bounded(source.name, _of_zip(archive))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise BadInput("file", source.name, f"It can't be unpacked ({error}). Export it again.") from error


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise BadInput("file", path.name, "It is a link: an archive holds files.")
        if path.is_file():
            yield path.relative_to(folder).as_posix(), _at_most(path)


def _at_most(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for info in archive.infolist():
        if not info.is_dir():
            # What the header says about the size may be a lie: no more than this is ever unpacked.
            with archive.open(info) as file:
                yield info.filename, file.read(LARGEST_FILE + 1)


def _bounded(source: str, found: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    """The files as text. Raises BadInput for a name that isn't one of ours, said twice, too many, or too large."""
    files: dict[str, str] = {}
    total = 0
    for name, content in found:
        total += len(content)
        if name not in (_JOURNEY, _NOTE) and not _MAIL_FILE.fullmatch(name):
            raise BadInput("file", name, f"{source} may hold {_JOURNEY}, {_NOTE} and mails/<mail>/<part> only.")
        if name in files:
            raise BadInput("file", name, f"{source} holds it twice: keep one.")
        if len(content) > LARGEST_FILE or total > LARGEST or len(files) >= MOST_FILES:
            limits = f"{MOST_FILES} files, {LARGEST_FILE // 1024} KB each, {LARGEST // 1024 // 1024} MB together"
            raise BadInput("file", name, f"{source} holds more than a journey has: at most {limits}.")
        try:
            files[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInput("file", name, f"It is no UTF-8 text (byte {error.start}).") from error
    return files


def _yaml_of(text: str, name: str) -> str:
    """The file of a journey as `journeys show --json` says it. Raises BadInput, Faulty."""
    said = _object(text, name)
    return journey_yaml(read_journey(DraftText(name, json.dumps(said.get("journey", said)))))


def _object(text: str, name: str) -> dict[str, Json]:
    try:
        return _OBJECT.validate_json(text)
    except ValidationError as error:
        raise BadInput("file", name, f"It is no JSON object ({error.errors()[0]['msg']}).") from error


def _write_folder(to: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _write_zip(to: Path, files: Mapping[str, str]) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ONE_DATE), text, zipfile.ZIP_DEFLATED)
