"""Masks the full stops that end no sentence, and bares those that do, for the splitter to read.

sentencex knows the abbreviations of many languages, but not whether one ends its sentence, nor
those that newspapers use most. What it reads is a copy of the text, of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

Rewrite = Callable[[str], str]


class _Abbreviations(NamedTuple):
    """Of a language: those that the next word belongs to, and those that only a number does."""

    before_words: str = ""
    before_numbers: str = ""


# As they are written; the first letter may be in either case.
_ABBREVIATIONS = {
    "en": _Abbreviations(
        "Mr Ms Mx Mrs Messrs Mme Mlle Dr Drs Prof Profs Sen Sens Rep Reps Gov Govs Gen Gens Lt Lieut "
        "Col Sgt Sgts Capt Cmdr Cdr Comdr Maj Adm Brig Rev Pres Amb Ft Mt Cllr Cllrs Spc Pfc Pvt Cpl "
        "Atty Attys Asst Assoc Supt Insp Det Const Hon Fr Msgr Ald Treas Wm Chas",
        "vol vols ch chap no nos p pp fig figs art sec op approx est max eq eqs sect ref refs cf al ca",
    ),
    "de": _Abbreviations(
        "Hr Fr Frl Dr Prof Dipl Ing Mag geb St bzw", "Nr Abs Art S Bd Kap Abb Tab ca Str Tel Ziff Rn"
    ),
    "fr": _Abbreviations(
        "M MM Mme Mmes Mlle Mlles Me Mgr Dr Pr St Ste bd boul av gén", "n art p pp fig chap env vol t no tél"
    ),
    "es": _Abbreviations(
        "Sr Sra Srta Sres Sras Dr Dra Dres D Dña Dn Prof Profa Lic Ing Arq Gral Cnel Tte Sto Sta Av "
        "Avda Pza Mons Excmo Excma Ilmo",
        "n núm pág págs art arts cap aprox vol fig tel km",
    ),
    "it": _Abbreviations(
        "sig sigg dott prof on avv ing geom arch S Mons gen col cap", "n nn pag pagg art artt ca cap fig"
    ),
    "pt": _Abbreviations(
        "Sr Sra Srs Sras Dr Dra Drs D Prof Profa Eng Arq Av Exmo Exma Sto Sta Gen Cel Pe",
        "n pág págs art arts cap aprox vol fig tel",
    ),
    "nl": _Abbreviations(
        "dhr mevr mw mej drs dr ir ing prof mr ds gen gem St bijv burg", "ca blz nr art pag fig hfst"
    ),
    "pl": _Abbreviations(
        "prof dr hab gen płk mjr kpt por ks św im ul al inż mgr np tzw m.in pt woj",
        "art ust ok str nr pkt poz rys tab godz",
    ),
    "ru": _Abbreviations(
        "ул пр пл им проф акад гл св ген полк дер обл о р г пос", "рис стр табл гл ст п пп д кв тел"
    ),
    "uk": _Abbreviations("вул просп пл ім проф акад ген св м обл гр", "рис стор табл ст п буд кв"),
    "sv": _Abbreviations("dr prof hr t.ex bl.a s.k f.d", "s kap nr ca sid fig kl"),
    "da": _Abbreviations("hr frk dr prof bl.a f.eks s.k", "s kap nr ca kl fig"),
    "cs": _Abbreviations(
        "ing MUDr JUDr PhDr Mgr Bc prof doc ul nám sv tzv např gen", "str č čl cca kap obr odst tel"
    ),
    "tr": _Abbreviations("Dr Prof Doç Sn Av Cad Sok Mah Org Gen", "No s"),
    "el": _Abbreviations("κ κα κκ Δρ καθ π.χ δηλ", "σελ άρθρ αρ κεφ εικ"),
    "ar": _Abbreviations("د أ م", "ص"),
    "hi": _Abbreviations("डॉ प्रो पं कु", "पृ"),
}
_LIKE = {"no": "da", "nb": "da", "nn": "da", "sk": "cs", "gl": "pt", "be": "ru"}
_ORDINALS = {  # with words that begin a sentence rather than go on behind "3."
    "de": "Der Die Das Den Dem Des Ein Eine Er Sie Es Wir Ich Ihr Man In Im An Am Auf Aus Bei Beim "
    "Mit Nach Von Vor Zu Zum Zur Für Um Und Aber Doch Dann Da Danach Dort Hier So Auch Nur Noch Wer "
    "Was Wie Wo Wann Warum Wenn Als Ob Keiner Niemand Alle Viele Seine Ihre Sein Ihr Dieser Diese "
    "Dieses Jetzt Nun Heute Gestern Später Zudem Damit Trotzdem",
    "tr": "Bu O Bir Ama Ve Sonra Yıl Kimse Ancak Daha Şimdi",
}
_YEAR_OF = {"ru": "г", "pl": "r", "uk": "р", "be": "г"}

_ZONE = r"(?:[ECMPA][SD]?T|GMT|UTC|BST|CES?T|EES?T|MSK|IST|JST|AE[SD]T|HST|AKDT)\b"
_DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tues?|Wed|Thur?s?|Fri|Sat|Sun)\.)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_NO_END = re.compile(
    rf"\b[AaPp]\.[Mm]\.(?=\s+(?:{_ZONE}|{_DAY}|{_MONTH}|[A-Z]\w+ time\b))"
    r"|\bal\.(?=\s*[\[(])"  # et al. [4]
    r"|\b(?:Tab|App|Ex|Rm|Apt|Pt|Bk|Min|min|Temp|temp)\.(?=\s+\d)"
    r"|\d\s?(?:ft|in|lbs?|oz|mi|yd|hrs?)\.(?=\s+\d)"
    r"|\.(?=[-ºª°]\w?)"  # J.-C., n.º 5
    r"|\b[ad]\.(?=\s?C\.)"  # a. C.
)
_LOWER_FOLLOWS = re.compile(r"(?<=\w)[.!?](?=\s+([^\W\d_])(?![A-Z]))")
_FIRST_LETTER = re.compile(r"[^\W\d_]")
_STARTS = (  # words that begin a sentence, and that are nobody's name
    r"(?:(?:I|A)(?=[\s'’][a-z])|(?:He|She|It|They|We|You|Nobody|Everyone|Everybody|Someone|No|None|"
    r"The|This|That|These|Those|There|Here|His|Her|Its|Their|Our|My|But|And|So|Then|Now|Still|Yet|"
    r"Some|Many|Most|Few|Both|Others|When|While|After|Before|If|As|Not|What|Why|How)\b)"
)
_NAMED_BY_LETTER = (
    r"(?i:plan|vitamin|grade|group|hepatitis|influenza|type|class|option|exhibit|schedule|annex|"
    r"appendix|block|gate|hall|terminal|pool|division|serie|league|tier|zone|channel|malcolm)"
)
_END = re.compile(  # words that sentencex takes for abbreviations before a name
    r"\b(?:no|may|me|art|miss|ill|fed|ore|con|ok|May|DC|LA|SEC|ID|OK|CA|PA)(?=\.\W+[A-Z])"
    rf"|\b(?:Inc|Ltd|Co|Corp|Bros|Plc|plc|LLC|Jr|Sr)(?=\.\s+{_STARTS})"
    rf"|\b(?:[A-Z]\.)+[A-Z](?=\.\s+{_STARTS})"
    rf"|\b{_NAMED_BY_LETTER}\s[A-Z](?=\.\s+[\"“‘(]*[A-Z])"
    rf"|(?<=\b[a-z]\s)[A-Z](?=\.\s+{_STARTS})"
    rf"|(?<=[a-z]{{2}}\s)[A-Z](?=\.\s+{_STARTS})"
    r"|(?<=\d\s)[A-Z](?=\.\s+[A-Z])"
)
_WORDS = {  # that sentencex takes for abbreviations of their language
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
_END_IN = {
    language: re.compile(rf"\b(?:{'|'.join(words.split())})(?=\.\s+[^\W\d_a-z])")
    for language, words in _WORDS.items()
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
    for pattern in _no_ends(_base(language)):
        piece = pattern.sub(_unstopped, piece)
    if not _begins_small(piece):  # who writes no capitals ends sentences before small letters
        piece = _LOWER_FOLLOWS.sub(_unless_capital, piece)
    for pattern in (_END, *filter(None, [_END_IN.get(_base(language))])):
        piece = pattern.sub(_lettered, piece)
    piece = _TRAILING_OFF.sub(lambda match: "…" if match[1].islower() else ".", piece)
    piece = _NESTED.sub(r"\2\1", piece)
    return _ASIDE.sub(r"\1\3\2", piece)


def _base(language: str) -> str:
    """The language of a tag such as "de-AT", or one with like abbreviations."""
    base = re.split(r"[-_]", language.lower())[0]
    return _LIKE.get(base, base)


@lru_cache(maxsize=64)
def _no_ends(language: str) -> tuple[re.Pattern[str], ...]:
    """What matches abbreviations and ordinals with a full stop that ends no sentence."""
    known = [_ABBREVIATIONS["en"], _ABBREVIATIONS.get(language, _Abbreviations())]
    words, numbers = (_any_of(" ".join(kind).split()) for kind in zip(*known, strict=True))
    kinds = [rf"(?<![\w.])(?:{words})\.(?=\s+[^\W\d_])", rf"(?<![\w.])(?:{numbers})\.(?=\s+\d)"]
    if language == "de":
        kinds.append(r"(?<=[a-zß])str\.(?=\s+\d)")
    if language in _ORDINALS:
        starts = "|".join(_ORDINALS[language].split())
        kinds.append(rf"\b(?:\d{{1,2}}|[IVX]+)\.(?=\s+(?!(?:{starts})\b)[^\W\d_])")
    if language in _YEAR_OF:
        kinds.append(rf"(?:^|(?<=[.!?]\s))\w{{1,2}}\s\d{{4}}\s{_YEAR_OF[language]}\.(?=\s)")
    return _NO_END, re.compile("|".join(kinds))


def _any_of(words: list[str]) -> str:
    """A pattern for abbreviations, the first letter in either case if there are several."""
    forms = {
        re.escape(form)
        for word in words
        for form in ((word, word[0].upper() + word[1:]) if word[0].islower() else (word,))
    }
    return "|".join(sorted(forms, key=len, reverse=True))


def _begins_small(piece: str) -> bool:
    first = _FIRST_LETTER.search(piece)
    return first is not None and first.group().islower()


def _unstopped(match: re.Match[str]) -> str:
    return match.group().replace(".", ",")


def _unless_capital(match: re.Match[str]) -> str:
    return "," if match[1].islower() else match.group()


def _lettered(match: re.Match[str]) -> str:
    return "é" * len(match.group())  # not "x", which may be somebody's initial
