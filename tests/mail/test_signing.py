"""Do others believe our signatures, on every mail we ship, and does one changed byte end it?"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput, Conflict
from leadloom.mail.compose import compose
from leadloom.mail.dkim_keys import DkimKey, load_keys, make_key
from leadloom.mail.signing import Signatory, relaxed_body
from leadloom.mail.wire_lint import lint_wire
from tests.mail.every_letter import SECRET, shipped
from tests.mail.test_compose import LETTER

NOW = datetime.now(UTC)
DOMAIN = "kelvance.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an rsa and an ed25519 key of our domain."""
    place = tmp_path_factory.mktemp("dkim") / "keys"
    make_key(place, DOMAIN, "s1", algorithm="rsa")
    make_key(place, DOMAIN, "s2", algorithm="ed25519")
    return place


@pytest.fixture(scope="module")
def signatory(folder: Path) -> Signatory:
    return Signatory(load_keys(folder))


def resolver(keys: tuple[DkimKey, ...]) -> Callable[..., bytes | None]:
    """DNS as dkimpy asks it, without any network."""
    zone = {f"{key.record_name}.": key.record for key in keys}
    return lambda name, timeout=5: zone[name.decode()].encode() if name.decode() in zone else None


def is_believed(wire: bytes, keys: tuple[DkimKey, ...], no: int = 0) -> bool:
    try:
        return bool(dkim.DKIM(wire).verify(idx=no, dnsfunc=resolver(keys)))
    except dkim.DKIMException:
        return False


def tags(wire: bytes, no: int = 0) -> dict[str, str]:
    """The tags of a signature, unfolded."""
    head = re.sub(rb"\r\n[ \t]", b"", wire.partition(b"\r\n\r\n")[0]).decode()
    line = [line for line in head.split("\r\n") if line.startswith("DKIM-Signature")][no]
    pairs = (tag.split("=", 1) for tag in line.partition(":")[2].split(";"))
    return {name.strip(): re.sub(r"\s", "", value) for name, value in pairs}


def test_every_mail_we_ship_is_believed_with_both_algorithms(signatory: Signatory) -> None:
    wires = {name: compose(letter, secret=SECRET, signatory=signatory) for name, letter in shipped().items()}
    assert len(wires) > 30
    assert [name for name, wire in wires.items() if not is_believed(wire, signatory.keys, 0)] == []
    assert [name for name, wire in wires.items() if not is_believed(wire, signatory.keys, 1)] == []
    assert {tags(wire, 0)["a"] + tags(wire, 1)["a"] for wire in wires.values()} == {"rsa-sha256ed25519-sha256"}
    assert {
        name: faults
        for name, wire in wires.items()
        if (faults := lint_wire(wire, mail_class=shipped()[name].mail_class))
    } == {}


def test_npm_mailauth_believes_them_too(signatory: Signatory, tmp_path: Path) -> None:
    modules = os.environ.get("LEADLOOM_NODE_MODULES", "")
    if not shutil.which("node") or not (Path(modules) / "mailauth").is_dir() or not modules:
        pytest.skip("name a folder with npm's mailauth in it: LEADLOOM_NODE_MODULES (npm install mailauth)")
    for name, letter in shipped().items():
        (tmp_path / f"{name.replace('/', '+')}.eml").write_bytes(compose(letter, secret=SECRET, signatory=signatory))
    zone = {key.record_name: key.record for key in signatory.keys}
    checker = Path(__file__).with_name("mailauth_check.cjs")
    done = subprocess.run(
        ["node", checker, modules, tmp_path, json.dumps(zone)], capture_output=True, text=True, timeout=120, check=False
    )
    verdicts = json.loads(done.stdout)
    assert len(verdicts) == len(shipped())
    assert {name: said for name, said in verdicts.items() if said != ["pass", "pass"]} == {}, done.stderr


