"""Masks the full stops that end no sentence, and bares those that do, for the splitter to read.

sentencex knows the abbreviations of many languages, but not whether one ends its sentence, nor
those that newspapers use most. What it reads is a copy of the text, of the same length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class _Abbreviations(NamedTuple):
    """Of a language: those that the next word belongs to, and those that only a number does."""

    before_words: str = ""
    before_numbers: str = ""


# As they are written; the first letter may be in either case.
_ABBREVIATIONS = {
    "en": _Abbreviations(
        "Mr Ms Mx Mrs Messrs Mme Mlle Dr Drs Prof Profs Sen Sens Rep Reps Gov Govs Gen Gens Lt "
        "Lieut Col Sgt Sgts Capt Cmdr Cdr Comdr Maj Adm Brig Rev Pres Amb Ft Mt Cllr Cllrs Spc "
        "Pfc Pvt Cpl Atty Attys Asst Assoc Supt Insp Det Const Hon Fr Msgr Ald Treas Wm Chas",
        "vol vols ch chap no nos p pp fig figs art sec op approx est max eq eqs sect ref refs cf "
        "al ca",
    ),
    "de": _Abbreviations(
        "Hr Fr Frl Dr Prof Dipl Ing Mag geb St bzw",
        "Nr Abs Art S Bd Kap Abb Tab ca Str Tel Ziff Rn",
    ),
    "fr": _Abbreviations(
        "M MM Mme Mmes Mlle Mlles Me Mgr Dr Pr St Ste bd boul av gén",
        "n art p pp fig chap env vol t no tél",
    ),
    "es": _Abbreviations(
        "Sr Sra Srta Sres Sras Dr Dra Dres D Dña Dn Prof Profa Lic Ing Arq Gral Cnel Tte Sto Sta "
        "av Avda Pza Mons Excmo Excma Ilmo",
        "n núm pág págs art arts cap aprox vol fig tel km",
    ),
    "it": _Abbreviations(
        "sig sigg dott prof on avv ing geom arch S Mons gen col cap",
        "n nn pag pagg art artt ca cap fig",
    ),
    "pt": _Abbreviations(
        "Sr Sra Srs Sras Dr Dra Drs D Prof Profa Eng Arq av Exmo Exma Sto Sta Gen Cel Pe",
        "n pág págs art arts cap aprox vol fig tel",
    ),
    "nl": _Abbreviations(
        "dhr mevr mw mej drs dr ir ing prof mr ds gen gem St bijv burg",
        "ca blz nr art pag fig hfst",
    ),
    "pl": _Abbreviations(
        "prof dr hab gen płk mjr kpt por ks św im ul al inż mgr np tzw m.in pt woj",
        "art ust ok str nr pkt poz rys tab godz",
    ),
    "ru": _Abbreviations(
        "ул пр пл им проф акад гл св ген полк дер обл о р г пос",
        "рис стр табл гл ст п пп д кв тел",
    ),
    "uk": _Abbreviations(
        "вул просп пл ім проф акад ген св м обл гр",
        "рис стор табл ст п буд кв",
    ),
    "sv": _Abbreviations(
        "dr prof hr t.ex bl.a s.k f.d",
        "s kap nr ca sid fig kl",
    ),
    "da": _Abbreviations(
        "hr frk dr prof bl.a f.eks s.k",
        "s kap nr ca kl fig",
    ),
    "cs": _Abbreviations(
        "ing MUDr JUDr PhDr Mgr Bc prof doc ul nám sv tzv např gen",
        "str č čl cca kap obr odst tel",
    ),
    "tr": _Abbreviations(
        "Dr Prof Doç Sn Av Cad Sok Mah Org Gen",
        "No s",
    ),
    "el": _Abbreviations(
        "κ κα κκ Δρ καθ π.χ δηλ",
        "σελ άρθρ αρ κεφ εικ",
    ),
    "ar": _Abbreviations(
        "د أ م",
        "ص",
    ),
    "hi": _Abbreviations(
        "डॉ प्रो पं कु",
        "पृ",
    ),
}
_LIKE = {"no": "da", "nb": "da", "nn": "da", "sk": "cs", "gl": "pt", "be": "ru"}
_ORDINALS = {  # with words that begin a sentence rather than go on behind "3."
    "de": "Der Die Das Den Dem Des Ein Eine Er Sie Es Wir Ich Ihr Man In Im An Am Auf Aus Bei Beim "
    "Mit Nach Von Vor Zu Zum Zur Für Um Und Aber Doch Dann Da Danach Dort Hier So Auch Nur Noch "
    "Wer Was Wie Wo Wann Warum Wenn Als Ob Keiner Niemand Alle Viele Seine Ihre Sein Ihr Dieser "
    "Diese Dieses Jetzt Nun Heute Gestern Später Zudem Damit Trotzdem",
    "tr": "Bu O Bir Ama Ve Sonra Yıl Kimse Ancak Daha Şimdi",
}
_YEAR_OF = {"ru": "г", "pl": "r", "uk": "р", "be": "г"}

_ZONE = r"(?:[ECMPA][SD]?T|GMT|UTC|BST|CES?T|EES?T|MSK|IST|JST|AE[SD]T|HST|AKDT)\b"
_DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tues?|Wed|Thur?s?|Fri|Sat|Sun)\.)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_OF_TIME = re.compile(rf"\s+(?:{_ZONE}|{_DAY}|{_MONTH}|[A-Z]\w+ time\b)")
_MARK = re.compile(r"[.!?](?=\s+(\S))|\.(?=[-ºª°\[(]|\s?C\.)")
_WORD = re.compile(r"[^\s\"'“”‘’„«(\[{¿¡/–—-]*\Z")  # up to a mark
_LONGEST = 16  # of which a word is looked at
_BEFORE = re.compile(r"(\S+)\s+\Z")
_YEAR = re.compile(r"(?:^|[.!?]\s)\w{1,2}\s\d{4}\s\w\Z")
_MEASURES = frozenset("ft in lb lbs oz mi yd hr hrs".split())
_UNITS = frozenset("m s h g l t".split())  # of one letter: "gusts of 70 km/h. A first attempt"
_CAPITALISED_BEFORE_NUMBERS = "Tab App Ex Rm Apt Pt Bk min temp"
_FIRST_LETTER = re.compile(r"[^\W\d_]")
_STARTS = re.compile(  # words that begin a sentence, and that are nobody's name
    r"\s+(?:(?:I|A)(?=[\s'’][a-z])|(?:He|She|It|They|We|You|Nobody|Everyone|Everybody|Someone|No|"
    r"None|The|This|That|These|Those|There|Here|His|Her|Its|Their|Our|My|But|And|So|Then|Now|Still|"
    r"Yet|Some|Many|Most|Few|Both|Others|When|While|After|Before|If|As|Not|What|Why|How)\b)"
)
_CAPITAL = re.compile(r"\W+(?=[^\W\d_])([^a-z])")
_NAMED_BY_LETTER = frozenset(
    "plan vitamin grade group hepatitis influenza type class option exhibit schedule annex "
    "appendix block gate hall terminal pool division serie league tier zone channel malcolm".split()
)
_AND_SO_ON = frozenset("etc usw osv ecc enz atd itd itp".split())
_BEGUN_TITLE = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Oo]ur|[Ii]ts|[Tt]his|new|old|hit)"
    r"(?:\s+[A-Z][\w’']*){1,3}\Z"
)
_KIND_OF_TITLE = re.compile(
    r"(?:\s+[A-Z][\w’']*){1,4}\s+(?:shows?|films?|movies?|bands?|musicals?|albums?|songs?|books?|"
    r"plays?|series|games?|podcasts?|programmes?|programs?|quiz|tour|novels?|exhibition|festival|"
    r"magazine|comics?|opera|campaign|brand|cast|crew|fans?|star|stars|host|singer)\b"
)
_COMPANIES = frozenset("Inc Ltd Co Corp Bros Plc plc LLC Jr Sr".split())
_AFTER = re.compile(r"\W+(?=[^\W\d_])(?=[^a-z])(\w+)")
_ACRONYM = re.compile(r"(?:[A-Z]\.)+[A-Z]")
_WORDS_OF_ALL = "no may me art miss ill fed ore con ok May DC LA SEC ID OK CA PA"
_WORDS = {  # that sentencex takes for abbreviations, by language
    "da": "nord ned",
    "de": "mich mag al la",
    "es": "no bien mar super extra contra para entre sobre con un tras ante nos",
    "fr": "art vol",
    "it": "no mai re me te via",
    "nl": "red",
    "sv": "maj hon ut det ord",
    "cs": "tu",
    "tr": "o sen",
}
_TRAILING_OFF = re.compile(r"…(?=[\"'”’)\]]*\s+[\"'“‘(\[]*([^\W\d_]))")
_NESTED = re.compile(r"([.!?…])(['’])(?=[\"”])")  # end of a nested quotation
_ASIDE = re.compile(r"((?:^|[.!?…][\"'”’]?\s)[(\[][^()\[\]]{0,400}?)([.!?…])([)\]])(?=\s)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def masked(piece: str, language: str) -> str:
    """A copy of the same length, in which every mark that ends no sentence reads as none.

    >>> masked("He weighs 180 lbs. and is tall.", "en")
    'He weighs 180 lbs, and is tall.'
    >>> masked("Das 19. Jahrhundert begann.", "de")
    'Das 19, Jahrhundert begann.'
    """
    piece = _SURROGATE.sub("\ufffd", piece)  # sentencex is written in Rust, whose strings have none
    piece = _settled(piece, _rules(_base(language)))
    piece = _TRAILING_OFF.sub(lambda match: "…" if match[1].islower() else ".", piece)
    piece = _NESTED.sub(r"\2\1", piece)
    return _ASIDE.sub(r"\1\3\2", piece)


def _base(language: str) -> str:
    """The language of a tag such as "de-AT", or one with like abbreviations."""
    base = re.split(r"[-_]", language.lower())[0]
    return _LIKE.get(base, base)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is known of the full stops of a language."""

    before_words: frozenset[str]
    before_numbers: frozenset[str]
    words: frozenset[str]  # that are no abbreviations
    starts: frozenset[str] | None  # of sentences, where a number with a full stop is an ordinal
    year: str | None  # what stands behind a year, with a full stop
    nouns: bool  # have capitals
    compounds: str | None  # the end of compound words that a number follows


