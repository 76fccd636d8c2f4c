"""Who does the company's account say somebody is? OpenID Connect: the code flow with PKCE, state and nonce.

Sources: OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207, RFC 9700 (best current practice).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from time import monotonic
from typing import cast
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from leadloom.domain.errors import BadInput, Permanent, Unreachable
from leadloom.domain.model import Json, Value
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import wall_now

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a public key only: with a shared secret, or none, anybody could have made the token."""
_FRESH_S = 3600.0
_PATIENCE_S = 10.0
_LEEWAY_S = 60
_NEAR = ("127.0.0.1", "localhost", "::1")


class NotProven(Permanent):
    """The provider's answer doesn't hold; nobody was let in."""


class Errand(Value):
    """What a browser is sent away with, and must come back to."""

    state: str
    nonce: str
    verifier: str
    next: str
    """Where they wanted to go."""


class Identity(Value):
    """Who somebody is, as the provider proves."""

    issuer: str
    subject: str
    email: str | None
    """Only one that the provider has verified."""
    name: str | None
    groups: tuple[str, ...]


class Oidc:
    """The company's accounts, as one process knows them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: dict[str, Json] = {}
        self._keys: KeySet | None = None
        self._wall_read = 0.0

    @property
    def back(self) -> str:
        """Where the provider sends people back to; it must know the address."""
        return f"{self._settings.public_url}/sign-in/company/back"

    async def away(self, next: str) -> tuple[str, Errand]:
        """Where to send a browser, and what to keep in it. Raises Unreachable, BadInput."""
        told = await self._discovered()
        errand = Errand(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next=next,
        )
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id or "",
            "redirect_uri": self.back,
            "scope": self._settings.oidc_scopes,
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": _challenge(errand.verifier),
            "code_challenge_method": "S256",
        }
        where = str(told["authorization_endpoint"])
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}", errand

    async def identity(self, answered: Mapping[str, str], errand: Errand) -> Identity:
        """Who came back. Raises NotProven with what didn't hold, Unreachable."""
        told = await self._discovered()
        if not secrets.compare_digest(answered.get("state", ""), errand.state):
            raise NotProven("This answer belongs to another sign-in. Begin again.")
        if answered.get("iss", told["issuer"]) != told["issuer"]:
            raise NotProven("This answer is another provider's.")
        if "error" in answered or not answered.get("code"):
            raise NotProven(f"The company's accounts said no: {answered.get('error', 'no code')[:60]}.")
        tokens = await self._exchanged(answered["code"], errand, str(told["token_endpoint"]))
        return self._read(await self._proven(str(tokens.get("id_token") or ""), tokens, errand))

    def _read(self, claims: Mapping[str, Json]) -> Identity:
        email = claims.get("email") if claims.get("email_verified") in (True, "true") else None
        return Identity(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            email=str(email) if email else None,
            name=str(claims["name"]) if claims.get("name") else None,
            groups=_groups(claims, self._settings.oidc_groups_claim),
        )

    async def _exchanged(self, code: str, errand: Errand, endpoint: str) -> dict[str, Json]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self._settings.oidc_client_id or "",
            "code_verifier": errand.verifier,
        }
        secret = self._settings.oidc_client_secret
        basic = httpx.BasicAuth(self._settings.oidc_client_id or "", secret) if secret else None
        async with _client(auth=basic) as client:
            answer = await _asked(client.post(endpoint, data=form), endpoint)
        if answer.status_code != HTTPStatus.OK:
            raise NotProven("The company's accounts did not take the answer back: begin again.")
        return _object(answer)

    async def _proven(self, token: str, tokens: Mapping[str, Json], errand: Errand) -> dict[str, Json]:
        """The claims of an ID token, after everything that Core §3.1.3.7 asks for."""
        decoded = await self._decoded(token)
        options = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
            "nonce": {"essential": True, "value": errand.nonce},
        }
        params = {"nonce": errand.nonce, "client_id": self._settings.oidc_client_id}
        if tokens.get("access_token"):
            params["access_token"] = str(tokens["access_token"])
        try:
            checked = CodeIDToken(decoded.claims, decoded.header, options=options, params=params)
            checked.validate(now=int(wall_now().timestamp()), leeway=_LEEWAY_S)  # pyright: ignore[reportUnknownMemberType]  authlib has no types
        except JoseError as error:
            raise NotProven(f"The proof of who you are does not hold ({type(error).__name__}). Begin again.") from error
        return dict(decoded.claims)

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._key_set(fresh=False), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            pass  # a provider that changed its keys is asked for them once more
        try:
            return jwt.decode(token, await self._key_set(fresh=True), algorithms=_ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise NotProven("The proof of who you are is not signed by the company's accounts.") from error

    async def _key_set(self, *, fresh: bool) -> KeySet:
        if self._keys is None or fresh:
            where = str((await self._discovered())["jwks_uri"])
            async with _client() as client:
                keys = _object(await _asked(client.get(where), where))
            self._keys = KeySet.import_key_set(cast("KeySetSerialization", keys))
        return self._keys

    async def _discovered(self) -> dict[str, Json]:
        issuer = self._settings.oidc_issuer
        if not issuer or not self._settings.oidc_client_id:
            raise BadInput(
                "LEADLOOM_OIDC_ISSUER", issuer, "Set it and LEADLOOM_OIDC_CLIENT_ID, or take another way in."
            )
        if self._told and monotonic() - self._wall_read < _FRESH_S:
            return self._told
        where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        _refuse_plain(where)
        async with _client() as client:
            told = _object(await _asked(client.get(where), where))
        if told.get("issuer") != issuer:
            raise BadInput("LEADLOOM_OIDC_ISSUER", issuer, f"Its document of discovery names {told.get('issuer')!r}.")
        for each in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _refuse_plain(str(told.get(each, "")))
        self._told, self._keys, self._wall_read = told, None, monotonic()
        return told


def _challenge(verifier: str) -> str:
    """S256 of RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _client(auth: httpx.BasicAuth | None = None) -> httpx.AsyncClient:
    # No redirects: a provider's addresses are those it discloses, and a secret goes nowhere else.
    return httpx.AsyncClient(timeout=_PATIENCE_S, follow_redirects=False, auth=auth)


async def _asked(asking: Awaitable[httpx.Response], where: str) -> httpx.Response:
    try:
        return await asking
    except httpx.HTTPError as error:
        raise Unreachable("The company's accounts", where, type(error).__name__) from error


def _object(answer: httpx.Response) -> dict[str, Json]:
    """The JSON object of an answer. Raises Unreachable for anything else."""
    try:
        told: Json = answer.json() if answer.status_code == HTTPStatus.OK else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unreachable("The company's accounts", str(answer.url), f"it answered {answer.status_code} without JSON")
    return told


def _refuse_plain(where: str) -> None:
    """Raises BadInput for an address where anybody on the way could answer instead."""
    parts = urlsplit(where)
    if parts.scheme != "https" and parts.hostname not in _NEAR:
        raise BadInput("LEADLOOM_OIDC_ISSUER", where, "The provider must be reached by https.")


def _groups(claims: Mapping[str, Json], claim: str) -> tuple[str, ...]:
    """Somebody's groups: a list or one name, at a name or at a path with dots (`realm_access.roles`)."""
    found: Json = claims.get(claim)
    if found is None:
        found = dict(claims)
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, str):
        return (found,)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