@pytest.mark.parametrize(
    ("change", "to"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"ines.carvalho@kelvance.example>", b"eve.carvalho@kelvance.example>"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
        (b"Feedback-ID: hello", b"Feedback-ID: other"),
        (b"From here", b"From there"),
        (b"text/html", b"text/plain"),
        (b"; x=", b"; x=9"),
    ],
)
@pytest.mark.parametrize("no", [0, 1])
def test_whatever_is_changed_ends_the_belief(signatory: Signatory, change: bytes, to: bytes, no: int) -> None:
    letter = LETTER.model_copy(update={"written_at": NOW})
    wire = compose(letter, secret=SECRET, signatory=signatory)
    assert is_believed(wire, signatory.keys, no)
    changed = wire.replace(change, to)
    assert changed != wire
    assert not is_believed(changed, signatory.keys, no)


@pytest.mark.parametrize("name", ["From", "Subject", "To", "Date", "Reply-To"])
def test_no_second_one_of_what_a_reader_sees_can_be_added(signatory: Signatory, name: str) -> None:
    wire = compose(LETTER.model_copy(update={"written_at": NOW}), secret=SECRET, signatory=signatory)
    assert tags(wire)["h"].split(":").count(name.lower()) == 2
    assert not is_believed(f"{name}: eve@evil.example\r\n".encode() + wire, signatory.keys)


def test_a_relay_may_fold_anew_trim_lines_and_add_its_own_headers(signatory: Signatory) -> None:
    wire = compose(LETTER.model_copy(update={"written_at": NOW}), secret=SECRET, signatory=signatory)
    relayed = wire.replace(b"Auto-Submitted: auto", b"AUTO-SUBMITTED:\r\n\t auto", 1) + b" \r\n\r\n"
    relayed = b"Received: from a by b; now\r\n" + relayed.replace(b"Hello Ana,\r\n", b"Hello  Ana, \t\r\n")
    assert is_believed(relayed, signatory.keys, 0)
    assert is_believed(relayed, signatory.keys, 1)


def test_the_same_row_is_signed_with_the_same_bytes_and_expires_after_a_week(signatory: Signatory) -> None:
    wire = compose(LETTER, secret=SECRET, signatory=signatory)
    assert compose(LETTER, secret=SECRET, signatory=signatory) == wire
    said = tags(wire)
    assert int(said["t"]) == int(LETTER.written_at.timestamp())
    assert int(said["x"]) - int(said["t"]) == 7 * 86400
    assert (said["c"], said["d"], said["s"]) == ("relaxed/relaxed", DOMAIN, "s1")
    assert "l" not in said


def test_without_keys_nothing_is_signed_for_the_relay_does() -> None:
    assert compose(LETTER, secret=SECRET, signatory=Signatory()) == compose(LETTER, secret=SECRET)


def test_the_domain_of_from_signs_else_the_nearest_above_it_and_never_a_stranger(tmp_path: Path) -> None:
    for number, domain in enumerate([DOMAIN, "news.kelvance.example", "alder.example"]):
        make_key(tmp_path, domain, f"s{number}", algorithm="ed25519")
    signatory = Signatory(load_keys(tmp_path))
    signing = {
        sender: [key.domain for key in signatory.keys_of(sender)]
        for sender in (DOMAIN, "a.news.kelvance.example", "new.kelvance.example", "xkelvance.example", "example")
    }
    assert signing == {
        DOMAIN: [DOMAIN],
        "a.news.kelvance.example": ["news.kelvance.example"],
        "new.kelvance.example": [DOMAIN],
        "xkelvance.example": [],
        "example": [],
    }


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b" \t\r\n\r\n", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # the example of RFC 6376 §3.4.5
        (b"no end", b"no end\r\n"),
        (b"no end \t", b"no end\r\n"),
        (b"\r\n\r\na\r\n \r\n\t\r\n", b"\r\n\r\na\r\n"),
        (b" ", b""),
    ],
)
def test_a_body_is_canonical_as_the_rfc_says(body: bytes, relaxed: bytes) -> None:
    assert relaxed_body(body) == relaxed


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"bc", b".", b"=20"]), max_size=30).map(b"".join))
def test_any_body_is_hashed_as_a_second_program_hashes_it(body: bytes) -> None:
    whole = body + b"\r\n"  # as SMTP hands it over
    assert relaxed_body(whole) == dkim.canonicalization.Relaxed.canonicalize_body(whole)


