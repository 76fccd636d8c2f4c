"""What is done about what providers know: asked by ourselves, in the background, as fast as the definition says."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools


class EnrichingEffects:
    """Effects about what providers know."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def ask_providers(self, look: Look) -> int:
        """Ask again what failed and, where the definition says so, about those nobody asked about; how many.

        Safe to repeat: who was asked about is not due again.
        """
        providers = self._tools.providers
        return 0 if providers is None else await providers.look(at=look.at)
