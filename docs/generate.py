"""Which pages are made from code? Grammar and schema of journeys from their model, the glossary's lists from the
definition.

`./dev run docs/generate.py` writes them; with `--check` it only says which are out of step, and exits 6.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from leadloom.domain.access.rights import ADMIN, WORDS
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.why_not_codes import CODES
from leadloom.runtime.journey_schema import schema_text

ROOT = Path(__file__).resolve().parents[1]
GRAMMAR = Path("docs/reference/journey-grammar.md")
SCHEMA = Path("docs/reference/journey.schema.json")
GLOSSARY = Path("docs/glossary.md")
USERS = Path("docs/how-to/users.md")
WHY_NOT = Path("docs/reference/why-not.md")
GRAMMAR_ROOM = Path("leadloom/domain/journeys")
MODELS = (
    GRAMMAR_ROOM / "journey.py",
    GRAMMAR_ROOM / "preview.py",
    GRAMMAR_ROOM / "condition.py",
    GRAMMAR_ROOM / "steps",
)
DEFINITION = Path("definition.yaml")
_WHY_NOT_INTRO = """# Why not

`python starter.py leads why-not LEAD ABOUT` and the lead's page name the first thing that stands between a lead and a
campaign, a journey or a mail: one code of this list, what it looked at, and the earliest it could pass. It is told by
the functions that decide, so mending that one thing changes the answer. `ABOUT` is a name as `campaigns list` and
`journeys list` print it, a mail or a step; in doubt `campaign/NAME`, `journey/NAME` or `JOURNEY/MAIL`. Where an instant
is known (a rest, a window, a cap, a wait), the answer names it instead of what must happen.

Made from `leadloom/domain/journeys/why_not_codes.py` by `docs/generate.py`."""
_ABOUT = {"enter": "At the door", "run": "In the run", "send": "Before a mail that was asked for"}
BEGIN, END = "<!-- made from definition.yaml by docs/generate.py -->", "<!-- end -->"

CHAPTERS = (
    (
        "The file",
        (
            "Journey",
            "Entry",
            "DateEntry",
            "RecurringEntry",
            "RunLimit",
            "Exit",
            "Preview",
            "Exclusive",
            "StreamItem",
            "Promises",
            "AtMost",
        ),
    ),
    ("Steps that write to a lead", ("Send", "StreamStep")),
    ("Steps that wait", ("Wait", "WaitFor")),
    ("Steps that choose the way", ("Branch", "Case", "Split", "Arm", "Go")),
    ("Steps that ask people of ours", ("HandOffStep", "TaskStep", "Tries", "Notify")),
    ("Steps that note something", ("Record", "SetStep", "TagStep", "ScoreStep", "StageStep")),
    ("Steps that begin or end journeys", ("StartStep", "StopStep")),
    ("Steps outside", ("Webhook", "Call")),
    ("Conditions", ("Condition",)),
)
TITLES = {
    "Journey": "A journey",
    "Entry": "`enter`",
    "DateEntry": "`date` of `enter`",
    "RecurringEntry": "`every` of `enter`",
    "RunLimit": "`at_most` of `enter`",
    "Exit": "Each of `exit`",
    "Preview": "`preview`",
    "Exclusive": "`exclusive`",
    "StreamItem": "Each mail of one of `streams`",
    "Promises": "`promises`",
    "AtMost": "`at_most` of `promises`",
    "Tries": "`tries` of a task",
    "Case": "Each of a branch's `cases`",
    "Arm": "Each of a split's `arms`",
}
NAMED_ABOVE = ("do", "id")
TAKES = {
    "str": "text",
    "float": "a number",
    "int": "a whole number",
    "bool": "`true` or `false`",
    "Span": "a span",
    "Clock": "a time of day",
    "PauseClock": "`keep counting` or `restart` or `active only`",
    "Json": "any value",
    "Condition": "a condition",
    "Entry": "see below",
    "DateEntry": "see below",
    "RecurringEntry": "see below",
    "RunLimit": "see below",
    "date": "a day",
    "Preview": "see below",
    "Tries": "see below",
    "Exclusive": "see below",
    "Promises": "see below",
    "AtMost": "see below",
    "dict[str, Json]": "names with values",
    "dict[str, str]": "names with steps",
    "dict[str, tuple[StreamItem, ...]]": "names with lists, see below",
    "dict[str, tuple[int, ...]]": "names with lists of whole numbers",
    "tuple[str, ...]": "a list of texts",
    "tuple[int, ...]": "a list of whole numbers",
    "tuple[Weekday, ...]": "a list of `mon` to `sun`",
    "tuple[Condition, ...]": "a list of conditions",
    "tuple[Exit, ...]": "a list, see below",
    "tuple[Case, ...]": "a list, see below",
    "tuple[Arm, ...]": "a list, see below",
    "tuple[Step, ...]": "a list of steps",
}

INTRO = """# The grammar of a journey

