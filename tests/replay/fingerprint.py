"""Which commands does each workflow class produce, in which order? Read from its source, not from a run.

A replay of old histories finds a changed order only where some history passes; this names the change before one does.
After a change on purpose: guard it with `workflow.patched()`, record a history of the new way
(`python -m tests.replay.record`), then accept it with `python -m tests.replay.fingerprint`.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType

from leadloom.runtime import catalog

BASELINE = Path(__file__).parent / "fingerprints.json"

COMMANDS = frozenset(
    {
        "execute_activity", "execute_activity_method", "execute_local_activity", "execute_local_activity_method",
        "start_activity", "start_activity_method", "start_local_activity", "start_local_activity_method",
        "execute_child_workflow", "start_child_workflow", "sleep", "wait_condition", "continue_as_new", "patched",
        "deprecate_patch", "upsert_search_attributes", "upsert_memo",
    }
)  # fmt: skip
"""Calls on `workflow` that write to the history, or wait for what others write."""

Fingerprint = dict[str, dict[str, list[str]]]


def fingerprints() -> Fingerprint:
    """Class of workflows/, or module for its functions → method → what it commands and calls, in order."""
    found: Fingerprint = {}
    for owner in sorted({owner for thing in catalog.workflow_classes() for owner in _ours(thing)}, key=_name):
        found[_name(owner)] = _each(vars(owner).values(), owner.__module__)
        module = inspect.getmodule(owner)
        if functions := _each(vars(module).values(), owner.__module__):
            found[owner.__module__] = functions
    return {name: methods for name, methods in found.items() if methods}


def _ours(thing: type) -> list[type]:
    return [owner for owner in thing.__mro__ if owner.__module__.startswith("workflows")]


def _name(owner: type) -> str:
    return owner.__name__


def _each(members: Iterable[object], module: str) -> dict[str, list[str]]:
    functions = [each for each in members if inspect.isfunction(each) and each.__module__ == module]
    said = {function.__name__: list(_commands(_tree(function))) for function in functions}
    return {name: commands for name, commands in said.items() if commands}


def _tree(function: FunctionType) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _commands(tree: ast.AST) -> Iterator[str]:
    """In the order of the source; what stands in a loop or behind a condition is marked so."""
    for node in ast.iter_child_nodes(tree):
        yield from (f"{_frame(node)}{command}" for command in _commands(node))
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            yield f"-> {node.value.func.id}"
        if isinstance(node, ast.Call) and (said := _said(node)):
            yield said


def _frame(node: ast.AST) -> str:
    match node:
        case ast.While() | ast.For():
            return "loop · "
        case ast.If():
            return "if · "
        case ast.ExceptHandler():
            return "except · "
        case _:
            return ""


def _said(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id="workflow"), attr=name) if name in COMMANDS:
            what = ast.unparse(call.args[0]) if name.startswith(("execute", "start", "patched")) and call.args else ""
            return f"{name} {what}".strip()
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            passed = [ast.unparse(each) for each in (*call.args, *(word.value for word in call.keywords))]
            handed_on = [each for each in passed if each.startswith(("self._", "CodeJourneyEffects."))]
            return f"-> {name}({', '.join(handed_on)})"
        case _:
            return None


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(fingerprints(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{BASELINE.name} now says what the sources say. Commit it with the change it belongs to.")
