"""When is somebody who is away back, and who left for good? Read from the words of an automatic answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

LONGEST = timedelta(days=366)
"""A date further away than this is no return."""
_MOST = 3_000
_REACH = 60
"""Characters between a cue and its date."""

_MONTHS = (
    "january jan januar jänner jaenner janvier janv enero ene janeiro gennaio gen januari tammikuuta ocak"
    " января янв stycznia sty ledna január",
    "february feb februar février fevrier févr fevr febrero fevereiro fev febbraio februari helmikuuta"
    " şubat subat февраля фев lutego lut února unora február",
    "march mar märz maerz mrz mars marzo março marco maart maaliskuuta mart марта мар marca března brezna március",
    "april apr avril avr abril abr aprile huhtikuuta nisan апреля апр kwietnia kwi dubna április",
    "may mai mayo maio maggio mag mei maj toukokuuta mayıs mayis мая maja května kvetna május",
    "june jun juni juin junio junho giugno giu kesäkuuta haziran июня июн czerwca cze června cervna június",
    "july jul juli juillet juil julio julho luglio lug heinäkuuta temmuz июля июл lipca lip července cervence július",
    "august aug août aout agosto ago augustus augusti elokuuta ağustos agustos августа авг sierpnia sie"
    " srpna augusztus",
    "september sep sept septembre septiembre setiembre setembro set settembre syyskuuta eylül eylul"
    " сентября сен września wrz září zari szeptember",
    "october oct oktober okt octobre octubre outubro out ottobre ott oktober lokakuuta ekim октября окт"
    " października paź října rijna október",
    "november nov novembre noviembre novembro marraskuuta kasım kasim ноября ноя listopada lis listopadu",
    "december dec dezember dez décembre decembre déc diciembre dic dezembro dicembre desember joulukuuta"
    " aralık aralik декабря дек grudnia gru prosince",
)
_MONTH_NO = {name: no for no, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS = (
    "monday montag lundi lunes lunedì lunedi segunda-feira segunda maandag måndag mandag maanantaina"
    " poniedziałek понедельник",
    "tuesday dienstag mardi martes martedì martedi terça-feira terça dinsdag tisdag tirsdag wtorek вторник",
    "wednesday mittwoch mercredi miércoles miercoles mercoledì mercoledi quarta-feira quarta woensdag"
    " onsdag środę среду",
    "thursday donnerstag jeudi jueves giovedì giovedi quinta-feira quinta donderdag torsdag czwartek четверг",
    "friday freitag vendredi viernes venerdì venerdi sexta-feira sexta vrijdag fredag piątek пятницу",
    "saturday samstag sonnabend samedi sábado sabado sabato zaterdag lördag lørdag",
    "sunday sonntag dimanche domingo domenica zondag söndag søndag",
)
_WEEKDAY_NO = {name: no for no, names in enumerate(_WEEKDAYS) for name in names.split()}


def _alternatives(names: dict[str, int]) -> str:
    return "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))


_M = _alternatives(_MONTH_NO)
_DATES = re.compile(
    rf"(?P<iso>(?P<iy>20\d\d)[-/.](?P<im>\d{{1,2}})[-/.](?P<id>\d{{1,2}}))"
    rf"|(?P<cjk>(?:(?P<cy>20\d\d)\s?年\s?)?(?P<cm>\d{{1,2}})\s?月\s?(?P<cd>\d{{1,2}})\s?日)"
    rf"|(?P<num>(?<![\d.:+-])(?P<na>\d{{1,2}})\s?(?P<sep>[./-])\s?(?P<nb>\d{{1,2}})(?:\s?(?P=sep)\s?(?P<ny>"
    rf"(?:20)?\d\d)(?![\d:]))?(?![\d:%]))"
    rf"|(?P<dm>(?<!\d)(?P<dd>\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.|:e)?[\s-]?(?:of |de |d'|di |da "
    rf"|den )?\s?(?P<dmn>{_M})\b\.?(?:,?[\s-]?(?:de |del |of )?(?P<dmy>20\d\d))?)"
    rf"|(?P<md>\b(?P<mdn>{_M})\b\.?\s(?:the )?(?P<mdd>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d)(?:,?\s(?P<mdy>20\d\d))?)",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(back|return|returning|returns|re-?open\w*|resum\w+|available again|resume|in the office again"
    r"|be in (the office )?on"
    r"|reachable again"
    r"|wieder (da|im|zur[uü]ck|erreichbar|ab|am|f[uü]r|pers[oö]nlich|an|verf[uü]gbar)|zur[uü]ck|ab (dem"
    r"|montag|dienstag|mittwoch|donnerstag|freitag)|r[uü]ckkehr"
    r"|de retour|retour|serai de|reviens|rentr[eé]e|[aà] partir d[ue]|regres\w+|vuelv\w*|volver\w*|vuelta"
    r"|de vuelta|reincorpor\w*|a partir del?|retorn\w+|volt\w+|estarei de volta|rientr\w+|torn(er[oò]|o)\b"
    r"|di ritorno|a partire da\w*"
    r"|terug|vanaf|tillbaka|åter\b|tilbake|tilbage|igen|takaisin|palaan|wr[aoó]c\w*|powr\w+|zp[eě]t|вернусь"
    r"|возвращ\w*|буду (на|в)|выхожу)"
    r"|復帰|出社|戻り|より出勤|返回|回来|上班",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(until|till|til|through|thru|to|up to|up until|and|bis( zum| einschlie(ß|ss)lich| inkl\w*"
    r"| einschl\w*)*|jusqu['’]?\s?(au|[aà]|en)?|au|hasta( el)?|al|at[eé]( o| a| dia| ao)*|fino (al|a)"
    r"|sino al|al|tot( en met)?|t/m|t\.o\.m|till( och med)?|til og med|til|asti|saakka|do|a[zž] do|до|по)\b"
    r"|[–—-]|まで|から|至|到",
    re.IGNORECASE,
)
_BACK_BEHIND = re.compile(
    r"\s?(に|より|から)?\s?(復帰|出社|戻|出勤|返回|回来|上班)|\W{0,3}(bin ich |sind wir |i will be "
    r"|i'll be |i will |i'll |i am |i'm )"
    r"?(wieder|zur[uü]ck|back|return|de retour|terug|tillbaka|tilbage|tilbake)\b",
    re.IGNORECASE,
)
_UNTIL_BEHIND = re.compile(r"\s?(\(.{1,3}\))?\s?(まで|asti|saakka|迄)", re.IGNORECASE)
_AWAY = re.compile(
    r"away|out of|absen|abwesend|nicht im|urlaub|leave|vacation|holiday|cong[eé]|ausente|vacaci|f[eé]rias"
    r"|ferie|vakantie|semester|afwezig|fuera|fuori|assen|travel|unavailable|not available|nicht erreichbar"
    r"|未|休|不在|отпуск|отсутств|urlop|nieobecn|dovolen|lomal|poissa|borta|frånvaro|fraværende|not be (in"
    r"|able)|limited access|maternity|parental|elternzeit|sick|closed|geschlossen|ferm[eé]|cerrad",
    re.IGNORECASE,
)
_TOMORROW = re.compile(
    r"\b(back|return\w*|available|wieder\b.{0,20}|de retour|vuelvo|regreso|volto) .{0,25}?(again )?(tomorrow"
    r"|morgen|demain|mañana|amanhã)\b",
    re.IGNORECASE,
)
_ON_WEEKDAY = re.compile(
    rf"\b(?:(next|this|coming|kommenden|nächsten|on|am|le|el|na|op|på)\s)?(?P<day>{_alternatives(_WEEKDAY_NO)})\b",
    re.IGNORECASE,
)

_LEFT = re.compile(
    r"no longer (with|work(s|ing)?|employed|at|part of|a(n)? (member|employee)|affiliated|associated"
    r"|in the employ|here)\b|(does|do|is|am)( not|n't) (work(ing)?|employed) (here|for|at"
    r"|with) .{0,40}(any ?more|any longer)|not work(ing)? (here|for|at|with) .{0,40}any ?(more|longer)"
    r"|\b(has|have|'ve|'s) (now |recently |since )?(left|departed|resigned from|retired from"
    r"|moved on from) (the (company|organi[sz]ation|firm|business|team|bank|university|school)|our|us\b"
    r"|employment|[A-Z]\w+)|\bleft (the|our) (company|organi[sz]ation|firm|business)|\bI('ve| have)? (left"
    r"|retired)\b|is no longer (valid|in use|active|monitored|available|being monitored|checked|used)"
    r"|(mailbox|address|account|inbox) (is|has been|will be) (no longer|closed|not monitored|unmonitored"
    r"|discontinued|deactivated|decommissioned)|(has|have) retired\b|my last (working )?day (was|is|with"
    r"|at)|former employee|ceased (to be|working)|changed (jobs|employer|roles? )|(e-?mail )?address (has"
    r"|is) (changed|no longer)|(moved|am moving) on (from|to) (a )?(new|another)"
    r"|nicht (mehr|länger) (f[uü]r .{0,60}(t[aä]tig|arbeite|besch[aä]ftigt)|bei .{0,60}(t[aä]tig"
    r"|besch[aä]ftigt|angestellt)|im (unternehmen|hause?|dienst)|in unserem|t[aä]tig|besch[aä]ftigt)"
    r"|arbeite[tn]? nicht mehr|(hat|habe) (das|die|unser|unsere) (unternehmen|firma|gesellschaft|haus"
    r"|agentur).{0,40}verlassen|ausgeschieden|im ruhestand|nicht mehr (g[uü]ltig|genutzt|gelesen|abgerufen"
    r"|aktiv|in gebrauch|verwendet)"
    r"|ne (travaille|fais|fait|suis|est|sera|serai) plus .{0,40}(partie|chez|pour|salari|collaborat"
    r"|soci[eé]t[eé]|au sein|en poste|joignable)|(a|ai) quitt[eé] (la|l'|notre|ses|mes|le|nos"
    r"|d[eé]finitivement)|n'est plus (en service|utilis|valide|consult|active)"
    r"|ya no (trabaj\w+|labor\w+|form\w+ parte|pertene\w+|colabor\w+|est[aá]\w* (en|con) (la|nuestra))|(ha"
    r"|he) dejado (la|de trabajar|de formar|nuestra)|n[aã]o (trabalh\w+|fa[zç]\w* (mais )?parte|pertenc\w+"
    r"|integra|est[aá]\w* mais) .{0,30}(mais|da empresa|na empresa|parte)|n[aã]o fa[zç]\w* mais parte"
    r"|n[aã]o trabalh\w+ mais|deslig(uei|ou|ad[oa])"
    r"|non (lavora|lavoro|fa|faccio|collabora) pi[uù]|ha lasciato (l['’]azienda|la societ)|werk(t"
    r"|zaam)? niet (meer|langer)|niet (meer|langer) werkzaam|uit dienst|arbetar inte l[aä]ngre|har slutat"
    r"|jobber ikke lenger|har sluttet|arbejder ikke l[aæ]ngere|er fratrådt|ei (ole enää|työskentele enää)"
    r"|nie (pracuj[eę]|jest ju[zż])|ju[zż] nie pracuj|больше не работа|уволи|退職|退社|離職|已离职|不再(任职|在)",
    re.IGNORECASE,
)


class _Found(NamedTuple):
    on: date
    at: int
    end: int


def has_left(said: str) -> bool:
    """Whether the person works there no more, or the address is given up: nobody comes back."""
    return _LEFT.search(_plain(said)) is not None


def away_until(said: str, *, written: date) -> date | None:
    """The first day they are back, as the words of an automatic answer say it; None when they don't.

    `written` is the day the answer was sent: it tells the year, what "Monday" is, and which reading of 04/05 is meant.
    Of several days the last that belongs to a word of return counts, else the day after the last they are away.
    """
    words = _plain(said)
    dates = list(_dates(words, written))
    back = [each.on for each in dates if _cue(words, each) == "back"]
    until = [each.on + timedelta(days=1) for each in dates if _cue(words, each) == "until"]
    by_day = _by_weekday(words, written) if not back and not until else None
    found = max(back, default=None) or max(until, default=None) or by_day
    if found is None and _TOMORROW.search(words):
        found = written + timedelta(days=1)
    return found if found is not None and written < found <= written + LONGEST else None


def _plain(said: str) -> str:
    return " ".join(said[:_MOST].replace("\u00a0", " ").replace("’", "'").split())


def _cue(words: str, found: _Found) -> Literal["back", "until"] | None:
    """What the words just before a date make of it; those just after, where a language puts them there."""
    before = words[max(0, found.at - _REACH) : found.at]
    before = re.split(r"[.!?;。](?=\s|$)(?<!\d[.])", before)[-1]
    after = words[found.end : found.end + 30]
    back = max((each.end() for each in _BACK.finditer(before)), default=-1)
    until = max((each.end() for each in _UNTIL.finditer(before)), default=-1)
    if back > until or _BACK_BEHIND.match(after):
        return "back"
    if _UNTIL_BEHIND.match(after):
        return "until"
    if until >= 0 and (len(before) - until < 25) and (_AWAY.search(words[: found.end + 80]) is not None):
        return "back" if back >= 0 else "until"
    return "back" if back >= 0 else None


def _dates(words: str, written: date) -> Iterator[_Found]:
    for found in _DATES.finditer(words):
        on = _date_of(found, written)
        if on is not None:
            yield _Found(on, found.start(), found.end())


def _date_of(found: re.Match[str], written: date) -> date | None:
    told = found.groupdict()
    if told["iso"]:
        return _day(told["iy"], int(told["im"]), int(told["id"]), written)
    if told["cjk"]:
        return _day(told["cy"], int(told["cm"]), int(told["cd"]), written)
    if told["dm"]:
        return _day(told["dmy"], _MONTH_NO[told["dmn"].lower()], int(told["dd"]), written)
    if told["md"]:
        return _day(told["mdy"], _MONTH_NO[told["mdn"].lower()], int(told["mdd"]), written)
    first, second = int(told["na"]), int(told["nb"])
    if told["sep"] == "." or (told["ny"] is None and told["sep"] == "-"):
        return _day(told["ny"], second, first, written) if told["sep"] == "." else None
    read = (_day(told["ny"], second, first, written), _day(told["ny"], first, second, written))
    # 04/05 is May here and April there: the sooner of those that are still to come, so that a pause is rather short.
    return min((each for each in read if each is not None and each >= written), default=None)


def _day(year: str | None, month: int, day: int, written: date) -> date | None:
    try:
        if year is not None:
            return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        this = date(written.year, month, day)
        # Without a year: the next such day; one just past is last week's, not next year's.
        return this if this >= written - timedelta(days=14) else date(written.year + 1, month, day)
    except ValueError:
        return None


def _by_weekday(words: str, written: date) -> date | None:
    """ "Back on Monday": the next one after the answer was written."""
    for found in _ON_WEEKDAY.finditer(words):
        before = words[max(0, found.start() - 30) : found.start()]
        if _BACK.search(before):
            ahead = (_WEEKDAY_NO[found.group("day").lower()] - written.weekday() - 1) % 7 + 1
            return written + timedelta(days=ahead)
    return None
