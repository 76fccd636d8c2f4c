"""What does the definition say about what providers tell of companies: who may fill which field, and over what?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

CompanyField = Literal["industry", "sites", "country"]
"""What a provider may tell. The name and the domain are what a company is known by: nobody else writes them."""
OverwriteRule = Literal["fill", "newer", "trusted"]
"""`fill`: only what nobody told; `newer`: over a provider's older word, too; `trusted`: over the word of one that
stands later in `trusted`. Never over what a person told."""


class ProviderUse(Value):
    """What we take from one provider."""

    fields: dict[CompanyField, OverwriteRule]


class Enrichment(Value):
    """The section `enrichment` of the definition."""

    providers: dict[str, ProviderUse] = Field(default_factory=dict)
    """By the name the enricher gives itself; who isn't named is never asked."""
    trusted: tuple[str, ...] = ()
    """Providers whose word counts more, first the most trusted."""
    automatic: bool = False
    """Ask by itself about companies with a domain; off: when somebody presses the button or calls the command."""
    skip: tuple[str, ...] = ()
    """Domains nobody is ever asked about; `*` stands for anything, as in `*.gov`."""
    per_minute: int = Field(default=30, ge=1)
    """How many companies are asked about by themselves in a minute, of one provider."""
    again_after: Span = timedelta(days=180)
    """When a company is asked about anew by itself."""
    tries: int = Field(default=5, ge=1)
    """How often a failed question is asked by itself before it waits for somebody."""
