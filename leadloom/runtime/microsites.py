"""Which microsites are there? Folders of templates/microsites/, found where they lie, read again when one changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from leadloom.domain.definitions.draft_faults import faults_of, in_words
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty, NotFound
from leadloom.domain.microsites.calculator import Calculator, faults_of_calculator
from leadloom.domain.microsites.figure import faults_of_figure, standing
from leadloom.domain.microsites.site import Front, Piece, Site
from leadloom.domain.microsites.site_check import faults_of_site
from leadloom.domain.microsites.slot import strangers_in
from leadloom.domain.model import Value
from leadloom.runtime import catalog
from leadloom.runtime.forms import FormFolder
from leadloom.runtime.publishing import definition_draft
from leadloom.runtime.site_text import build

FOLDER = catalog.TEMPLATES / "microsites"
PREVIEW, PREVIEW_SIZE = "preview.png", (1200, 630)
_LARGEST_PREVIEW = 300 * 1024
"""Bytes; some messengers show no larger one."""
_FENCE = "---\n"

V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Microsite:
    """A site with all its pages built."""

    name: str
    site: Site
    pieces: Mapping[str, Piece]
    calculators: Mapping[str, Calculator] = field(default_factory=dict[str, Calculator])
    preview: bytes = b""
    """What others show when a page of it is shared: PREVIEW in its folder, 1200 by 630 pixels; empty without one."""

    @property
    def home(self) -> str:
        """Where it is."""
        return f"/m/{self.name}"

    def piece(self, name: str) -> Piece:
        """That piece. Raises NotFound."""
        if (piece := self.pieces.get(name)) is None:
            raise NotFound("page", f"{self.home}/{name}")
        return piece


@dataclass(frozen=True)
class Microsites:
    """All sites that can be shown."""

    by_name: Mapping[str, Microsite]
    faults: tuple[str, ...]
    """What keeps the others from being shown, each with its file, line and remedy."""

    def named(self, name: str) -> Microsite:
        """That site. Raises NotFound."""
        if (site := self.by_name.get(name)) is None:
            raise NotFound("microsite", name)
        return site


class SiteFolder:
    """The sites of a folder. A file that changes counts from the next look on; a faulty site harms no other."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Nothing is read yet."""
        self._folder = folder
        self._seen: dict[str, tuple[tuple[str, int, int], ...]] = {}
        self._read: dict[str, Microsite | Faulty] = {}

    def sites(self) -> Microsites:
        """What the folders say now."""
        here = sorted(path for path in self._folder.glob("[a-z0-9]*") if path.is_dir())
        for path in here:
            if self._seen.get(path.name) != (seen := _stamps(path)):
                self._read[path.name], self._seen[path.name] = _read(path), seen
        found = {path.name: self._read[path.name] for path in here}
        faults = [fault for one in found.values() if isinstance(one, Faulty) for fault in one.faults]
        return Microsites({name: one for name, one in found.items() if isinstance(one, Microsite)}, tuple(faults))

    def draft(self, name: str) -> DraftText:
        """What the site says of itself, with its lines. Raises Faulty."""
        return _draft(self._folder / name / "site.yaml")


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = [(path, path.stat()) for path in folder.rglob("*") if path.is_file()]
    return tuple(sorted((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files))


def _read(folder: Path) -> Microsite | Faulty:
    """The site of a folder, or everything that is wrong with it."""
    faults: list[str] = []
    try:
        draft = _draft(folder / "site.yaml")
    except Faulty as faulty:
        return faulty
    try:
        site = Site.model_validate(draft.data)
    except ValidationError as error:
        return Faulty(draft.name, in_words(draft, faults_of(error)))
    figures = dict(_figures(folder, faults))
    calculators = dict(_calculators(folder, faults))
    home = f"/m/{folder.name}"
    pieces: dict[str, Piece] = {}
    for path in sorted(folder.glob("*.md")):
        if (piece := _piece(path, home, figures, faults)) is not None:
            pieces[path.stem] = piece
    preview = _preview(folder / PREVIEW, faults)
    faults += in_words(draft, list(faults_of_site(site, pieces, calculators)))
    if faults:
        return Faulty(_called(folder), faults)
    return Microsite(folder.name, site, pieces, calculators, preview)


def _preview(path: Path, faults: list[str]) -> bytes:
    """The picture; empty without one. Its size stands in its first bytes (PNG, §11.2.2)."""
    if not path.exists():
        return b""
    picture = path.read_bytes()
    size = int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
    if not picture.startswith(b"\x89PNG\r\n\x1a\n") or size != PREVIEW_SIZE or len(picture) > _LARGEST_PREVIEW:
        faults.append(f"{_called(path)}: Make it a PNG of 1200 by 630 pixels and 300 KB at most.")
    return picture


def _piece(path: Path, home: str, figures: Mapping[str, str], faults: list[str]) -> Piece | None:
    called = _called(path)
    text = path.read_text(encoding="utf-8")
    _, fence, rest = text.partition(_FENCE)
    head, closing, body = rest.partition("\n" + _FENCE)
    if not fence or not closing or not text.startswith(_FENCE):
        faults.append(f"{called} line 1: Begin with what the piece says of itself, between two lines of ---.")
        return None
    # A line before it, so that the lines of faults are the file's.
    if (front := _checked(Front, called, "\n" + head, faults)) is None:
        return None
    missing: list[str] = []

    def figure(name: str) -> str:
        if name not in figures:
            missing.append(name)
        return figures.get(name, "")

    built = build(body, home=home, figure=figure)
    picture = figure(f"figures/{front.picture}") if front.picture else ""
    faults += [f"{called}: There is no figure {name} in the folder." for name in dict.fromkeys(missing)]
    return Piece(
        name=path.stem, front=front, html=built.html, headings=built.headings, words=built.words, picture=picture
    )


def _figures(folder: Path, faults: list[str]) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / "figures").glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        wrong = list(faults_of_figure(text))
        faults += [f"{_called(path)}: {fault}" for fault in wrong]
        yield f"figures/{path.name}", "" if wrong else standing(text, path.stem)


