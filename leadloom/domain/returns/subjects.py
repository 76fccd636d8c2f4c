"""Which subjects do machines write? Of bounces, delays and answers of people who are away, in many languages."""

from __future__ import annotations

import re


def _any(*lines: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line})" for line in lines), re.IGNORECASE)


BOUNCE = _any(
    r"undeliver(ed|able|y)|non.?deliver|not (be )?delivered|could ?n[o']t be (delivered|sent)|(mail"
    r"|message|e-?mail) (delivery )?(failure|failed|failing|error|problem|returned|rejected|bounced"
    r"|undeliverable|not delivered|status)",
    r"delivery (status|failure|failed|notification|report|problem|error|has failed|incomplete|unsuccessful"
    r"|to .{0,60} failed)|deliver.{0,10}fail|failure (notice|delivery|report|notification)|fail(ed"
    r"|ure) to deliver|failed mail|failed delivery",
    r"return(ed|ing) (mail|message|to sender|e-?mail)|mail system error|mail error|mdaemon notification"
    r"|nondeliverable|mailer.?daemon|bounce|rejected (mail|message|e-?mail|posting)|(message"
    r"|mail) rejected|postmaster (notify|notification)|nachricht (konnte )?nicht zu|undelivrable|(unknown"
    r"|invalid|no such) (user|address|recipient|mailbox)|user unknown|(mail|message|e-?mail) .{0,20}(not"
    r"|un)deliver|blocked by|mail could not|smtp error|address (change|rejected)",
    r"unzustell|nicht zugestellt|zustell(ung|fehler)|konnte nicht|fehler .{0,20}zustell|r[uü]cksendung"
    r"|zur[uü]ckgesendet",
    r"non (remis|d[eé]livr|distribu|transmis)|[eé]chec de (la )?(remise|distribution|livraison|l'envoi)"
    r"|retour[a-z]* .{0,20}exp[eé]diteur|remise impossible",
    r"no (se ha podido|se pudo|entregad|se puede) ?(entreg|envi)?|no entregado|error (de|en la) entrega"
    r"|devuelto|fallo (de|en la) entrega|mensaje devuelto|imposible (de )?entregar",
    r"n[aã]o (foi )?(entregue|p[oô]de)|falha na entrega|devolvid|erro (de|na) entrega|non recapitabile"
    r"|mancata consegna|impossibile (recapitare|consegnare)|non consegnat|niet (be|af)geleverd"
    r"|onbestelbaar|niet bezorgd",
    r"配信(不能|失敗|エラー|でき)|送信(エラー|失敗|できません)|不達|届きません|エラーメール|未送達|退信"
    r"|系统退信|投递失败|无法投递|не доставлен|недоставлен"
    r"|не удалось доставить|niedostarczon|nie (zosta[lł]a? )?dor[eę]czon|zwrot|nedoru[cč]|obesk?tälld"
    r"|kunde inte levereras|kunne ikke leveres|ikke leveret",
)
DELAY = _any(
    r"delay(ed)?\b|\bwarning\b.{0,60}(mail|message|send|deliver|hour)|could not send .{0,30}(for|past"
    r"|in) .{0,20}(hour|day)|not yet (been )?delivered|still (being )?(retr|try)|deferred|verz[oö]ger"
    r"|retard|retras|atras|ritard|vertraag|遅延|задержк|op[oó][zź]n",
)
AWAY_PREFIX = _any(
    r"^\W*(auto(matic|mated|matisch\w*)?\W{0,3}(reply|response|responder|antwort|answer|replay|svar"
    r"|message|respon\w*)|autoreply|autoresponder?|autorespuesta|auto.?reply|auto\s*:"
    r"|out.?of.?(the.?)?office|ooo\b|(annual|maternity|paternity|parental|sick|study|long) leave"
    r"|vacation|away from (the |my )?(office|desk|mail|e-?mail)|absence|on (annual |maternity |parental "
    r"|sick |medical |study |long )?(leave|vacation|holiday)|i('| a)?m (currently )?(away|out|on)"
    r"|currently (away|out|on))",
    r"^\W*(abwesenheit\w*|automatische (antwort|abwesenheit\w*|e-?mail|r[uü]ckantwort|reactie"
    r"|beantwoording)|automatisk(t)? (svar|svarmelding|svarsmeddelande)|autosvar|fr[aå]nvaro\w*"
    r"|frav[aæ]r\w*|nicht im (b[uü]ro|haus)|(bin )?au(ß|ss)er haus|urlaub\w*|afwezig\w*"
    r"|automatisch antwoord|poissaolo\w*|automaattinen vastaus|ik ben (niet|afwezig)|ich bin)",
    r"^\W*(r[eé]ponse automatique|r[eé]p\. auto|absen(t|ce|te)\b|absence du bureau|en cong[eé]s?"
    r"|message d'absence|notification d'absence|respuesta autom[aá]tica|fuera de (la )?oficina|ausente"
    r"|ausencia|fora do escrit[oó]rio|resposta autom[aá]tica|aus[eê]ncia|f[eé]rias|risposta automatica"
    r"|fuori (ufficio|sede)|assen(te|za)|resposta autom[aà]tica|vacaciones)",
    r"^\W*(自動(返信|応答)|不在|休暇|自动(回复|答复|應答)|自動回覆|外出|автоматический ответ|автоответ\w*"
    r"|отсутств\w*|нет на месте"
    r"|вне офиса|odpowied[zź] automatyczna|automatyczna odpowied[zź]|autoodpowied[zź]|nieobecno\w*|poza biurem"
    r"|automatick[aáeé] odpov\w*|mimo kancel[aá][rř]|automatikus v[aá]lasz|h[aá]zon k[ií]v[uü]l"
    r"|otomatik (yan[iı]t|cevap)|ofis d[iı][sş][iı]nda|αυτόματη απάντηση|εκτός γραφείου|r[aă]spuns automat"
    r"|자동 ?(회신|응답)|부재)",
)
"""At the head of a subject, where mail programs put it."""
AWAY_ANYWHERE = _any(
    r"\((auto(matic)? ?-?(reply|response)|out of (the )?office|ooo|vacation|abwesend|absent)\)\s*$"
    r"|\bauto-?reply\b|\bautoresponse\b|\bout of (the )?office\b|\bvacation (reply|response|message"
    r"|notice)\b|\bautomatic reply\b|\bautomatische antwort\b|\babwesenheitsnotiz\b|is (out of the office"
    r"|on vacation|away|absent|on leave|out of office)\b|est absent|está ausente",
)
"""Anywhere in a subject: counts only where something else says machine too."""
REPLIED = re.compile(
    r"^\s*(re|aw|sv|antw|rv|res|r|vs|odp|ynt|回复|答复|回覆|答覆|回信|antwort|rif|ref|bls|atb|απ|ответ)\s*(\[\d+\]"
    r"|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)
"""A person pressed Reply."""
RECEIPT = _any(
    r"^(read|return receipt|receipt|gelesen|lu|le[ií]do|lido|letto|gelezen|l[aä]st|lest|læst|přečteno"
    r"|przeczytane|прочитано|開封(済み|確認)?|已读|已讀)\s*[:：]|^(not read|ungelesen|non lu|no le[ií]do|n[aã]o lido"
    r"|non letto|deleted)\s*[:：]|delivered:|^zugestellt:|disposition notification",
)
CHALLENGE = _any(
    r"(please )?confirm (your )?(message|e-?mail|mail|posting|request to mail|that you)"
    r"|confirmation (required|needed|request)|(verify|verification) (your )?(e-?mail|message|sender"
    r"|request|that)|your (message|mail|e-?mail) (to .{0,80} )?(awaits|is awaiting|requires|needs"
    r"|has been held|is being held)|sender (verification|confirmation)|spam ?arrest|boxbe|mailblocks"
    r"|challenge|awaits moderator approval|action required to deliver",
)
TICKET = _any(
    r"\[(ticket|case|request|issue|#)[^\]]{0,40}\] ?.{0,80}(received|created|opened|acknowledg)|(we('ve"
    r"| have)|has been|was) received|thank(s| you) for (contacting|your (e-?mail|message|inquiry|enquiry"
    r"|mail|request|interest))|(ticket|case|request|inquiry) .{0,40}(received|created|opened|acknowledg"
    r"|confirmation)|acknowledg(e)?ment|confirmation of receipt|empfangsbest[aä]tigung"
    r"|eingangsbest[aä]tigung|accus[eé] de r[eé]ception|acuse de recibo|confirma[cç][aã]o de recebimento"
    r"|received your (e-?mail|message|inquiry|request)",
)
