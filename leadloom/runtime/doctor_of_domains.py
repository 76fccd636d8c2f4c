"""What does DNS say of a domain that mail is sent from? SPF, DKIM, DMARC, whether they agree, and where bounces go."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from publicsuffixlist import PublicSuffixList

from leadloom.domain.errors import Unreachable
from leadloom.domain.finding import Finding
from leadloom.mail.dkim_keys import DkimKey
from leadloom.mail.sender_records import Dmarc, WantedKey, aligns, judge_dmarc, judge_key, read_dmarc
from leadloom.mail.signing import Signatory
from leadloom.runtime.dns import Dns, is_of_the_world
from leadloom.runtime.spf import MOST_LOOKUPS, Spf, read_spf

_PUBLISH_SPF = "Publish as TXT at {}: v=spf1 include:(your relay's name) -all"


async def examine_domain(
    dns: Dns, domain: str, signatory: Signatory, *, selectors: Sequence[str], addresses: Sequence[str]
) -> list[Finding]:
    """What DNS says of one sender domain, given the relay's own selectors and addresses.

    Bounces go to it too: the envelope and From share it.
    """
    try:
        return [found async for found in _of_domain(dns, domain, signatory, selectors, addresses)]
    except Unreachable as error:
        fix = "Let this machine ask DNS, or name a resolver: --resolver."
        return [Finding(what=f"DNS of {domain}", verdict="fail", says=str(error), fix=fix)]


async def _of_domain(
    dns: Dns, domain: str, signatory: Signatory, selectors: Sequence[str], addresses: Sequence[str]
) -> AsyncGenerator[Finding]:
    yield _spf(domain, await read_spf(dns, domain), addresses)
    keys = signatory.keys_of(domain)
    for wanted in _wanted(domain, keys, selectors):
        yield judge_key(wanted, await dns.txt(wanted.record_name))
    if not keys:
        yield _signed_by_whom(domain, signatory, selectors)
    registrable = _registrable(domain)
    own, above = await dns.txt(f"_dmarc.{domain}"), await dns.txt(f"_dmarc.{registrable}")
    dmarc = read_dmarc(domain, own, above, registrable=registrable)
    if isinstance(dmarc, Dmarc):
        yield judge_dmarc(domain, dmarc)
        yield _alignment(domain, keys, dmarc)
    else:
        yield dmarc
    yield _bounces(domain, await dns.mail_hosts(domain), await dns.addresses(domain))


def _registrable(domain: str) -> str:
    """The domain somebody could register, by the public suffix list; a suffix itself for a suffix."""
    return PublicSuffixList().privatesuffix(domain) or domain


def _spf(domain: str, spf: Spf, addresses: Sequence[str]) -> Finding:
    what = f"SPF {domain}"
    if spf.records != 1:
        says = "no record" if spf.records == 0 else f"{spf.records} records: readers take none"
        fix = _PUBLISH_SPF.format(domain) if spf.records == 0 else "Leave one."
        return Finding(what=what, verdict="fail", says=says, fix=fix)
    if spf.faults:
        return Finding(what=what, verdict="fail", says="; ".join(spf.faults), fix="Mend it: readers take it for none.")
    if spf.lookups > MOST_LOOKUPS:
        says = f"it asks more than {MOST_LOOKUPS} questions: readers give up, and take it for broken"
        return Finding(what=what, verdict="fail", says=says, fix="Take out what no longer sends for you.")
    if spf.ending == "+":
        fix = "End it with -all, or ~all while you aren't sure."
        return Finding(what=what, verdict="fail", says="+all: anybody may send as you", fix=fix)
    if spf.ending not in ("-", "~"):
        fix = "End it with -all, or ~all while you aren't sure."
        return Finding(what=what, verdict="warn", says="it says nothing of whoever isn't named", fix=fix)
    strangers = [one for one in addresses if is_of_the_world(one) and not spf.allows(one)]
    if strangers and spf.tells_all:
        says = f"it doesn't name the relay's address {strangers[0]}"
        fix = "Add what your relay tells you to, unless it sends from others than it takes mail at."
        return Finding(what=what, verdict="warn", says=says, fix=fix)
    return Finding(what=what, verdict="ok", says=f"{spf.ending}all, {spf.lookups} of {MOST_LOOKUPS} questions")


def _wanted(domain: str, keys: Sequence[DkimKey], selectors: Sequence[str]) -> list[WantedKey]:
    ours = [WantedKey(key.record_name, key.algorithm, key.bits, key.public, key.zone_line) for key in keys]
    return ours or [WantedKey(f"{selector}._domainkey.{domain}") for selector in selectors]


def _signed_by_whom(domain: str, signatory: Signatory, selectors: Sequence[str]) -> Finding:
    what = f"DKIM {domain}"
    if signatory.keys:
        fix = f"Make one: python starter.py mail keys make {domain}."
        return Finding(what=what, verdict="fail", says="other domains have keys here, this one goes unsigned", fix=fix)
    if selectors:
        return Finding(what=what, verdict="ok", says=f"the relay signs, with {', '.join(selectors)}")
    fix = f"Name the relay's selector: --selector. A mail that arrived shows it: DKIM-Signature with d={domain}; s=…"
    return Finding(what=what, verdict="warn", says="no keys here: the relay must sign, and with which key?", fix=fix)


def _alignment(domain: str, keys: Sequence[DkimKey], dmarc: Dmarc) -> Finding:
    """Whether what vouches for a mail may vouch for its From. The envelope's domain is From's own: SPF aligns."""
    what = f"alignment {domain}"
    signers = {key.domain for key in keys}
    registrable = {each: _registrable(each) for each in {domain, *signers}}
    astray = [each for each in signers if not aligns(each, domain, registrable=registrable, strict=dmarc.strict_dkim)]
    if astray:
        how = "adkim=s wants d= to be From's own domain" if dmarc.strict_dkim else "they are registered apart"
        fix = f"Make a key of {domain} itself, or say adkim=r."
        return Finding(what=what, verdict="fail", says=f"d={astray[0]} doesn't align with From: {how}", fix=fix)
    says = f"SPF ({domain}){f' and DKIM (d={min(signers)})' if signers else ''} may vouch for From"
    return Finding(what=what, verdict="ok", says=says)


def _bounces(domain: str, hosts: Sequence[str], addresses: Sequence[str]) -> Finding:
    what = f"bounces to {domain}"
    if hosts == (".",):
        says, fix = "a null MX: it takes no mail", "Publish an MX: bounces, answers and unsubscribes come here."
        return Finding(what=what, verdict="fail", says=says, fix=fix)
    if hosts:
        return Finding(what=what, verdict="ok", says=f"MX {', '.join(hosts)}")
    if addresses:
        fix = "Publish an MX: who only has an address is often taken for nobody."
        return Finding(what=what, verdict="warn", says=f"no MX, only an address ({addresses[0]})", fix=fix)
    fix = "Publish an MX: providers refuse senders that can't be answered."
    return Finding(what=what, verdict="fail", says="no MX and no address: nothing can come back", fix=fix)
