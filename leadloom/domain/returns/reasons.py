"""Why did a mail bounce? By enhanced status first, by reply code second, by the words third; never by '5xx' alone.

Sources: RFC 3463, 5248, 7372, 7505, 8616 for statuses, Microsoft's and Google's own lists for theirs, mail.md §3 for
what each reason leads to. Wrong suppression is worse than a missed one: words against us outweigh a status that says
the address is dead, and a status that says otherwise outweighs words that say so.
"""

from __future__ import annotations

import re

from leadloom.domain.model import Value
from leadloom.domain.returns.kind import ProviderEvent, Reason
from leadloom.domain.returns.phrases import ORDER

STATUS = re.compile(r"(?<![\d.#])#?([245])\.(\d{1,2})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?:^|[\s:>;(\"'\]])([45]\d\d)(?=[\s\-:;#.,)]|$)")
_ADDRESS = re.compile(r"<?[^\s<>@\"']{1,64}@[^\s<>@\"',;)]{1,255}>?")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')]{1,500}", re.IGNORECASE)
_SPACE = re.compile(r"[\s|]+")
_MOST = 4_000
"""Characters of words that are looked at: a refusal says why in its first lines."""

_NOISE = re.compile(
    r"(?:SMTP error from remote (?:mail|mailer) (?:server )?)?after (?:initial connection|EHLO|HELO"
    r"|(?:pipelined )?MAIL FROM|"
    r"RCPT TO|(?:pipelined )?(?:end of )?DATA|sending data block):?|SMTP error from remote mail(?:er)? server:?"
    r"|\(in reply to [\w ]{2,20} command\)|- ?unknown address error|- ?other mail system problem|- ?(?:bad|unknown) "
    r"destination (?:host|mailbox address|system address)|SIZE=\d+",
    re.IGNORECASE,
)
"""What systems on our side write around the words of the refusing one; IronPort and SES name each 5.1.0 "unknown"."""
_BEFORE_ADDRESS = re.compile(
    r"after (?:initial connection|EHLO|HELO|(?:pipelined )?MAIL FROM)|in reply to (?:MAIL FROM|EHLO|HELO)"
    r"|refused to talk to me"
    r"|>>> ?(?:MAIL|EHLO|HELO)[^\n]{0,300}\n[^\n]{0,3}<<< ?5|did not like our (?:MAIL FROM|EHLO|HELO)|greeting failed"
    r"|(?:sender|my name) was rejected|\[MAIL_FROM\]|does not like sender",
    re.IGNORECASE,
)
"""Said before the address was named: it can't be about it."""
_AFTER_CONTENT = re.compile(
    r"after (?:pipelined )?(?:end of data|DATA|sending data block)|in reply to (?:end of )?DATA"
    r"|failed after I sent the message|did not like our DATA"
    r"|SMTP command\W{1,12}(?:DATA|\.)\s",
    re.IGNORECASE,
)
"""Said of an address that was taken before: a filter speaks."""
_TRANSCRIPT = re.compile(r">>> ?(?:DATA|\.)\s*\n[^\n]{0,3}<<< ?5", re.IGNORECASE)
_PIPELINED = re.compile(r"<<< ?503|need rcpt|no valid recipients|need recipient", re.IGNORECASE)
"""Sendmail shows the answer to RCPT below DATA when it pipelines; DATA itself is refused behind it."""

_AGAINST_US = frozenset((Reason.REPUTATION, Reason.SPAM, Reason.AUTH, Reason.RATE))
"""Reasons whose words outweigh a status that says the address is dead."""
_DEAD = frozenset((Reason.UNKNOWN_USER, Reason.UNKNOWN_DOMAIN, Reason.MOVED, Reason.DISABLED, Reason.MAILBOX_FULL))

_NO_ADDRESS = frozenset((Reason.UNKNOWN_USER, Reason.UNKNOWN_DOMAIN, Reason.MOVED))

_NOT_YET = _NO_ADDRESS | {Reason.DISABLED}
"""What nobody knows as long as the answer is a temporary one."""
_UNAVAILABLE = re.compile(r"mail ?box (?:is )?(?:currently )?(?:unavailable|not available)", re.IGNORECASE)
"""Says less than that nobody is there: beside a status that says disabled, it is disabled."""

