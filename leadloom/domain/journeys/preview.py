"""Who sees a journey's mails before they go, and how long before?"""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.model import Value


class Preview(Value):
    """Whoever signs a mail to the lead sees it first, and may hold, edit or skip it. Silence lets it go."""

    mail: str
    """Folder of the notice that shows them the mail, below templates/journeys/<journey>/."""
    working_days: float = Field(default=1, gt=0, le=10)
    """How long before, in working days of their own calendar."""
