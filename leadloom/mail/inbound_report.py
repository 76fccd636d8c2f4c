"""Does a mail system report something? Complaints (RFC 5965 and its elders), delivery reports (RFC 3464), free text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadloom.domain.returns import subjects
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.reasons import STATUS, Verdict, judge
from leadloom.mail.inbound_parts import Mail, fields_of

_OLD_FEEDBACK = re.compile(
    r"scomp@aol|fbl.?no-?reply@|feedback@(?:comcast|arf)|complaints?@|@fbl\.|abuse@.{0,40}(?:aol|comcast)"
)
_OLD_WORDS = re.compile(r"feedback|complaint|abuse|spam|tos notification")
_OLD_SUBJECT = re.compile(
    r"complaint about message from|email feedback report|client tos notification|\[spam ?report\]|abuse report"
)
Fields = dict[str, tuple[str, ...]]

_COMPLAINTS = ("abuse", "opt-out", "opt-out-list", "miscategorized")
_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]=]{1,200}@[^\s<>@\"',;:()\[\]]{1,255}")
_ID_LINE = re.compile(r"^(?:>\s?)*message-id\s*:\s*<?([^<>\s]{3,300}@[^<>\s]{1,200})>?", re.IGNORECASE | re.MULTILINE)
_DAEMONS = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|postmaster|daemon|mail[-_. ]?delivery"
    r"|mail[-_.]?system|mailerdaemon|mmdf|mail[-_.]?bounce|bounce[-_.]?(?:notif|handler|robot)"
    r"|double-?bounce|mailadmin|mail[-_]?admin|non-?delivery|microsoftexchange[0-9a-f]{10,})",
    re.IGNORECASE,
)
_DAEMON_NAMES = re.compile(
    r"mail(er)? ?(delivery )?(sub)?(system|daemon|service|administrator)|mailer.?daemon|mail delivery"
    r"|postmaster|internet mail (delivery|service)|system administrator|delivery (subsystem|status"
    r"|service)|microsoft (exchange|outlook)\s*<|e-?mail administrator",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"this is the (?:qmail-send|mail delivery|postfix|mail system|machine generated|e-?mail|sophos)"
    r"|this (?:message|report|notice|e-?mail|mail) (?:was |is |has been )?(?:created |generated |sent "
    r"|relates )?(?:automatically )?(?:by|to) (?:the )?(?:mail|a message you sent|your)|i'm (?:sorry"
    r"|afraid) (?:i (?:wasn't|was not) able|to have to inform)|could ?(?:n't|not) be delivered|(?:was|were"
    r"|is|has|have) (?:not|n't) (?:been )?(?:be )?delivered|(?:un|not )deliver(?:able|ed)"
    r"|permanent (?:fatal )?(?:error|failure)|delivery (?:to the following|has failed|failed|attempt"
    r"|of (?:the|this|your)|error|status|failure)|failed (?:to deliver|recipient|address)"
    r"|unable to deliver|(?:message|mail) (?:you sent )?(?:could|was|cannot|can't)|(?:following|these"
    r"|this) (?:recipient|address|user|person)|returned (?:to (?:you|sender)|mail|for the)"
    r"|transcript of session|reason (?:for|of) (?:the )?(?:failure|return|non)|diagnostic|smtp error"
    r"|remote (?:host|server|mta) (?:said|replied|responded)|did not reach|bounce|no such (?:user|address)"
    r"|user unknown|mailbox (?:is )?(?:full|unavailable)"
    r"|nicht zugestellt|unzustellbar|n'a (?:pas )?pu [eê]tre|non (?:remis|distribu)"
    r"|no (?:se )?(?:ha )?(?:pudo|podido|puede) (?:ser )?entreg|n[aã]o (?:p[oô]de|foi) (?:ser )?entreg"
    r"|non [eè] stato possibile|配信でき|送信でき|届け|配送|不能|無法|无法|не (?:может|удалось|доставлен)"
    r"|nie (?:mo[zż]e"
    r"|zosta)",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"this is the qmail-send program|this message was created automatically by mail delivery software"
    r"|this is the mail system at host|the following addresses had permanent fatal errors"
    r"|----- transcript of session follows|delivery to the following recipients? (?:has )?failed"
    r"|your message (?:did not reach|was not delivered to|could not be delivered to|wasn't delivered to)"
    r"|undeliverable message returned to sender|hi\. this is the",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"not (?:yet )?been delivered (?:yet|for|after|in)|has not (?:yet )?been (?:delivered|sent) (?:yet|to)"
    r"|not yet (?:been )?delivered|will (?:continue|keep|be (?:retried|attempted)|try|retry)|(?:still"
    r"|continue|keeps?) (?:being |to )?(?:retr|try|attempt)|warning (?:message )?only"
    r"|do(?:es)? not need to (?:be )?re-?sen[dt]|no action is required|(?:is|has been"
    r"|was) (?:being )?delayed|delivery (?:is|has been) delayed|remains? in (?:the|our) queue"
    r"|will be returned (?:to you )?(?:if|unless)|wird weiter|weitere(?:n)? (?:zustell)?versuch"
    r"|nouvelle tentative|seguir[aá] intentando|引き続き",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent (?:fatal )?error|gav(?:e|ing) up|given up|(?:delivery|message|attempts?) (?:has "
    r"|have )?(?:finally )?failed permanently|(?:will not|won't|no longer) (?:be )?(?:retr|try|attempt)"
    r"|could not be delivered (?:after|within)|giving up|\bbounced?\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"(?:successfully|was|has been) delivered (?:to|in)|delivery (?:was )?successful"
    r"|successfully (?:delivered|relayed|sent)|relayed to|erfolgreich zugestellt"
    r"|delivered to (?:the )?(?:mailbox|recipient)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"^(?:[-=*_# ]*(?:(?:this is|here is|included is|below (?:this line )?is) (?:a )?(?:copy|header)"
    r"|(?:a )?copy of (?:the|your) (?:message|original|mail)|original (?:message|mail|headers?)|(?:your"
    r"|the) original message|(?:the )?(?:header|body|text|start) of (?:the|your) (?:original|returned)"
    r"|(?:returned|undelivered|unsent|bounced|failed) (?:message|mail)(?: headers?)?|message (?:headers?"
    r"|text|header follows)|headers? (?:of|from|follow)|(?:message|mail) (?:contents?|follows)"
    r"|forwarded message|--- ?below|begin (?:original )?(?:message|copy)|urspr[uü]ngliche nachricht"
    r"|message (?:d'origine|original)|mensaje original|mensagem original|元のメッセージ|原始邮件"
    r"|original-nachricht).{0,100}|return-path:.{0,300}|received: (?:from|by|\(qmail).{0,300}"
    r"|(?:dkim-signature|domainkey-signature|mime-version|message-id|x-mailer):.{0,400})$",
    re.IGNORECASE | re.MULTILINE,
)
_TELLING = re.compile(
    r"(?:^|[\s:>(\[\"'#-])(?:[45]\d\d[\s\-:;,#.]|[45]\.\d{1,2}\.\d{1,3})|said:|reason|error|failed|because"
    r"|respon|diagnos|status|unknown|reject|refus|denied|full|quota",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"this is a permanent error|i've given up|sorry it didn't work out|no further (?:action"
    r"|attempts?).{0,80}|for further assistance.{0,200}|if you do so, please include.{0,200}"
    r"|please (?:do not reply|forward this|contact (?:your|the|me)).{0,200}|(?:do not"
    r"|don't) reply to this.{0,80}|contact your .{0,80}administrator.{0,80}"
    r"|delivery to the following recipients? failed permanently|the mail system|postmaster|mailer-daemon"
    r"|this (?:message|report) (?:was|is) (?:created|generated|an) auto\w*.{0,80}"
    r"|automatically (?:generated|created).{0,80}",
    re.IGNORECASE,
)


_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_FIELDS = re.compile(r"^(?:reporting-mta|final-recipient|original-recipient)\s*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What a mail system says became of a mail."""

    kind: Kind
    why: str
    reason: Reason | None = None
    status: str | None = None
    code: int | None = None
    diagnostic: str | None = None
    recipients: tuple[str, ...] = ()
    returned_ids: tuple[str, ...] = ()
    envelope_id: str | None = None


