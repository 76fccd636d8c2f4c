"""Does a spam filter that others run find anything wrong with the mails we ship? Offline, as it came over one relay."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from leadloom.mail.compose import compose
from tests.mail.every_letter import SECRET, shipped

HARMLESS = {"HTML_MESSAGE", "DKIM_SIGNED", "NO_RECEIVED", "NO_RELAYS"}
"""What every mail with HTML gets, for nothing."""
RECEIVED = b"""\
Received: from relay.provider.example (relay.provider.example [93.184.216.34])
\tby mx.alder.example (Postfix) with ESMTPS id ABCDEF; %(date)s
Received: from worker.kelvance.example (worker.kelvance.example [93.184.216.35])
\tby relay.provider.example (Postfix) with ESMTPSA id ABCDEG; %(date)s
"""


def as_mailbox(wires: list[bytes]) -> bytes:
    """The mails as their reader's server holds them."""
    found: list[bytes] = []
    for wire in wires:
        date = re.search(rb"\r\nDate: ([^\r]+)", wire)
        assert date
        plain = re.sub(rb"(?m)^From ", b">From ", wire.replace(b"\r\n", b"\n"))
        found.append(b"From b@kelvance.example Tue Mar  3 14:30:00 2026\n" + RECEIVED % {b"date": date[1]} + plain)
    return b"\n".join(found)


def test_spamassassin_names_no_fault_of_any_mail_we_ship(tmp_path: Path) -> None:
    if shutil.which("spamassassin") is None:
        pytest.skip("install Debian's spamassassin to have it look at every mail we ship")
    mailbox = tmp_path / "shipped.mbox"
    mailbox.write_bytes(as_mailbox([compose(letter, secret=SECRET) for letter in shipped().values()]))
    command = ["spamassassin", "-L", "-t", "--mbox", str(mailbox)]
    done = subprocess.run(
        command, capture_output=True, timeout=150, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    )
    said = done.stdout.decode("utf-8", "replace")
    assert said.count("Content analysis details") == len(shipped()), done.stderr.decode()
    named = set(re.findall(r"^ *-?\d+\.\d +([A-Z][A-Z0-9_]{3,}) ", said, re.MULTILINE))
    assert named - HARMLESS == set()
