"""What does a domain's MX say of who takes its mail in? DNS and the public suffix list, behind one question."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

import dns.resolver
from publicsuffixlist import PublicSuffixList

from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.mail_hosts import SaidByMx, read_mx
from leadloom.runtime.dns import Dns

_WITHOUT_MX = timedelta(days=1)
"""How long "no MX" holds: its answer's own time stands in a record we aren't shown."""


class MailExchanges:
    """Asks DNS; connects to nothing before it is asked."""

    def __init__(self, server: str | None = None) -> None:
        """`server` as of Dns; None is the machine's resolver."""
        self._server = server

    async def of(self, domain: str) -> SaidByMx:
        """Who takes the domain's mail in, by its MX. Raises Unreachable."""
        hosts, lives = await self._dns.exchanges(domain)
        found = read_mx(domain, hosts, registrable=self._registrable)
        return SaidByMx(found, hosts, _WITHOUT_MX if lives is None else lives)

    @cached_property
    def _dns(self) -> Dns:
        try:
            return Dns(self._server)
        except dns.resolver.NoResolverConfiguration as error:
            raise Unreachable("DNS", "the machine's resolver", "none is set up") from error

    @cached_property
    def _suffixes(self) -> PublicSuffixList:
        return PublicSuffixList()

    def _registrable(self, name: str) -> str:
        return self._suffixes.privatesuffix(name) or name
