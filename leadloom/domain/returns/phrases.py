"""The words of bounces, by reason: phrases of many mail systems in many languages, in the order in which they count.

Each line is one expression. What speaks against us comes first: a refusal that names a list, a sender or a rate says
nothing about the address, whatever else it says (mail.md §3). Addresses and URLs are taken out before.
"""

from __future__ import annotations

import re

from leadloom.domain.returns.kind import Reason

_OF_SENDER = (
    r"sender (address )?(rejected|denied|refused|blocked|verif|not (allowed|permitted|accepted"
    r"|authori[sz]ed)|unknown|invalid|is (blocked|banned|invalid))"
    r"|(sender|return path|envelope from|mail from|from address)('s)?( \S+)? (domain )?(does not (exist"
    r"|resolve)|could not be verified|can(no|')t be (verified|resolved))"
    r"|domain of sender"
    r"|(verify|verification) (of )?(the )?sender|callout verification failed"
    r"|(not|isn't) (allowed|permitted|authori[sz]ed) to send"
    r"|you are not allowed to (use|send)"
    r"|sender is not (in|on) .{0,30}(allowed|white)"
    r"|invalid (sender|mail from|return path)|bad sender|sender verify failed"
    r"|need fully.qualified (address|hostname)"
    r"|cannot resolve your domain|your domain .{0,40}(resolve|mx)"
)
_AUTH = (
    r"\bspf\b|\bdkim\b|\bdmarc\b|\bdomainkeys?\b|5\.7\.(20|21|22|23|24|25|26|27|29|509|515)\b"
    r"|reverse dns|\brdns\b|\bptr\b|no reverse|reverse (host|hostname|lookup|mapping)|fix reverse"
    r"|(un)?authenticated (mail|e-?mail|message)|fails? (the )?authenti|authenticat\w+ (failed|failure"
    r"|checks?|required|needed)|sender id check"
    r"|(must|need to|should) (be )?authenti|authentication (is )?required"
    r"|must issue a starttls|tls (is )?(required|negotiation)|require[sd]? (tls|encryption)|starttls (is )?required"
    r"|helo .{0,40}(reject|invalid|denied|resolve|not|need)|(invalid|bad|bogus|fake) (helo|ehlo)|(helo"
    r"|ehlo) (command )?rejected"
    r"|cannot find your (reverse )?host|purported responsible|please use the smtp server of your"
)
_REPUTATION = (
    r"\b\d{3}\W{1,3}(\d\.\d\.\d+\W)?blocked\b|client host rejected|invalid ip for sending|\(bl\)"
    r"|black.?list|block.?list|deny.?list|\brbl\b|\bdnsbl\b|\bsbl\b|\bxbl\b|\bpbl\b|spamhaus|spamcop"
    r"|barracuda(central| reputation)|\bcbl\b|\bsorbs\b|\buceprotect|senderbase|sender ?score|njabl"
    r"|mailspike|trustwave|cloudmark|invaluement|surbl|uribl|proofpoint dynamic|cisco talos"
    r"|(?<!not )(?<!isn't )(?<!be )\blisted (at|in|by|on|as)\b|is listed|is on (a|our|the) .{0,20}(list|rbl)"
    r"|(poor|bad|low|suspicious|unacceptable|very low) (e-?mail |mail |domain |ip |sender |sending "
    r"|web )*reputation|reputation (filter|service|based|of|is|too|block)|due to .{0,40}reputation"
    r"|(your|sending|client|connecting|source|this|from|the)( sending| mail| smtp| e-?mail)?( ip|server"
    r"|host|network|domain|address)( address)?( \(?[\d.:a-f]+\)?| \S+)? (is|has been|was|are|being"
    r"|temporarily)( \w+)? (block|bann|reject|refus|suspend|prohibit|restrict|den[iy])"
    r"|(ip|host|network|server|domain|mta)s? (address )?(\[?[\d.:a-f]+\]? )?(is )?(blocked|banned|rejected"
    r"|denied|blacklisted)"
    r"|banned (sending|sender|ip|host)|block(ed|ing) (by|using|because|due|for|from)|has been blocked"
    r"|\bwe(('| a)re)? (have )?(blocked|blocking)"
    r"|(excessive|too many|high (number|volume|rate) of) (complaints|spam|unsolicited|bounces|unknown"
    r"|invalid)|user complaints|complaint"
    r"|dynamic (ip|address|dial)|generic (ptr|hostname|rdns)|dial-?up|residential (ip|address)|dynamically"
    r"|part of (their|your) network|delist|unblock|removal (from|request)"
    r"|messages from .{0,60}(weren't sent|temporarily deferred)"
    r"|ip (address )?.{0,40}(not accepted|no access|not allowed|access denied)"
    r"|service refused|no mail accepted from|not accept(ing)? (mail|messages|connections?) from (you|this|your)"
)
_SPAM = (
    r"\bspam|anti-?spam|\bunsolicited\b|\bjunk (mail|e-?mail)|\bubE\b|\bube\b|\buce\b"
    r"|bulk (mail|e-?mail|sender)|phish|\bspamm?er|spam-like|mass mail"
    r"|(message|content|mail|e-?mail) .{0,60}(looks like|appears to be|considered|classified|detected"
    r"|identified|recogni[sz]ed|scored) .{0,30}(spam|junk|unsolicited|bulk)"
    r"|high(er)? (spam )?score|spamassassin|heuristic|content filter|advertis(ing|ement)"
    r"|message (was )?(rejected|refused|blocked) (due to|by|because of) .{0,30}(filter|classification)"
    r"|spam-?verdacht|pourriel|ind[eé]sirable|correo no deseado|lixo eletr|迷惑メール|垃圾"
)
_ALLOWED = r"(white|allow(ed)?|safe|permit(ted)?|approved)[ -]?(senders?)?[ -]?list|only accepts? (mail|messages)"
_RATE = (
    r"reached (your|the|its) (daily|hourly)|rate.?limit|throttl|too (many|much) (messages|mails|e-?mails"
    r"|connections?|recipients|errors|sessions"
    r"|concurrent|smtp|unknown|invalid|bad|failed|mail)|too (fast|quickly|frequent|often)|(exceed"
    r"|over)\w* .{0,40}(rate|limit of|connections?|messages per|hourly|daily|sending limit|sending quota"
    r"|submission quota)|(hourly|daily|sending|message) (rate |sending )?(limit|quota) (is )?(exceeded"
    r"|reached)"
    r"|(messages?|mails?|connections?|recipients) per (hour|day|minute|connection|session)"
    r"|concurrent (connections?|sessions?)|slow down|try (again|back) (in|after|later) .{0,30}(minute"
    r"|second|hour)|temporarily (deferred|rate)"
    r"|gr[ea]y.?list|greylist|postgrey|early talker"
    r"|receiving mail (at a rate|too quickly)|unusual rate|deferred due to|number of recipients|recipient limit"
)
_RELAYING = (
    r"relay(ing)? (is )?(denied|access|not (permitted|allowed|supported)|prohibited|blocked|disallowed)"
    r"|unable to relay|cannot relay|can't relay|(not|n't|do not|will not|no) relay|open relay|relay (not"
    r"|for) .{0,40}(allow|permitted|reject|refus|denied)|relay for|not a relay|not one of our domains"
    r"|isn't in my list of allowed rcpthosts|rcpthosts|refused to relay|not (a )?local (domain|host)"
    r"|we do not (accept|handle) mail for"
    r"|domain .{0,60}(isn't|is not) (allowed|hosted|handled|configured|local|served|in)"
)
_TOO_BIG = (
    r"(message|mail|e-?mail|msg|content|data|size|attachment)s?( file)?( size)? .{0,40}(exceed|too (big"
    r"|large)|(?<!queue )too long|larger than|over (the )?(max|limit)|bigger)|(maximum|max\.?|fixed) (message |file "
    r"|e?-?mail )?size|size limit|message size|line (too long|length)|exceed\w* .{0,30}(maximum|size"
    r"|length)|too (big|large)\b|zu gro(ß|ss)|trop volumineux|demasiado grande|muito grande|サイズ"
)
_FULL = (
    r"(mail ?box|inbox|account|user|recipient|quota|folder|mail ?drop|storage|maildir"
    r"|spool)('s)? ?(\S+ )?(is |are |has |was |has been |size )?(currently |temporarily |almost "
    r"|over)? ?(full|over.?quota|exceed|out of (space|storage)|over (its |the |their |his )?(quota|limit"
    r"|size|storage|disk)|reached .{0,30}(limit|quota)|past its quota)"
    r"|(over|exceed(s|ed|ing)?|out of|insufficient|not enough|no)( \w+){0,6} (quota|disk ?space"
    r"|storage( space)?|mailbox space|mail ?box size|mailbox limit|space (left|available)|system storage)"
    r"|over ?quota|quota.{0,20}exceed|quota (is )?full|quota ?violation|disk quota|mailbox (size )?limit"
    r"|storage (limit|allocation|quota)|\bmailfull\b|mailbox.{0,20}\bfull\b|inbox .{0,10}full"
    r"|too much mail data|user is over|has no (disk )?space|maildir (delivery failed|over quota)"
    r"|user has too many messages|would exceed"
    r"|(postfach|mailbox|speicherplatz|quota|konto).{0,60}(voll|überschritten|ueberschritten|erschöpft)"
    r"|bo[iî]te.{0,40}pleine|quota d[eé]pass|espace.{0,30}(insuffisant|plein)|buz[oó]n.{0,40}(lleno|llena)"
    r"|cuota.{0,30}(excedida|superada)|caixa.{0,40}(cheia|lotada)|cota.{0,30}excedida|casella.{0,40}piena"
    r"|メールボックス.{0,20}(いっぱい|一杯|満杯|容量)|容量.{0,10}(超|不足)|邮箱.{0,10}(满|已满)|переполнен"
    r"|skrzynka.{0,30}(pełna"
    r"|przepełni)|postvak.{0,20}vol|mailbox.{0,20}vol\b"
)
_DISABLED = (
    r"temporar(y|ily) (locked|disabled|suspended|blocked)|(account|mail ?box|user|recipient|address"
    r"|e-?mail|customer|domain|login"
    r"|alias)('s)?( \S+)?( that you tried to reach)?( mailbox| account| address)? (is |has been |was |are "
    r"|is currently |is temporarily |currently |has )?(temporarily |currently |permanently |been "
    r"|now )?(disabled|suspended|inactive|deactivated|de-activated|locked|closed|expired|not active"
    r"|not activated|cancelled|canceled|blocked for|on hold|terminated|frozen|inactivated|not enabled"
    r"|discontinued|has expired|administratively)"
    r"|(disabled|suspended|inactive|deactivated|locked|expired|terminated|cancelled|closed) (mail ?box"
    r"|account|user|recipient|address|due|customer)|account (disabled|suspended|inactive|expired|closed"
    r"|locked)|mailbox (disabled|inactive|suspended|expired|closed|locked)|user (disabled|suspended"
    r"|inactive|locked)|is a deactivated|dormant|this (account|mailbox|user) (has been|is) (disabled"
    r"|suspended|inactive)|not been (used|active)|extended inactivity|has been inactive|did(n't| not) pay"
    r"|mailbox unavailable .{0,30}(disabled|inactive)"
    r"|(konto|postfach|mailbox).{0,40}(gesperrt|deaktiviert)|compte.{0,40}(d[eé]sactiv|suspend|bloqu)"
    r"|cuenta.{0,40}(desactivad|suspendid|bloquead|inactiv)|conta.{0,40}(desativad|suspens|bloquead"
    r"|inativ)|停止(され|中)|заблокирован|отключен"
)
_MOVED = (
    r"(user|recipient|mailbox|address|account|person|he|she) (has |was |is )?(moved|relocated|migrated)"
    r"|has moved to|moved (permanently)?,? ?(please )?(try|to)|new (e-?mail )?address( is|:)"
    r"|address (has )?changed|changed (his|her|their|its) (e-?mail )?address"
    r"|user not local;? ?(please )?(please )?try|please (update|use) .{0,40}(new )?address"
    r"|(no longer|not longer|not any ?more) (with|works?|working|employed|at|part of|associated)|has left"
    r"|left (the|our) (company|organi[sz]ation|firm|university|school)|(ist|arbeitet) nicht mehr"
    r"|ausgeschieden|ne (fait|travaille) plus|ya no (trabaja|labora)|n[aã]o (trabalha|faz parte) mais|非在籍"
    r"|退職"
)
_USER = (
    r"no mail ?box available|bad[_ ]recipient|not our (user|customer)|invalid final delivery userid"
    r"|ディレクトリのリストにありません|(user"
    r"|recipient|mail ?box|address|account|addressee|person|name|alias|login|customer|member"
    r"|local.?part|subscriber|destination|party|inbox|id|username|box|recipient address"
    r"|email)s?('s)?( name| address| account| mailbox| id| specified){0,3}( \S{1,80})?( is| was| are|:| has"
    r"| in|,| -| =)?( an?)?( currently| completely)? (unknown|unrecogni[sz]ed|invalid|nonexist\w*"
    r"|non-exist\w*|not (exist\w*|found|known|valid|recogni[sz]ed|a (valid|known)|listed|available here"
    r"|here|on (this|our)|local|in (our|the)|present|registered|defined|hosted|be found|a user|a local"
    r"|our customer|have|identified)|does ?n('|o)?t (exist|have an?|match|appear|live)|do(es)? not (exist"
    r"|have an?|match|appear|live|reside)|doesn?.?t exist|no longer (exist|valid|available|active|here"
    r"|in use|has|on|accept|used|registered|hosted|receiv)|could ?n('|o)t be found|could not be (found"
    r"|resolved|verified)|cannot be (found|resolved)|can't be found|couldn't be found|wasn't found"
    r"|was not found|isn't (a|valid|found|known|listed)|has been (deleted|removed|terminated)|deleted"
    r"|lookup failed|lookup failure|look-?up)"
    r"|(unknown|invalid|unrecogni[sz]ed|incorrect|nonexistent|non-existent|non-existing|no such|undefined"
    r"|illegal|not a valid|no valid|not a known|bad|wrong|no matching|unrouteable|unroutable|undeliverable"
    r"|unresolvable|inexistent|deleted|obsolete|ambiguous) ?(local |virtual |email |e-?mail |mail |smtp "
    r"|final |mailbox |destination |recipient |user ){0,4}(user|recipient|mail ?box|address|addressee|person"
    r"|account|alias|name|login|customer|box|destination mailbox|local.?part|id|rcpt|member|subscriber"
    r"|destination|email)"
    r"|user unknown|unknown user|no such (user|person|recipient|mailbox|address|account|name|local|virtual"
    r"|id|email|domain\\user|member)|nosuchuser|user_unknown|recipient ?not ?found|recipnotfound"
    r"|resolver\.adr\.(recip|exrecip|expl)|is not (a )?(known|valid|registered|recogni[sz]ed"
    r"|an? active) (user|recipient|address|mailbox|account|email|customer)|(no|not) (a )?(mailbox|user"
    r"|account|address|recipient) (here|by (that|this)|with (that|this)|called|named|exists|at this|found"
    r"|on this|in)|there is no (such |one |user|mailbox|account|address|recipient)|(do|does)(n't"
    r"| not) have an? .{0,40}(account|mailbox|user|address|yahoo)|this (user|account|mailbox|address"
    r"|recipient) (doesn't|does not|no longer|isn't|is not)|does not exist here|not our customer"
    r"|isn't a .{0,30}(user|account|customer)|not in (recipient|the|our) .{0,30}(list|table|map|director"
    r"|address book|domino)|not listed in .{0,30}(domino|public name|address|director)"
    r"|user .{0,60}not (listed|found|unique)|unable to find .{0,40}(user|recipient|alias|mailbox|account)"
    r"|(can't|cannot|could not|couldn't|unable to) (find|locate|verify|resolve|identify"
    r"|determine) .{0,40}(user|recipient|mailbox|address|account|alias|destination)|mailbox (not available(?! or)"
    r"|unavailable(?! or)|not accessible|name not allowed)|(requested )?(mail )?action (not taken"
    r"|aborted):? ?(the )?(user'?s? )?mail ?box (is )?(unavailable|not found|not available)"
    r"|user (is )?not (allowed|permitted) to receive|delivery to .{0,60} (address|mailbox) .{0,20}(invalid"
    r"|not exist)|address (rejected|not found|unknown)[^a-z]{0,3}(user|unknown|no)"
    r"|recipient address rejected:? ?(undeliverable|unknown"
    r"|invalid|no such|address unknown|unverified|does not|recipient (not|unknown|un)|not (found|exist"
    r"|known)|user unknown|user not|user .{0,60}(unknown|not found|does not))"
    r"|recipient address rejected: access denied"
    r"|access denied .{0,10}as\(201806281\)|directory.based edge|no mailbox (here|by)|no account by"
    r"|not a (subscriber|member|user) of this (host|system)|vdelivermail|no user|no recipients? (was|were"
    r"|by|here|matched)|that (recipient|user|address)|mailbox does not|recipient (rejected|unknown)"
    r"|unknown local.?part|(is )?not (found|listed) (in|at|on) .{0,30}(ldap|directory|system|server"
    r"|domain)|sorry, no mailbox|rcpt .{0,30}(does not|not) exist|deactivated mailbox"
    r"|addr(ess)? .{0,60}(couldn't|could not|can't|cannot) be found|address not found"
    r"|email address you entered|please (check|verify|double.?check|confirm) .{0,60}(address|spelling"
    r"|typos|recipient)|typos or unnecessary spaces|(e-?mail )?account .{0,80}does not exist"
    r"|unbekannt|existiert nicht|(nicht|konnte nicht|wurde nicht) (gefunden|bekannt|vorhanden)"
    r"|kein(en)? (benutzer|postfach|empf[aä]nger)|ung[uü]ltige?r? (empf|adresse|e-?mail)"
    r"|empf[aä]nger(adresse)?.{0,40}(unbekannt|nicht|abgelehnt)|utilisateur.{0,20}inconnu|(destinataire"
    r"|adresse|bo[iî]te).{0,60}(inconnu|n'existe|introuvable|invalide|n'a pas .{0,20}trouv|n’existe)"
    r"|n'existe pas|inexistant|(usuario|destinatario|cuenta|direcci[oó]n|buz[oó]n).{0,60}(no existe"
    r"|desconocid|inv[aá]lid|no (se )?(ha |pudo )?.{0,20}encontr)|no existe|(usu[aá]rio|destinat[aá]rio"
    r"|conta|endere[cç]o|caixa).{0,60}(n[aã]o (existe|encontrad|foi|é)|desconhecid|inv[aá]lid|inexistente)"
    r"|(utente|casella|indirizzo|destinatario).{0,60}(sconosciut|inesistent|non (esiste|valid|trovat))"
    r"|gebruiker.{0,30}onbekend|bestaat niet|(あて先|宛先|受信者|ユーザ|アドレス|アカウント"
    r"|メールアドレス).{0,60}(見つか|存在し|不明|ありません"
    r"|間違|誤)|存在しません|(用户|收件人|邮箱|地址).{0,20}(不存在|未找到|无效)|не (существует|найден)"
    r"|пользовател.{0,30}не"
    r"|нет такого|такого пользователя нет|nie istnieje|nieznany (u[zż]ytkownik|adres)|neexistuje"
    r"|nem l[eé]tezik|findes ikke|finnes ikke|finns inte|ei ole olemassa|bilinmeyen"
)
_DOMAIN = (
    r"\b(host|domain|hostname|domain ?name|mail server|mx)( name)?( _| \(?[\w.-]{1,80}\)?)? ?(is |was "
    r"|does |has |could |can )?"
    r"(unknown|not (exist|be resolved|resolve)\b|nonexistent|n't (exist|resolve)|not found(?!,? try)"
    r"|could not be found|has no (mx|valid mx))"
    r"|no such (domain|host)|unknown (host|domain)\b|host unknown"
    r"|(name service|dns) error .{0,80}(host not found(?!,? try)|domain not found|nxdomain|non-?exist)|nxdomain"
    r"|domain (does not|doesn't|_ does not) exist|non-?existent (domain|host)|(bad|invalid"
    r"|illegal) (destination|recipient) domain"
    r"|(can't|cannot|couldn't|could not|unable to) (find|resolve|locate|look ?up) (the |any |a )?(host"
    r"|domain|mx|mail server)"
    r"|null ?mx|nullmx|domain .{0,60}(accepts? no mail|does not accept (e-?)?mail)|no smtp service"
    r"|\b(host|domain) (name )?(_ )?(was |is |could )?not (be )?found(?!,? try)"
    r"|responsible for .{0,40}not found|no mx (record|host|found)"
    r"|mx (record )?.{0,20}(invalid|points to 0)|unrouteable (mail )?domain|no (valid )?(route"
    r"|mx) .{0,20}(to|for) (host|domain)"
    r"|address couldn't be found because the domain|all relevant mx records point to non"
    r"|couldn't find any host (named|by that)"
    r"|domain name .{0,40}(couldn't|could not|wasn't) (be )?found|dnsdomaindoesnotexist"
    r"|recipient domain .{0,40}(not|unknown|invalid)|unbekannte(r|n)? (domain|host)"
    r"|domaine .{0,30}(inconnu|n'existe|introuvable)|dominio .{0,40}(no (existe|se encontr)|desconocid)"
    r"|ドメイン.{0,30}(存在し|見つか)"
)
_CONTENT = (
    r"content (is )?not acceptable|virus|malware|malicious|infected|trojan|worm|dangerous|executable|(attachment"
    r"|file)s? .{0,60}(not (allowed|permitted|accepted)|block|reject|prohibit|illegal|forbidden|type"
    r"|banned)|(banned|blocked|forbidden|unsafe|illegal) (file|attachment|extension|content|filename)"
    r"|attachment|(message|mail) (content|body|format) .{0,40}(rejected|denied|not (allowed|accepted)"
    r"|refused|unacceptable)|content (rejected|denied|refused|not allowed|violat|policy)|(bare (lf|cr"
    r"|line ?feed)|8.?bit|\bmime\b|header) .{0,40}(reject|error|invalid|not|malformed|missing|required"
    r"|illegal|too)|(invalid|malformed|missing|duplicate|multiple|illegal|suspicious) .{0,20}(header|mime"
    r"|from:|date|message-id|subject)|not rfc ?\d* ?compliant|rfc ?-?(2822|5322|822) (compli|violat"
    r"|specif)|suspicious (url|link|subject|content)|objectionable|offensive|profan"
    r"|\burls?\b .{0,40}(block|reject|list)|charset|character set|conversion"
)
_POLICY = (
    r"requires confirmation|groups\.google|google groups|^\W*\d{3}\W*(rejected|denied|refused)\W*$|policy|polic(ies|y)"
    r"|administrativ\w+ (prohibit|den|block|lock|reject)|prohibited|not authori[sz]ed"
    r"|unauthori[sz]ed|access (is )?denied|(permission|authori[sz]ation) (denied|required|failed)"
    r"|rejected by|refused by|(mail|message|e-?mail|delivery|transaction|connection|recipient|address"
    r"|command|sender) .{0,20}(rejected|refused|denied|not (allowed|accepted|permitted))|(only"
    r"|just) accepts? (mail|messages|e-?mail)|(doesn't|does not|not|isn't|only) accept(s|ing"
    r"|ed)? .{0,40}(mail|message|e-?mail)s?|(allowed|approved|authori[sz]ed|permitted|white"
    r"|safe) ?-?(sender|list)|(members?|subscribers?|employees|internal|moderat\w+) (only|list|approv)"
    r"|post(ing)? (to|permission)|restrict|security|legal reasons|not permitted|filter(ed|s)? (by|out"
    r"|rule)|rule.{0,10}(reject|block)|denied by|disallowed|country|by request|do not (send|want|wish)"
    r"|doesn't want|does not (want|wish)|unsubscribe|challenge|whitelist|rejecttext"
    r"|tenantinboundattribution|transport\.rules"
    r"|abgelehnt|zur[uü]ckgewiesen|verweigert|refus[eé]e?\b|rejet[eé]e?\b|rechazad|denegad|recusad"
    r"|rejeitad|rifiutat|拒否|拒绝|отклонен|odrzucon|geweigerd"
)
_TIMEOUT = (
    r"aborted after|failing for a long time|failed \d+ attempts|retries|(time|timed).?out|expired|too long"
    r"|retry (time|timeout|count)|(could|has"
    r"|was) not (be )?delivered (for|in|within|after)|(been|was) (in the queue|undeliver"
    r"|queued) .{0,20}(for|too)|gave up|giving up|(exceed|reached)\w* .{0,20}(retr|maximum (time"
    r"|number of (retries|attempts)))|delivery time|unable to deliver .{0,30}(hours|days)|no response"
    r"|did(n't| not) (respond|answer)|not respond|message (has )?expired|undelivered (after|for)|zu lange"
    r"|zeit.{0,20}(abgelaufen|überschritten)|d[eé]lai .{0,20}(d[eé]pass|expir)"
)
_NETWORK = (
    r"connection (refused|reset|closed|dropped|lost|failed|timed|aborted|broken|was (refused|closed"
    r"|dropped))|lost connection|no route to host|network (is )?(unreachable|error|problem|down)|(host"
    r"|server) (is )?(unreachable|down|not reachable|not responding|unavailable)|(cannot|can't|couldn't"
    r"|could not|unable to|failed to) (connect|contact|reach|establish|open)|broken pipe|\bdns\b"
    r"|name ?server|name service|(temporary|temporarily) .{0,30}(lookup|resolution|dns|name)"
    r"|host not found, try again|eof|socket|servfail|connect to|nicht erreichbar|injoignable|接続(でき|エラー)"
)
_RELAY = (
    r"mail.?loop|loops? back|loop detected|looping|too many hops|hop count|(mail )?forwarding loop"
    r"|routing loop|routed back|multiple mx|(local|server|internal|system|software|lookup|configuration"
    r"|config|i/o|disk|database|ldap|sql|smtp|application|processing|general|unexpected|protocol"
    r"|service) (configuration )?(error|failure|problem|trouble|malfunction)|misconfigur"
    r"|not (properly )?configured|insufficient system|system (resources|storage|full|not accepting)"
    r"|out of memory|no space left|cannot (create|append|open|write|update|lock|access)|can't (create"
    r"|append|open|write|update|lock|access)|(service|system|server|resources?) (is )?(currently "
    r"|temporarily )?(unavailable|busy|down|not available|shutting)|temporary (failure|error|problem"
    r"|system)|temporarily unavailable|(unknown|internal) (mailer|server) error|command died|pipe(d)? to"
    r"|delivery agent|unable to open|mail system .{0,20}full|not accepting (network )?messages|maintenance"
    r"|overload|queue file|content.?filter|try again|too busy|alias .{0,30}(loop|expansion)|cannot exec"
    r"|exit (status|code)|transport (error|failed)|child process|permission denied|deferred by"
)
_SYNTAX = (
    r"syntax|unrecogni[sz]ed command|bad (sequence|command|parameter)|command (not|unrecogni|unknown"
    r"|rejected|parameter)|parameter .{0,20}not|invalid (command|parameter|argument|character)s?"
    r"|(un)?implemented|protocol (error|violation|synch)|pipelining|smtputf8|internationali[sz]ed"
    r"|\butf-?8\b|non.?ascii|need (rcpt|mail|data)|improper use|not rfc"
)

