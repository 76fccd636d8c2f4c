"""How does a deployment serve its web? Console, forms, microsites, API and webhooks, beside the workers."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, write
from leadloom.cli._door import talk
from leadloom.domain.errors import Unreachable
from leadloom.domain.model import Value
from leadloom.runtime.serving import read_door, serving
from leadloom.runtime.wiring import opened
from leadloom.web.app import create_app

SINGLE = True
app = typer.Typer()


class Served(Value):
    """Where the web is."""

    listens: str
    """Address and port of this process."""
    public_url: str
    """Under which people and their mails find it."""
    sign_in: str
    """How people sign in to the console."""


@app.command()
def serve(
    listen: Annotated[
        str, typer.Option("--listen", envvar="LEADLOOM_LISTEN", help="Address and port; only this machine by default.")
    ] = "127.0.0.1:8321",
    proxies: Annotated[
        str,
        typer.Option(
            "--proxies", envvar="LEADLOOM_PROXIES", help="Addresses of proxies whose word on visitors counts."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Serve the console, forms, microsites, API and webhooks until Ctrl-C or SIGTERM; what is under way is answered.

    As many as you like may run behind one proxy, which brings TLS; nothing is kept in a process.
    """
    asyncio.run(_serve(listen, proxies, as_json=as_json))


async def _serve(listen: str, proxies: str, *, as_json: bool) -> None:
    door = read_door(listen, proxies)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with opened() as house, serving(create_app(house), door, house.settings) as web:
        where = f"{door.host}:{door.port}"
        served = Served(listens=where, public_url=house.settings.public_url, sign_in=house.settings.sign_in)
        write(served, f"Serving on {where} for {served.public_url}; sign-in by {served.sign_in}.", as_json=as_json)
        talk.print("Ctrl-C stops.", highlight=False)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((stopped, web), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if web.done() and not stop.is_set():
            raise Unreachable("The web", where, "it stopped by itself; its log says why")
