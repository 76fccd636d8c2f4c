"""What steps let happen outside: a signed message to another system, words for a channel of ours."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.answers import OutsideCall
from activities.posting import Poster
from activities.timing import names_failures
from activities.tools import Tools
from leadloom.domain.definitions.definition import Endpoint
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys import posts
from leadloom.domain.journeys.steps.notify import Notify
from leadloom.domain.journeys.steps.outside import Outside
from leadloom.domain.journeys.steps.webhook import Webhook
from leadloom.domain.model import EnrolmentId
from leadloom.store import outside
from leadloom.store.outside import Errand

Kind = TypeVar("Kind", bound=Outside)


class OutsideEffects:
    """Effects on other systems. They answer nothing: what a receiver says of a lead, it posts to us as an event."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def post_webhook(self, call: OutsideCall) -> None:
        """Post a signed message about the lead. Safe to repeat: its `webhook-id` is made of the step's key."""
        if (errand := await self._errand(call)) is None:
            return
        step = _as(Webhook, errand)
        endpoint = _endpoint(errand, step.endpoint)
        body = posts.message(
            errand.lead, errand.account, journey=errand.journey, step=step.id, fields=step.with_,
            reached_at=errand.reached_at,
        )  # fmt: skip
        message_id = posts.post_id(errand.enrolment_id, step.id, errand.visit)
        headers = posts.signed(
            body, message_id=message_id, at=self._tools.wall_now(), key=key_of(endpoint, self._tools.poster)
        )
        await self._tools.poster.post(step.endpoint, address_of(endpoint, self._tools.poster), body, headers)

    @activity.defn
    @names_failures
    async def notify_channel(self, call: OutsideCall) -> None:
        """Post words to a channel. Repeated it may be read twice: such channels know no key; a lost answer is rare."""
        if (errand := await self._errand(call)) is None:
            return
        step = _as(Notify, errand)
        endpoint = _endpoint(errand, step.channel)
        body = posts.channel_words(step.words, link=f"{self._tools.public_url}/leads/{errand.lead.lead_id}")
        await self._tools.poster.post(step.channel, address_of(endpoint, self._tools.poster), body, {})

    async def _errand(self, call: OutsideCall) -> Errand | None:
        async with self._tools.db.read() as tx:
            return await outside.errand(tx, EnrolmentId(UUID(call.about)), call.step, call.visit)


def key_of(endpoint: Endpoint, poster: Poster) -> bytes:
    """The key messages to it are signed with. Raises a failure that no second try mends."""
    name = endpoint.secret or ""
    try:
        return posts.key_of(poster.secret(name), name=name)
    except BadInput as error:
        raise ApplicationError(f"{name} holds no key. {error.remedy}", type="NoKey", non_retryable=True) from None


def address_of(endpoint: Endpoint, poster: Poster) -> str:
    """Where it is: its address, or what the variable it names holds. Raises a failure that no second try mends."""
    return poster.secret(endpoint.url.removeprefix("env:")) if endpoint.url.startswith("env:") else endpoint.url


def _as(kind: type[Kind], errand: Errand) -> Kind:
    if not isinstance(errand.step, kind):
        words = f"step {errand.step.id} of {errand.journey} is no {kind.__name__.lower()}"
        raise ApplicationError(words, type="NotFound", non_retryable=True)
    return errand.step


def _endpoint(errand: Errand, name: str) -> Endpoint:
    endpoint = errand.definition.endpoints.get(name)
    if endpoint is None:
        words = f"the definition in force has no endpoint {name}"
        raise ApplicationError(words, type="NotFound", non_retryable=True)
    return endpoint
