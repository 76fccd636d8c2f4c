"""Another system, for tests: a real HTTP server that keeps what it is told, and answers as it was told."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant
from leadloom.store import published
from leadloom.store.db import Db
from tests import world

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The key of the specification's own example."""
KEY_NAME = "KELVANCE_CRM_KEY"
"""The variable that the endpoint crm of the example definition names."""


@dataclass(frozen=True)
class Post:
    """What came in."""

    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """The other system."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    """The next answers, in order; then 204."""
    posts: list[Post] = field(default_factory=list)
    silent_s: float = 0.0
    """How long it says nothing."""

    def definition(self) -> Definition:
        """The example definition with both endpoints here."""
        usual = world.definition()
        moved = {name: each.but(url=f"{self.url}/{name}") for name, each in usual.endpoints.items()}
        return usual.but(endpoints=moved)

    async def is_in_force(self, db: Db, at: Instant) -> None:
        """Let journeys post here."""
        async with db.transaction() as tx:
            await published.publish_definition(tx, self.definition(), at=at, by="samira-haddad")


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.posts.append(Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(receiver.silent_s)
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
