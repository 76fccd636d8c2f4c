"""What there is: journeys, workflows, activities, sweeps and commands are found in their folders, never registered."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

from pydantic import BaseModel

import activities
import workflows
from activities.custom import CustomStep
from activities.tools import Tools
from leadloom.domain.errors import Faulty
from leadloom.domain.standing import CodeEntry
from leadloom.domain.wake import USUAL_TURN
from workflows import journeys as code_journeys

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds workflows/, templates/ and definition.yaml, in a checkout and in a wheel alike."""

JOURNEYS = ROOT / "workflows" / "journeys"
TEMPLATES = ROOT / "templates"
DEFINITION = ROOT / "definition.yaml"


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Every module below a package; a name with a leading underscore is not found."""
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if not found.name.rsplit(".", 1)[-1].startswith("_"):
            yield importlib.import_module(found.name)


def workflow_classes() -> list[type]:
    """Every workflow class of workflows/ and workflows/journeys/, in order of name. Raises Faulty on a doubled name."""
    found = [
        thing
        for package in (workflows, code_journeys)
        for module in modules(package)
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if thing.__module__ == module.__name__ and is_workflow(thing)
    ]
    names = [thing.__name__ for thing in found]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise Faulty("workflows/", [f"two classes are called {name}; rename one" for name in doubled])
    return sorted(found, key=lambda thing: thing.__name__)


@cache
def _turns() -> dict[str, int]:
    return {thing.__name__: getattr(thing, "turn", USUAL_TURN) for thing in workflow_classes()}


def turn_of(workflow: str) -> int:
    """Whose turn it is first where thousands wait for a worker, 1 before 5: what the workflow's class says."""
    return _turns().get(workflow, USUAL_TURN)


def modules_for_each_lead() -> list[str]:
    """The modules of workflows there is a run of for each lead, and those of workflows/ that hold no workflow: they
    keep no module state, and importing them anew costs each run 2 to 4 ms of CPU, ten times a letter's.
    """
    classes = workflow_classes()
    each_lead = {thing.__module__ for thing in classes if getattr(thing, "one_per_lead", False)}
    others = {thing.__module__ for thing in classes} - each_lead
    ours = [module.__name__ for module in modules(workflows) if not hasattr(module, "__path__")]
    return [name for name in ours if name not in others]


def is_workflow(thing: type) -> bool:
    """Whether the SDK's decorator marked this class: the one place that reads its private attribute."""
    return "__temporal_workflow_definition" in vars(thing)


def activity_methods(tools: Tools) -> list[Callable[..., object]]:
    """Every activity, bound to this process's tools: each `Effects` class of activities/ is made once, and each custom
    step is one. Raises Faulty for a custom step that is called like an activity of ours.
    """
    own = [
        method
        for effects in _effects_classes()
        for _, method in inspect.getmembers(effects(tools), inspect.ismethod)
        if hasattr(method, "__temporal_activity_definition")
    ]
    steps = _custom_steps()
    if taken := sorted({method.__name__ for method in own} & {step.name for step in steps}):
        raise Faulty(
            "activities/", [f"the custom step {name} is called like an activity of ours; rename it" for name in taken]
        )
    return [*own, *(step.bound(tools) for step in steps)]


def custom_steps() -> dict[str, type[BaseModel]]:
    """What `do: call` may name: custom step → the schema of what a journey tells it. Raises Faulty on doubled names."""
    steps = _custom_steps()
    names = [step.name for step in steps]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise Faulty("activities/", [f"two custom steps are called {name}; rename one" for name in doubled])
    return {step.name: step.schema for step in steps}


def _custom_steps() -> list[CustomStep[BaseModel]]:
    found = [
        (module, cast("CustomStep[BaseModel]", thing))  # isinstance can't ask for the schema
        for module in modules(activities)
        for thing in vars(module).values()
        if isinstance(thing, CustomStep)
    ]
    return [step for module, step in found if step.effect.__module__ == module.__name__]


def _effects_classes() -> list[Callable[[Tools], object]]:
    return [
        thing
        for module in modules(activities)
        for name, thing in inspect.getmembers(module, inspect.isclass)
        if thing.__module__ == module.__name__ and name.endswith("Effects")
    ]


def sweeps() -> list[str]:
    """Names of the activities that repair: each noun brings its own, marked by `@sweep`."""
    return sorted(
        name
        for effects in _effects_classes()
        for _, method in inspect.getmembers(effects, inspect.isfunction)
        if (name := getattr(method, "sweep_name", None))
    )


def code_entries() -> list[CodeEntry]:
    """The doors of journeys as code: the `ENTRY` of each module in workflows/journeys/. Raises Faulty without one."""
    entries: list[CodeEntry] = []
    for module in modules(code_journeys):
        entry = getattr(module, "ENTRY", None)
        if not isinstance(entry, CodeEntry):
            raise Faulty(module.__name__, ["a journey as code says how leads come in: ENTRY = CodeEntry(…)"])
        entries.append(entry)
    return entries


def journey_files() -> list[Path]:
    """The drafts of journeys as data."""
    return sorted(path for path in JOURNEYS.glob("*.yaml") if not path.name.startswith("_"))


def mail_folders(journey: str) -> list[Path]:
    """The mails of a journey."""
    folder = TEMPLATES / "journeys" / journey
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def journey_folders() -> list[str]:
    """Every name below templates/journeys/: data journeys, code journeys and `hand-off`."""
    return sorted(path.name for path in (TEMPLATES / "journeys").iterdir() if path.is_dir())