ORDER: tuple[tuple[Reason, str, re.Pattern[str]], ...] = tuple(
    (reason, name, re.compile(lines, re.IGNORECASE))
    for reason, name, lines in (
        (Reason.AUTH, "the sender", _OF_SENDER),
        (Reason.AUTH, "authentication", _AUTH),
        (Reason.RELAY, "relaying", _RELAYING),
        (Reason.REPUTATION, "a list or reputation", _REPUTATION),
        (Reason.SPAM, "spam", _SPAM),
        (Reason.RATE, "a rate", _RATE),
        (Reason.POLICY, "a list of those allowed", _ALLOWED),
        (Reason.MAILBOX_FULL, "a full mailbox", _FULL),
        (Reason.TOO_BIG, "the size", _TOO_BIG),
        (Reason.UNKNOWN_DOMAIN, "an unknown domain", _DOMAIN),
        (Reason.DISABLED, "a disabled mailbox", _DISABLED),
        (Reason.MOVED, "somebody who moved", _MOVED),
        (Reason.UNKNOWN_USER, "an unknown user", _USER),
        (Reason.CONTENT, "the content", _CONTENT),
        (Reason.POLICY, "a policy", _POLICY),
        (Reason.TIMEOUT, "a time that ran out", _TIMEOUT),
        (Reason.NETWORK, "the network", _NETWORK),
        (Reason.RELAY, "trouble on the way", _RELAY),
        (Reason.SYNTAX, "the dialogue", _SYNTAX),
    )
)
"""Reason, what its words speak of, and the words; the first that is found counts."""
