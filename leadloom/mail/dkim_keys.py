"""Which keys sign our mail, and what must stand in DNS for them? A folder of PEM files, each named as its record is.

`SELECTOR._domainkey.DOMAIN.pem` holds the private key whose public half DNS has under `SELECTOR._domainkey.DOMAIN`
(RFC 6376 §3.6.2.1). A flat folder is what container platforms mount secrets as.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from leadloom.domain.errors import BadInput, Conflict

Algorithm = Literal["rsa", "ed25519"]

FEWEST_BITS, ADVISED_BITS, MOST_BITS = 1024, 2048, 4096
"""RFC 8301 §3.2: signers use 1024 to 4096 bits and should use 2048; verifiers know nothing above 4096."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?P<selector>{_LABEL}(?:\.{_LABEL})*)\._domainkey\.(?P<domain>{_LABEL}(?:\.{_LABEL})+)\.pem")
_FORM = "Name it SELECTOR._domainkey.DOMAIN.pem in lower case, with the domain in ASCII (xn--…)."


@dataclass(frozen=True)
class DkimKey:
    """One private key, with the place in DNS where the world looks for its public half."""

    domain: str
    """What `d=` says: signs for this domain and those below it, as A-labels in lower case."""
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> Algorithm:
        """As `k=` in DNS names it."""
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def bits(self) -> int:
        """Length of the key. Those of two algorithms don't compare: 256 of ed25519 are worth some 3,000 of rsa."""
        return self.private.key_size if isinstance(self.private, RSAPrivateKey) else 256

    @property
    def record_name(self) -> str:
        """Where its TXT record stands."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def public(self) -> str:
        """What `p=` says: base64 of SubjectPublicKeyInfo for rsa, of the bare 32 bytes for ed25519 (RFC 8463 §4)."""
        if isinstance(self.private, RSAPrivateKey):
            raw = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            raw = self.private.public_key().public_bytes_raw()
        return base64.b64encode(raw).decode()

    @property
    def record(self) -> str:
        """The TXT record's text, in one piece."""
        return f"v=DKIM1; k={self.algorithm}; p={self.public}"

    @property
    def zone_line(self) -> str:
        """The record as a zone file writes it: TXT strings hold at most 255 bytes each (RFC 6376 §3.6.2.2)."""
        pieces = (f'"{self.record[start : start + 255]}"' for start in range(0, len(self.record), 255))
        return f"{self.record_name}. IN TXT {' '.join(pieces)}"


def load_keys(folder: Path) -> tuple[DkimKey, ...]:
    """Every key of the folder, by domain and selector; rsa before ed25519, which fewer readers know.

    Files that don't end in .pem, and hidden ones, are left alone. Raises BadInput, which names the file and what to do.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".pem" and not path.name.startswith("."))
    except OSError as error:
        raise BadInput("LEADLOOM_DKIM_KEYS", str(folder), f"Name a folder this process may read: {error}.") from error
    keys = [_load(path) for path in paths]
    return tuple(sorted(keys, key=lambda key: (key.domain, key.algorithm != "rsa", key.selector)))


def make_key(folder: Path, domain: str, selector: str, *, algorithm: Algorithm, bits: int = ADVISED_BITS) -> DkimKey:
    """A new key, kept in a file that only its owner may read. `bits` are rsa's.

    Raises BadInput; Conflict when there is a key of that name: mails on their way are still checked against it.
    """
    name = f"{selector}._domainkey.{domain}.pem"
    if not (named := _NAME.fullmatch(name)):
        raise BadInput("DKIM key", name, _FORM)
    if algorithm == "rsa" and not ADVISED_BITS <= bits <= MOST_BITS:
        raise BadInput("bits", bits, f"New keys have {ADVISED_BITS} to {MOST_BITS} bits.")
    private = generate_private_key(65537, bits) if algorithm == "rsa" else Ed25519PrivateKey.generate()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: never over another key; the mode from the first moment on, not after somebody could have looked.
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict(f"There is a key {name} already. Take another selector; keys are never written over.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        os.fsync(file.fileno())
    return DkimKey(named["domain"], named["selector"], private)


def _load(path: Path) -> DkimKey:
    if not (named := _NAME.fullmatch(path.name)):
        raise BadInput("DKIM key", path.name, _FORM)
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise BadInput("DKIM key", path.name, f"Let this process read it: {error.strerror}.") from error
    except TypeError as error:
        raise BadInput("DKIM key", path.name, "It has a pass phrase: store it without (openssl pkey).") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        remedy = "It holds no private key in PEM: make one with `python starter.py mail keys make`."
        raise BadInput("DKIM key", path.name, remedy) from error
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise BadInput("DKIM key", path.name, "DKIM knows rsa and ed25519 only (RFC 8463): make one of those.")
    if isinstance(private, RSAPrivateKey) and not FEWEST_BITS <= private.key_size <= MOST_BITS:
        remedy = f"It has {private.key_size} bits, DKIM takes {FEWEST_BITS} to {MOST_BITS} (RFC 8301): make another."
        raise BadInput("DKIM key", path.name, remedy)
    return DkimKey(named["domain"], named["selector"], private)
