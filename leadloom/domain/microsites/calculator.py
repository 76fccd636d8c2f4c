"""What does a calculator make of somebody's figures? Inputs, lines that each say their sum, and one result in words."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.model import Value

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NUMBER = re.compile(r"-?\d{1,3}(?:[ ,'\u00a0\u202f]\d{3})+(?:\.\d+)?|-?\d{1,12}(?:[.,]\d{1,4})?")
_LONGEST_FORMULA = 200
_TWO: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda one, other: one / other if other else 0.0,
}


class Input(Value):
    """A figure somebody fills in."""

    name: str
    label: str
    hint: str = ""
    unit: str = ""
    start: float
    """What stands there first."""
    least: float = 0
    most: float = 1_000_000
    assumed: bool = False
    """Ours until they say otherwise: shown apart from what they know by heart."""


class Line(Value):
    """One line of the sum."""

    name: str
    label: str
    formula: str = Field(alias="is")
    """Over inputs and lines above it: + - * / and brackets; a division by nothing is nothing."""
    says: str = ""
    """How it comes about, in words."""
    shows: Literal["money", "number", "percent"] = "money"
    digits: int = Field(default=0, ge=0, le=2)
    weight: Literal["line", "sum", "result"] = "line"


class Calculator(Value):
    """A calculator: a file beside the piece that holds it."""

    currencies: tuple[str, ...] = Field(min_length=1)
    inputs: tuple[Input, ...] = Field(min_length=1)
    lines: tuple[Line, ...] = Field(min_length=1)
    result: str
    """The line that is the answer; what an event keeps as `cost`."""
    verdict: str
    """A sentence over the result, with {names} of lines and inputs in it."""


class Shown(Value):
    """A line with its figure, as people write it."""

    line: Line
    value: float
    text: str


class Sum(Value):
    """What came out."""

    currency: str
    figures: dict[str, str]
    """What was filled in, by name, as it is written in a field."""
    wrong: dict[str, str] = Field(default_factory=dict)
    """Input → what to do about it; then there are no lines."""
    lines: tuple[Shown, ...] = ()
    cost: str = ""
    verdict: str = ""

    @property
    def told(self) -> dict[str, str]:
        """What an event keeps of it, for mails to quote: `cost`, each line, what was filled in."""
        return {"cost": self.cost, **{shown.line.name: shown.text for shown in self.lines}, **self.figures}


def work_out(calculator: Calculator, asked: Mapping[str, str]) -> Sum:
    """The sum for what was filled in; what is left out stands as the calculator has it."""
    currency = asked.get("currency", "").upper()
    currency = currency if currency in calculator.currencies else calculator.currencies[0]
    figures: dict[str, str] = {}
    values: dict[str, float] = {}
    wrong: dict[str, str] = {}
    for one in calculator.inputs:
        text = asked.get(one.name, "").strip()[:40] or _plain(one.start)
        figures[one.name] = text
        number = _read(text)
        if number is None or not one.least <= number <= one.most:
            wrong[one.name] = f"Write a number from {_plain(one.least)} to {_plain(one.most)}."
        else:
            values[one.name] = number
    if wrong:
        return Sum(currency=currency, figures=figures, wrong=wrong)
    shown: list[Shown] = []
    for line in calculator.lines:
        values[line.name] = value_of(line.formula, values)
        shown.append(Shown(line=line, value=values[line.name], text=_text(line, values[line.name], currency)))
    texts = figures | {each.line.name: each.text for each in shown}
    return Sum(
        currency=currency,
        figures=figures,
        lines=tuple(shown),
        cost=texts[calculator.result],
        verdict=calculator.verdict.format_map(texts),
    )


def value_of(formula: str, values: Mapping[str, float]) -> float:
    """The value of a formula that `faults_of_calculator` let pass."""
    return _value(ast.parse(formula, mode="eval").body, values)


def faults_of_calculator(calculator: Calculator) -> Iterator[Fault]:
    """What can't be worked out, each with its place."""
    known: set[str] = {"currency"}
    for index, one in enumerate(calculator.inputs):
        yield from _named(("inputs", index, "name"), one.name, known)
        if not one.least <= one.start <= one.most:
            yield Fault(path=("inputs", index, "start"), words=f"It starts outside of {one.least:g} to {one.most:g}.")
    for index, line in enumerate(calculator.lines):
        if wrong := _unsound(line.formula, known):
            yield Fault(path=("lines", index, "is"), words=wrong)
        yield from _named(("lines", index, "name"), line.name, known)
    if calculator.result not in {line.name for line in calculator.lines}:
        yield Fault(path=("result",), words=f"There is no line `{calculator.result}`.")
    try:
        calculator.verdict.format_map(dict.fromkeys(known, ""))
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        yield Fault(path=("verdict",), words=f"It names what there isn't: {error}.")


def _named(path: tuple[str | int, ...], name: str, known: set[str]) -> Iterator[Fault]:
    if not _NAME.fullmatch(name) or name in known:
        yield Fault(path=path, words=f"`{name}` is no name, or stands here twice: small letters, digits, underlines.")
    known.add(name)


def _unsound(formula: str, known: set[str]) -> str:
    """Why a formula can't be worked out; empty when it can."""
    if len(formula) > _LONGEST_FORMULA:
        return f"Use at most {_LONGEST_FORMULA} characters: make two lines of it."
    try:
        tree = ast.parse(formula, mode="eval").body
    except SyntaxError:
        return f"`{formula}` is no sum: use + - * / and brackets."
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name not in known:
                return f"There is no `{name}` above this line."
            case ast.Constant(value=value) if isinstance(value, bool) or not isinstance(value, int | float):
                return f"`{value}` is no number."
            case ast.BinOp(op=op) if type(op) not in _TWO:
                return f"`{formula}` is no sum: use + - * / and brackets."
            case ast.Name() | ast.Constant() | ast.BinOp() | ast.operator() | ast.expr_context():
                continue
            case _:
                return f"`{formula}` is no sum: use + - * / and brackets."
    return ""


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _TWO[type(op)](_value(left, values), _value(right, values))
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case _:
            raise ValueError("no sum")  # find_faults refuses such a formula before anybody sees it


def _read(text: str) -> float | None:
    """A number as people write it: 12 000, 12,000, 12000.5, 12000,5."""
    if not _NUMBER.fullmatch(text):
        return None
    bare = re.sub(r"[ '\u00a0\u202f]", "", text)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    return float(bare.replace(",", "."))


def _text(line: Line, value: float, currency: str) -> str:
    digits = line.digits
    match line.shows:
        case "money":
            return f"{value:,.{digits}f} {currency}"
        case "percent":
            return f"{value * 100:,.{digits}f} %"
        case "number":
            return f"{value:,.{digits}f}"


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:.0f}"
