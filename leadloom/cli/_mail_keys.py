"""Which keys sign our mail? Make one, see what must stand in DNS. The rest of `mail` is in mail.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from leadloom.cli._data import AsJson, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.mail.dkim_keys import ADVISED_BITS, Algorithm, DkimKey, load_keys, make_key
from leadloom.runtime.wiring import settings_of_running_stack, wall_now

keys_app = typer.Typer(no_args_is_help=True, help="The DKIM keys that sign mail; without any, the relay signs.")

Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="FOLDER", help="Of the keys; else LEADLOOM_DKIM_KEYS.")
]  # fmt: skip
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="What follows the @ of From, or a domain above.")]

_NONE = "No keys: the relay signs, or nobody does. Make one: python starter.py mail keys make DOMAIN."


class ShownKey(Value):
    """A key without what must stay secret."""

    domain: str
    selector: str
    algorithm: Algorithm
    bits: int
    record_name: str
    """Where the TXT record stands."""
    record: str
    """Its text, in one piece."""
    zone_line: str
    """The same as a zone file writes it."""


@keys_app.command("make")
def make(
    domain: Domain,
    algorithm: Annotated[str, typer.Option("--algorithm", help="rsa, which everybody reads; or ed25519.")] = "rsa",
    selector: Annotated[
        str | None, typer.Option("--selector", help="Tells keys of a domain apart; else month and algorithm.")
    ] = None,
    bits: Annotated[int, typer.Option("--bits", help="Length of an rsa key.")] = ADVISED_BITS,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make a key pair and say what to publish. Workers sign with it from their next start on: publish first."""
    if algorithm not in get_args(Algorithm):
        raise BadInput("algorithm", algorithm, f"Say {' or '.join(get_args(Algorithm))}.")
    named = selector or f"{wall_now():%Y%m}-{algorithm}"
    key = make_key(_folder(folder), domain, named, algorithm=cast("Algorithm", algorithm), bits=bits)
    talk.print("Publish this record, wait until `doctor mail` sees it, then restart the workers.", highlight=False)
    if as_json:
        write(_shown(key), as_json=True)
    else:
        typer.echo(key.zone_line)


@keys_app.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """The keys that sign, by domain. What DNS says of them: `doctor mail`."""
    keys = load_keys(_folder(folder))
    drawn = table(
        "domain", "selector", "algorithm", "bits", "record",
        rows=((key.domain, key.selector, key.algorithm, key.bits, key.record_name) for key in keys),
        empty=_NONE,
    )  # fmt: skip
    write([_shown(key) for key in keys], drawn, as_json=as_json)


@keys_app.command("records")
def records(folder: Folder = None, as_json: AsJson = False) -> None:
    """What must stand in DNS, as lines of a zone file."""
    keys = load_keys(_folder(folder))
    if as_json:
        write([_shown(key) for key in keys], as_json=True)
    elif keys:
        # Past the console, which would fold a line at the width of the window.
        typer.echo("\n".join(key.zone_line for key in keys))
    else:
        talk.print(_NONE, highlight=False)


def _folder(given: Path | None) -> Path:
    folder = given or settings_of_running_stack().dkim_keys
    if folder is None:
        raise BadInput("LEADLOOM_DKIM_KEYS", "", "Set it to the folder of the keys, or name one with --folder.")
    return folder


def _shown(key: DkimKey) -> ShownKey:
    return ShownKey(
        domain=key.domain,
        selector=key.selector,
        algorithm=key.algorithm,
        bits=key.bits,
        record_name=key.record_name,
        record=key.record,
        zone_line=key.zone_line,
    )