def read_report(mail: Mail, envelope_from: str | None) -> Report | None:
    """The report a mail is; None for what no mail system reports."""
    return _complaint(mail) or _delivery_status(mail) or _free_text(mail, envelope_from)


# -- complaints


def _complaint(mail: Mail) -> Report | None:
    part = mail.part("message/feedback-report")
    if part is None and "feedback-report" in mail.parameters:
        part = next((each for each in mail.parts if "feedback-type:" in each.text.lower()), None)
    if part is not None:
        return _feedback(mail, fields_of(part.text))
    return _old_complaint(mail) or _aggregate(mail)


def _feedback(mail: Mail, fields: Fields) -> Report:
    kind = _first(fields, "feedback-type").lower()
    named = (*fields.get("original-rcpt-to", ()), *fields.get("removal-recipient", ()))
    recipients = tuple(each.lower() for value in named for each in _ADDRESS.findall(value))
    why = f"feedback report: {kind[:40] or 'no type'} (RFC 5965)"
    found = Kind.COMPLAINT if kind in _COMPLAINTS else Kind.UNKNOWN
    return Report(found, why, recipients=recipients, returned_ids=_returned_ids(mail))


def _old_complaint(mail: Mail) -> Report | None:
    """Before RFC 5965: Hotmail's reports are the mail alone, AOL's and Comcast's a note above it."""
    sender, subject = mail.first("from").lower(), mail.first("subject").lower()
    why = None
    if "x-hmxmroriginalrecipient" in mail.returned or ("staff@hotmail." in sender and "complaint" in subject):
        why = "Hotmail's old complaint"
    elif _OLD_FEEDBACK.search(sender) and (mail.returned or _OLD_WORDS.search(subject)):
        why = "an old complaint, by its sender"
    elif mail.returned and _OLD_SUBJECT.match(subject):
        why = "an old complaint, by its subject"
    if why is None:
        return None
    recipients = tuple(value.lower().strip("<> ") for value in mail.returned.get("x-hmxmroriginalrecipient", ()))
    return Report(Kind.COMPLAINT, why, recipients=recipients, returned_ids=_returned_ids(mail))


