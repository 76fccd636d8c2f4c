"""Which events does the process itself record that a definition need not name? It may, to word them its own way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

NEVER_ANSWERED = "never_answered"
"""Somebody got our letters for so long, and so many, and never answered anything (consent: sunset)."""
SUPPORT_RAISED = "support_raised"
"""Somebody of support heard a wish that sales should hear, too."""
APPEAL_UPHELD = "appeal_upheld"
"""Marketing appealed a rejection, and the lead-management owner agreed."""
_OWN: dict[str, str] = {
    "warmed": "Engagement rose to the threshold",
    "score_reset": "Engagement began anew",
    "rescored": "Scored anew under another version of the definition",
    "qualification_answered": "A question of qualification was answered",
    "points_taken_back": "Points were taken back: it had not been the lead",
    "confirmation_asked": "Ticked the box, and was asked to confirm it by mail",
    "opt_in_confirmed": "Confirmed by mail that we may write",
    NEVER_ANSWERED: "Got our letters for long, and never answered anything",
    "enriched": "A provider told something of them that nobody had told",
    "enrichment_taken_back": "What a provider had told of them was taken back",
    "leads_merged": "Was found to be one person with another lead",
    "leads_parted": "Was parted again from a lead they had been merged with",
    SUPPORT_RAISED: "Said to support what is a matter for sales",
    APPEAL_UPHELD: "What a rep turned down was appealed, and is offered anew",
    "opt_in_expired": "Did not confirm in time: the ticked box is void",
}


def with_own_events(events: object) -> object:
    """The events of a draft, and those of ours it doesn't word; also in versions published before they were known."""
    if not isinstance(events, Mapping):
        return events
    told = dict(cast("Mapping[str, Any]", events))
    for kind, means in _OWN.items():
        told.setdefault(kind, {"means": means})
    return told
