"""How alike are two names as people write them? Accents, hyphens, short forms, initials and typing errors aside."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

_LETTERS_APART = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)
_OTHER_SCRIPTS = str.maketrans(
    {
        # Cyrillic as passports write it (ICAO 9303), Greek as ISO 843 does, each without its marks.
        **dict(zip("абвгдезиклмнопрстуфыэіґєў", "abvgdeziklmnoprstufyeigeu", strict=True)),
        "ё": "e", "ж": "zh", "й": "i",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "iu", "я": "ia", "ї": "i",
        **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)), "θ": "th", "χ": "ch", "ψ": "ps",
    }
)  # fmt: skip
_TWO_FOR_ONE = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("ij", "y"), ("ks", "x"), ("kh", "h"), ("iu", "u"),
                ("ia", "a"), ("ya", "a"), ("yu", "u"), ("ou", "u"), ("dj", "j"), ("zh", "j"), ("ph", "f"))  # fmt: skip
"""Two letters for one, as people write what a keyboard lacks: Mueller, Müller, Muller; Soeren; Youssef."""
_NO_WORD = re.compile(r"[^\w]+|_")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "sir", "dame", "mme", "m"))
_SHORT_FORMS = """
    alexander alex sandy sasha xander|alexandra alex sandra sasha|andrew andy drew|anthony tony|benjamin ben benny
    catherine katherine kathryn cathy kathy kate katie|charles charlie chuck|christine christina chris chrissy tina
    christopher chris kit|daniel dan danny|david dave|deborah debbie deb|dominic dom nick|donald don|edward ed eddie ted
    elizabeth liz lizzie beth betty eliza lisa|frances fran|francis frank|frederick fred freddie|gabriel gabe
    gerald gerry|gregory greg|harold harry|henry harry hank|isabella isabelle bella|jacob jake|jacqueline jackie
    james jim jimmy jamie|jeffrey jeff|jennifer jen jenny|jessica jess jessie|john johnny jack|jonathan jon jonny
    joseph joe joey|joshua josh|kenneth ken kenny|kimberly kim|laurence lawrence larry laurie|leonard len lenny leo
    margaret maggie meg peggy|matthew matt|maximilian max|megan meg|melissa mel|michael mike mick micky|mitchell mitch
    nathan nathaniel nate nat|nicholas nick nicky|nicole nicky|pamela pam|patricia pat patty tricia|patrick pat paddy
    peter pete|philip phillip phil|rebecca becky|richard rick ricky dick rich|robert rob bob bobby robbie|ronald ron
    rosemary rose|samantha sam|samuel sam sammy|sebastian seb|stephen steven steve|susan sue susie|theodore ted theo
    theresa teresa terry|abigail abbey abby gail|madison maddie|madeleine madeline maddie|georgia georgie|oliver ollie
    isabel isabella izzy bella|eleanor ellie nell nora|gabrielle gabby|lachlan lachie|cameron cam|jasmine jas
    ulrich uli|stefanie stephanie steffi|wolfgang wolf|karl kalle|heinrich heinz|ursula uschi|giuseppe beppe pino
    alessandro sandro|luigi gigi|francesco franco|francisco paco pancho|jose pepe|ignacio nacho|dolores lola
    guillermo memo|jesus chuy|rosario charo|wojciech wojtek|katarzyna kasia|malgorzata gosia|tomasz tomek|piotr piotrek
    joanna asia|agnieszka aga|vladimir vova volodia|mikhail misha|nikolai kolia|dmitri dima|sergei serezha
    ekaterina katia|natalia natasha|elena lena|olga olia|tatiana tania|anna ania anya|mohammed muhammad mohamed mohammad
    mehmet|yusuf youssef yousef jusuf|ahmed ahmad ahmet|abdul abdullah|hussein hussain huseyin|
    thomas tom tommy|timothy tim|tobias toby|victoria vicky tori|vincent vince|william bill will
    billy liam|zachary zach|johannes hans|friedrich fritz|katharina kathi|josef sepp
"""


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for no, group in enumerate(_SHORT_FORMS.replace("\n", "|").split("|")):
        for name in group.split():
            found[name] = found.get(name, frozenset()) | {no}
    return found


_GROUPS_OF = _groups()

ALIKE, CLOSE = 0.92, 0.84
"""Jaro-Winkler similarity of a slip of the pen, and of a name that is written quite otherwise."""
_WORTH_A_LOOK = 0.65
"""Below it no two spellings of one name are: it saves most of the work."""


def folded(text: str | None) -> str:
    """The name in plain lower-case letters and single spaces, without titles: `Dr. Inês D'Arco` is `ines darco`."""
    if not text:
        return ""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS_APART))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    if not bare.isascii():
        bare = bare.translate(_OTHER_SCRIPTS)
    words = _NO_WORD.sub(" ", bare).split()
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return " ".join(words)


def is_short_form(one: str, other: str) -> bool:
    """Whether both are forms of one first name, as `bob` and `robert` are."""
    return not _GROUPS_OF.get(one, frozenset()).isdisjoint(_GROUPS_OF.get(other, frozenset()))


def name_level(one: str, other: str) -> int:
    """0 equal, 1 a slip of the pen, a short form or an initial, 2 somewhat alike, 3 another name. Both are folded."""
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 0
    first, second = one.split()[0], other.split()[0]
    if is_short_form(first, second) or _is_initial(one, other):
        return 1
    similar = JaroWinkler.similarity(one, other)
    if similar >= _WORTH_A_LOOK and transliterated(one) == transliterated(other):
        return 1
    longest = max(len(one), len(other))
    edits = DamerauLevenshtein.distance(one, other, score_cutoff=3)
    if edits == 1 and longest > 2:
        return 1
    if similar >= ALIKE and edits <= 2:
        return 1
    if one.split()[0] == other or other.split()[0] == one or (len(first) > 2 and first == second):
        return 1
    return 2 if similar >= CLOSE or (edits == 2 and longest > 4) else 3


def transliterated(name: str) -> str:
    """A folded name in as few letters as it can be written with: `mueller` and `muller` are one."""
    bare = name.replace(" ", "")
    for written, said in _TWO_FOR_ONE:
        bare = bare.replace(written, said)
    # y and i, c and k, w and v are told apart by habit; doubles by taste.
    alike = bare.replace("y", "i").replace("j", "i").replace("c", "k").replace("w", "v").replace("z", "s")
    return "".join(sign for place, sign in enumerate(alike) if place == 0 or alike[place - 1] != sign)


def _is_initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def sound(name: str) -> str:
    """What is left of a name when vowels, doubles and letters that sound alike are one: a key to look others up by."""
    bare = name.replace(" ", "")
    if not bare:
        return ""
    for written, said in (("ph", "f"), ("sch", "s"), ("sh", "s"), ("ck", "k"), ("th", "t"), ("gh", "g"), ("wh", "w")):
        bare = bare.replace(written, said)
    alike = bare.translate(_SOUNDS)
    head = alike[0]
    rest = [sign for sign in alike[1:] if sign not in "aeiouyhw"]
    kept = [sign for place, sign in enumerate(rest) if place == 0 or rest[place - 1] != sign]
    return (head + "".join(kept))[:5]


_SOUNDS = str.maketrans({"c": "k", "q": "k", "z": "s", "x": "k", "v": "f", "d": "t", "b": "p", "m": "n", "j": "g"})