def _calculators(folder: Path, faults: list[str]) -> Iterator[tuple[str, Calculator]]:
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "site.yaml":
            continue
        text = path.read_text(encoding="utf-8")
        if (calculator := _checked(Calculator, _called(path), text, faults)) is not None:
            faults += in_words(DraftText(_called(path), text), list(faults_of_calculator(calculator)))
            yield path.stem, calculator


def _checked(kind: type[V], called: str, text: str, faults: list[str]) -> V | None:
    """What a file says; None, with its faults noted, when it doesn't follow the grammar."""
    try:
        draft = DraftText(called, text)
    except Faulty as faulty:
        faults += faulty.faults
        return None
    try:
        return kind.model_validate(draft.data)
    except ValidationError as error:
        faults += in_words(draft, faults_of(error))
        return None


def _draft(path: Path) -> DraftText:
    if not path.exists():
        raise Faulty(_called(path), ["It is not there: a microsite begins with this file."])
    return DraftText(_called(path), path.read_text(encoding="utf-8"))


def _called(path: Path) -> str:
    return str(path.relative_to(catalog.ROOT)) if path.is_relative_to(catalog.ROOT) else path.name


def _never_shown(folder: SiteFolder, found: Microsites) -> Iterator[str]:
    """Slots for stages and journeys there are none of."""
    asking = {name: site.site.slots for name, site in found.by_name.items() if site.site.slots}
    if not asking:
        return
    stages = [stage.name for stage in definition_draft().stages]
    journeys = [*(path.stem for path in catalog.journey_files()), *(entry.name for entry in catalog.code_entries())]
    for name, slots in asking.items():
        yield from in_words(folder.draft(name), list(strangers_in(slots, stages=stages, journeys=journeys)))


def lint(folder: SiteFolder | None = None) -> tuple[str, ...]:
    """Everything that is wrong with the sites, and with the forms, stages and journeys they name.

    Stages are those of definition.yaml and journeys those of workflows/journeys/. Raises Faulty when no definition can
    be read there.
    """
    folder = folder or SiteFolder()
    found = folder.sites()
    said = [*found.faults, *_never_shown(folder, found)]
    forms = FormFolder().forms().by_name
    for site in found.by_name.values():
        named = {piece.front.form: f"{piece.name}.md" for piece in site.pieces.values() if piece.front.form}
        if site.site.offer is not None:
            named.setdefault(site.site.offer.form, "site.yaml")
        said += [f"{site.home} {where}: there is no form {form}." for form, where in named.items() if form not in forms]
    for form in forms.values():
        for asset in (form.thanks.gives, form.counts):
            name, _, piece = (asset or "").partition("/")
            if asset is not None and (name not in found.by_name or piece not in found.by_name[name].pieces):
                said.append(f"templates/forms/{form.name}.yaml names {asset}, and no microsite has that page.")
    return tuple(said)