*Made by `./dev run docs/generate.py` from
[`leadloom/domain/journeys/journey.py`](../../leadloom/domain/journeys/journey.py) and the kinds of step
[beside it](../../leadloom/domain/journeys/steps).*

A journey is one YAML file in `workflows/journeys/`, named like the journey. Anything not named here is refused, with
its line. A **span** is written `45m`, `2h`, `3d` or `1w`, a **time of day** `08:30`. `end` is where a way goes when
the journey is over. **Must** marks what cannot be left out. [How to write a journey](../how-to/write-a-journey.md) says
when to use what; [`journey.schema.json`](journey.schema.json) says the same to editors and programs.

Each step says what it does (`do`) and has an `id`, unique in its journey. Ids are stable across versions: the key of a
mail is (run, step, visit), so a step that is renamed sends a new mail.
"""


def pages() -> dict[Path, str]:
    """Each page that is made, whole."""
    return {GRAMMAR: grammar(), SCHEMA: schema_text(), GLOSSARY: glossary(), WHY_NOT: why_not(), USERS: users()}


def grammar() -> str:
    """The reference of the journey files."""
    files = [path for model in MODELS for path in (sorted((ROOT / model).glob("*.py")) or [ROOT / model])]
    found = [node for path in files for node in _parsed(path).body if isinstance(node, ast.ClassDef)]
    classes = {node.name: node for node in found}
    parts = [INTRO]
    for title, names in CHAPTERS:
        parts.append(f"## {title}\n")
        parts.extend(_section(classes[name], classes) for name in names)
    return "\n".join(parts)


def _section(model: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> str:
    shared = [classes[base.id] for base in model.bases if isinstance(base, ast.Name) and base.id in classes]
    shared += [
        classes[base.id] for one in shared for base in one.bases if isinstance(base, ast.Name) and base.id in classes
    ]
    fields = [field for one in (model, *shared) for field in _fields(one)]
    verb = next((takes for name, takes, _, _ in fields if name == "do"), None)
    title = f"`do: {verb.strip('`')}`" if verb else TITLES.get(model.name, f"A {model.name.lower()}")
    said = " ".join((ast.get_docstring(model) or "").split())
    rows = [
        f"| `{name}` | {takes} | {default} | {means} |"
        for name, takes, default, means in fields
        if name not in NAMED_ABOVE
    ]
    table = "\n".join(["| field | takes | left out | means |", "|---|---|---|---|", *rows])
    return f"### {title}\n\n{said}\n\n{table}\n"


def _fields(model: ast.ClassDef) -> Iterator[tuple[str, str, str, str]]:
    """(name, what it takes, what holds when it is left out, what it means) of each field, in order."""
    following = [*model.body[1:], None]
    for node, after in zip(model.body, following, strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            alias, default = _default(node.value)
            yield alias or node.target.id, _takes(ast.unparse(node.annotation)), default, _docstring(after)


def _default(value: ast.expr | None) -> tuple[str | None, str]:
    """(name in the file if it differs, what holds when it is left out)."""
    if value is None:
        return None, "**must**"
    if not (isinstance(value, ast.Call) and ast.unparse(value.func) == "Field"):
        return None, _plain(value)
    given = {word.arg: word.value for word in value.keywords}
    alias = ast.literal_eval(given["alias"]) if "alias" in given else None
    if "default_factory" in given:
        return alias, "–"
    return alias, _plain(given["default"]) if "default" in given else "**must**"


def _plain(value: ast.expr) -> str:
    text = ast.unparse(value)
    if text in ("None", "()"):
        return "–"
    if text in ("True", "False"):
        return f"`{text.lower()}`"
    if days := re.fullmatch(r"timedelta\(days=(\d+)\)", text):
        return f"`{days[1]}d`"
    if text == "MailClass.MARKETING":
        return "`marketing`"
    return f"`{ast.literal_eval(value)}`"


def _takes(annotation: str) -> str:
    plain = annotation.removesuffix(" | None").replace('"', "'")
    if plain.startswith("Literal["):
        return " or ".join(f"`{word}`" for word in re.findall(r"'([^']+)'", plain))
    return TAKES[plain]


def _docstring(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split()).replace("|", "\\|").replace("<", "&lt;")
    return ""


def why_not() -> str:
    """The closed list of why a lead is not in a journey, not further in it, or has not got a mail."""
    lines = [_WHY_NOT_INTRO]
    for about, title in _ABOUT.items():
        lines += ["", f"## {title}", "", "| code | what stands against it | it could pass |", "|---|---|---|"]
        lines += [
            f"| `{code.value}` | {rule.words} | {f'when {rule.passes}' if rule.passes else 'never'} |"
            for code, rule in CODES.items()
            if rule.about == about
        ]
    return "\n".join(lines) + "\n"


def glossary() -> str:
    """The glossary with its lists of stages, events and reasons as the definition has them."""
    page = _read(GLOSSARY)
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    definition = read_definition(DraftText(DEFINITION.name, _read(DEFINITION)))
    lists = (_stages(definition), _events(definition), _hand_offs(definition), _reasons(definition))
    return f"{before}{BEGIN}\n\n" + "\n".join(lists) + f"\n{END}{after}"


def users() -> str:
    """The how-to on users with the rights, and who has each, as the definition gives them."""
    page = _read(USERS)
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    access = read_definition(DraftText(DEFINITION.name, _read(DEFINITION))).access
    roles = "\n".join(f"| `{role}` | {given.leads} |" for role, given in access.roles.items())
    rights = "\n".join(
        f"| `{right.value}` | {words} | {', '.join(whose) or ADMIN} |"
        for right, words in WORDS.items()
        for whose in [[role for role, given in access.roles.items() if right in given.may]]
    )
    lists = f"| right | whoever has it may | roles |\n|---|---|---|\n{rights}\n\n| role | `leads` |\n|---|---|\n{roles}"
    return f"{before}{BEGIN}\n\n{lists}\n\n{END}{after}"


def _stages(definition: Definition) -> str:
    rows = [f"| `{stage.name}` | {stage.kind} | {stage.means} |" for stage in definition.stages]
    return "\n".join(["## The stages\n", "| stage | kind | means |", "|---|---|---|", *rows, ""])


def _events(definition: Definition) -> str:
    rows = [
        f"| `{kind}` | {rule.points:g} | {'yes' if rule.response else ''} | {rule.credit or ''} | {rule.means} |"
        for kind, rule in definition.events.items()
    ]
    head = ["## The events\n", "| event | points | response | credit | means |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _hand_offs(definition: Definition) -> str:
    rows = [f"| `{kind}` | {rule.to} | {rule.means} |" for kind, rule in definition.hand_offs.items()]
    return "\n".join(["## The kinds of hand-off\n", "| kind | to | means |", "|---|---|---|", *rows, ""])


def _reasons(definition: Definition) -> str:
    rows = [
        f"| {reason.key} | `{name}` | {reason.label} | {reason.then} |"
        for name, reason in sorted(
            definition.reject_reasons.items(), key=lambda named: (named[1].key == 0, named[1].key)
        )
    ]
    head = ["## The reasons to reject\n", "| key | reason | says | then |", "|---|---|---|---|"]
    others = [f"| `{code}` | {words} |" for code, words in definition.move_reasons.items()]
    told = ["## The other reasons a lead goes back for\n", "| reason | says |", "|---|---|"]
    return "\n".join([*head, *rows, "", *told, *others, ""])


def _parsed(path: Path) -> ast.Module:
    return ast.parse(_read(path))


def _read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def main() -> int:
    """Write the pages, or with `--check` say which are out of step. Returns the exit code."""
    old = {path: text for path, text in pages().items() if not (ROOT / path).exists() or _read(path) != text}
    if "--check" in sys.argv[1:]:
        for path in old:
            sys.stdout.write(f"{path} is out of step; run: ./dev run docs/generate.py\n")
        return 6 if old else 0
    for path, text in old.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