@lru_cache(maxsize=64)
def _rules(language: str) -> _Rules:
    """The rules of a language, with those of English."""
    english, own = _ABBREVIATIONS["en"], _ABBREVIATIONS.get(language, _Abbreviations())
    ordinals = _ORDINALS.get(language)
    return _Rules(
        _forms(f"{english.before_words} {own.before_words}"),
        _forms(f"{english.before_numbers} {own.before_numbers} {_CAPITALISED_BEFORE_NUMBERS}"),
        frozenset(f"{_WORDS_OF_ALL} {_WORDS.get(language, '')}".split()),
        frozenset(ordinals.split()) if ordinals else None,
        _YEAR_OF.get(language),
        language == "de",
        "str" if language == "de" else None,
    )


def _forms(words: str) -> frozenset[str]:
    """The words, and those that begin with a small letter also with a capital."""
    return frozenset(words.split()) | {word[0].upper() + word[1:] for word in words.split()}


def _settled(piece: str, rules: _Rules) -> str:
    """A copy without the full stops that end nothing, and with plain words where they end."""
    small = _begins_small(piece)  # who writes no capitals ends sentences before small letters
    done, parts = 0, []
    for match in _MARK.finditer(piece):
        at = match.start()
        if (not small and _goes_on(piece, match)) or _shortens(piece, match, rules):
            parts += [piece[done:at], ","]
            done = at + 1
        elif match[1] and piece[at] == "." and (length := _ends_behind(piece, at, rules)):
            # Not "x": that may be somebody's initial.
            parts += [piece[done : at - length], "é" * length]
            done = at
    return "".join([*parts, piece[done:]])


