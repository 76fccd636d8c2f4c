"""Which words at the end (or beginning) of a company's name only say what kind of legal person it is, and where?"""

from __future__ import annotations

_FORMS = """
    gmbh: DE AT CH LI = gmbh, gesellschaft mit beschrankter haftung
    gmbh & co kg: DE AT = gmbh co kg, gmbh cokg, ag co kg, se co kg, ug co kg, gmbh co kgaa
    ug: DE = ug, ug haftungsbeschrankt
    ag: DE AT CH LI = ag, aktiengesellschaft
    kg: DE AT CH = kg, kommanditgesellschaft
    kgaa: DE = kgaa
    ohg: DE AT = ohg, og
    gbr: DE = gbr
    ev: DE AT = ev, eingetragener verein
    eg: DE = eg
    ek: DE = ek
    se: = se
    limited: GB IE IN HK SG NG KE ZA CA NZ AU IL CN JP TH TW KR BD PK MT CY = ltd, limited
    private limited: IN SG PK LK BD = pvt ltd, pte ltd, private limited, pvt limited, pte
    proprietary: AU ZA NA BW = pty ltd, pty, pty limited, proprietary limited
    co ltd: CN JP KR TH TW HK VN = co ltd, company limited, co limited
    plc: GB IE = plc, public limited company
    llp: GB US IN SG CA = llp
    lp: GB US CA = lp
    cic: GB = cic
    llc: US AE SA QA RU UA = llc, limited liability company, wll, fzco, fze, fz llc
    inc: US CA PH = inc, incorporated
    corp: US CA PH KR = corp, corporation
    pllc: US = pllc
    sa: FR BE CH LU ES PT PL GR AR BR CL CO MX PE RO = sa, s a, societe anonyme, sociedad anonima
    sas: FR CO = sas, sasu
    sarl: FR LU CH MA TN = sarl, eurl, sarlau
    sca: FR LU = sca
    snc: FR IT = snc
    srl: IT RO AR BE MD = srl, srls, srl u
    spa: IT CL DZ = spa
    sl: ES = sl, slu, sociedad limitada
    sa de cv: MX = sa de cv, sab de cv, s de rl de cv, sapi de cv
    ltda: BR CL CO PT = ltda, limitada, lda
    eireli: BR = eireli, me, epp
    bv: NL BE = bv, besloten vennootschap
    nv: NL BE = nv, naamloze vennootschap
    vof: NL BE = vof
    stichting: NL = stichting
    oy: FI = oy, ab oy, oy ab, osakeyhtio
    oyj: FI = oyj, abp
    ab: SE FI = ab, aktiebolag, ab publ
    as: NO CZ SK TR EE = as, asa
    aps: DK = aps
    a/s: DK = a s
    is: DK = i s
    hf: IS = hf, ehf
    spzoo: PL = sp zoo, sp z oo, spzoo, spolka z oo, sp zoo sp k
    sro: CZ SK = sro, spol s ro
    vos: CZ = vos
    kft: HU = kft, bt
    zrt: HU = zrt, nyrt
    doo: RS HR SI BA ME MK = doo, d oo
    dd: HR SI BA = dd
    ood: BG = ood, eood
    ad: BG RS MK = ad, ead
    ou: EE = ou
    uab: LT = uab
    sia: LV = sia
    kk: JP = kk, kabushiki kaisha, kabushiki gaisha
    gk: JP = gk, godo kaisha
    sdn bhd: MY BN = sdn bhd, berhad, bhd
    pt: ID = pt, tbk
    jsc: RU KZ VN UA = jsc, ojsc, pjsc, ooo, oao, zao, pao
    as tr: TR = anonim sirketi, limited sirketi, ltd sti
    company: = co, company, cie, compagnie
"""
_WRITTEN_TOGETHER = (
    ("股份有限公司", "co ltd"), ("有限责任公司", "co ltd"), ("有限公司", "co ltd"), ("株式会社", "kk"), ("(株)", "kk"),
    ("有限会社", "yk"), ("合同会社", "gk"), ("주식회사", "co ltd"), ("ооо", "jsc"), ("пао", "jsc"), ("зао", "jsc"),
)  # fmt: skip
FIRST = frozenset(
    ("pt", "ooo", "oao", "zao", "pao", "jsc", "ab", "uab", "sia", "as", "stichting", "kk", "a s", "nv", "bv")
)
"""Forms that stand before the name, too."""


def _read() -> tuple[dict[tuple[str, ...], str], dict[str, frozenset[str]]]:
    spelled: dict[tuple[str, ...], str] = {}
    where: dict[str, frozenset[str]] = {}
    for line in _FORMS.strip().splitlines():
        head, _, words = line.partition("=")
        form, _, countries = head.partition(":")
        where[form.strip()] = frozenset(countries.split())
        spelled.update({tuple(one.split()): form.strip() for one in words.split(",")})
    return spelled, where


_SPELLED, _WHERE = _read()
_LONGEST = max(map(len, _SPELLED))


def countries_of(form: str) -> frozenset[str]:
    """Where companies of the form are founded (ISO 3166-1 alpha-2); empty when the form says nothing about it."""
    return _WHERE.get(form, frozenset())


def without_form(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The name's words without its legal forms, and the forms by their one spelling; a name is never all form."""
    forms: list[str] = []
    while True:
        for count in range(min(_LONGEST, len(words) - 1), 0, -1):
            if (form := _SPELLED.get(words[-count:])) is not None:
                forms.append(form)
                words = words[:-count]
                break
        else:
            break
    if len(words) > 1 and words[0] in FIRST:
        forms.append(_SPELLED[words[:1]])
        words = words[1:]
    # `Nordkap Company Inc` says more by its second form; a mere `& Co` says nothing.
    telling = tuple(form for form in dict.fromkeys(forms) if form != "company")
    return words, telling


def taken_off(name: str) -> tuple[str, str | None]:
    """A name of a script without spaces, without the form that is written at its ends; and that form."""
    for written, form in _WRITTEN_TOGETHER:
        if name != written and (name.startswith(written) or name.endswith(written)):
            return name.removeprefix(written).removesuffix(written).strip(), form
    return name, None
