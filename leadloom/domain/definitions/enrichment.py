"""What does the definition say about what providers tell of companies and leads: who may fill which field, over what,
and what may they be told?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

CompanyField = Literal["industry", "sites", "country"]
"""What a provider may tell. The name and the domain are what a company is known by: nobody else writes them."""
LeadField = Literal["first_name", "last_name", "title", "role", "phone", "time_zone"]
"""What a provider may tell of a person. Not the address, which is who they are; not country and language: they decide
which permission suffices and what somebody reads (decision 0050)."""
LeadWord = Literal["email", "first_name", "last_name", "company", "domain", "country"]
"""What a provider may be told of a person; `domain` is their company's."""
OverwriteRule = Literal["fill", "newer", "trusted"]
"""`fill`: only what nobody told; `newer`: over a provider's older word, too; `trusted`: over the word of one that
stands later in `trusted`. Never over what a person told."""


class ProviderUse(Value):
    """What we take from one provider of companies."""

    fields: dict[CompanyField, OverwriteRule]


class LeadProviderUse(Value):
    """What we take from one provider of people, and what leaves the house for it."""

    fields: dict[LeadField, OverwriteRule]
    told: tuple[LeadWord, ...] = Field(min_length=1)
    """What it may be told of a person. One that asks for more is never asked."""


class Enrichment(Value):
    """The section `enrichment` of the definition."""

    providers: dict[str, ProviderUse] = Field(default_factory=dict)
    """Of companies, by the name the enricher gives itself; who isn't named is never asked."""
    leads: dict[str, LeadProviderUse] = Field(default_factory=dict)
    """Of people, likewise."""
    trusted: tuple[str, ...] = ()
    """Providers whose word counts more, first the most trusted."""
    automatic: bool = False
    """Ask by itself about companies with a domain; off: when somebody presses the button or calls the command."""
    automatic_leads: bool = False
    """The same about leads with an address."""
    skip: tuple[str, ...] = ()
    """Domains nobody is ever asked about, nor the people there; `*` stands for anything, as in `*.gov`."""
    per_minute: int = Field(default=30, ge=1)
    """How many companies, and how many leads, are asked about by themselves in a minute, of one provider."""
    again_after: Span = timedelta(days=180)
    """When one is asked about anew by itself."""
    tries: int = Field(default=5, ge=1)
    """How often a failed question is asked by itself before it waits for somebody."""

    def rules(self, provider: str, *, of_leads: bool) -> dict[str, OverwriteRule]:
        """Field → how far the provider's word goes; empty for one that isn't named."""
        named = self.leads.get(provider) if of_leads else self.providers.get(provider)
        return {} if named is None else {str(field): rule for field, rule in named.fields.items()}