def test_an_empty_body_has_the_hash_that_everybody_knows(signatory: Signatory) -> None:
    wire = signatory.sign(b"From: a@kelvance.example\r\n\r\n", sender_domain=DOMAIN, written_at=NOW)
    assert tags(wire)["bh"] == base64.b64encode(hashlib.sha256(b"").digest()).decode()
    assert is_believed(wire, signatory.keys, 0)


def test_a_new_key_is_its_owners_alone_and_is_never_written_over(tmp_path: Path) -> None:
    made = make_key(tmp_path / "new", DOMAIN, "s1", algorithm="rsa")
    [path] = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="never written over"):
        make_key(tmp_path / "new", DOMAIN, "s1", algorithm="ed25519")
    [kept] = load_keys(tmp_path / "new")
    assert (kept.record, kept.bits) == (made.record, 2048)


def test_a_record_is_cut_into_strings_a_zone_file_can_hold(folder: Path) -> None:
    rsa, ed25519 = load_keys(folder)
    strings = re.findall(r'"([^"]*)"', rsa.zone_line)
    assert "".join(strings) == rsa.record
    assert max(map(len, strings)) == 255
    assert re.fullmatch(r's2\._domainkey\.kelvance\.example\. IN TXT "v=DKIM1; k=ed25519; p=.{44}"', ed25519.zone_line)
    assert "PRIVATE" not in repr(rsa) + repr(ed25519)


def _pem(key: Any, *, phrase: bytes = b"") -> bytes:
    how = BestAvailableEncryption(phrase) if phrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("s1.pem", b"", "Name it SELECTOR._domainkey.DOMAIN.pem"),
        (f"s1._domainkey.{DOMAIN.upper()}.pem", b"", "lower case"),
        (f"s1._domainkey.{DOMAIN}.pem", b"no key", "no private key in PEM"),
        (f"s1._domainkey.{DOMAIN}.pem", b"", "no private key in PEM"),
        (f"s1._domainkey.{DOMAIN}.pem", _pem(ec_key(SECP256R1())), "rsa and ed25519 only"),
        (f"s1._domainkey.{DOMAIN}.pem", _pem(rsa_key(65537, 1024), phrase=b"hush"), "pass phrase"),
        (f"s1._domainkey.{DOMAIN}.pem", _pem(rsa_key(65537, 4104)), "4104 bits"),
    ],
)
def test_a_key_that_cannot_sign_is_named_with_its_remedy(
    tmp_path: Path, name: str, content: bytes, remedy: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=remedy) as refused:
        load_keys(tmp_path)
    assert refused.value.value == name


def test_other_files_beside_the_keys_are_left_alone_and_a_missing_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("ours")
    (tmp_path / "..data").mkdir()
    assert load_keys(tmp_path) == ()
    with pytest.raises(BadInput, match="LEADLOOM_DKIM_KEYS"):
        load_keys(tmp_path / "none")


@pytest.mark.parametrize(
    ("domain", "selector"), [("example", "s1"), ("kelvance.example", "../s1"), ("kühl.example", "s1"), ("a b.c", "s")]
)
def test_a_key_is_made_for_nothing_but_a_name_in_dns(tmp_path: Path, domain: str, selector: str) -> None:
    with pytest.raises(BadInput, match=r"SELECTOR\._domainkey\.DOMAIN"):
        make_key(tmp_path / "keys", domain, selector, algorithm="ed25519")
    assert not (tmp_path / "keys").exists()


def test_a_new_rsa_key_is_long_enough(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="2048"):
        make_key(tmp_path, DOMAIN, "s1", algorithm="rsa", bits=1024)
