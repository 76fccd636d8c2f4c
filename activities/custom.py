"""How does an engineer add a step of their own? One function with a schema, in a file of this folder; it is found."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast, get_type_hints
from uuid import UUID

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.answers import OutsideCall
from activities.timing import names_failures
from activities.tools import Tools
from leadloom.domain.journeys.steps.call import Call
from leadloom.domain.model import EnrolmentId
from leadloom.store import outside

Told = TypeVar("Told", bound=BaseModel)
Effect = Callable[[Told, OutsideCall, Tools], Awaitable[None]]


@dataclass(frozen=True)
class CustomStep(Generic[Told]):
    """What a journey's `do: call` may name: an effect, and the schema of what the journey tells it in `with`."""

    effect: Effect[Told]
    schema: type[Told]

    @property
    def name(self) -> str:
        """What journeys call it."""
        return self.effect.__name__

    def bound(self, tools: Tools) -> Callable[[OutsideCall], Awaitable[None]]:
        """The activity. Temporal holds the step's key alone: what the journey tells is read from the run's version."""

        @names_failures
        async def act(call: OutsideCall) -> None:
            async with tools.db.read() as tx:
                errand = await outside.errand(tx, EnrolmentId(UUID(call.about)), call.step, call.visit)
            if errand is None:  # ended, or gone on: somebody was here before
                return
            if not isinstance(errand.step, Call):
                words = f"step {call.step} of {errand.journey} calls nothing"
                raise ApplicationError(words, type="NotFound", non_retryable=True)
            # Validated when it was published; a schema that was changed since refuses here, and the run is shown.
            await self.effect(self.schema.model_validate(errand.step.with_), call, tools)

        act.__name__ = self.name
        return activity.defn(name=self.name)(act)


def custom_step(effect: Effect[Told]) -> CustomStep[Told]:
    """Make a function a step that journeys may call by its name.

    The type of its first parameter is the schema of the step's `with`; the second is the key (`call.key` names the
    visit of the step, the same at each try), the third what effects work with. It is tried three times and must be
    safe to repeat. Raises TypeError for a function of another form.
    """
    told, *rest = inspect.signature(effect).parameters
    schema = get_type_hints(effect)[told]
    if len(rest) != 2 or not issubclass(schema, BaseModel) or not inspect.iscoroutinefunction(effect):
        form = f"async def {effect.__name__}(told: Schema, call: OutsideCall, tools: Tools)"
        raise TypeError(f"A custom step is written {form}, where Schema is a pydantic model.")
    return CustomStep(effect, cast("type[Told]", schema))  # the annotation of its own first parameter