_BY_STATUS: dict[str, Reason] = {
    "1.1": Reason.UNKNOWN_USER,
    "1.2": Reason.UNKNOWN_DOMAIN,
    "1.6": Reason.MOVED,
    "1.7": Reason.AUTH,
    "1.8": Reason.AUTH,
    "1.10": Reason.UNKNOWN_DOMAIN,
    "2.1": Reason.DISABLED,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.TOO_BIG,
    "3.1": Reason.RELAY,
    "3.2": Reason.RELAY,
    "3.3": Reason.RELAY,
    "3.4": Reason.TOO_BIG,
    "3.5": Reason.RELAY,
    "4.1": Reason.NETWORK,
    "4.2": Reason.NETWORK,
    "4.3": Reason.NETWORK,
    "4.4": Reason.NETWORK,
    "4.5": Reason.RATE,
    "4.6": Reason.RELAY,
    "4.7": Reason.TIMEOUT,
    "4.9": Reason.NETWORK,
    "4.12": Reason.RELAY,
    "4.14": Reason.RELAY,
    "4.300": Reason.TIMEOUT,
    "4.310": Reason.UNKNOWN_DOMAIN,
    "5.3": Reason.RATE,
    "6.0": Reason.CONTENT,
    "6.7": Reason.SYNTAX,
    "7.13": Reason.POLICY,
    "7.17": Reason.POLICY,
    "7.18": Reason.POLICY,
    "7.28": Reason.RATE,
}
"""By subject and detail of the enhanced status; those that say nothing, or different things with different systems
(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 7.1), are left to the words."""
_AUTH_DETAILS = frozenset((7, 8, 9, 10, 11, 12, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 509, 515))
_REPUTATION_DETAILS = frozenset((*range(501, 504), 506, 508, 511, *range(606, 650), *range(700, 760)))
_VAGUE = frozenset(
    ("0.0", "1.0", "2.0", "3.0", "4.0", "4.1", "4.4", "5.0", "5.1", "5.2", "5.4", "6.0", "7.0", "7.1", "1.3", "1.4")
)
"""Statuses that systems also send for a dead address: there words may say so."""
_GOOGLE: dict[str, Reason] = {
    "nosuchuser": Reason.UNKNOWN_USER,
    "badrcptdomain": Reason.UNKNOWN_DOMAIN,
    "disableduser": Reason.DISABLED,
    "overquotatemp": Reason.MAILBOX_FULL,
    "overquotaperm": Reason.MAILBOX_FULL,
    "receivingratelimit": Reason.RATE,
    "receivingrate": Reason.RATE,
    "unsolicitedmessageerror": Reason.SPAM,
    "unsolicitedipperm": Reason.REPUTATION,
    "unsolicitedratelimiterror": Reason.RATE,
    "unauthenticatedemail": Reason.AUTH,
    "ipv6autherror": Reason.AUTH,
    "maxsizeerror": Reason.TOO_BIG,
    "blockedmessage": Reason.CONTENT,
}
"""The names Google's help links carry (`?p=NoSuchUser`)."""
_GOOGLE_LINK = re.compile(r"[?&]p=([a-z0-9]+)", re.IGNORECASE)


class Verdict(Value):
    """Why, as far as can be said, and what said so."""

    reason: Reason
    why: str
    code: int | None = None
    status: str | None = None
    is_guess: bool = False
    """Whether nobody's words stand behind it, only a status somebody else put there."""


def judge(
    words: str,
    *,
    code: int | None = None,
    status: str | None = None,
    field_status: str | None = None,
    dialogue: str = "",
) -> Verdict:
    """Why a mail was refused.

    Args:
        words: What the refusing side said; code and status are read from it where they aren't told.
        code: Its reply code.
        status: Its enhanced status.
        field_status: The status another system put above its words: sendmail makes 5.1.1 of any 550, so it counts
            only where the words have none of their own.
        dialogue: What tells at which command they said it, besides the words.
    """
    spoken_at = f"{words[:_MOST]}\n{dialogue[: _MOST * 2]}"
    said = _NOISE.sub(" ", words[:_MOST])
    own = _told_status(status) or _last_status(said)
    guess = _told_status(field_status) if own is None or _by_status(own) is None else None
    status = own if guess is None or (_by_status(guess) is None and own) else guess
    code = code or _first_code(said)
    plain = _SPACE.sub(" ", _URL.sub(" ", _ADDRESS.sub(" _ ", said))).replace("’", "'")
    by_words = _by_words(spoken_at, plain)
    by_status = _by_status(status)
    if by_status is Reason.DISABLED and _UNAVAILABLE.search(plain):
        by_words = None
    is_guess = guess is not None and status == guess
    reason, why = _weigh(by_status, by_words, code, status, is_guess=is_guess)
    reason, why = _by_command(reason, why, status, spoken_at)
    return Verdict(reason=reason, why=why, code=code, status=status, is_guess=is_guess and by_words is None)


