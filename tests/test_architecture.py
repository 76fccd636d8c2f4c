"""Does the house keep its own rules? What a reviewer would repeat, said once, by a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import repository
from tests.repository import ROOT

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
LONGEST_TEST_FILE = 500
LONGER_FOR_A_REASON: dict[str, str] = {}

IMPURE_MODULES = {
    "random",
    "secrets",
    "time",
    "os",
    "socket",
    "subprocess",
    "asyncio",
    "threading",
    "logging",
    "temporalio",
}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "getenv"}
IMPURE_BUILTINS = {"open", "print", "input", "breakpoint"}
IMPURE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes"}
STATE = {"cache", "lru_cache", "cached_property"}
"""A cache in an object shared by all workflows of a process breaks their replay."""

SQL = re.compile(
    r"^\s*(?:SELECT\s+\S.*|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(?:CREATE|ALTER|DROP)\s+(?:TABLE|VIEW|INDEX)\s)",
    re.IGNORECASE | re.DOTALL,
)
IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pyright:\s*ignore)(?P<rest>[^#\n]*)")
IGNORE_WITH_REASON = re.compile(r"^(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w\-, ]+\])\s+\w+(?:\W+\w+)+")


def test_imports_go_down_only() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_domain_knows_no_clock_no_chance_and_no_outside() -> None:
    assert [fault for path in repository.below("leadloom/domain") for fault in _impurities(path)] == []


def test_a_clock_in_the_domain_would_be_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "import random\nfrom datetime import datetime\nasync def late():\n"
        "    return datetime.now(), open('x'), uuid4()\n@cache\ndef kept(): ...\n"
    )
    assert len(list(_impurities(planted))) == 6


def _impurities(path: Path) -> Iterator[str]:
    for node in ast.walk(repository.tree(path)):
        if (why := _impurity(node)) is not None:
            yield f"{path}:{getattr(node, 'lineno', 0)}: {why}"


def _impurity(node: ast.AST) -> str | None:
    match node:
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return "waits (async)"
        case ast.Import(names=names) if {name.name.split(".")[0] for name in names} & IMPURE_MODULES:
            return "imports " + ", ".join(name.name for name in names)
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in IMPURE_MODULES:
            return f"imports {module}"
        case ast.Global():
            return "keeps module state (global)"
        case ast.Call(func=ast.Name(id=name)) if name in IMPURE_BUILTINS | IMPURE_CALLS:
            return f"calls {name}()"
        case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_CALLS | IMPURE_METHODS:
            return f"calls .{name}()"
        case ast.FunctionDef(decorator_list=decorators) if any(_name(each) in STATE for each in decorators):
            return f"keeps module state ({node.name} is cached)"
        case _:
            return None


def _name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def test_only_the_store_speaks_sql() -> None:
    elsewhere = [path for path in repository.python() if not path.is_relative_to("leadloom/store")]
    spoken = [
        f"{path}:{node.lineno}: {node.value.strip().splitlines()[0]}"
        for path in elsewhere
        for node in ast.walk(repository.tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert spoken == []


@pytest.mark.parametrize("statement", ["SELECT 1", "INSERT INTO lead VALUES (1)", "\n  update lead set stage = 'sal'"])
def test_sql_elsewhere_would_be_found(statement: str) -> None:
    assert SQL.match(statement)


def test_a_page_that_is_only_read_opens_no_transaction() -> None:
    """GET never changes state; only what a fetch itself proves (an open, a click) is recorded, through `runtime`."""
    writing = [
        f"{path}:{function.lineno} {function.name}"
        for path in repository.below("leadloom/web")
        for function in ast.walk(repository.tree(path))
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef) and _answers_get(function)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "transaction"
    ]
    assert writing == []


def _answers_get(function: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    return "get" in {_name(decorator) for decorator in function.decorator_list}


def test_no_function_is_longer_than_a_page() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}: {length} lines"
        for path in repository.python()
        for node in ast.walk(repository.tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_file_holds_a_second_noun() -> None:
    too_long = [
        f"{path}: {lines} lines"
        for path in repository.files()
        if path.suffix == ".py" and (lines := repository.text(path).count("\n")) > _longest(path)
    ]
    assert too_long == []


def _longest(path: Path) -> int:
    return LONGEST_TEST_FILE if path.parts[0] == "tests" or str(path) in LONGER_FOR_A_REASON else LONGEST_FILE


def test_every_file_says_first_what_it_answers() -> None:
    silent = [
        str(path)
        for path in repository.python()
        if repository.text(path).strip() and not ast.get_docstring(repository.tree(path))
    ]
    assert silent == []


def test_a_package_does_nothing_by_being_imported() -> None:
    busy = [
        str(path)
        for path in repository.files()
        if path.name == "__init__.py"
        and len(repository.tree(path).body) > (ast.get_docstring(repository.tree(path)) is not None)
    ]
    assert busy == []


def test_every_ignored_rule_is_named_and_has_its_reason() -> None:
    without = [
        f"{path}:{number}: {line.strip()}"
        for path in repository.files()
        if path.suffix == ".py" and path != Path("tests/test_architecture.py")
        for number, line in enumerate(repository.text(path).splitlines(), start=1)
        if (found := IGNORE.search(line)) and not IGNORE_WITH_REASON.match(found["rest"])
    ]
    assert without == []


def test_every_folder_of_tests_is_a_package() -> None:
    """`tests/workflows` without its chain of `__init__.py` would shadow the real `workflows`."""
    folders = {
        parent for path in repository.python("tests") for parent in path.parents if parent.is_relative_to("tests")
    }
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []
