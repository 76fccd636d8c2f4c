"""What a notice for a channel does: one post with the whole context, kept on its row and tried while it is worth it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from activities.answers import TRANSIENT, BlockedRun, Look, Looked
from activities.outside import address_of, key_of
from activities.timing import Timing, names_failures, sweep
from activities.tools import Tools
from leadloom.domain.definitions.definition import Definition, Endpoint
from leadloom.domain.handoffs import chat
from leadloom.domain.handoffs.card import Card
from leadloom.domain.handoffs.chat import NoticeLinks
from leadloom.domain.handoffs.notice import notice_words
from leadloom.domain.journeys import posts
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.store import cards, notice_posts, published
from leadloom.store.notice_posts import NoticePost

ONE_POST = Timing(
    start_to_close_timeout=timedelta(seconds=60),
    # What the other side says is noted and tried again by rows; these tries are for our own database.
    retry_policy=RetryPolicy(
        maximum_attempts=3, initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=5)
    ),
)
OVERDUE = timedelta(minutes=10)
_LINKS_LIVE = timedelta(days=14)


class NoticePostEffects:
    """Effects of notices for channels."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def post_notice(self, look: Look) -> Looked:
        """Post it, if the offer still stands. Safe to repeat: an ended row posts nothing.

        A try whose answer was lost is made again: other systems know it by its `webhook-id`; a channel may show it
        twice, which is better than never.
        """
        async with self._tools.db.read() as tx:
            post = await notice_posts.get(tx, UUID(look.about))
            if post is None or post.ended_at is not None:
                return Looked(kind="done", words="ended before")
            definition = (await published.book(tx)).definition
            card = None if post.is_over else await cards.read(tx, post.hand_off_id, definition=definition, at=look.at)
        if card is None:
            async with self._tools.db.transaction() as tx:
                await notice_posts.end(tx, post.post_id, "over", tried=False, at=look.at)
            return Looked(kind="done", words="the offer was over")
        return await self._posted(post, card, definition, look)

    async def _posted(self, post: NoticePost, card: Card, definition: Definition, look: Look) -> Looked:
        try:
            await self._post(post, card, definition, look)
        except ApplicationError as failure:
            error, for_good = failure.message, failure.type != TRANSIENT
            async with self._tools.db.transaction() as tx:
                again = await notice_posts.failed(tx, post, error, for_good=for_good, at=look.at)
            if again is None:
                return Looked(kind="done", words="given up")
            # Which one stands on the row: a channel may be called like its owner, and Temporal hears of no person.
            return Looked(kind="wait", until=again, words="the endpoint to take it")
        async with self._tools.db.transaction() as tx:
            await notice_posts.end(tx, post.post_id, "sent", at=look.at)
        return Looked(kind="done", words="sent")

    async def _post(self, post: NoticePost, card: Card, definition: Definition, look: Look) -> None:
        endpoint = definition.endpoints.get(post.endpoint)
        if endpoint is None:
            words = f"the definition in force has no endpoint {post.endpoint}"
            raise ApplicationError(words, type="NotFound", non_retryable=True)
        links = self._links(post, card, look)
        if endpoint.kind == "slack":
            zone = ZoneInfo(definition.calendars[definition.person(post.owner).calendar].zone)
            words = notice_words(definition, card, zone=zone, at=look.at)
            body, headers = chat.channel_body(post.mail, words, links), dict[str, str]()
        else:
            body = chat.system_body(post.mail, card, links, at=post.asked_at)
            headers = self._signed(endpoint, post, body)
        poster = self._tools.poster
        await poster.post(post.endpoint, address_of(endpoint, poster), body, headers)

    def _signed(self, endpoint: Endpoint, post: NoticePost, body: bytes) -> dict[str, str]:
        key = key_of(endpoint, self._tools.poster)
        return posts.signed(body, message_id=f"msg_{post.post_id.hex}", at=self._tools.wall_now(), key=key)

    def _links(self, post: NoticePost, card: Card, look: Look) -> NoticeLinks:
        """A channel of one owner gets their signed page; where several read, each signs in as themselves."""
        base = self._tools.public_url
        if not post.personal:
            inbox = f"{base}/inbox/{card.hand_off_id}"
            return NoticeLinks(accept=inbox, give_back=inbox, lead=f"{base}/leads/{card.lead.lead_id}")
        token = self._tools.signer.hand_off(
            post.hand_off_id, post.no, owner_id=post.owner_id, expires_at=look.at + _LINKS_LIVE
        )
        page = f"{base}{PATHS[Purpose.HAND_OFF]}{token}"
        return NoticeLinks(accept=f"{page}?do=accept", give_back=f"{page}?do=reject", lead=page)

    @activity.defn
    @names_failures
    async def block_notice_post(self, blocked: BlockedRun) -> None:
        """Give it up with its error. Safe to repeat: the first end stands."""
        async with self._tools.db.transaction() as tx:
            await notice_posts.end(tx, UUID(blocked.about), "given up", error=blocked.error[:500], at=blocked.at)

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_notice_posts(self, look: Look) -> int:
        """Queue a look for posts whose try nobody made. Safe to repeat: a look posts nothing that has ended."""
        async with self._tools.db.transaction() as tx:
            return await notice_posts.wake_overdue(tx, overdue_since=look.at - OVERDUE)