def _aggregate(mail: Mail) -> Report | None:
    """DMARC's and TLS's daily figures: reports, but of no mail."""
    if (
        re.search(r"report domain:.{1,200}submitter:", mail.first("subject"), re.IGNORECASE)
        or "tlsrpt" in mail.parameters
    ):
        return Report(Kind.UNKNOWN, "an aggregate report (RFC 7489, RFC 8460)")
    return None


# -- RFC 3464


def _delivery_status(mail: Mail) -> Report | None:
    part = mail.part("message/delivery-status", "message/global-delivery-status")
    if part is None and "delivery-status" in mail.parameters:
        part = next((each for each in mail.parts if "final-recipient:" in each.text.lower()), None)
    text = part.text if part is not None else _report_in_text(mail)
    groups = [fields_of(each) for each in re.split(r"\n\s*\n", text) if each.strip()]
    recipients = [
        each for each in groups if each.keys() & {"action", "final-recipient", "status", "original-recipient"}
    ]
    if not recipients:
        return None
    group = min(recipients, key=_gravity)
    kind = _kind_of(group)
    if kind is None:
        return None
    words = " ".join(group.get("diagnostic-code", ()))
    verdict = _why(mail, group, words) if kind in (Kind.BOUNCE, Kind.DELAYED) else None
    named = (*group.get("final-recipient", ()), *group.get("original-recipient", ()))
    return Report(
        kind,
        f"delivery report (RFC 3464) {_first(group, 'action').lower() or 'without action'}: {verdict.why}" if verdict
        else f"delivery report (RFC 3464): {_first(group, 'action').lower()}",
        reason=verdict.reason if verdict else None,
        status=verdict.status if verdict else _first(group, "status") or None,
        code=verdict.code if verdict else None,
        diagnostic=words or _lead_text(mail)[:500] or None,
        recipients=tuple(each.lower() for value in named for each in _ADDRESS.findall(value)),
        returned_ids=_returned_ids(mail),
        envelope_id=_envelope_id(groups),
    )  # fmt: skip


