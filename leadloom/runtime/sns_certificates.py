"""Whose certificate signs what SNS posts? Fetched from SNS itself, kept for the life of the process."""

from __future__ import annotations

import asyncio
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.runtime.provider_proof import is_sns_certificate, is_sns_confirmation

_PATIENCE_S = 5.0
_LARGEST = 64 * 1024
_MOST_KEPT = 16
"""SNS has one certificate a region, and changes it about once a year."""


class SnsCertificates:
    """Fetches each certificate once. Only the addresses of SNS are ever asked, and nobody is followed elsewhere."""

    def __init__(self) -> None:
        """Knows none yet."""
        self._kept: dict[str, bytes] = {}
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, url: str) -> bytes:
        """The PEM at that address. Raises BadInput for an address that isn't SNS's, Unreachable."""
        if not is_sns_certificate(url):
            raise BadInput("SigningCertURL", "…", "Only certificates of SNS are asked for.")
        # What is known waits for nobody: a forger may name addresses that SNS answers slowly, or not at all.
        if (known := self._kept.get(url)) is not None:
            return known
        async with self._one_at_a_time:
            found = self._kept.get(url) or await asyncio.to_thread(_get, url)
            if len(self._kept) < _MOST_KEPT:
                self._kept[url] = found
            return found


async def confirm_subscription(url: str) -> None:
    """Tell SNS that we want what it publishes: a person said so. Twice is once. Raises BadInput, Unreachable."""
    if not is_sns_confirmation(url):
        raise BadInput("SubscribeURL", "…", "Only a subscription at SNS itself can be confirmed.")
    await asyncio.to_thread(_get, url)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Answer None: urllib then raises the redirect as an error."""


def _get(url: str) -> bytes:
    try:
        with build_opener(_NoRedirects).open(Request(url), timeout=_PATIENCE_S) as answer:
            return answer.read(_LARGEST)
    except (URLError, OSError) as error:
        raise Unreachable("Amazon SNS", url.partition("?")[0], type(error).__name__) from error
