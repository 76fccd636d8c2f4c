"""What to do when today's workflows no longer fit runs that are open? The words of the replay tests when they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

PAGE = "docs/how-to/change-code-journeys.md"
NOTHING = "nothing"

WAYS = f"""What to do, one of these ({PAGE} tells each with an example):
1. Not on purpose: take the change back.
2. Patch, when open runs are to go on by the new code: keep the old way beside the new one,
       if workflow.patched("say-what-changed"):
           ...  # the new way
       else:
           ...  # the old way, until no run that took it is open
   then record the new way and accept it:
       python -m tests.replay.record
       python -m tests.replay.fingerprint
3. Version, when runs are short enough to end on the code they began with: pin the class
   (@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)), deploy under a new LEADLOOM_BUILD_ID beside the old
   workers, move the recordings of the old build out of tests/replay/histories, then record and accept as above.
4. Record only, when no released version ever ran this: record and accept as above.
Commit the recordings and fingerprints.json with the change they belong to."""


def for_recordings(failures: Mapping[Path, str]) -> str:
    """What a failed replay says: each recording that can't go on and where it breaks, then the ways out."""
    told = [f"- {path.parent.parent.name}/{path.parent.name}/{path.name}: {why}" for path, why in failures.items()]
    return "\n".join(["Runs like these, open in production, could not go on with today's code:", *told, WAYS])


def for_commands(
    place: str, accepted: Mapping[str, Sequence[str]] | None, now: Mapping[str, Sequence[str]] | None
) -> str:
    """What a changed fingerprint says: the first command that differs in each method, then the ways out."""
    before, after = accepted or {}, now or {}
    told = [
        f"- {place}.{method}: {difference}"
        for method in sorted({*before, *after})
        if (difference := first_difference(before.get(method, ()), after.get(method, ()))) is not None
    ]
    head = f"{place} would write other commands than open runs have in their histories:"
    return "\n".join([head, *told, WAYS])


def first_difference(before: Sequence[str], after: Sequence[str]) -> str | None:
    """The first place where two lists of commands part, in words; None when they are the same."""
    for number, (old, new) in enumerate(zip_longest(before, after), start=1):
        if old != new:
            return f"command {number} was `{old or NOTHING}` and is `{new or NOTHING}`"
    return None
