"""How does a relay answer that is far away? Bytes pass at once but late, as over a long wire of any width.

`python -m benchmarks._far PORT TO_PORT SECONDS`: each way takes so long.
"""

from __future__ import annotations

import asyncio
import sys


class _End(asyncio.Protocol):
    """One end: what it hears the other says, later."""

    def __init__(self, late: float) -> None:
        self._late = late
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say what came before there was a way."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        for data in self._early:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Pass it on after a while; timers of one loop keep their order."""
        if self.other is not None:
            asyncio.get_running_loop().call_later(self._late, self.other.say, data)

    def say(self, data: bytes) -> None:
        """Write it, or keep it until connected."""
        if self.transport is None:
            self._early.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hang up on the other side, too, once it has heard all."""
        if self.other is not None:
            asyncio.get_running_loop().call_later(self._late, self.other.hang_up)

    def hang_up(self) -> None:
        """Close this end."""
        if self.transport is not None:
            self.transport.close()


async def main(port: int, to_port: int, late: float) -> None:
    """Pass on until killed."""
    loop = asyncio.get_running_loop()
    joining: set[asyncio.Task[object]] = set()

    def accept() -> _End:
        near, there = _End(late), _End(late)
        near.other, there.other = there, near
        task: asyncio.Task[object] = loop.create_task(loop.create_connection(lambda: there, "127.0.0.1", to_port))
        joining.add(task)
        task.add_done_callback(joining.discard)
        return near

    server = await loop.create_server(accept, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