def _goes_on(piece: str, match: re.Match[str]) -> bool:
    """Whether a small letter follows a mark that stands behind a word."""
    if not match[1] or not match[1].islower() or not piece[match.start() - 1].isalnum():
        return False
    return not "A" <= piece[match.start(1) + 1 : match.start(1) + 2] <= "Z"  # iPhone


def _shortens(piece: str, match: re.Match[str], rules: _Rules) -> bool:
    """Whether a mark belongs to an abbreviation or an ordinal, and ends no sentence."""
    at, follows = match.start(), match[1]
    if piece[at] != ".":
        return _is_in_title(piece, at)
    if follows is None:
        return _touches(piece, at)
    word = _word_before(piece, at)
    if follows.isalpha():
        return word in rules.before_words or _is_before_name(piece, at, word, rules)
    return _is_before_number(piece, at, word, rules) if follows.isdecimal() else word == "al"


def _is_in_title(piece: str, at: int) -> bool:
    """Whether a mark is in the middle of a title: the Oh! What Fun show."""
    kind = _KIND_OF_TITLE.match(piece, at + 1)
    return kind is not None and _BEGUN_TITLE.search(piece, max(0, at - 60), at) is not None


def _is_before_name(piece: str, at: int, word: str, rules: _Rules) -> bool:
    """Whether a time of day, a year or an ordinal stands before a word that belongs to it."""
    if word.lower() in ("a.m", "p.m"):
        return _OF_TIME.match(piece, at + 1) is not None
    return _is_year(piece, at, word, rules) or _is_ordinal(piece, at, word, rules)