def _envelope_id(groups: list[Fields]) -> str | None:
    """The ENVID of the mail it is about, out of xtext (RFC 3464 §2.2.1, RFC 3461 §4)."""
    said = next((found for each in groups if (found := _first(each, "original-envelope-id"))), "")
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), said)[:200] or None


def _report_in_text(mail: Mail) -> str:
    """The fields of a report whose parts were lost on the way, or written into the text."""
    for part in mail.parts:
        found = None if part.inside_returned else _FIELDS.search(part.text)
        if found is not None:
            return part.text[found.start() : found.start() + 5_000]
    return ""


def _gravity(group: Fields) -> int:
    """What failed for good says most."""
    order = (Kind.BOUNCE, Kind.DELAYED, Kind.DELIVERED)
    kind = _kind_of(group)
    return order.index(kind) if kind in order else len(order)


def _kind_of(group: Fields) -> Kind | None:
    action = _first(group, "action").lower()
    named = re.match(r"[a-z]+", action)
    known = {
        "failed": Kind.BOUNCE, "failure": Kind.BOUNCE, "undeliverable": Kind.BOUNCE, "expired": Kind.BOUNCE,
        "deny": Kind.BOUNCE, "delayed": Kind.DELAYED, "deferred": Kind.DELAYED, "delivered": Kind.DELIVERED,
        "relayed": Kind.DELIVERED, "expanded": Kind.DELIVERED, "deliverable": Kind.DELIVERED,
    }.get(named.group(0) if named else "")  # fmt: skip
    if known is not None:
        return known
    status = STATUS.search(_first(group, "status"))
    return {"5": Kind.BOUNCE, "4": Kind.DELAYED, "2": Kind.DELIVERED}.get(status.group(1)) if status else None


def _why(mail: Mail, group: Fields, words: str) -> Verdict:
    """By the receiver's words and its own status; where they say nothing, by what the reporting system tells people."""
    field = _first(group, "status")
    said = re.sub(r"^\s*[\w-]+\s*;\s*", "", words)
    text = _lead_text(mail)
    verdict = judge(said, field_status=field, dialogue=text)
    if verdict.reason is not Reason.UNKNOWN and not verdict.is_guess:
        return verdict
    told = _BOILERPLATE.sub(" ", text)
    wider = judge(f"{said}\n{told}", field_status=field, dialogue=text) if told else verdict
    return wider if wider.reason is not Reason.UNKNOWN else verdict


# -- free text


def _free_text(mail: Mail, envelope_from: str | None) -> Report | None:
    """What qmail, Exim, old gateways and web mailers write: 44 % of one corpus has no delivery-status part."""
    subject, told = mail.first("subject"), _lead_text(mail)
    if not _is_report(mail, envelope_from, subject, told):
        return None
    ids, recipients = _returned_ids(mail, quoted=True), _failed(mail, told)
    if _DONE.search(told[:1500]) and not _MARKS_OF_FAILURE.search(told[:1500]):
        return Report(Kind.DELIVERED, "free text: delivered", recipients=recipients, returned_ids=ids)
    verdict = _telling(told)
    late = subjects.DELAY.search(subject) is not None and subjects.BOUNCE.search(subject) is None
    still = (late or _STILL.search(told) is not None) and not _FINAL.search(told)
    clear = subjects.BOUNCE.search(subject) or _MARKS.search(told) or mail.first("x-failed-recipients")
    kind = Kind.DELAYED if still else Kind.BOUNCE if clear else Kind.UNKNOWN
    if kind is Kind.UNKNOWN and verdict.reason is not Reason.UNKNOWN:
        kind = Kind.BOUNCE
    return Report(
        kind,
        f"free text: {verdict.why}",
        reason=None if kind is Kind.UNKNOWN else verdict.reason,
        status=verdict.status,
        code=verdict.code,
        diagnostic=" ".join(told.split())[:500] or None,
        recipients=recipients,
        returned_ids=ids,
    )


