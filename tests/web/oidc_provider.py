"""A small OpenID provider on a port of its own: real discovery, codes, PKCE and signatures, and lies on request."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.e2e.consoles import served

CLIENT, SECRET = "leadloom", "a secret between the two"


@dataclass
class Provider:
    """Whoever asks is let through as `person`; `lie` changes the claims, `key` the signature."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    shown: RSAKey | None = None
    """The key of the published set, where it isn't the one that signs."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, str]:
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in ends.items()}}

        @app.get("/jwks")
        async def jwks() -> dict[str, Any]:
            return {"keys": [(self.shown or self.key).as_dict(private=False)]}

        @app.get("/authorize")
        async def authorize(request: Request) -> RedirectResponse:
            told = dict(request.query_params)
            self.asked.append(told)
            code = secrets.token_urlsafe()
            self.codes[code] = told
            return RedirectResponse(f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}")

        @app.post("/token")
        async def token(request: Request, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()):
            told = self.codes.pop(code, None)
            basic = request.headers.get("authorization", "").startswith("Basic ")
            right = told and basic and redirect_uri == told["redirect_uri"]
            if not right or create_s256_code_challenge(code_verifier) != told["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(told["nonce"])}

        return app

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = {name: value for name, value in {**claims, **self.lie}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


@asynccontextmanager
async def provided() -> AsyncIterator[Provider]:
    """The provider, reachable."""
    provider = Provider()
    async with served(provider.app()) as base:
        provider.issuer = base
        yield provider
