"""How does a run of production become a test on somebody's machine? As facts without a person, and a test of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path
from string import Template
from uuid import NAMESPACE_URL, uuid5

from temporalio.service import RPCError, RPCStatusCode

from leadloom.domain.errors import BadInput, Conflict, NotFound, Unreachable
from leadloom.domain.model import EnrolmentId, Json, Value
from leadloom.domain.rehearsal.disguise import Disguise
from leadloom.domain.rehearsal.recorded import RecordedRun, first_difference
from leadloom.runtime.wiring import House
from leadloom.store import published, recorded

SKELETON = Path(__file__).parent / "skeleton"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_A_MACHINE = frozenset({"identity", "stackTrace", "binaryChecksum", "workerInstanceKey", "workerIdentity"})


class ExportedRun(Value):
    """A run that became a test."""

    journey: str
    files: tuple[str, ...]
    decisions: int | None
    """How many it made; None for a journey as code."""
    wrong: int | None
    """The decision the test wants otherwise."""
    differs: str = ""
    """The first decision that today's code already makes otherwise."""


async def export_run(house: House, enrolment_id: EnrolmentId, to: Path, *, wrong: int | None = None) -> ExportedRun:
    """Write `test_run_….py` and its `.json` into a folder.

    Args:
        house: Whose run it is.
        enrolment_id: Of the run.
        to: The folder; made when it isn't there.
        wrong: The number of the decision that should have been another one (`leads why` shows them); left out, the
            last, or the step the run is blocked at.

    Raises NotFound, BadInput for a decision it never made, Conflict when the files exist, Unreachable for Temporal.
    """
    async with house.db.transaction() as tx:
        journey, is_code = await recorded.workflow_of(tx, enrolment_id)
        run = None if is_code else await recorded.recorded(tx, enrolment_id, book=await published.book(tx))
    key = hashlib.sha256(house.settings.message_id_secret().encode()).digest()
    name = f"test_run_{_id(str(enrolment_id), key)[:8]}"
    if run is None:
        content = json.dumps(without_ids(await _history(house, enrolment_id), key), indent=1)
        files = _write(to, name, content, "test_found_code_run.txt", {"journey": journey})
        return ExportedRun(journey=journey, files=files, decisions=None, wrong=None)
    disguised = Disguise(run.journey, key=key).run(run)
    last = _last(disguised)
    wrong = last if wrong is None else wrong
    if not 1 <= wrong <= last:
        raise BadInput("wrong", wrong, f"The run made the decisions 1 to {last}.")
    content = disguised.model_dump_json(by_alias=True, indent=1)
    files = _write(to, name, content, "test_found_run.txt", {"journey": journey, "wrong": str(wrong)})
    differs = first_difference(disguised)
    words = "" if differs is None else differs.words
    return ExportedRun(journey=journey, files=files, decisions=last, wrong=wrong, differs=words)


def _last(run: RecordedRun) -> int:
    """The number of the last decision; a step that blocked the run counts as one more."""
    last = max((one.no for look in run.looks for one in look.decided), default=0)
    return last + any(look.error is not None for look in run.looks)


def _write(to: Path, name: str, content: str, skeleton: str, values: dict[str, str]) -> tuple[str, ...]:
    data, test = to / f"{name}.json", to / f"{name}.py"
    if taken := next((path for path in (data, test) if path.exists()), None):
        raise Conflict(f"{taken} exists already. Remove it, or name another folder.")
    to.mkdir(parents=True, exist_ok=True)
    data.write_text(content + "\n", encoding="utf-8")
    text = Template((SKELETON / skeleton).read_text(encoding="utf-8")).safe_substitute(values)
    test.write_text(text, encoding="utf-8")
    return str(test), str(data)


async def _history(house: House, enrolment_id: EnrolmentId) -> dict[str, Json]:
    if house.temporal is None:
        where = house.settings.temporal_address or "its profile"
        raise Unreachable("Temporal", where, "the history of a journey as code is there")
    workflow_id = f"run/{enrolment_id}"
    try:
        history = await house.temporal.get_workflow_handle(workflow_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound("history of the workflow", workflow_id) from error
        raise Unreachable("Temporal", workflow_id, str(error)) from error
    return {"workflowId": workflow_id, **json.loads(history.to_json())}


def without_ids(value: Json, key: bytes) -> Json:
    """A history holds no person (law 2); its ids become others, and what names a machine is left out."""

    def other(text: str) -> str:
        return _UUID.sub(lambda match: _id(match[0], key), text)

    return _over(value, other)


def _over(value: Json, change: Callable[[str], str]) -> Json:
    match value:
        case dict():
            kept = {name: inner for name, inner in value.items() if name not in _OF_A_MACHINE}
            payload = kept.get("data")
            if isinstance(payload, str) and "metadata" in kept:
                said = change(base64.b64decode(payload).decode("utf-8", errors="replace"))
                return {**kept, "data": base64.b64encode(said.encode()).decode()}
            return {change(name): _over(inner, change) for name, inner in kept.items()}
        case list():
            return [_over(inner, change) for inner in value]
        case str():
            return change(value)
        case _:
            return value


def _id(known: str, key: bytes) -> str:
    return str(uuid5(NAMESPACE_URL, hmac.new(key, known.encode(), hashlib.sha256).hexdigest()))
