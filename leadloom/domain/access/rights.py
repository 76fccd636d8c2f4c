"""Which rights are there, and what does each let somebody do?"""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One right. The definition gives them to roles; the last two only an administrator has."""

    SEE_FIGURES = "see-figures"
    SEE_LEADS = "see-leads"
    SEE_ADDRESSES = "see-addresses"
    TAKE_OUT_LISTS = "take-out-lists"
    BRING_IN_LISTS = "bring-in-lists"
    ANSWER_HAND_OFFS = "answer-hand-offs"
    STEER_TEAM = "steer-team"
    RAISE_LEADS = "raise-leads"
    APPEAL = "appeal"
    DECIDE_APPEALS = "decide-appeals"
    STEER_RUNS = "steer-runs"
    MERGE_LEADS = "merge-leads"
    SEE_JOURNEYS = "see-journeys"
    SEE_MAILS = "see-mails"
    REVIEW_MAILS = "review-mails"
    SEE_CAMPAIGNS = "see-campaigns"
    PLAN_CAMPAIGNS = "plan-campaigns"
    LAUNCH_SENDS = "launch-sends"
    SEE_DEFINITION = "see-definition"
    CHANGE_DEFINITION = "change-definition"
    CHANGE_SCORING = "change-scoring"
    CHANGE_ROUTING = "change-routing"
    CHANGE_MAIL_POLICY = "change-mail-policy"
    GOVERN = "govern"
    SEE_OPERATION = "see-operation"
    OPERATE = "operate"
    MANAGE_USERS = "manage-users"
    SEE_AUDIT = "see-audit"


WORDS: dict[Right, str] = {
    Right.SEE_FIGURES: "see figures, reports and promises",
    Right.SEE_LEADS: "see leads, their stories and hand-offs, as far as the role's view of leads goes",
    Right.SEE_ADDRESSES: "see mail addresses and phone numbers of leads in full",
    Right.TAKE_OUT_LISTS: "take a list out as a file",
    Right.BRING_IN_LISTS: "send a list of leads, rehearse it, bring it in, stop it",
    Right.ANSWER_HAND_OFFS: "answer hand-offs and tasks, note tries and what a lead said",
    Right.STEER_TEAM: "see the team's open work, give open offers to somebody else, enter time off",
    Right.RAISE_LEADS: "raise a lead from a talk with support, and see what became of it",
    Right.APPEAL: "appeal a lead that was turned down",
    Right.DECIDE_APPEALS: "decide appeals, when the definition asks them",
    Right.STEER_RUNS: "let leads into journeys, take them out, let a blocked run try again",
    Right.MERGE_LEADS: "say whether two leads are one, merge them and part them again",
    Right.SEE_JOURNEYS: "see journeys and what each step has done",
    Right.SEE_MAILS: "see mails as they were sent",
    Right.REVIEW_MAILS: "hold, edit, skip or let go a letter before it goes",
    Right.SEE_CAMPAIGNS: "see campaigns, and pause one",
    Right.PLAN_CAMPAIGNS: "check, submit, approve and stop campaigns",
    Right.LAUNCH_SENDS: "launch a campaign, open its next stage, let a paused one go on",
    Right.SEE_DEFINITION: "see the definition, its drafts and the governors' page",
    Right.CHANGE_DEFINITION: "submit, sign, reject or withdraw a draft that changes the definition",
    Right.CHANGE_SCORING: "act on a draft that changes scoring",
    Right.CHANGE_ROUTING: "act on a draft that changes routing",
    Right.CHANGE_MAIL_POLICY: "act on a draft that changes mail policy",
    Right.GOVERN: "keep decisions, sign the charter, say go or no-go for a region",
    Right.SEE_OPERATION: "see deliverability, imports, dropped events, what is stuck",
    Right.OPERATE: "try a relay again, let a stopped sender go on, take or let go dropped events",
    Right.MANAGE_USERS: "add users, give them roles, disable them, end their sessions",
    Right.SEE_AUDIT: "see who did what, and when",
}
"""What a right lets somebody do, to be read after `may`."""

OF_ADMINS = frozenset({Right.MANAGE_USERS, Right.SEE_AUDIT})
"""No definition gives these: else who governs leads could make themselves administrator."""

ADMIN = "admin"
"""The one role that no definition declares. It looks after users, and acts in nobody's name."""


def in_words(right: Right) -> str:
    """The right as a half sentence."""
    return WORDS[right]
