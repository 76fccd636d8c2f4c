"""What did the person write themselves? Without what they quote, and without the signature of a phone."""

from __future__ import annotations

import re

_BEGINS_QUOTE = re.compile(
    r"^\s*(?:>+.*"
    r"|-{2,}\s*(?:original|forwarded|urspr|weitergeleitet|message d|mensaje|mensagem|messaggio"
    r"|oorspronkelijk|ursprungligt|opprinnelig|oprindelig|пересыл|исходн|原始).{0,60}"
    r"|_{10,}\s*|-{20,}\s*"
    r"|on .{2,300}\bwrote\s*:?\s*|am .{2,300}\bschrieb.{0,120}:?\s*|le .{2,300}\ba [eé]crit\s*:?\s*"
    r"|el .{2,300}\bescribi[oó]\s*:?\s*|em .{2,300}\bescreveu\s*:?\s*|il .{2,300}\bha scritto\s*:?\s*"
    r"|op .{2,300}\bschreef.{0,120}:?\s*|den .{2,300}\bskrev.{0,120}:?\s*"
    r"|\d{4}[-/年].{4,200}(?:wrote|写道|:)\s*|.{3,200}\bwrote:\s*|.{3,200}<[^<>\s]+@[^<>\s]+>\s*(?:wrote"
    r"|schrieb|a [eé]crit|escribi[oó]|写道)?\s*[:：]\s*"
    r"|(?:from|von|de|da|van|fr[aå]n|fra|от|od|发件人|差出人)\s*[:：]\s.{0,200}@.{0,200}"
    r")$",
    re.IGNORECASE,
)
_HEAD_OF_QUOTE = re.compile(r"^\s*\*?(?:from|von|de|da|van|fr[aå]n|fra|от|od|发件人|差出人)\*?\s*[:：]", re.IGNORECASE)
_NEXT_HEAD = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|envoy[eé]|objet|[aà]|enviado|para|asunto"
    r"|data|assunto|inviato|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|cc|отправлено|кому|тема|发送时间"
    r"|收件人|主题|送信日時|宛先|件名)\*?\s*[:：]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(?:--\s?|sent (?:from|via|with) (?:my|the|outlook|mail|yahoo|samsung|proton|gmail).{0,60}|(?:get"
    r"|download) outlook for .{0,40}|von meinem .{0,40} gesendet.{0,20}|gesendet (?:mit|von) .{0,60}"
    r"|envoy[eé] (?:de|depuis) mon .{0,40}|enviado (?:desde|do|pelo) .{0,50}|inviato da.{0,40}"
    r"|verzonden (?:vanaf|vanuit) mijn .{0,40}|skickat fr[aå]n .{0,40}|отправлено с .{0,40})\s*$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"^(?:please |pls |kindly |bitte |por favor |merci de (?:me )?)?(?:un-?subscribe|unsub|stop"
    r"|remove(?: me)?|opt[ -]?out|take me off|abmelden|abbestellen|austragen|d[eé]sabonn\w*"
    r"|d[eé]sinscri\w*|darme de baja|baja|cancelar|remover|cancellami|disiscrivi\w*|uitschrijven|afmelden"
    r"|avregistrera|退订|配信停止|отписаться)(?: me| us| mich| please| bitte| from (?:this|the|your"
    r"|all)?(?: mailing)? ?lists?| e?-?mails?| sending(?: me)?(?: e?-?mails?)?)*[\s.!]*$",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """The text above what is quoted, without a phone's signature; the whole when nothing else is left."""
    lines = text.splitlines()
    kept: list[str] = []
    for no, line in enumerate(lines):
        if _begins_quote(lines, no) and any(each.strip() for each in kept):
            break
        kept.append(line)
    own = _without_signature([line for line in kept if not line.lstrip().startswith(">")])
    return own or _without_signature(lines) or text.strip()


def _begins_quote(lines: list[str], no: int) -> bool:
    line = lines[no]
    if len(line) > 600 or not line.strip():
        return False
    if _BEGINS_QUOTE.match(line):
        return True
    # The line that says who wrote is often broken in two.
    both = f"{line.rstrip()} {lines[no + 1].strip()}" if no + 1 < len(lines) else line
    if line.lower().lstrip().startswith(("on ", "am ", "le ", "el ", "em ", "il ", "op ")) and len(both) < 600:
        return _BEGINS_QUOTE.match(both) is not None and not _BEGINS_QUOTE.match(lines[no + 1])
    return _HEAD_OF_QUOTE.match(line) is not None and any(_NEXT_HEAD.match(each) for each in lines[no + 1 : no + 4])


def _without_signature(lines: list[str]) -> str:
    for no, line in enumerate(lines):
        if len(line) < 120 and _SIGNATURE.match(line):
            lines = lines[:no]
            break
    return "\n".join(line.rstrip() for line in lines).strip()


def is_stop_word(text: str, subject: str) -> bool:
    """Whether they say nothing but that we should stop."""
    said = " ".join(text.split())
    if said:
        return len(said) < 80 and _STOP.match(said) is not None
    return _STOP.match(" ".join(subject.split())) is not None