_MARKS_OF_FAILURE = re.compile(r"not (?:be |been )?delivered|undeliver|fail|unable|could ?n[o']t", re.IGNORECASE)


def _is_report(mail: Mail, envelope_from: str | None, subject: str, told: str) -> bool:
    """Whether a mail system wrote it: by whom, about what, in which words; two of the three at least."""
    if mail.part("message/disposition-notification") or "disposition-notification" in mail.parameters:
        return False
    if mail.first("x-failed-recipients") or "delivery-status" in mail.parameters:
        return True
    if subjects.REPLIED.match(subject) and not _STRONG.search(told[:1500]):
        return False
    away = subjects.AWAY_PREFIX.search(subject) is not None
    daemon, null = _is_daemon(mail), envelope_from == ""
    speaks = subjects.BOUNCE.search(subject) is not None or subjects.DELAY.search(subject) is not None
    if daemon and not away:
        return True
    if null and not away and (speaks or _STRONG.search(told[:3000])):
        return True
    if _STRONG.search(told[:3000]) and (speaks or daemon or null or mail.returned):
        return True
    return speaks and bool(mail.returned) and _MARKS.search(told[:3000]) is not None


def _is_daemon(mail: Mail) -> bool:
    sender = mail.first("from") or mail.first("sender")
    found = _ADDRESS.findall(sender)
    local = found[-1].partition("@")[0] if found else sender.strip()
    return _DAEMONS.match(local.strip('<>" ')) is not None or _DAEMON_NAMES.search(sender) is not None


def _telling(told: str) -> Verdict:
    """By the lines that hold a code or a word of failure; else by everything."""
    lines = [line for line in told.splitlines() if line.strip()]
    focus = [
        line for no, line in enumerate(lines) if any(_TELLING.search(near) for near in lines[max(0, no - 1) : no + 2])
    ]
    verdict = judge(_BOILERPLATE.sub(" ", "\n".join(focus)), dialogue=told)
    return verdict if verdict.reason is not Reason.UNKNOWN else judge(_BOILERPLATE.sub(" ", told), dialogue=told)


def _lead_text(mail: Mail) -> str:
    """What the reporting system tells people: its text before the mail it returns."""
    for part in mail.texts():
        cut = _CUT.search(part.text)
        text = part.text[: cut.start()] if cut else part.text
        if len(text.strip()) < 40 and cut:
            # It returns the mail first and says why below, or the line was no cut.
            text = part.text
        if text.strip():
            return text[:8_000]
    return ""


def _failed(mail: Mail, told: str) -> tuple[str, ...]:
    named = _ADDRESS.findall(mail.first("x-failed-recipients")) or _ADDRESS.findall(told)
    return tuple(dict.fromkeys(each.lower().strip(".") for each in named))[:20]


def _returned_ids(mail: Mail, *, quoted: bool = False) -> tuple[str, ...]:
    def all_of() -> Iterator[str]:
        for value in mail.returned.get("message-id", ()):
            yield value.strip("<> ")
        for part in mail.parts if quoted else [each for each in mail.parts if each.inside_returned]:
            yield from _ID_LINE.findall(part.text[:50_000])

    return tuple(dict.fromkeys(all_of()))[:20]


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "").strip()
