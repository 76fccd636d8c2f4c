"""What is a provider asked by, and what does it answer?"""

from __future__ import annotations

from datetime import date

from leadloom.domain.definitions.enrichment import CompanyField, LeadField
from leadloom.domain.model import Value


class AskedCompany(Value):
    """A company somebody is asked about. Only what the provider declares that it asks for is told; the rest is None."""

    domain: str | None = None
    name: str | None = None
    country: str | None = None


class AskedLead(Value):
    """A person somebody is asked about. Only what the provider asks for and the definition lets it be told."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    domain: str | None = None
    """Of their company."""
    country: str | None = None


class Told(Value):
    """One thing a provider told."""

    field: CompanyField | LeadField
    value: str | int
    as_of: date
    """When it was so; not when we asked."""