def _by_command(reason: Reason, why: str, status: str | None, spoken_at: str) -> tuple[Reason, str]:
    """An address is known or unknown when it is named: what is said of it earlier, or after the content, is less."""
    if reason not in _NO_ADDRESS:
        return reason, why
    if _BEFORE_ADDRESS.search(spoken_at):
        return Reason.POLICY, f"{why}, but before the address was named"
    in_transcript = _TRANSCRIPT.search(spoken_at) is not None and _PIPELINED.search(spoken_at) is None
    if _AFTER_CONTENT.search(spoken_at) or (in_transcript and not (status or "").startswith("5.1.")):
        return Reason.FILTERED, f"{why}, but after the content"
    return reason, why


def _weigh(
    by_status: Reason | None,
    by_words: tuple[Reason, str] | None,
    code: int | None,
    status: str | None,
    *,
    is_guess: bool,
) -> tuple[Reason, str]:
    if by_words is None:
        return (by_status, f"status {status}") if by_status is not None else (Reason.UNKNOWN, "no rule knows it")
    spoken, of_what = by_words
    words = f"words of {of_what}"
    if spoken in _NOT_YET and by_status not in _DEAD and _is_temporary(code, status):
        return by_status or Reason.UNKNOWN, f"{words}, but a temporary answer"
    if by_status is None:
        return spoken, words if status is None else f"{words}, status {status} says less"
    if by_status in _DEAD and (spoken in _AGAINST_US or (is_guess and spoken not in _DEAD)):
        return spoken, f"{words}, against status {status}"
    if by_status is Reason.MAILBOX_FULL and spoken in _NO_ADDRESS:
        return by_status, f"status {status}, against {words}"
    if by_status in _DEAD and spoken in _DEAD:
        return spoken, f"{words}, status {status}"
    if status is not None and _detail(status) in _VAGUE and spoken is not Reason.UNKNOWN:
        return spoken, f"{words}, status {status} says less"
    return by_status, f"status {status}"


def _is_temporary(code: int | None, status: str | None) -> bool:
    return code < 500 if code is not None else status is not None and status.startswith("4")


def _by_words(said: str, plain: str) -> tuple[Reason, str] | None:
    if (link := _GOOGLE_LINK.search(said)) is not None and (known := _GOOGLE.get(link.group(1).lower())) is not None:
        return known, f"Google's {link.group(1)}"
    if "groups.google" in said.lower():
        return Reason.POLICY, "Google Groups"
    return next(((reason, name) for reason, name, words in ORDER if words.search(plain)), None)


def _by_status(status: str | None) -> Reason | None:
    if status is None:
        return None
    subject, detail = _detail(status).split(".")
    if subject == "7" and int(detail) in _AUTH_DETAILS:
        return Reason.AUTH
    if subject == "7" and int(detail) in _REPUTATION_DETAILS:
        return Reason.REPUTATION
    known = _BY_STATUS.get(f"{subject}.{detail}")
    if known in _NOT_YET and status.startswith("4"):
        return None
    if known is not None or detail == "0" or f"{subject}.{detail}" in ("7.1", "1.3", "1.4"):
        return known
    return {"5": Reason.SYNTAX, "6": Reason.CONTENT, "7": Reason.POLICY, "4": Reason.NETWORK}.get(subject)


def _detail(status: str) -> str:
    return status.partition(".")[2]


def _told_status(status: str | None) -> str | None:
    found = STATUS.search(status) if status else None
    return ".".join(found.groups()) if found and found.group(1) != "2" else None


def _last_status(said: str) -> str | None:
    """The most telling status in the words: one that is no catch-all, else the first."""
    found = [".".join(each.groups()) for each in STATUS.finditer(said) if each.group(1) != "2"]
    return next((each for each in found if _by_status(each) is not None), next(iter(found), None))


def _first_code(said: str) -> int | None:
    found = _CODE.search(said)
    return int(found.group(1)) if found else None


def told_by_provider(event: ProviderEvent) -> tuple[Reason | None, str]:
    """Why a mail bounced as a provider tells it, and which rule said so: the receiver's words, else their own class."""
    if event.kind not in ("bounce", "delayed"):
        return None, f"{event.provider} says {event.kind}"
    verdict = judge(event.diagnostic or "", code=event.code, status=event.status)
    if verdict.reason is not Reason.UNKNOWN:
        return verdict.reason, verdict.why
    own = {
        "unknown_user": Reason.UNKNOWN_USER,
        "mailbox_full": Reason.MAILBOX_FULL,
        "spam": Reason.SPAM,
        "content": Reason.CONTENT,
        "too_big": Reason.TOO_BIG,
    }
    return own.get(event.says or "", Reason.UNKNOWN), f"{event.provider} says {event.says or 'no more'}"
