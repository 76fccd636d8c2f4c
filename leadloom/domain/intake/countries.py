"""Which country does a text name? ISO 3166-1 alpha-2 codes, and the names and aliases our markets write."""

from __future__ import annotations

import unicodedata

_ASSIGNED = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
CODES = frozenset(_ASSIGNED.split())
"""All assigned codes. `NA` is Namibia and `NO` is Norway, never a missing value."""

_NAMES = {
    "US": "usa, u s a, u s, united states, united states of america, america, the united states, estados unidos",
    "CA": "can, canada, kanada",
    "MX": "mex, mexico",
    "BR": "bra, brazil, brasil, brasilien",
    "DE": "deu, ger, germany, deutschland, allemagne, alemania, federal republic of germany",
    "AT": "aut, austria, osterreich, oesterreich",
    "CH": "che, sui, switzerland, schweiz, suisse, svizzera",
    "FR": "fra, france, frankreich, francia",
    "NL": "nld, ned, netherlands, the netherlands, holland, nederland, niederlande",
    "BE": "bel, belgium, belgie, belgique, belgien",
    "LU": "lux, luxembourg, luxemburg",
    "ES": "esp, spain, espana, spanien, espagne",
    "PT": "prt, por, portugal",
    "IT": "ita, italy, italia, italien, italie",
    "GB": "gbr, uk, u k, united kingdom, great britain, britain, england, scotland, wales, northern ireland",
    "IE": "irl, ireland, republic of ireland, eire, irland",
    "SE": "swe, sweden, sverige, schweden",
    "DK": "dnk, den, denmark, danmark, danemark",
    "NO": "nor, norway, norge, norwegen",
    "FI": "fin, finland, suomi, finnland",
    "IS": "isl, iceland, island",
    "PL": "pol, poland, polska, polen",
    "CZ": "cze, czechia, czech republic, cesko, tschechien",
    "SK": "svk, slovakia",
    "HU": "hun, hungary",
    "RO": "rou, romania",
    "BG": "bgr, bulgaria",
    "GR": "grc, greece",
    "HR": "hrv, croatia",
    "SI": "svn, slovenia",
    "EE": "est, estonia",
    "LV": "lva, latvia",
    "LT": "ltu, lithuania",
    "UA": "ukr, ukraine",
    "TR": "tur, turkey, turkiye",
    "IL": "isr, israel",
    "AE": "are, uae, united arab emirates",
    "SA": "sau, saudi arabia",
    "ZA": "zaf, south africa",
    "NA": "nam, namibia",
    "KE": "ken, kenya",
    "NG": "nga, nigeria",
    "EG": "egy, egypt",
    "IN": "ind, india",
    "CN": "chn, china, prc",
    "HK": "hkg, hong kong",
    "TW": "twn, taiwan",
    "JP": "jpn, japan, nippon",
    "KR": "kor, korea, south korea, republic of korea",
    "SG": "sgp, singapore, singapur, singapura",
    "MY": "mys, malaysia",
    "TH": "tha, thailand",
    "VN": "vnm, vietnam, viet nam",
    "ID": "idn, indonesia",
    "PH": "phl, philippines, the philippines",
    "AU": "aus, australia, australien",
    "NZ": "nzl, new zealand, aotearoa, neuseeland",
    "AR": "arg, argentina",
    "CL": "chl, chile",
    "CO": "col, colombia",
    "PE": "per, peru",
}
_CODE_OF = {name: code for code, names in _NAMES.items() for name in names.split(", ")}


def country_code(text: str) -> str | None:
    """The code a text names, whatever its case, accents and dots (`Österreich`, `u.k.`, `DE`); None when none."""
    folded = _fold(text)
    code = folded.upper()
    return code if code in CODES else _CODE_OF.get(folded)


def _fold(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare).split()
    return " ".join(words)
