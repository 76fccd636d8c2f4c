"""What is wrong with one template file, and which links, answers and names it uses? Every fault with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from types import TracebackType

from jinja2 import TemplateSyntaxError, meta, nodes

from leadloom.domain.mails.template import (
    CompanyWords,
    HandOffWords,
    LeadWords,
    NewsWords,
    ReplyWords,
    ReviewWords,
    SenderWords,
    TaskWords,
)
from leadloom.mail.inheritance import Whole
from leadloom.mail.sandbox import ENVIRONMENTS, Kind, compiled

FIELDS: Mapping[str, frozenset[str]] = {
    "lead": frozenset(LeadWords.model_fields),
    "sender": frozenset(SenderWords.model_fields),
    "company": frozenset(CompanyWords.model_fields),
    "hand_off": frozenset(
        {
            *HandOffWords.model_fields,
            "decide_url",
            "accept_url",
            "give_back_url",
            "recycle_url",
            "calendar_url",
            "chip_links",
        }
    ),
    "review": frozenset({*ReviewWords.model_fields, "decide_url"}),
    "news": frozenset({*NewsWords.model_fields, "url"}),
    "reply": frozenset({*ReplyWords.model_fields, "lead_url"}),
    "task": frozenset({*TaskWords.model_fields, "lead_url", "decide_url", "answers"}),
}
"""The names with fields, as the values declare them."""

CALLS: Mapping[str, str] = {
    "link": "link('https://…') or link('/m/…')",
    "answer_link": "answer_link('event_kind')",
    "told": "told('event_kind', 'field', 'words when unknown')",
    "words": "words('passage', 'what it says unless somebody writes it anew')",
}
"""The names that are called, with literals only, so that publishing knows what they say."""
_LITERALS = {"link": 1, "answer_link": 1, "told": 3, "words": 2}
"""How many each takes."""

WORDS = frozenset(
    {
        "greeting",
        "why_you_get_this",
        "unsubscribe_url",
        "preferences_url",
        "view_url",
        "bait_url",
        "own_data_url",
        "erase_url",
        "confirm_url",
        "subject",
        "preheader",
    }
)
"""The plain names."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+|/(?!/)[^\s<>\"']*")


@dataclass
class Usage:
    """What a file uses, in the order of its text, and what is wrong with it."""

    faults: list[str] = field(default_factory=list[str])
    names: set[str] = field(default_factory=set[str])
    """Plain names and dotted ones, such as `company.postal_address`."""
    links: list[str] = field(default_factory=list[str])
    answers: list[str] = field(default_factory=list[str])
    tells: list[str] = field(default_factory=list[str])
    passages: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class File:
    """One template file."""

    name: str
    """As faults say it, such as `body.html`."""
    source: str
    kind: Kind
    whole: Whole | None = None
    """A body in its layout: then each line has a file of its own."""

    def fault(self, line: int, words: str) -> str:
        """A fault at a line."""
        name, line = (self.name, line) if self.whole is None else self.whole.place(line, words)
        return f"{name}:{line}: {words}"


@lru_cache(maxsize=1024)
def read(file: File, events: frozenset[str] | None = None, variables: frozenset[str] = frozenset()) -> Usage:
    """Look at every name and call of the file, also in branches that a sample would not reach.

    Remembered: a file is read for each language it speaks. So nobody may change what this answers.

    Args:
        file: The template.
        events: The event kinds there are; None when the caller doesn't know.
        variables: The names its mail declares.
    """
    usage = Usage()
    environment = ENVIRONMENTS[file.kind]
    try:
        compiled(file.source, file.kind, file.name)
        tree = environment.parse(file.source)
        free = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        usage.faults.append(file.fault(error.lineno, f"{error.message or 'not a template'}"))
        return usage
    usage.faults.extend(_name_faults(file, tree, free, usage, variables))
    usage.faults.extend(_field_faults(file, tree, free, usage))
    usage.faults.extend(_call_faults(file, tree, events, usage))
    return usage


def _name_faults(
    file: File, tree: nodes.Template, free: set[str], usage: Usage, variables: frozenset[str]
) -> Iterator[str]:
    called = {id(call.node) for call in tree.find_all(nodes.Call)}
    allowed = [*FIELDS, *CALLS, *WORDS, *sorted(variables)]
    for name in tree.find_all(nodes.Name):
        if name.name not in free:
            continue
        usage.names.add(name.name)
        if name.name not in allowed:
            remedy = _nearest(name.name, allowed)
            yield file.fault(name.lineno, f"there is no {name.name}{remedy}; a variable is declared in mail.yaml")
        elif name.name in CALLS and id(name) not in called:
            yield file.fault(name.lineno, f"{name.name} must be called: {CALLS[name.name]}")


def _field_faults(file: File, tree: nodes.Template, free: set[str], usage: Usage) -> Iterator[str]:
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        if not isinstance(node.node, nodes.Name):
            continue
        root, part = node.node.name, _field_name(node)
        if root not in FIELDS or root not in free or part is None:
            continue
        usage.names.add(f"{root}.{part}")
        if part not in FIELDS[root]:
            choices = [f"{root}.{known}" for known in sorted(FIELDS[root])]
            yield file.fault(node.lineno, f"there is no {root}.{part}{_nearest(f'{root}.{part}', choices)}")


def _field_name(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else None


def _call_faults(file: File, tree: nodes.Template, events: frozenset[str] | None, usage: Usage) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in CALLS:
            continue
        name, literals = call.node.name, _literals(call)
        if literals is None or len(literals) != _LITERALS[name]:
            yield file.fault(call.lineno, f"write {CALLS[name]}, with literals: publishing must know what it says")
            continue
        first = literals[0]
        if name == "words":
            if usage.passages.setdefault(first, literals[1]) != literals[1]:
                yield file.fault(call.lineno, f"the passage {first} says two different things; give each its own name")
            continue
        if name == "link":
            usage.links.append(first)
            if not _ADDRESS.fullmatch(first):
                yield file.fault(call.lineno, f"link({first!r}) leads nowhere; write https://… or a path such as /m/…")
            continue
        (usage.answers if name == "answer_link" else usage.tells).append(first)
        if events is not None and first not in events:
            yield file.fault(call.lineno, f"there is no event {first}{_nearest(first, sorted(events))}")


def _literals(call: nodes.Call) -> list[str] | None:
    """The arguments as text, or None when one isn't a literal (or is named, or starred)."""
    if call.kwargs or call.dyn_args or call.dyn_kwargs:
        return None
    texts = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
    return [str(text) for text in texts] if len(texts) == len(call.args) else None


def _nearest(name: str, choices: Iterable[str]) -> str:
    known = sorted(choices)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; a mail may use {', '.join(known)}"


@lru_cache(maxsize=1024)
def syntax_fault(file: File) -> str | None:
    """What keeps Jinja from reading it, or None. Asked of each file alone: what it leaves open is its own fault."""
    try:
        ENVIRONMENTS[file.kind].parse(file.source)
    except TemplateSyntaxError as error:
        return file.fault(error.lineno, f"{error.message or 'not a template'}")
    return None


TAKEN = frozenset({*FIELDS, *CALLS, *WORDS, "language", "say", "super", "body"})
"""Names that no variable can have."""


def line_of(file: File, trace: TracebackType | None) -> int:
    """The line of the file where rendering failed (Jinja writes template lines into tracebacks)."""
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file.name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