def _touches(piece: str, at: int) -> bool:
    """Whether what touches a full stop makes it none: J.-C., n.º 5, a. C., et al.[4]."""
    after = piece[at + 1]
    if after in "[(":
        return _word_before(piece, at) == "al"
    return after in "-ºª°" or _word_before(piece, at) in ("a", "d")


def _word_before(piece: str, at: int) -> str:
    match = _WORD.search(piece, max(0, at - _LONGEST), at)
    return match.group() if match else ""


def _is_year(piece: str, at: int, word: str, rules: _Rules) -> bool:
    """Whether a text or a sentence begins with a year: В 2021 г. Россия."""
    if word != rules.year:
        return False
    return _YEAR.search(piece[max(0, at - 12) : at]) is not None


def _is_ordinal(piece: str, at: int, word: str, rules: _Rules) -> bool:
    if rules.starts is None or not re.fullmatch(r"\d{1,2}|[IVX]+", word):
        return False
    after = re.match(r"\s+(\w+)", piece[at + 1 : at + 40])
    return after is not None and after[1] not in rules.starts


def _is_before_number(piece: str, at: int, word: str, rules: _Rules) -> bool:
    if word in rules.before_numbers:
        return True
    if rules.compounds and word.endswith(rules.compounds):
        return True
    return word in _MEASURES and (_before(piece, at, word)[-1:]).isdecimal()


def _before(piece: str, at: int, word: str) -> str:
    """The word before a word that ends at a mark."""
    start = at - len(word)
    match = _BEFORE.search(piece, max(0, start - _LONGEST), start)
    return match[1] if match else ""


def _ends_behind(piece: str, at: int, rules: _Rules) -> int:
    """How many letters before a full stop look like an abbreviation, but end a sentence."""
    word = _word_before(piece, at)
    if word in rules.words or _is_unit(piece, at, word):
        return len(word) if _CAPITAL.match(piece, at) else 0
    if word in _AND_SO_ON:
        return len(word) if _begins_sentence(piece, at, rules) else 0
    if word in _COMPANIES or _ACRONYM.fullmatch(word):
        return len(word) if _STARTS.match(piece, at + 1) else 0
    if len(word) == 1 and word.isupper():
        before = _before(piece, at, word)
        if before.lower() in _NAMED_BY_LETTER or before[-1:].isdecimal():
            return bool(_CAPITAL.match(piece, at))
        return before.isalpha() and before.islower() and bool(_STARTS.match(piece, at + 1))
    return 0


def _is_unit(piece: str, at: int, word: str) -> bool:
    """Whether a letter is a unit, behind a figure or behind another: 5 m, 70 km/h."""
    return word in _UNITS and (piece[at - 2] == "/" or _before(piece, at, word)[-1:].isdecimal())


def _begins_sentence(piece: str, at: int, rules: _Rules) -> bool:
    """Whether a capital follows, of a word that begins sentences where every noun has one."""
    after = _AFTER.match(piece, at + 1)
    return after is not None and (not rules.nouns or after[1] in (rules.starts or ()))


def _begins_small(piece: str) -> bool:
    first = _FIRST_LETTER.search(piece)
    return first is not None and first.group().islower()
